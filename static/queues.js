// Queues: worst first, the counts of the summary, one polite sentence for readers; tabs of who left.
import { clockText } from "./timers.js";

const RANK = { red: 0, amber: 1, ok: 2 };
const SAID_EVERY_MS = 10_000;
let saidAt = 0;
let said = "";
let goneTab = "";
let now = Date.now();

function levelOf(cell) {
  return Number(cell.dataset.waiting) ? (cell.dataset.level ?? "ok") : "idle";
}

function order() {
  for (const list of document.querySelectorAll("[data-list=queues], [data-list=queue-rows]")) {
    if (list.matches(":hover") || list.contains(document.activeElement)) continue;
    const cells = [...list.children];
    const wanted = cells.toSorted(worstFirst);
    if (wanted.some((cell, place) => cell !== cells[place])) list.append(...wanted);
  }
}

function worstFirst(one, other) {
  const rank = (cell) => RANK[levelOf(cell)] ?? 3;
  return rank(one) - rank(other) || other.dataset.waiting - one.dataset.waiting || one.dataset.name.localeCompare(other.dataset.name);
}

function count() {
  const cells = [...document.querySelectorAll("[data-list=queues] > *")];
  const at = (level) => cells.filter((cell) => levelOf(cell) === level).length;
  tell("[data-over-count]", at("red"), "over target", "octagon");
  tell("[data-risk-count]", at("amber"), "at risk", "triangle");
  const more = document.querySelector("[data-more-queues]");
  if (more) tellMore(more, cells);
  const rows = [...document.querySelectorAll("[data-list=queue-rows] > *")];
  const total = rows.reduce((sum, row) => sum + Number(row.dataset.waiting), 0);
  for (const element of document.querySelectorAll("[data-queue-total]")) write(element, `${total} waiting`);
  for (const empty of document.querySelectorAll("[data-empty=queues]")) empty.hidden = rows.length > 0;
}

function tell(where, number, words, shape) {
  const line = document.querySelector(where);
  if (!line) return;
  line.hidden = number === 0;
  const text = `${number} ${words}`;
  if (line.dataset.text === text) return;
  line.dataset.text = text;
  const icon = document.querySelector(`svg.icon use[href$="#${shape}"]`)?.closest("svg").cloneNode(true);
  icon?.setAttribute("class", "icon");
  line.replaceChildren(...(icon ? [icon] : []), text);
}

/** On a phone the worst three are open. */
function tellMore(more, cells) {
  const rest = cells.slice(3);
  const open = more.closest(".strip").hasAttribute("data-all");
  const calm = rest.every((cell) => !(levelOf(cell) in RANK) || levelOf(cell) === "ok");
  more.hidden = rest.length === 0;
  more.setAttribute("aria-expanded", String(open));
  write(more.querySelector("[data-more-words]"), open ? "Only the worst three" : `${rest.length} more queue${rest.length === 1 ? "" : "s"}${calm ? " on target" : ""}`);
}

/** The floor itself is not announced; this is, and not often. */
function sayPolitely() {
  if (now - saidAt < SAID_EVERY_MS) return;
  const over = [...document.querySelectorAll("[data-list=queues] > [data-level=red]:not(.idle)")].map((cell) => cell.dataset.name);
  const attention = Number(document.querySelector("[data-count-of=attention]")?.textContent ?? 0);
  const words = [over.length && `${over.join(", ")} ${over.length === 1 ? "is" : "are"} over target.`, attention && `${attention} need${attention === 1 ? "s" : ""} attention.`].filter(Boolean).join(" ");
  if (words === said) return;
  [said, saidAt] = [words, now];
  write(document.getElementById("summary-said"), words);
}

function averageWait() {
  const figure = document.querySelector("[data-average-wait]");
  if (!figure) return;
  const waits = [...document.querySelectorAll("[data-wait-bar]")].map((bar) => now - Date.parse(bar.dataset.from));
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 1000;
  write(figure, waits.length ? clockText(mean) : "–");
}

function showGone() {
  const rows = [...document.querySelectorAll(".gone-table [data-outcome]")];
  for (const row of rows) row.hidden = goneTab !== "" && row.dataset.outcome !== goneTab;
  for (const none of document.querySelectorAll(".none-left")) none.hidden = rows.some((row) => !row.hidden);
  for (const button of document.querySelectorAll("[data-gone-tab]")) {
    button.setAttribute("aria-pressed", String(button.dataset.goneTab === goneTab));
  }
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function refresh() {
  order();
  count();
  showGone();
  averageWait();
}

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-gone-tab]")) goneTab = target.closest("[data-gone-tab]").dataset.goneTab;
  if (target.closest("[data-more-queues]")) target.closest(".strip").toggleAttribute("data-all");
  if (target.closest("[data-gone-tab], [data-more-queues]")) refresh();
});
document.addEventListener("earshot:tick", ({ detail }) => {
  if (!detail.live) return;
  now = detail.now;
  refresh();
  sayPolitely();
});
document.addEventListener("earshot:patched", refresh);
refresh();
