// The page of agents: its filters, its rows by keyboard, and their order: a pushed row comes last.
import { follow, hide, markRows, openAgent, show } from "./agent_pane.js";
import { keysAreOff, leaveSearch, search } from "./filters.js";
import { drawHands } from "./hands.js";

const list = document.querySelector("[data-list=agents]");
const rows = () => [...list.children];

const byName = (one, other) => one.dataset.name.localeCompare(other.dataset.name);
const started = (row) => Date.parse(row.dataset.started) || Infinity;
const byTime = (one, other) => started(one) - started(other) || byName(one, other);
const byNeed = (one, other) => need(one) - need(other) || raised(one) - raised(other) || byTime(one, other);
const ORDERS = { attention: byNeed, name: byName, longest: byTime };

/** Raised hands, then what is over a limit, then everybody. */
function need(row) {
  if (row.dataset.hand) return 0;
  return row.querySelector(".g-state [data-level=amber], .g-state [data-level=red]") ? 1 : 2;
}

function raised(row) {
  return Date.parse(row.querySelector(".g-hand [data-since]")?.dataset.since) || 0;
}

/** Nothing moves under the pointer or the focus. */
function sort() {
  if (list.matches(":hover") || list.contains(document.activeElement)) return;
  const now = rows();
  const wanted = now.toSorted(ORDERS[list.dataset.order]);
  if (wanted.some((row, place) => row !== now[place])) list.append(...wanted);
}

/** One row is in the tab order, the others are reached by arrows. */
function rove() {
  const every = rows();
  const reachable = every.find((row) => row.contains(document.activeElement)) ?? every.find((row) => row.dataset.key === openAgent()) ?? every.find((row) => row.tabIndex === 0) ?? every[0];
  for (const row of every) row.tabIndex = row === reachable ? 0 : -1;
}

function step(target, by) {
  const every = rows();
  const at = every.indexOf(target.closest("[data-list=agents] > tr"));
  const row = every[at < 0 ? 0 : Math.min(Math.max(at + by, 0), every.length - 1)];
  row?.focus();
  if (row) follow(row);
  rove();
  return true;
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], .pop:popover-open")) return;
  if (act(event)) event.preventDefault();
}

function act({ target, key }) {
  if (key === "Escape") return hide() || leaveSearch(target);
  if (target.closest("input, select, textarea")) return false;
  const inside = target.closest(".table-frame");
  if (inside && (key === "ArrowDown" || key === "ArrowUp")) return step(target, key === "ArrowDown" ? 1 : -1);
  if (key === "Enter" && target.matches("[data-list=agents] > tr")) return enter(target);
  if (keysAreOff()) return false;
  if (inside && "jk".includes(key.toLowerCase())) return step(target, key.toLowerCase() === "j" ? 1 : -1);
  return key === "/" && search();
}

/** The details; from there the conference. */
function enter(row) {
  if (row.dataset.key === openAgent()) row.querySelector(".g-where a")?.click();
  else show(row);
  return true;
}

function settle() {
  drawHands();
  sort();
  rove();
  markRows();
}

if (list) {
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusin", rove);
  document.addEventListener("earshot:patched", settle);
  document.addEventListener("earshot:tick", ({ detail }) => detail.live && sort());
  settle();
}
