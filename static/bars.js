// Bars that grow with time: recordings (solid = recorded, hatched = paused) and waits against their target.
import { clockText } from "./timers.js";

const STEPS = [5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 14400];
let now = Date.now();

const at = (text, otherwise) => (text ? Date.parse(text) : otherwise);

function drawAll() {
  for (const bar of document.querySelectorAll("[data-recbar]")) drawRecording(bar);
  for (const bar of document.querySelectorAll("[data-wait-bar]")) drawWait(bar);
}

function drawRecording(bar) {
  const spans = [...bar.querySelectorAll("rect[data-from]")];
  const end = at(bar.dataset.ended, now);
  const start = Math.min(...spans.map((span) => at(span.dataset.from, end)));
  const whole = Math.max(end - start, 1);
  for (const span of spans) {
    const [from, to] = [at(span.dataset.from, end), at(span.dataset.to, end)];
    set(span, "x", `${((from - start) / whole) * 100}%`);
    set(span, "width", `${(Math.max(to - from, 0) / whole) * 100}%`);
  }
  say(bar, sums(spans, end));
  for (const label of bar.querySelectorAll("[data-label-from]")) drawLabel(label, start, whole, end);
  hideCrowded(bar.querySelectorAll("[data-label-from]"));
  for (const axis of bar.querySelectorAll("[data-axis]")) drawAxis(axis, whole / 1000);
}

function sums(spans, end) {
  const length = (span) => Math.max(at(span.dataset.to, end) - at(span.dataset.from, end), 0) / 1000;
  const pauses = spans.filter((span) => span.classList.contains("pause"));
  const total = (some) => some.reduce((sum, span) => sum + length(span), 0);
  const missing = total(pauses);
  return { recorded: total(spans) - missing, missing, pauses: pauses.length };
}

function say(bar, { recorded, missing, pauses }) {
  const inPauses = `in ${pauses} pause${pauses === 1 ? "" : "s"}`;
  const words = `${clockText(recorded)} recorded${pauses ? `, ${clockText(missing)} not recorded ${inPauses}` : ", no pauses"}`;
  const area = bar.closest(".recording-panel, .part") ?? bar;
  const page = bar.closest(".details") ?? area;
  set(bar.querySelector(".bar"), "aria-label", words);
  write(area.querySelector("[data-recorded-words]"), words);
  write(bar.querySelector("[data-pauses-words]"), pauses ? `${pauses} pause${pauses === 1 ? "" : "s"}, ${clockText(missing)} not recorded` : "no pauses");
  for (const mark of page.querySelectorAll("[data-recorded]")) write(mark, clockText(recorded));
}

function drawLabel(label, start, whole, end) {
  const [from, to] = [at(label.dataset.labelFrom, end), at(label.dataset.labelTo, end)];
  write(label.querySelector("[data-length]"), clockText((to - from) / 1000));
  const middle = (from - start) / whole;
  label.style.insetInlineStart = middle < 0.6 ? `${middle * 100}%` : "auto";
  label.style.insetInlineEnd = middle < 0.6 ? "auto" : `${Math.max(0, 1 - (to - start) / whole) * 100}%`;
}

/** Of two labels that would cover each other the earlier stays; the sentence beside the bar says both. */
function hideCrowded(labels) {
  let edge = -Infinity;
  for (const label of labels) label.hidden = false;
  for (const label of labels) {
    const { left, right } = label.getBoundingClientRect();
    label.hidden = left < edge + 8;
    if (!label.hidden) edge = right;
  }
}

function drawAxis(axis, seconds) {
  const step = STEPS.find((each) => seconds / each <= 6) ?? 28_800;
  const count = Math.floor(seconds / step) + 1;
  while (axis.children.length > count) axis.lastElementChild.remove();
  while (axis.children.length < count) axis.append(document.createElement("span"));
  [...axis.children].forEach((mark, place) => {
    write(mark, clockText(place * step));
    mark.hidden = (place * step) / seconds > 0.92;
    mark.style.insetInlineStart = `${((place * step) / seconds) * 100}%`;
  });
}

/** The line at the target stands at two thirds. */
function drawWait(bar) {
  const { from, target } = bar.dataset;
  const share = Math.min((now - Date.parse(from)) / 1000 / (Number(target) * 1.5), 1);
  set(bar.querySelector(".fill"), "width", String(Math.max(2, Math.round(share * 118))));
}

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

document.addEventListener("earshot:tick", ({ detail }) => {
  if (!detail.live) return;
  now = detail.now;
  drawAll();
});
document.addEventListener("earshot:patched", drawAll);
drawAll();
