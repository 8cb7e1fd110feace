// A row's level is that of its worst mark; an exception shows that mark alone, as the row's one reason.
const RANK = { red: 0, amber: 1, ok: 2 };
const known = new WeakMap();

export function markRows(body) {
  for (const row of body.children) markRow(row);
}

function markRow(row) {
  const marks = [...row.querySelectorAll(".mark[data-kind]")].filter(shows);
  const worst = marks.toSorted(worstFirst)[0];
  for (const mark of row.querySelectorAll(".mark[data-kind]")) mark.toggleAttribute("data-worst", mark === worst);
  const level = worst?.dataset.level ?? "ok";
  if (row.dataset.level !== level) row.dataset.level = level;
  note(row, level);
  const more = row.querySelector("[data-more-marks]");
  const rest = marks.length > 1 && level === "ok" ? `+${marks.length - 1}` : "";
  if (more && more.textContent !== rest) more.textContent = rest;
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

/** A row that became worse fades in once. */
function note(row, level) {
  const before = known.get(row);
  known.set(row, level);
  if (before === undefined || RANK[level] >= RANK[before]) return;
  row.classList.remove("fresh");
  requestAnimationFrame(() => row.classList.add("fresh"));
}
