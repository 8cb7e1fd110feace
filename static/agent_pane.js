// The details of one agent beside the list: which row is chosen, and the pane that follows it.
import { Beside } from "./beside.js";

const pane = document.getElementById("agent-pane");
const list = document.querySelector("[data-list=agents]");
const wide = matchMedia("(min-width: 1280px)");
const phone = matchMedia("(max-width: 719px)");
const details = new Beside(pane, (key) => `/agents/${encodeURIComponent(key)}/pane`, (key) => `agent:${key}`, changed);

function changed() {
  const address = new URL(location.href);
  if (details.open) address.searchParams.set("agent", details.open);
  else address.searchParams.delete("agent");
  history.replaceState(null, "", address);
  markRows();
}

export function openAgent() {
  return details.open;
}

/** On a phone the agent has a page of their own. */
export function show(row) {
  if (phone.matches) return location.assign(row.querySelector("[data-open-agent]").href);
  row.focus({ preventScroll: true });
  details.show(row.dataset.key);
}

/** By arrow keys the pane beside the list follows at once, the one over it only if it is open. */
export function follow(row) {
  if (details.open || (wide.matches && !pane.hidden)) details.show(row.dataset.key);
}

export function hide() {
  const had = pane?.contains(document.activeElement);
  const key = details.hide();
  if (had && key) document.getElementById(`agent-${key}`)?.focus();
  return Boolean(key);
}

export function markRows() {
  for (const row of list?.children ?? []) row.setAttribute("aria-selected", String(row.dataset.key === details.open));
}

/** Whoever has left the directory, or the teams that the reader sees, is not here any more. */
function closeEmpty({ detail }) {
  if (details.open && !pane.hidden && detail.scope === `agent:${details.open}` && !pane.firstElementChild) hide();
}

function onClick(event) {
  const { target } = event;
  if (target.closest("[data-close-agent]")) return hide();
  if (!pane || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const row = target.closest("[data-list=agents] > tr");
  if (!row || target.closest("button, summary, .pop, a:not([data-open-agent])")) return;
  event.preventDefault();
  show(row);
}

document.addEventListener("click", onClick);
document.addEventListener("earshot:patched", closeEmpty);
const asked = new URLSearchParams(location.search).get("agent");
if (pane && /^\d{1,18}$/.test(asked) && !phone.matches) details.show(asked);
