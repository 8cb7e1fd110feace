// An agent's day by the hour: what goes on grows with the clock, and an hour is there once it has begun.
import { serverNow } from "./clock.js";

const HOUR = 3_600_000;
let now = serverNow();

function draw() {
  for (const hour of document.querySelectorAll(".day-hour")) drawHour(hour, Date.parse(hour.dataset.begins));
}

function drawHour(hour, begins) {
  const until = Math.min(now, Date.parse(hour.dataset.ends));
  if (hour.hidden !== now < begins) hour.hidden = now < begins;
  for (const bar of hour.querySelectorAll("[data-from]")) drawBar(bar, begins, until);
}

function drawBar(bar, begins, until) {
  const from = Date.parse(bar.dataset.from);
  set(bar, "x", `${((from - begins) / HOUR) * 100}%`);
  set(bar, "width", `${(Math.max(until - from, 0) / HOUR) * 100}%`);
}

function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

document.addEventListener("earshot:tick", ({ detail }) => {
  if (!detail.live) return;
  now = detail.now;
  draw();
});
document.addEventListener("earshot:patched", draw);
draw();
