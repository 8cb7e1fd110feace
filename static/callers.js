// Who waits in a queue, found by number: search runs here, in the address, over rows that the server keeps true,
// and only over what these rows show. Whom it hides cannot be selected meanwhile.
let wanted = new URLSearchParams(location.search).get("search") ?? "";

const page = () => document.querySelector("[data-queue-page]");
export const searchBox = () => document.querySelector("[data-find-caller]");

/** Whether a search is on, which Esc takes off. */
export function isSearching() {
  return searchBox() !== null && wanted !== "";
}

export function clearSearch() {
  change("");
  searchBox().focus();
}

function change(words) {
  wanted = words.trim();
  const address = new URL(location.href);
  if (wanted) address.searchParams.set("search", wanted);
  else address.searchParams.delete("search");
  history.replaceState(null, "", address);
  refresh();
}

function refresh() {
  const box = searchBox();
  if (!box) return;
  if (box.value.trim() !== wanted) box.value = wanted;
  const rows = [...page().querySelectorAll("[data-caller]")];
  for (const row of rows) show(row, matches(row.dataset.caller));
  tell(rows.length, rows.filter((row) => !row.hidden).length);
  showSelected();
  keepInLinks();
}

function show(row, found) {
  row.hidden = !found;
  for (const tick of row.querySelectorAll("[name=call]")) tick.disabled = !found;
}

/** By the words of a name, or by digits: `617`, `(617) 555` and `+1 617-555-0188` find `+1 617 555 0188`. No
 *  group of digits reaches over the dots of a masked number. */
function matches(label) {
  const groups = wanted.replace("(0)", "").match(/\d+/g) ?? [];
  if (/\p{L}/u.test(wanted)) return label.toLowerCase().includes(wanted.toLowerCase());
  const digits = label.replace(/[^\d•]/g, "");
  let from = 0;
  return groups.every((group) => {
    const at = digits.indexOf(group, from);
    from = at + group.length;
    return at >= 0;
  });
}

function tell(count, found) {
  const none = wanted !== "" && count > 0 && found === 0;
  write(page().querySelector("[data-callers-found]"), wanted && count ? `${found} of ${count} shown` : "");
  page().querySelector("[data-empty=caller]").hidden = !none;
  for (const part of page().querySelectorAll("[data-callers]")) part.hidden = none;
  write(page().querySelector("[data-empty-caller]"), `No caller matches “${wanted}”`);
  write(page().querySelector("[data-empty-waiting]"), `${count} ${count === 1 ? "is" : "are"} waiting.`);
}

/** What is done with several is there while some are selected. */
function showSelected() {
  const count = page().querySelectorAll("[name=call]:enabled:checked").length;
  const form = document.getElementById("selected-form");
  write(page().querySelector("[data-callers-selected]"), count ? `${count} selected, to move or remove below the callers` : "");
  if (!form) return;
  const focused = form.contains(document.activeElement);
  write(form.querySelector("[data-selected-count]"), `${count} selected`);
  form.hidden = count === 0;
  if (form.hidden && focused) searchBox().focus();
}

/** The switch of the chart loads the page again. */
function keepInLinks() {
  for (const link of page().querySelectorAll("[data-reach]")) {
    const address = new URL(link.href);
    if (wanted) address.searchParams.set("search", wanted);
    else address.searchParams.delete("search");
    link.href = address;
  }
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

document.addEventListener("input", ({ target }) => target.matches("[data-find-caller]") && change(target.value));
document.addEventListener("change", ({ target }) => target.matches("[name=call]") && showSelected());
document.addEventListener("click", ({ target }) => target.closest("[data-clear-search]") && clearSearch());
document.addEventListener("earshot:patched", refresh);
refresh();
