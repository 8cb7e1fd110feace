// The details of one conference beside the table: which row is chosen, and the pane that follows it.
import { Beside } from "./beside.js";
import { everyRow, find, reveal } from "./rows.js";

const pane = document.getElementById("pane");
const beside = new Beside(pane, (key) => `/floor/pane/${encodeURIComponent(key)}/`, (key) => `pane:${key}`, closed);
const wide = matchMedia("(min-width: 1280px)");
const phone = matchMedia("(max-width: 719px)");
let selected = "";

export function selectedKey() {
  return selected;
}

export function openKey() {
  return beside.open;
}

export function rowOf(key) {
  return key ? find(`c-${key}`) : null;
}

/** Choose a row; on a phone a second tap folds its actions again. */
export function choose(row, show = true) {
  const again = row.dataset.key === selected;
  selected = phone.matches && again ? "" : row.dataset.key;
  reveal(row);
  for (const each of everyRow()) {
    each.setAttribute("aria-selected", String(each.dataset.key === selected));
    each.tabIndex = each === row ? 0 : -1;
  }
  row.focus({ preventScroll: true });
  // Its buttons have just unfolded, perhaps below the edge or behind the dock.
  if (phone.matches) return row.scrollIntoView({ block: "nearest" });
  remember();
  if (show || beside.open) openPane(selected);
}

/** By arrow keys the wide pane follows at once, the overlay only if it is open. */
export function step(rows, by) {
  const at = rows.findIndex((row) => row.dataset.key === selected);
  const row = rows[Math.min(Math.max(at + by, 0), rows.length - 1)] ?? rows[0];
  if (!row || row.dataset.key === selected) return;
  choose(row, wide.matches);
  row.scrollIntoView({ block: "nearest" });
}

export function openPane(key) {
  if (!phone.matches && key) beside.show(key);
}

/** Also when they could not be read. */
function closed() {
  if (beside.open) return;
  selected = "";
  remember();
  document.dispatchEvent(new CustomEvent("earshot:patched", { detail: { scope: "" } }));
}

export function closePane() {
  const had = pane.contains(document.activeElement);
  beside.hide();
  if (had) document.querySelector("[data-list=conferences] > [data-key]:not([hidden])")?.focus();
}

export function paneIsOpen() {
  return Boolean(beside.open);
}

/** A conference that left the table stays in the pane, which says that it has ended. */
export function refreshPane(scope) {
  if (beside.open && scope === `pane:${beside.open}` && !pane.firstElementChild) closePane();
}

function remember() {
  const address = new URL(location.href);
  if (selected) address.searchParams.set("conference", selected);
  else address.searchParams.delete("conference");
  history.replaceState(null, "", address);
}

export function openFromAddress() {
  const row = rowOf(new URLSearchParams(location.search).get("conference"));
  if (row && !phone.matches) choose(row);
}

if (pane) document.addEventListener("click", ({ target }) => target.closest("[data-close-pane]") && closePane());
