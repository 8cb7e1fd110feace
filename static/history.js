// The history of a queue: one cursor for three charts and the table, its read-out, and the day's own keys.
const frame = document.querySelector("[data-charts]");
const lines = [...document.querySelectorAll("[data-line]")];
const typing = (element) => element.closest("input, select, textarea, [contenteditable], dialog, .pop");
let place = lines.length - 1;

function show(wanted, scroll = true) {
  place = Math.max(0, Math.min(lines.length - 1, wanted));
  const line = lines[place];
  for (const other of lines) other.toggleAttribute("data-selected", other === line);
  drawCursor();
  const words = [line.dataset.span, ...line.dataset.words.split("|"), line.dataset.serviceWords, line.dataset.beside];
  frame.setAttribute("aria-valuenow", String(place));
  frame.setAttribute("aria-valuetext", words.filter(Boolean).join(", "));
  readOut(line);
  if (!scroll) return;
  keepInSight(line);
  keepCursorInSight();
}

/** In the middle of its column, in the drawing's own units. */
function drawCursor() {
  const { from, to, columns } = frame.dataset;
  const x = Number(from) + ((place + 0.5) * (to - from)) / columns;
  frame.querySelector("[data-cursor]").setAttribute("transform", `translate(${x.toFixed(1)} 0)`);
}

function readOut(line) {
  const { span, words, service, serviceWords, beside } = line.dataset;
  const parts = [part("b", span), ...words.split("|").map((text) => part("span", text))];
  if (serviceWords) parts.push(shaped(service, serviceWords));
  if (beside) parts.push(part("span", beside, "dim"));
  document.querySelector("[data-read-out]").replaceChildren(...parts);
}

function part(name, text, style = "") {
  const element = document.createElement(name);
  element.textContent = text;
  if (style) element.className = style;
  return element;
}

/** The shape of the level, taken from wherever the page has it. */
function shaped(level, text) {
  const element = part("span", text, level === "red" || level === "amber" ? level : "");
  const name = { red: "octagon", amber: "triangle" }[level];
  const icon = name && document.querySelector(`template[data-shape=${name}]`)?.content.firstElementChild.cloneNode(true);
  if (icon) element.prepend(icon);
  return element;
}

function keepInSight(line) {
  const box = line.closest(".twin-frame");
  const [top, bottom] = [line.offsetTop - 30, line.offsetTop + line.offsetHeight];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}

/** Where the charts are wider than their frame. */
function keepCursorInSight() {
  const cursor = frame.querySelector("[data-cursor]").getBoundingClientRect();
  const { left, right } = frame.getBoundingClientRect();
  const margin = (right - left) / 4;
  if (cursor.left < left || cursor.left > right) frame.scrollLeft += cursor.left - (cursor.left < left ? left + margin : right - margin);
}

function onPointer({ clientX }) {
  const svg = frame.querySelector("svg");
  const { left, width } = svg.getBoundingClientRect();
  const { from, to, columns } = frame.dataset;
  const unit = ((clientX - left) / width) * svg.viewBox.baseVal.width;
  if (unit < from || unit > to) return;
  show(Math.floor(((unit - from) / (to - from)) * columns));
}

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -12, PageUp: 12 };

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const { key } = event;
  const day = { "[": "[data-day-before]", "]": "[data-day-after]" }[key];
  if (day) return document.querySelector(day)?.click();
  if (!frame || !moves(key, event.target)) return;
  event.preventDefault();
  show({ Home: 0, End: lines.length - 1 }[key] ?? next(STEPS[key]));
}

/** Left and right anywhere on the page; what else moves a slider only on it. */
function moves(key, target) {
  const onSlider = target === frame;
  if (key === "ArrowLeft" || key === "ArrowRight") return onSlider || !target.closest(".twin-frame, a, button") || target.closest("[data-line]");
  return onSlider && (key in STEPS || key === "Home" || key === "End");
}

/** The next line that the table shows. */
function next(by) {
  let wanted = place + by;
  while (lines[wanted]?.hidden) wanted += Math.sign(by);
  return lines[wanted] ? wanted : Math.max(0, Math.min(lines.length - 1, place + (Math.abs(by) > 1 ? by : 0)));
}

function filter(button) {
  const below = button.dataset.lines === "below";
  for (const line of lines) line.hidden = below && !("below" in line.dataset);
  document.querySelector(".none-below").hidden = !below || lines.some((line) => !line.hidden);
  for (const other of document.querySelectorAll("[data-lines]")) other.setAttribute("aria-pressed", String(other === button));
}

function onClick({ target }) {
  const line = target.closest("[data-line]");
  if (line) show(Number(line.dataset.line), false);
  if (target.closest("[data-lines]")) filter(target.closest("[data-lines]"));
  const to = target.closest("[data-line-to]")?.dataset.lineTo;
  if (to) show(to === "first" ? 0 : lines.length - 1);
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.querySelector("[data-day-form] input[type=date]")?.addEventListener("change", ({ target }) => {
  if (target.validity.valid && target.value) target.form.requestSubmit();
});
if (frame) {
  frame.addEventListener("pointermove", onPointer);
  frame.addEventListener("pointerdown", onPointer);
  show(place);
}
