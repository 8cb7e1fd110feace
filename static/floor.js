// The floor's table: search, filters and order run here, in the address, over rows that the server keeps true.
import { drawings } from "./fragments.js";
import { markRows } from "./marks.js";
import { everyRow, lay, outOfPlace, startRows } from "./rows.js";
import { choose, openFromAddress, refreshPane, rowOf, selectedKey } from "./pane.js";

const RANK = { red: 0, amber: 1 };
const CALM = 2;
const TABS = { all: "", attention: "Needs attention", supervised: "Supervised", hold: "On hold", unrecorded: "Not recording" };
const state = { tab: "all", search: "", queue: "", sort: "attention" };
let body;
let frozen = false;

export function startFloor() {
  body = document.querySelector("[data-list=conferences]");
  if (!body) return;
  startRows(body, body.closest(".table-frame"));
  readAddress();
  listen();
  refresh();
  if (matchMedia("(max-width: 719px)").matches) attendFirst();
  openFromAddress();
}

/** On a phone what needs attention comes first, if anything does. */
function attendFirst() {
  const asked = new URLSearchParams(location.search).has("tab");
  if (!asked && everyRow().some(tests.attention)) change({ tab: "attention" });
}

function listen() {
  const [table, list] = [body.closest("table"), body.closest(".list")];
  // The toolbar too: its "3 moved" must not go away under the pointer that is on its way to it.
  list.addEventListener("pointerenter", freeze);
  list.addEventListener("pointerleave", thaw);
  table.addEventListener("focusin", freeze);
  table.addEventListener("focusout", () => setTimeout(thaw));
  document.addEventListener("click", onClick);
  document.addEventListener("input", onInput);
  document.addEventListener("earshot:tick", ({ detail }) => detail.live && refresh(true));
  document.addEventListener("earshot:patched", ({ detail }) => onPatched(detail.scope));
  document.addEventListener("earshot:placed", ({ detail }) => {
    markRows(detail.rows);
    rove(everyRow());
  });
}

function freeze() {
  frozen = true;
}

function thaw() {
  const [table, list] = [body.closest("table"), body.closest(".list")];
  frozen = (list.matches(":hover") && !matchMedia("(hover: none)").matches) || table.contains(document.activeElement);
  if (!frozen) refresh();
}

function onPatched(scope) {
  const first = scope === "floor" && "partial" in body.dataset;
  if (first) delete body.dataset.partial;
  if (scope === "floor") write("[data-last-event]", `Last event ${timeOfDay.format(now)}`);
  refresh();
  refreshPane(scope);
  if (first && !selectedKey()) openFromAddress();
}

/** `later`: time has passed, so that every row may be worse than it was. */
function refresh(later = false) {
  const rows = everyRow();
  markRows(rows, later);
  for (const row of rows) factsOf(row).rank = RANK[row.dataset.level] ?? CALM;
  for (const row of rows) if (row.hidden === passes(row)) row.hidden = !row.hidden;
  fillQueues(rows);
  sort(rows);
  if (!("partial" in body.dataset)) tell(rows);
  rove(rows);
}

// --- what is shown --------------------------------------------------------------------------------

// Row → what its drawing says; its rank comes with each refresh, because it changes with time. Of a thousand
// rows few have changed, and each is asked a dozen times.
const facts = new WeakMap();

function factsOf(row) {
  const before = facts.get(row);
  if (before?.drawn === drawings(row)) return before;
  const { name, queue, search, started, people, recording } = row.dataset;
  const has = (mark) => mark in row.dataset;
  facts.set(row, {
    drawn: drawings(row),
    ...{ name, queue, people: Number(people), started: Date.parse(started) || Infinity },
    ...{ text: `${name} ${search}`.toLowerCase(), rank: CALM },
    ...{ supervised: has("supervised"), held: has("held"), bridged: has("bridged"), unrecorded: recording === "off" },
  });
  return facts.get(row);
}

const tests = {
  all: () => true,
  attention: (row) => factsOf(row).rank < CALM,
  supervised: (row) => factsOf(row).supervised,
  hold: (row) => factsOf(row).held,
  unrecorded: (row) => factsOf(row).unrecorded,
};

function passes(row) {
  return tests[state.tab](row) && (!state.queue || factsOf(row).queue === state.queue) && isFound(factsOf(row));
}

function isFound({ text }) {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return true;
  const digits = text.replace(/[\s•]/g, "");
  return words.every((word) => text.includes(word) || digits.includes(word));
}

function fillQueues(rows) {
  const select = document.querySelector("[data-queue-filter]");
  const names = [...new Set([...rows.map((row) => factsOf(row).queue), state.queue])].filter(Boolean).toSorted();
  const known = [...select.options].slice(1).map((option) => option.value);
  if (names.join("\n") === known.join("\n")) return;
  select.replaceChildren(select.options[0], ...names.map((name) => new Option(name, name)));
  select.value = state.queue;
}

// --- order: red, amber, then longest; nothing moves under the pointer or the focus --------------------

const { compare: byWords } = new Intl.Collator();
const { compare: byNumber } = new Intl.Collator(undefined, { numeric: true });
// Two conferences of one moment; and two without one, whose difference is no number.
const byTime = (one, other) => one.started - other.started || byWords(one.name, other.name);
const orders = {
  attention: (one, other) => one.rank - other.rank || byTime(one, other),
  longest: byTime,
  newest: (one, other) => byTime(other, one),
  name: (one, other) => byNumber(one.name, other.name),
};

function sort(rows, force = false) {
  const told = new Map(rows.map((row) => [row, factsOf(row)])); // once, not at each of ten thousand comparisons
  const wanted = rows.toSorted((one, other) => orders[state.sort](told.get(one), told.get(other)));
  const moved = outOfPlace(rows, wanted);
  const button = document.querySelector("[data-moved]");
  button.hidden = !(frozen && !force && moved);
  if (button.textContent !== `${moved} moved`) button.textContent = `${moved} moved`;
  lay(frozen && !force ? rows : wanted);
}

// --- counts and words -------------------------------------------------------------------------------

function tell(rows) {
  for (const [tab, test] of Object.entries(tests)) {
    write(`[data-count-of=${tab}]`, String(rows.filter(test).length));
  }
  const people = rows.reduce((sum, row) => sum + factsOf(row).people, 0);
  write("[data-sum-conferences]", sum(rows));
  write("[data-sum-people]", `${people} ${people === 1 ? "person" : "people"}`);
  write("[data-live-count]", `${rows.length} live`);
  tellEmpty(rows);
}

/** `11 conferences, 1 bridged call`: what has no conference is no conference. */
function sum(rows) {
  const bridged = rows.filter((row) => factsOf(row).bridged).length;
  const conferences = rows.length - bridged;
  const words = `${conferences} conference${conferences === 1 ? "" : "s"}`;
  return bridged ? `${words}, ${bridged} bridged call${bridged === 1 ? "" : "s"}` : words;
}

function tellEmpty(rows) {
  const visible = rows.filter((row) => !row.hidden).length;
  document.querySelector("[data-empty=none]").hidden = rows.length > 0;
  document.querySelector("[data-empty=match]").hidden = rows.length === 0 || visible > 0;
  body.closest("table").hidden = visible === 0;
  write("[data-empty-reason]", reason());
  const parts = [state.search && `“${state.search}”`, TABS[state.tab], state.queue].filter(Boolean);
  write("[data-empty-title]", `No conference matches ${parts.join(", ")}`);
  write("[data-empty-live]", `${rows.length} ${rows.length === 1 ? "is" : "are"} live.`);
}

/** An error never looks like empty. */
function reason() {
  const { reachable, checked, trouble } = document.getElementById("telnyx-status")?.dataset ?? {};
  if (reachable === "no") return `${trouble}, so nobody knows what is live now.`;
  if (reachable !== "yes" || !checked) return "Telnyx has not answered yet.";
  const seconds = Math.max(0, Math.round((now - Date.parse(checked)) / 1000));
  return `Telnyx answered ${seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`} ago and has none for ${document.querySelector("[data-empty-reason]")?.dataset.whose}.`;
}

const timeOfDay = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: document.documentElement.dataset.zone || undefined });
let now = Date.now();
document.addEventListener("earshot:tick", ({ detail }) => (now = detail.now));

function write(where, text) {
  const element = document.querySelector(where);
  if (element && element.textContent !== text) element.textContent = text;
}

// Row → what it was told last, and at which drawing: of a thousand rows few have changed.
const roved = new WeakMap();

/** One row is in the tab order, the others are reached by arrows. What is not in the document is told when it comes. */
function rove(rows) {
  const here = rows.filter(({ isConnected }) => isConnected);
  const chosen = selectedKey();
  const active = rowOf(chosen) ?? document.activeElement.closest("[data-list=conferences] > [data-key]");
  const reachable = active && !active.hidden && active.isConnected ? active : here.find((row) => !row.hidden);
  for (const row of here) roveOne(row, row === reachable, row.dataset.key === chosen);
}

function roveOne(row, reachable, chosen) {
  const told = `${drawings(row)} ${reachable} ${chosen}`;
  if (roved.get(row) === told) return;
  roved.set(row, told);
  row.tabIndex = reachable ? 0 : -1;
  row.setAttribute("aria-selected", String(chosen));
  for (const button of row.querySelectorAll(".acts > .button, .acts .ear button")) button.tabIndex = reachable ? 0 : -1;
}

// --- what somebody does -------------------------------------------------------------------------------

function onClick({ target }) {
  const tab = target.closest("[data-tab]");
  if (tab) change({ tab: tab.dataset.tab });
  if (target.closest("[data-clear-filters]")) clearFilters();
  if (target.closest("[data-moved]")) sort(everyRow(), true);
  if (target.closest("[data-open-search]")) openSearch();
  const row = target.closest("[data-list=conferences] > [data-key]");
  if (row && !target.closest("button, a, summary, .pop")) choose(row);
}

function openSearch() {
  const tools = document.querySelector(".tools");
  tools.toggleAttribute("data-open");
  if (tools.hasAttribute("data-open")) document.querySelector("[data-search-box]").focus();
}

function onInput({ target }) {
  if (target.matches("[data-search-box]")) change({ search: target.value.trim() });
  if (target.matches("[data-queue-filter]")) change({ queue: target.value });
  if (target.matches("[data-sort]")) change({ sort: target.value });
}

export function clearFilters() {
  change({ tab: "all", search: "", queue: "" });
  document.querySelector("[data-search-box]").focus();
}

export function showTab(place) {
  const tab = Object.keys(TABS)[place];
  if (tab && body) change({ tab });
}

function change(changes) {
  Object.assign(state, changes);
  writeAddress();
  showState();
  refresh();
  sort(everyRow(), true);
}

// --- the address ---------------------------------------------------------------------------------------

function readAddress() {
  const query = new URLSearchParams(location.search);
  for (const key of Object.keys(state)) state[key] = query.get(key) ?? state[key];
  if (!(state.tab in TABS)) state.tab = "all";
  if (!(state.sort in orders)) state.sort = "attention";
  showState();
}

function writeAddress() {
  const address = new URL(location.href);
  for (const [key, value] of Object.entries(state)) {
    if (value && (value !== "all" || matchMedia("(max-width: 719px)").matches) && !(key === "sort" && value === "attention")) address.searchParams.set(key, value);
    else address.searchParams.delete(key);
  }
  history.replaceState(null, "", address);
}

function showState() {
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-pressed", String(tab.dataset.tab === state.tab));
  const box = document.querySelector("[data-search-box]");
  if (box.value.trim() !== state.search) box.value = state.search;
  document.querySelector("[data-sort]").value = state.sort;
  document.querySelector("[data-queue-filter]").value = state.queue;
  for (const head of document.querySelectorAll(".conferences thead th")) head.removeAttribute("aria-sort");
  const [column, way] = { name: ["c-name", "ascending"], longest: ["c-elapsed", "descending"], newest: ["c-elapsed", "ascending"] }[state.sort] ?? [];
  if (column) document.querySelector(`.conferences thead .${column}`).setAttribute("aria-sort", way);
}
