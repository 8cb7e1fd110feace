// What every page with a frame does; the floor and the details add theirs. No state here is the server's.
import "./asks.js";
import "./bars.js";
import "./callers.js";
import { startFloor } from "./floor.js";
import "./focus.js";
import "./keys.js";
import "./menus.js";
import "./options.js";
import "./queues.js";
import "./refocus.js";
import "./rowmenu.js";
import "./supervise.js";
import { setTheme } from "./theme.js";
import "./toasts.js";
import "./went.js";

const root = document.documentElement;
// Readers hear a time that is at most this old; said each second it would drown everything else.
const SPOKEN_EVERY_MS = 30_000;
let spokenAt = 0;

const timeOfDay = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: root.dataset.zone || undefined });

function onTick({ detail }) {
  for (const clock of document.querySelectorAll("[data-clock]")) clock.textContent = timeOfDay.format(detail.now);
  if (detail.now - spokenAt < SPOKEN_EVERY_MS) return;
  spokenAt = detail.now;
  for (const twin of document.querySelectorAll("[data-spoken]")) speak(twin);
}

/** A fragment that came anew has no spoken times yet; the others keep theirs. */
function speakNew() {
  for (const twin of document.querySelectorAll("[data-spoken]:empty")) speak(twin);
}

function speak(twin) {
  twin.textContent = spoken(twin.previousElementSibling?.textContent ?? "");
}

/** `1:02:48 left` → `1 hour 2 minutes 48 seconds left`. */
export function spoken(text) {
  return text.replace(/(?:(\d+):)?(\d+):(\d\d)/, (_, hours, minutes, seconds) =>
    [plural(hours, "hour"), plural(minutes, "minute"), plural(seconds, "second")].filter(Boolean).join(" "),
  );
}

function plural(text, unit) {
  const count = Number(text ?? 0);
  return count ? `${count} ${unit}${count === 1 ? "" : "s"}` : "";
}

function onClick({ target }) {
  const theme = target.closest("[data-theme-choice]");
  if (theme) setTheme(theme.dataset.themeChoice);
  if (target.closest("[data-compact-toggle]")) setCompact(!("compact" in root.dataset));
  if (target.closest("[data-deeds]")) showDeeds(target.closest("[data-deeds]"));
}

function setCompact(compact) {
  root.toggleAttribute("data-compact", compact);
  document.querySelector("[data-compact-toggle]").setAttribute("aria-pressed", String(compact));
}

/** The page keeps its choice without a reload, so what a press sends is the opposite of what is shown now. */
document.addEventListener("htmx:configRequest", ({ detail, target }) => {
  if (target.matches?.("[data-compact-toggle]")) detail.parameters.compact = String(!("compact" in root.dataset));
});

let deeds = "all";

function showDeeds(button) {
  deeds = button.dataset.deeds;
  applyDeeds();
}

function applyDeeds() {
  const lines = [...document.querySelectorAll(".deeds [data-outcome]")];
  const bad = lines.filter((line) => line.dataset.outcome === "bad");
  for (const line of lines) line.hidden = deeds === "bad" && line.dataset.outcome !== "bad";
  for (const count of document.querySelectorAll("[data-bad-count]")) count.textContent = bad.length;
  for (const line of document.querySelectorAll(".none-failed")) line.hidden = deeds !== "bad" || bad.length > 0;
  for (const button of document.querySelectorAll("[data-deeds]")) {
    button.setAttribute("aria-pressed", String(button.dataset.deeds === deeds));
  }
}

document.addEventListener("earshot:tick", onTick);
document.addEventListener("earshot:patched", () => {
  speakNew();
  applyDeeds();
});
document.addEventListener("earshot:placed", speakNew);
document.addEventListener("click", onClick);
applyDeeds();
startFloor();
