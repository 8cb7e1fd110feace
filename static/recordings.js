// The page of recordings: its filters, the words that depend on the day, deletions. The player is beside it.
import { ask, close, isOpen, keepPlace, onKey as playerKey, open, tell } from "./recordings_player.js";
import { serverNow } from "./clock.js";
import { dayWords, drawDays, write } from "./days.js";
import { keysAreOff, leaveSearch, search } from "./filters.js";
import { clockText } from "./timers.js";

const DAY_MS = 86_400_000;
const SOON_DAYS = 3;
const list = document.querySelector("[data-list=recordings]");

// --- words that depend on the day ---------------------------------------------------------------------
function drawAll() {
  drawDays();
  for (const row of list.querySelectorAll("[data-kept-until]")) drawLeft(row);
}

function drawLeft(row) {
  const left = (Date.parse(row.dataset.keptUntil) - serverNow()) / DAY_MS;
  const days = Math.ceil(left);
  write(row.querySelector("[data-days-left]"), left <= 0 ? "Deleted next" : `${days} day${days === 1 ? "" : "s"} left`);
  row.toggleAttribute("data-soon", left < SOON_DAYS);
}

// --- order: a pushed row comes last ---------------------------------------------------------------------
const ORDERS = {
  newest: (one, other) => compare(other.dataset.at, one.dataset.at) || other.dataset.key - one.dataset.key,
  oldest: (one, other) => compare(one.dataset.at, other.dataset.at) || one.dataset.key - other.dataset.key,
  longest: (one, other) => other.dataset.length - one.dataset.length || other.dataset.key - one.dataset.key,
};

// Texts with and without a fraction of a second do not compare as texts.
function compare(one, other) {
  return Date.parse(one) - Date.parse(other);
}

function sort() {
  const rows = [...list.querySelectorAll("tr[data-key]")].toSorted(ORDERS[list.dataset.order]);
  let at = null;
  for (const row of rows.toReversed()) {
    if (nextRow(row) !== at) list.insertBefore(row, at);
    at = row;
  }
  for (const under of list.querySelectorAll("tr[data-under]")) place(under);
}

function nextRow(row) {
  let next = row.nextElementSibling;
  while (next && !next.dataset.key) next = next.nextElementSibling;
  return next;
}

function place(under) {
  const row = document.getElementById(under.dataset.under);
  if (row && row.nextElementSibling !== under) row.after(under);
}

// --- deleting: two steps, with a reason ------------------------------------------------------------------
function askToDelete(row) {
  closeAsk();
  const under = document.getElementById("delete-template").content.firstElementChild.cloneNode(true);
  under.dataset.under = row.id;
  under.querySelector("#delete-title").textContent = `Delete ${titleOf(row)}?`;
  row.after(under);
  under.querySelector("form").addEventListener("submit", (event) => remove(event, row));
  under.querySelector("[data-keep-recording]").focus();
}

function titleOf(row) {
  const day = dayWords({ dataset: { day: row.dataset.at, lower: "" } });
  const time = row.querySelector(".r-when .sub")?.textContent ?? "";
  return `${row.dataset.name}, ${day} ${time}, ${clockText(row.dataset.length)}`;
}

async function remove(event, row) {
  event.preventDefault();
  const [asked, why] = [event.target, event.target.querySelector("[data-why]")];
  const answer = await ask(`/recordings/${row.dataset.key}/delete`, new FormData(asked));
  if (answer.ok) return closeAsk(row);
  why.textContent = `${answer.title} ${answer.text}`;
  why.hidden = false;
}

function closeAsk(row) {
  const under = list.querySelector(".delete-row");
  if (!under) return false;
  const from = row ?? document.getElementById(under.dataset.under);
  const focused = under.contains(document.activeElement);
  under.remove();
  if (focused) (from?.querySelector("[data-delete]") ?? document.querySelector(".table-frame")).focus();
  return true;
}

// --- downloading -----------------------------------------------------------------------------------------
async function download(row) {
  const answer = await ask(`/recordings/${row.dataset.key}/download`);
  if (!answer.ok) return tell(answer);
  const link = document.createElement("a");
  Object.assign(link, { href: answer.audio, download: "" });
  link.click();
}

// --- the page ----------------------------------------------------------------------------------------------
function onClick({ target }) {
  const row = target.closest("tr[data-key]");
  if (target.closest("[data-play]")) open(row);
  else if (target.closest("[data-download]")) download(row);
  else if (target.closest("[data-delete]")) askToDelete(row);
  else if (target.closest("[data-keep-recording]")) closeAsk();
  else if (target.closest("[data-close]")) close();
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], .pop:popover-open")) return;
  if (event.key === "Escape" ? escape(event.target) : single(event)) event.preventDefault();
}

function escape(target) {
  if (closeAsk()) return true;
  return isOpen() ? close() : leaveSearch(target);
}

function single(event) {
  const { target, key } = event;
  if (target.closest("input, select, textarea") || keysAreOff()) return false;
  if (key === "/") return search();
  return isOpen() && (target === document.body || target.closest(".table-frame")) ? playerKey(event) : false;
}

document.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
document.addEventListener("earshot:patched", () => {
  sort();
  drawAll();
  keepPlace();
});
document.addEventListener("earshot:tick", drawAll);
drawAll();
