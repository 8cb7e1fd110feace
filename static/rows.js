// The rows of a list that may be long. Of more than MANY, only those around what is seen are in the document: the
// others are neither laid out nor painted, and nobody searches them. They live on here, and what changes in them is
// drawn when they are seen (unseen.js). On a phone rows have heights of their own, so all stay, and the style sheet
// spares those out of sight.
//
// Fires on document: earshot:placed, when rows have come into the document; detail.rows are they.
import { drawWhole, isSketch } from "./unseen.js";

const MANY = 200;
const BESIDE = 15; // rows above and below what is seen, so that a turn of the wheel shows no hole
const wide = matchMedia("(min-width: 720px)");
const away = document.createDocumentFragment();
const known = new Map(); // id → a row that is away, or was
const seen = { top: 0, height: 0, row: 46 };
let order = []; // every row, as they follow each other
let body, frame, above, below;

export function startRows(tbody, scroller) {
  [body, frame] = [tbody, scroller];
  [above, below] = [spacer(), spacer()];
  measure();
  frame.addEventListener("scroll", follow);
  new ResizeObserver(follow).observe(frame);
  document.addEventListener("earshot:tick", follow);
}

/** After the list was scrolled, or its rows may have another height. */
function follow() {
  measure();
  everyRow();
  place();
}

function spacer() {
  const made = document.createElement("tr");
  made.className = "spacer";
  made.setAttribute("aria-hidden", "true");
  return made;
}

/** Only at times when nothing has just changed: else the browser would lay out everything to answer. */
function measure() {
  [seen.top, seen.height] = [frame.scrollTop, frame.clientHeight];
  const height = above.nextElementSibling?.offsetHeight;
  if (height && above.nextElementSibling !== below) seen.row = height;
}

const isMany = () => order.length > MANY && wide.matches;
const isRow = (row) => row !== above && row !== below;
const isThere = ({ parentNode }) => parentNode === body || parentNode === away;

/** The element with this id, wherever it is. */
export function find(id) {
  return document.getElementById(id) ?? known.get(id) ?? null;
}

/** Take it away for good. */
export function drop(id) {
  find(id)?.remove();
  known.delete(id);
}

/** Whether a list that gets so many rows will have only those in sight in the document. */
export function isLong(list, count) {
  return list === body && count > MANY && wide.matches;
}

/** Every row as they follow each other, new ones last. */
export function everyRow() {
  if (!body) return [];
  if (!above.isConnected && !away.firstChild) return (order = [...body.children]);
  const before = new Set(order);
  const fresh = [...body.children].filter((row) => isRow(row) && !before.has(row));
  return (order = [...order.filter(isThere), ...fresh]);
}

/** The rows that the filters let pass. */
export function passing() {
  return everyRow().filter((row) => !row.hidden);
}

/** How many rows would have to move: all but the longest rising run of their places. */
export function outOfPlace(rows, wanted) {
  const places = new Map(rows.map((row, place) => [row, place]));
  const ends = [];
  for (const place of wanted.map((row) => places.get(row))) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] < place) low = middle + 1;
      else high = middle;
    }
    ends[low] = place;
  }
  return rows.length - ends.length;
}

/** Have the rows follow each other like this. */
export function lay(rows) {
  order = rows;
  body.closest("table").toggleAttribute("data-many", rows.length > MANY);
  const focused = document.activeElement;
  place();
  if (focused !== document.activeElement && body.contains(focused)) focused.focus({ preventScroll: true });
}

/** Scroll to a row that is not in the document. */
export function reveal(row) {
  if (row.parentNode !== away) return;
  frame.scrollTop = passing().indexOf(row) * seen.row - seen.height / 2;
  follow();
}

function place() {
  if (!isMany()) return placeAll();
  const shown = order.filter((row) => !row.hidden);
  const first = Math.floor(seen.top / seen.row);
  const from = Math.max(0, Math.min(first, shown.length) - BESIDE);
  const rows = shown.slice(from, first + Math.ceil(seen.height / seen.row) + BESIDE);
  const to = from + rows.length;
  keepFocused(rows, shown, from);
  above.style.blockSize = `${(from - Number(rows[0] !== shown[from])) * seen.row}px`;
  below.style.blockSize = `${(shown.length - to) * seen.row}px`;
  count(rows, shown);
  leave(rows);
  fill([above, ...rows, below]);
}

function placeAll() {
  if (above.isConnected) {
    for (const row of [above, below]) row.remove();
    count([], []);
  }
  fill(order);
}

/** What has the focus stays, at the edge, where nobody sees it. */
function keepFocused(rows, shown, from) {
  const row = document.activeElement?.closest("tr");
  if (row?.parentNode !== body || row.hidden || rows.includes(row)) return;
  if (shown.indexOf(row) < from) rows.unshift(row);
  else rows.push(row);
}

function leave(rows) {
  const stay = new Set(rows);
  for (const row of [...body.children]) {
    if (!isRow(row) || stay.has(row)) continue;
    known.set(row.id, row);
    away.append(row);
  }
}

/** Put these into the table, and move only what does not stand right. */
function fill(rows) {
  let next = body.firstElementChild;
  const came = [];
  for (const row of rows) {
    if (row.parentNode === away || isSketch(row)) came.push(row);
    if (row === next) next = next.nextElementSibling;
    else body.insertBefore(row, next);
  }
  for (const row of came) drawWhole(row);
  if (came.length) document.dispatchEvent(new CustomEvent("earshot:placed", { detail: { rows: came } }));
}

/** Readers are told how many there are, and which of them these are. */
function count(rows, shown) {
  const table = body.closest("table");
  if (shown.length) table.setAttribute("aria-rowcount", String(shown.length + 1));
  else table.removeAttribute("aria-rowcount");
  const first = shown.indexOf(rows[0]);
  rows.forEach((row, place) => setIndex(row, String(first + place + 2)));
  if (!rows.length) for (const row of order) row.removeAttribute("aria-rowindex");
}

function setIndex(row, index) {
  if (row.getAttribute("aria-rowindex") !== index) row.setAttribute("aria-rowindex", index);
}
