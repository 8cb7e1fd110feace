// Forms beside buttons: what is chosen before a command is sent.

/** A command that is on its way, or a page that is stale, takes no Enter either. */
function onSubmit(event) {
  const button = event.target.querySelector?.("[data-command]");
  if (!button?.matches("[aria-disabled=true], [disabled]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

function onInput({ target }) {
  if (target.dataset.countTo) count(target);
  if (target.name === "to") say(target.closest(".chosen"));
}

/** Telnyx takes so many characters; the count is shown from four fifths of them. */
function count(field) {
  const words = document.querySelector(`[data-count-of="${CSS.escape(field.id)}"]`);
  const most = Number(field.dataset.countTo);
  const letters = [...field.value].length;
  words.hidden = letters === 0;
  words.toggleAttribute("data-over", letters > most);
  words.textContent = `${letters.toLocaleString("en")} of ${most.toLocaleString("en")} characters${letters > most ? ", too many" : ""}`;
}

function say(chosen) {
  const ticked = [...chosen.querySelectorAll("input:checked")];
  const names = ticked.map((box) => box.closest("label").textContent.trim());
  chosen.querySelector("summary b").textContent = names.length ? names.join(", ") : "everyone";
}

function sayAll() {
  document.querySelectorAll(".chosen").forEach(say);
  document.querySelectorAll("[data-count-to]").forEach(count);
}

/** What was taken in closes its own card, and is the reader's draft no more: the next push may draw over it. */
function onDone({ detail, target }) {
  if (!detail.successful) return;
  target.closest?.("form")?.querySelectorAll("input, select, textarea").forEach(settle);
  target.closest?.(".form-pop:popover-open")?.hidePopover();
}

function settle(field) {
  if (field.localName === "select") {
    for (const option of field.options) option.defaultSelected = option.selected;
  } else if (field.type === "checkbox" || field.type === "radio") {
    field.defaultChecked = field.checked;
  } else if (field.type !== "file" && field.type !== "hidden") {
    // Digits may be somebody's secret, and one more Enter would send them again.
    if (field.name === "digits") field.value = "";
    field.defaultValue = field.value;
  }
}

function onToggle({ target, newState }) {
  if (newState === "open") opened(target);
}

/** Choices that are about other things than the page, asked for when their card opens. */
async function opened(card) {
  for (const select of card.querySelectorAll("select[data-fill]")) await fill(select);
  for (const place of card.querySelectorAll("[data-ask]")) await ask(place);
}

/** What Telnyx itself, or Earshot's memory, says at this moment, beside what the page shows. */
async function ask(place) {
  place.textContent = place.dataset.asking ?? "Asking Telnyx …";
  const answer = await fetch(place.dataset.ask, { credentials: "same-origin" }).catch(() => null);
  const words = answer?.ok ? await answer.text() : "";
  if (words) place.innerHTML = words;
  else place.textContent = answer ? (await told(answer)) : "Earshot does not answer.";
  document.dispatchEvent(new CustomEvent("earshot:filled"));
}

async function told(answer) {
  const { title = "Earshot could not ask.", text = "" } = await answer.json().catch(() => ({}));
  return `${title} ${text}`;
}

async function fill(select) {
  const first = select.options[0];
  const words = (first.dataset.words ??= first.textContent);
  first.textContent = "Looking …";
  const answer = await fetch(select.dataset.fill, { credentials: "same-origin" }).catch(() => null);
  first.textContent = answer?.ok ? words : "Earshot does not answer.";
  if (!answer?.ok) return;
  const chosen = select.value;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  select.replaceChildren(...template.content.querySelectorAll("option"));
  select.value = [...select.options].some(({ value }) => value === chosen) ? chosen : "";
}

document.addEventListener("toggle", onToggle, true);
document.addEventListener("submit", onSubmit, true);
document.addEventListener("input", onInput);
document.addEventListener("earshot:patched", sayAll);
document.addEventListener("htmx:afterRequest", onDone);
sayAll();
// Opened before this script was there.
document.querySelectorAll(".pop:popover-open").forEach(opened);
