// Every time on the page that passes, drawn at once from `data-since`; nothing is pushed for a second.
//
//   <span data-since="2026-11-23T12:00:00.000000Z" data-format="clock" data-amber="180" data-red="300">
//   clock  2:48 · 1:02:48 · 1 d 3 h        ago  12 s ago
//   left   1:58 left · 12 s left · over 0:48 (against data-red)     due  the same, but: overdue 0:48
//   data-least="1880" is drawn as no less than so many seconds
//   <span data-until="…">   in 6 s · now
//
// The closest [data-timed] gets data-level ok, amber or red: the worst of its timers that have a limit.
import { serverNow } from "./clock.js";

const LEVELS = ["ok", "amber", "red"];
// A level turns back only after this long below its limit, so that nothing flickers.
const CALM_MS = 5000;
const seen = new WeakMap();
let drawnAt = 0;

export function draw(root = document) {
  drawnAt = serverNow();
  drawAt(root, drawnAt);
}

/** What comes into a page that may be old: its times stand where all others stood still. */
export function drawAsOthers(root) {
  drawAt(root, drawnAt);
}

function drawAt(root, now) {
  const levels = new Map();
  for (const timer of root.querySelectorAll("[data-since]")) drawOne(timer, now, levels);
  for (const timer of root.querySelectorAll("[data-until]")) write(timer, untilText(seconds(timer.dataset.until, now)));
  for (const box of root.querySelectorAll("[data-timed]")) setLevel(box, levels.get(box), now);
}

/** `2:48`, from one hour `1:02:48`, over a day `1 d 3 h`. */
export function clockText(passed) {
  const whole = Math.max(0, Math.floor(passed));
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600), Math.floor(whole / 60)];
  const two = (value) => String(value % 60).padStart(2, "0");
  if (days) return `${days} d ${hours % 24} h`;
  return hours ? `${hours}:${two(minutes)}:${two(whole)}` : `${minutes}:${two(whole)}`;
}

function leftText(rest, over) {
  if (rest <= 0) return `${over} ${clockText(-rest)}`;
  const whole = Math.ceil(rest);
  return whole < 60 ? `${whole} s left` : `${clockText(whole)} left`;
}

function untilText(passed) {
  return passed < 0 ? `in ${Math.ceil(-passed)} s` : "now";
}

const TEXTS = {
  clock: (passed) => clockText(passed),
  ago: (passed) => (passed < 60 ? `${Math.max(0, Math.floor(passed))} s ago` : `${clockText(passed)} ago`),
  left: (passed, red) => leftText(red - passed, "over"),
  due: (passed, red) => leftText(red - passed, "overdue"),
};

function seconds(since, now) {
  return (now - Date.parse(since)) / 1000;
}

function drawOne(timer, now, levels) {
  const { since, format, amber, red, least } = timer.dataset;
  const passed = Math.max(seconds(since, now), Number(least ?? -Infinity));
  if (Number.isNaN(passed)) return;
  write(timer, (TEXTS[format] ?? TEXTS.clock)(passed, Number(red)));
  if (amber === undefined && red === undefined) return;
  const box = timer.closest("[data-timed]");
  const level = levelAfter(passed, red, amber);
  if (box) levels.set(box, Math.max(level, levels.get(box) ?? 0));
}

function levelAfter(passed, red = Infinity, amber = Infinity) {
  return passed >= Number(red) ? 2 : passed >= Number(amber) ? 1 : 0;
}

/** The level of a limit that is not drawn, as of the last drawing. */
export function levelOf({ since, amber, red }) {
  return LEVELS[levelAfter(seconds(since, drawnAt), red, amber)];
}

function write(timer, text) {
  if (timer.textContent !== text) timer.textContent = text;
}

function setLevel(box, level, now) {
  if (level === undefined) {
    seen.delete(box);
    if (box.dataset.level !== undefined) delete box.dataset.level;
    return;
  }
  const shown = steady(box, level, now);
  if (box.dataset.level !== LEVELS[shown]) box.dataset.level = LEVELS[shown];
}

/** The level to show. `about` tells two things apart that a morph drew into the same element. */
function steady(box, level, now) {
  const about = box.dataset.kind ?? box.id;
  const before = seen.get(box);
  if (!before || before.about !== about || level >= before.level) {
    seen.set(box, { about, level, calmSince: null });
    return level;
  }
  before.calmSince ??= now;
  if (now - before.calmSince >= CALM_MS) seen.set(box, { about, level, calmSince: null });
  return seen.get(box).level;
}
