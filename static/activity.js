// The page of the activity: rows in order, bars and lanes that grow with time, the details beside the list.
import { Beside } from "./beside.js";
import { serverNow } from "./clock.js";
import { drawDays, write } from "./days.js";
import { keysAreOff, leaveSearch, search } from "./filters.js";
import { clockText } from "./timers.js";

// Full widths of the bars, in seconds: the least that the longest row fits into.
const SCALES = [60, 120, 300, 600, 720, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10800, 14400, 28800];
const LEAST = 0.02; // of the full width: a moment is seen too
const list = document.querySelector("[data-list=activity]");
const pane = document.getElementById("listened-pane");
const phone = matchMedia("(max-width: 719px)");

// --- drawn with time --------------------------------------------------------------------------------------
function drawAll() {
  drawDays();
  drawBars();
  for (const lanes of document.querySelectorAll("[data-lanes]")) drawLanes(lanes);
  const me = document.getElementById("own-phone")?.dataset.user;
  for (const mark of document.querySelectorAll("[data-you]")) write(mark, me && mark.dataset.you === me ? "(you)" : "");
}

const at = (text) => (text ? Date.parse(text) : serverNow());

function drawBars() {
  const bars = [...document.querySelectorAll("[data-modes]")].map((bar) => [...bar.querySelectorAll("rect")]);
  const longest = Math.max(1, ...bars.map((parts) => lengthOf(parts)));
  const scale = SCALES.find((full) => full >= longest) ?? longest;
  write(document.querySelector("[data-scale]"), scale < 3600 ? `${scale / 60} min` : clockText(scale));
  for (const parts of bars) for (const part of parts) place(part, at(parts[0].dataset.from), scale * 1000);
}

function lengthOf(parts) {
  return (at(parts.at(-1)?.dataset.to) - at(parts[0]?.dataset.from)) / 1000;
}

function place(part, begin, whole) {
  const [from, to] = [at(part.dataset.from), at(part.dataset.to)];
  set(part, "x", `${((from - begin) / whole) * 100}%`);
  set(part, "width", `${Math.max(LEAST, (to - from) / whole) * 100}%`);
}

function drawLanes(lanes) {
  const [begin, end] = [at(lanes.dataset.begin), at(lanes.dataset.end)];
  const whole = Math.max(end - begin, 1000);
  for (const part of lanes.querySelectorAll("g[data-from]")) drawPart(part, begin, whole);
  const axis = lanes.querySelector(".lane-axis");
  let edge = -Infinity;
  for (const label of axis?.querySelectorAll("text") ?? []) edge = drawLabel(label, axis, (at(label.dataset.at) - begin) / whole, edge);
}

function drawPart(part, begin, whole) {
  const [from, to] = [(at(part.dataset.from) - begin) / whole, (at(part.dataset.to) - begin) / whole];
  const [rect, line, text] = ["rect", "line", "text"].map((name) => part.querySelector(name));
  const width = (to - from) * part.ownerSVGElement.clientWidth;
  if (rect) set(rect, "x", percent(from)), set(rect, "width", percent(Math.max(to - from, 0)));
  if (line) set(line, "x1", percent(from)), set(line, "x2", percent(to));
  set(text, "x", percent((from + to) / 2));
  text.toggleAttribute("data-narrow", text.getComputedTextLength() + 12 > width);
}

/** The first and the last stay; between them those that have room. Returns where the next may begin. */
function drawLabel(label, axis, share, edge) {
  const [width, whole] = [label.getComputedTextLength(), axis.clientWidth];
  const last = !label.nextElementSibling;
  const left = last ? whole - width : share * whole;
  set(label, "x", String(Math.max(0, left)));
  const room = left >= edge && (last || left + 2 * width + 8 <= whole || share === 0);
  label.toggleAttribute("data-narrow", !room);
  return room ? left + width + 8 : edge;
}

const percent = (share) => `${share * 100}%`;

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

// --- order: a pushed row comes last -----------------------------------------------------------------------
function sort() {
  if (!list) return;
  const rows = [...list.querySelectorAll("tr[data-key]")].toSorted(byTime);
  let next = null;
  for (const row of rows.toReversed()) {
    if (row.nextElementSibling !== next) list.insertBefore(row, next);
    next = row;
  }
}

/** Who is running first, then the newest. */
function byTime(one, other) {
  const running = ("live" in other.dataset) - ("live" in one.dataset);
  return running || Date.parse(other.dataset.at) - Date.parse(one.dataset.at);
}

// --- the details ------------------------------------------------------------------------------------------
const details = new Beside(pane, (key) => `/activity/supervisions/${encodeURIComponent(key)}/pane`, (key) => `listened:${key}`, changed);

function changed() {
  remember();
  draw();
}

function hide() {
  const had = pane?.contains(document.activeElement);
  const key = details.hide();
  if (had && key) document.getElementById(`open-${key}`)?.focus();
  return Boolean(key);
}

function remember() {
  const address = new URL(location.href);
  address.hash = details.open;
  history.replaceState(null, "", details.open ? address : `${address.pathname}${address.search}`);
}

function mark() {
  for (const row of list?.querySelectorAll("tr[data-key]") ?? []) {
    row.toggleAttribute("data-open", row.dataset.key === details.open);
  }
}

// --- the page -----------------------------------------------------------------------------------------------
function draw() {
  sort();
  mark();
  drawAll();
}

function onClick(event) {
  const { target } = event;
  if (target.closest("[data-close-details]")) return hide();
  if (!pane || phone.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const row = target.closest(".listened tr[data-key]");
  if (!row || target.closest("a:not([data-open-row])")) return;
  event.preventDefault();
  row.querySelector("[data-open-row]").focus({ preventScroll: true });
  if (row.dataset.key === details.open) hide();
  else details.show(row.dataset.key);
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], .pop:popover-open")) return;
  if (act(event)) event.preventDefault();
}

function act({ target, key }) {
  if (key === "Escape") return hide() || leaveSearch(target);
  if (target.closest("input, select, textarea")) return false;
  if (key === "ArrowDown" || key === "ArrowUp") return step(target, key === "ArrowDown" ? 1 : -1);
  if (keysAreOff()) return false;
  if (key === "/") return search();
  if (key === "j" || key === "k") return step(target, key === "j" ? 1 : -1);
  return false;
}

function step(target, by) {
  if (!target.closest(".table-frame") && target !== document.body) return false;
  const links = [...document.querySelectorAll("[data-open-row]")];
  const here = links.indexOf(target.closest("tr")?.querySelector("[data-open-row]"));
  const next = links[Math.min(Math.max(here + by, 0), links.length - 1)];
  next?.focus();
  return Boolean(next);
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("earshot:patched", draw);
document.addEventListener("earshot:tick", drawAll);
draw();
if (pane && location.hash.length === 37) details.show(location.hash.slice(1));
