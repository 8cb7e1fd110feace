// The details of one conference beside the table: which row is chosen, and the pane that follows it.
import { everyRow, find, reveal } from "./rows.js";
import { draw } from "./timers.js";

const DEBOUNCE_MS = 120;
const pane = document.getElementById("pane");
const wide = matchMedia("(min-width: 1280px)");
const phone = matchMedia("(max-width: 719px)");
let selected = "";
let open = "";
let timer = 0;
let asked = null;

export function selectedKey() {
  return selected;
}

export function openKey() {
  return open;
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
  if (show || open) openPane(selected);
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
  if (phone.matches || !key || key === open) return;
  stopWatching();
  open = key;
  pane.hidden = false;
  pane.inert = true; // what still stands in it is the one before: no press may go there
  clearTimeout(timer);
  timer = setTimeout(() => load(key), asked ? DEBOUNCE_MS : 0);
}

/** Watching starts when the pane is there: a snapshot for a pane that is not would be lost. */
async function load(key) {
  asked = key;
  const details = await read(key);
  if (asked === key) asked = null;
  if (open !== key) return;
  if (details === null) return giveUp();
  pane.innerHTML = details;
  pane.inert = false;
  htmx.process(pane);
  draw(pane);
  document.dispatchEvent(new CustomEvent("earshot:watch", { detail: { scope: `pane:${key}` } }));
  document.dispatchEvent(new CustomEvent("earshot:patched", { detail: { scope: `pane:${key}` } }));
}

/** The details as HTML; null when they cannot be had: no connection, signed out, no such conference. */
async function read(key) {
  try {
    const answer = await fetch(`/floor/pane/${encodeURIComponent(key)}/`);
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    return null;
  }
}

function giveUp() {
  closePane();
  const detail = { title: "The details cannot be read.", text: "Open them again when the page is live." };
  document.dispatchEvent(new CustomEvent("earshot:refused", { detail }));
}

function stopWatching() {
  if (open) document.dispatchEvent(new CustomEvent("earshot:unwatch", { detail: { scope: `pane:${open}` } }));
  open = "";
}

export function closePane() {
  const had = pane.contains(document.activeElement);
  stopWatching();
  pane.hidden = true;
  pane.inert = false;
  pane.replaceChildren();
  selected = "";
  remember();
  if (had) document.querySelector("[data-list=conferences] > [data-key]:not([hidden])")?.focus();
  document.dispatchEvent(new CustomEvent("earshot:patched", { detail: { scope: "" } }));
}

export function paneIsOpen() {
  return Boolean(pane && !pane.hidden);
}

/** A conference that left the table stays in the pane, which says that it has ended. */
export function refreshPane(scope) {
  if (!open || scope !== `pane:${open}`) return;
  if (!pane.firstElementChild && !asked) closePane();
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
