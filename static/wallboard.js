// A wallboard: the words about its connection, its clock, its theme by the hour, a screen that stays awake.
//
// It has no buttons: whoever looks at it is 5 m away, so it recovers from everything by itself and says what it is.
import { serverNow, timeOfDay } from "./clock.js";
import { clockText } from "./timers.js";
import { fit } from "./wallboard_fit.js";
import { reloadWhenDue } from "./wallboard_reload.js";

const POINTER_RESTS_MS = 3000;
const DAY = { from: 7, to: 19 }; // the hours of the light theme
const root = document.documentElement;
const hourOf = new Intl.DateTimeFormat("en-GB", { hour: "numeric", hourCycle: "h23", timeZone: root.dataset.zone || undefined });
let pointer = 0;
let lock = null;

// --- the connection ---------------------------------------------------------------------------------------
const ENDED = { "signed-out": "Signed out", rights: "This wallboard was taken away" };
const OLD = new Set(["stale", ...Object.keys(ENDED)]);

function say({ state, now, heard, tries }) {
  const silentSince = state === "live" && document.getElementById("webhooks-status")?.dataset.silentSince;
  const telnyxDown = document.querySelector("#wallboard-telnyx[data-trouble]") !== null;
  root.dataset.wall = silentSince ? "silent" : state;
  root.toggleAttribute("data-old", OLD.has(state) || telnyxDown);
  write("[data-wall-words]", silentSince ? `No webhooks for ${clockText((now - Date.parse(silentSince)) / 1000)}` : wordsOf(state, tries));
  write("[data-wall-age]", state === "live" && !silentSince ? `updated ${ageOf(now - heard)} s ago` : "");
  write("[data-heard]", timeOfDay(heard, false));
  sayBanner(state, now, heard);
}

const ageOf = (ms) => Math.max(0, Math.round(ms / 1000));

function wordsOf(state, tries) {
  if (state === "live") return "Live";
  if (state in ENDED) return "Not connected";
  return tries ? `Reconnecting, try ${tries}` : "Connecting";
}

function sayBanner(state, now, heard) {
  const banner = document.querySelector("[data-wall-banner]");
  banner.hidden = !OLD.has(state);
  // Both would cover the figures, and what Telnyx says now nobody here knows.
  document.querySelector("[data-list=wallboard-telnyx]").hidden = !banner.hidden;
  if (banner.hidden) return;
  for (const link of document.querySelectorAll("[data-wall-sign-in]")) link.hidden = state !== "signed-out";
  const title = state in ENDED ? `${ENDED[state]} at ${timeOfDay(heard, false)}.` : `Stale since ${timeOfDay(heard)}`;
  write("[data-wall-banner-title]", title);
  write("[data-wall-banner-words]", `${lengthOf((now - heard) / 1000)} without news. These figures are old.`);
}

/** `48 s`, `1 min 12 s`, `2 h 5 min`: words, since nobody looks at a running clock for long. */
function lengthOf(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function write(where, text) {
  for (const element of document.querySelectorAll(where)) if (element.textContent !== text) element.textContent = text;
}

// --- its look ---------------------------------------------------------------------------------------------
function look() {
  const wanted = document.querySelector(".wall-body")?.dataset.theme;
  const hour = Number(hourOf.format(serverNow()));
  const byHour = hour >= DAY.from && hour < DAY.to ? "light" : "dark";
  const theme = wanted === "hour" ? byHour : wanted;
  if (theme && root.dataset.theme !== theme) root.dataset.theme = theme;
  const name = document.querySelector("h1")?.textContent;
  if (name) document.title = `${name} – Earshot`;
  fit(document);
}

function showPointer() {
  root.removeAttribute("data-still");
  clearTimeout(pointer);
  pointer = setTimeout(() => root.setAttribute("data-still", ""), POINTER_RESTS_MS);
}

// --- awake ------------------------------------------------------------------------------------------------
/** Browsers give it to secure pages only, and take it back whenever the page is hidden. */
async function stayAwake() {
  if (document.hidden || lock || !navigator.wakeLock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    root.setAttribute("data-awake", "");
    lock.addEventListener("release", slept);
  } catch {
    lock = null; // a battery that is low refuses; the next tick asks again
  }
}

function slept() {
  lock = null;
  root.removeAttribute("data-awake");
}

document.addEventListener("earshot:tick", ({ detail }) => {
  write("[data-wall-clock]", timeOfDay(detail.now, false));
  say(detail);
  look();
  stayAwake();
  reloadWhenDue(detail);
});
document.addEventListener("earshot:connection", ({ detail }) => say(detail));
document.addEventListener("earshot:patched", look);
addEventListener("resize", () => fit(document));
document.addEventListener("visibilitychange", stayAwake);
document.addEventListener("pointermove", showPointer);
showPointer();
look();
