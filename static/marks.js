// A row's level is that of its worst mark; an exception shows that mark alone, as the row's one reason.
import { drawings } from "./fragments.js";
import { levelOf } from "./timers.js";

const RANK = { red: 0, amber: 1, ok: 2 };
const known = new WeakMap();
// Row → its marks and the place for what more there is, as of which drawing.
const found = new WeakMap();
// Row that is not in the document → the drawing of which its level is.
const judged = new WeakMap();

/** `later`: time has passed; else only what is in the document, or was drawn anew, may have another level. */
export function markRows(rows, later) {
  for (const row of rows) {
    if (row.isConnected) markRow(row);
    else if (later || judged.get(row) !== drawings(row)) judge(row);
  }
}

/** What is not seen need not be drawn to know how bad it is, which decides where it stands. */
function judge(row) {
  judged.set(row, drawings(row));
  const levels = limitsOf(row).filter(shows).map(({ dataset }) => dataset.level);
  setLevel(row, ["red", "amber"].find((level) => levels.includes(level)) ?? "ok");
}

/** As marks, of what its first tag says of them. */
function limitsOf({ dataset }) {
  const limits = dataset.limits ? dataset.limits.split(" ") : [];
  return limits.map((limit) => {
    const [kind, since, amber, red] = limit.split(",");
    return { dataset: { kind, limited: "", level: levelOf({ since, amber, red }) } };
  });
}

function markRow(row) {
  const { marks: every, more } = partsOf(row);
  const marks = every.filter(shows);
  const worst = marks.toSorted(worstFirst)[0];
  for (const mark of every) mark.toggleAttribute("data-worst", mark === worst);
  const level = worst?.dataset.level ?? "ok";
  setLevel(row, level);
  const rest = marks.length > 1 && level === "ok" ? `+${marks.length - 1}` : "";
  if (more && more.textContent !== rest) more.textContent = rest;
}

function partsOf(row) {
  const before = found.get(row);
  if (before?.drawn === drawings(row)) return before;
  const marks = [...row.querySelectorAll(".mark[data-kind]")];
  found.set(row, { drawn: drawings(row), marks, more: row.querySelector("[data-more-marks]") });
  return found.get(row);
}

/** Some marks are there only once they pass their limit; "Rec off" has a column of its own. */
function shows({ dataset }) {
  if (dataset.kind === "recoff") return false;
  // While webhooks are missing nobody knows who speaks: the limit of quiet rests.
  if (dataset.kind === "quiet" && document.documentElement.hasAttribute("data-webhooks-silent")) return false;
  const exceptional = dataset.level === "amber" || dataset.level === "red";
  return exceptional || !("limited" in dataset) || dataset.kind === "hold";
}

function worstFirst(one, other) {
  return (RANK[one.dataset.level] ?? 2) - (RANK[other.dataset.level] ?? 2) || one.dataset.rank - other.dataset.rank;
}

function setLevel(row, level) {
  if (row.dataset.level !== level) row.dataset.level = level;
  note(row, level);
}

/** A row that became worse fades in once. */
function note(row, level) {
  const before = known.get(row);
  known.set(row, level);
  if (before === undefined || RANK[level] >= RANK[before]) return;
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}
