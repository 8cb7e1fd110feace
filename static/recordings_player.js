// The player in a row: one at a time. It speaks in the call's time; what a pause left out is jumped over.
import { clockText } from "./timers.js";

const TRIES = 3;
const SPEED = "earshot-player-speed";
const MINIMUM_DRIFT = 3; // seconds between the file's length and what was recorded, before we stop mapping
let player = null;

export const isOpen = () => player !== null;

/** Asks the server, as a press. Gives {ok, …} or {ok: false, title, text}. */
export async function ask(address, body = null) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  try {
    const answer = await fetch(address, { method: "POST", headers, body });
    const told = answer.status === 204 ? {} : await answer.json();
    return { ok: answer.ok, ...told };
  } catch {
    return { ok: false, title: "Earshot does not answer.", text: "Try again." };
  }
}

export function tell({ title, text }) {
  document.dispatchEvent(new CustomEvent("earshot:refused", { detail: { title, text } }));
}

// --- opening and closing -----------------------------------------------------------------------------------
export function open(row) {
  if (player?.row === row) return toggle();
  close();
  const under = document.getElementById("player-template").content.firstElementChild.cloneNode(true);
  under.dataset.under = row.id;
  row.after(under);
  row.toggleAttribute("data-open", true);
  player = { row, under, audio: new Audio(), address: "", tries: 0, gaps: gapsOf(row), at: 0, ...lengthsOf(row) };
  listen();
  drawAll();
  setSpeed(sessionStorage.getItem(SPEED) ?? "1");
  part("toggle").focus({ preventScroll: true });
  return begin();
}

function lengthsOf({ dataset }) {
  return { length: Number(dataset.length), recorded: Number(dataset.recorded), missing: Number(dataset.missing), plain: false };
}

/** Each pause: where in the call, how long, and where in the sound it was cut out. */
function gapsOf(row) {
  let out = 0;
  return [...row.querySelectorAll("[data-gap-since]")].map(({ dataset }) => {
    const [since, until] = [Number(dataset.gapSince), Number(dataset.gapUntil)];
    const gap = { since, length: until - since, sound: since - out, words: dataset.gapWords };
    out += gap.length;
    return gap;
  });
}

export function close() {
  if (!player) return false;
  const { row, under, audio } = player;
  const focused = under.contains(document.activeElement);
  player = null;
  audio.pause();
  audio.removeAttribute("src");
  audio.load();
  row.toggleAttribute("data-open", false);
  under.remove();
  if (focused) (row.querySelector("[data-play]") ?? document.querySelector(".table-frame")).focus();
  return true;
}

/** After a push: the row may have gone, or its recording. */
export function keepPlace() {
  if (player && (!player.row.isConnected || player.row.dataset.state !== "kept")) close();
}

const part = (name) => player.under.querySelector(`[data-${name}]`);

function listen() {
  const { audio, under } = player;
  const mine = (act) => (event) => player?.audio === audio && act(event);
  for (const name of ["timeupdate", "play", "pause", "seeked", "durationchange", "ended"]) audio.addEventListener(name, mine(draw));
  audio.addEventListener("durationchange", mine(compareLengths));
  audio.addEventListener("playing", mine(() => { player.tries = 0; note(""); }));
  audio.addEventListener("error", mine(recover));
  under.addEventListener("click", onClick);
  part("bar").addEventListener("pointerdown", onPoint);
  part("bar").addEventListener("keydown", onBarKey);
}

// --- sound --------------------------------------------------------------------------------------------------
/** One play: logged once by the server, however often its sound is asked for. */
async function begin() {
  const mine = player;
  note("Fetching from Telnyx");
  const answer = await ask(`/recordings/${mine.row.dataset.key}/play`);
  if (player !== mine) return;
  if (!answer.ok) return note(`${answer.title}. ${answer.text}`, true);
  mine.address = answer.audio;
  start(0);
}

function start(at) {
  const { audio, address } = player;
  audio.src = address;
  audio.playbackRate = Number(player.speed);
  if (at) audio.currentTime = at;
  // Refused without a press of the listener's own: the button says Play, and that is enough.
  audio.play().catch(() => {});
}

function toggle() {
  const { audio, address } = player;
  if (!address || audio.ended || audio.error) return begin();
  return audio.paused ? audio.play() : audio.pause();
}

/** The server renews links by itself; what breaks off all the same goes on where it was. */
async function recover() {
  const mine = player;
  if (!mine.address || !mine.audio.getAttribute("src")) return;
  if (++mine.tries > TRIES) return note("The recording broke off. Press Play to ask again.", true);
  note(`Link expired, fetching again. Playing goes on at ${clockText(callTime(mine.at))}.`);
  const answer = await fetch(mine.address, { headers: { Range: "bytes=0-0" } }).catch(() => null);
  if (player !== mine) return;
  if (answer && !answer.ok) {
    const { title, text } = await answer.json().catch(() => ({ title: "The recording cannot be fetched", text: "" }));
    return note(`${title}. ${text}`, true);
  }
  setTimeout(() => player === mine && start(mine.at), 300 * mine.tries);
}

/** A file that is not as long as what was recorded (silence trimmed away) has a time of its own. */
function compareLengths() {
  const { audio, length, missing } = player;
  if (!Number.isFinite(audio.duration)) return;
  const meant = length - missing;
  player.plain = Math.abs(audio.duration - meant) > Math.max(MINIMUM_DRIFT, meant * 0.03);
  drawAll();
}

// --- the call's time ----------------------------------------------------------------------------------------
const gaps = () => (player.plain ? [] : player.gaps);
const whole = () => (player.plain ? player.audio.duration : player.length);

function callTime(sound) {
  return gaps().reduce((at, gap) => at + (sound >= gap.sound ? gap.length : 0), sound);
}

function soundTime(call) {
  return gaps().reduce((at, gap) => at - Math.min(Math.max(call - gap.since, 0), gap.length), call);
}

function goTo(sound) {
  const { audio } = player;
  const end = Number.isFinite(audio.duration) ? audio.duration : Math.max(player.length - player.missing, 0);
  audio.currentTime = Math.min(Math.max(sound, 0), end);
  draw();
}

function nextPause() {
  const next = gaps().find((gap) => gap.sound > player.audio.currentTime + 0.5);
  if (next) goTo(next.sound);
  return true;
}

// --- drawing --------------------------------------------------------------------------------------------------
function drawAll() {
  const recorded = `${clockText(player.recorded)} recorded`;
  const count = player.gaps.length;
  const missing = `, ${clockText(player.missing)} not recorded in ${count} pause${count === 1 ? "" : "s"}`;
  const stereo = "stereo" in player.row.dataset && player.row.dataset.stereo ? ", one channel for each side" : "";
  part("recorded-words").textContent = recorded + (count ? missing : ", no pauses") + stereo;
  part("whole").textContent = clockText(whole());
  part("next-pause").hidden = !gaps().length;
  drawGaps();
  drawMarks();
  draw();
}

function drawGaps() {
  const [drawing, labels] = [part("drawing"), part("gap-labels")];
  for (const old of drawing.querySelectorAll(".gap")) old.remove();
  labels.replaceChildren();
  for (const gap of gaps()) {
    const shape = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const [x, width] = [(gap.since / whole()) * 100, (gap.length / whole()) * 100];
    for (const [name, value] of Object.entries({ class: "gap", fill: "url(#hatch)", x: `${x}%`, width: `${width}%`, height: "100%" })) shape.setAttribute(name, value);
    drawing.append(shape);
    const label = document.createElement("span");
    label.textContent = `Paused ${clockText(gap.length)} ${gap.words}`.trim();
    label.style.insetInlineStart = x < 70 ? `${x}%` : "auto";
    label.style.insetInlineEnd = x < 70 ? "auto" : `${Math.max(0, 100 - x - width)}%`;
    labels.append(label);
  }
  hideCrowded([...labels.children]);
}

function hideCrowded(labels) {
  let edge = -Infinity;
  for (const label of labels) {
    const { left, right } = label.getBoundingClientRect();
    label.hidden = left < edge + 8;
    if (!label.hidden) edge = right;
  }
}

function drawMarks() {
  const [marks, seconds] = [part("marks"), whole()];
  const step = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((each) => seconds / each <= 7) ?? 7200;
  const places = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, place) => place * step);
  marks.replaceChildren(...places.filter((at) => at / seconds < 0.93 || at === 0).map((at) => {
    const mark = document.createElement("span");
    mark.textContent = clockText(at);
    mark.style.insetInlineStart = `${(at / seconds) * 100}%`;
    return mark;
  }));
}

function draw() {
  const { audio, under } = player;
  if (audio.currentTime) player.at = audio.currentTime;
  const at = Math.min(callTime(audio.currentTime), whole() || 0);
  under.toggleAttribute("data-playing", !audio.paused && !audio.ended);
  part("now-at").textContent = clockText(at);
  part("needle").style.insetInlineStart = `${whole() ? (at / whole()) * 100 : 0}%`;
  const bar = part("bar");
  bar.setAttribute("aria-valuemax", String(Math.round(whole() || 0)));
  bar.setAttribute("aria-valuenow", String(Math.round(at)));
  bar.setAttribute("aria-valuetext", `${clockText(at)} of ${clockText(whole())}`);
}

function note(words, bad = false) {
  const line = part("note");
  line.textContent = words;
  line.hidden = !words;
  line.classList.toggle("bad", bad);
}

// --- pressing -----------------------------------------------------------------------------------------------
function onClick({ target }) {
  const speed = target.closest("[data-speed]");
  const skip = target.closest("[data-skip]");
  if (target.closest("[data-toggle]")) toggle();
  if (skip) goTo(player.audio.currentTime + Number(skip.dataset.skip));
  if (speed) setSpeed(speed.dataset.speed);
  if (target.closest("[data-next-pause]")) nextPause();
}

function setSpeed(speed) {
  player.speed = speed;
  player.audio.playbackRate = Number(speed);
  player.audio.defaultPlaybackRate = Number(speed);
  sessionStorage.setItem(SPEED, speed);
  for (const button of player.under.querySelectorAll("[data-speed]")) button.setAttribute("aria-pressed", String(button.dataset.speed === speed));
}

function onPoint(event) {
  const { left, width } = part("drawing").getBoundingClientRect();
  const share = (event.clientX - left) / width;
  goTo(soundTime((getComputedStyle(player.under).direction === "rtl" ? 1 - share : share) * whole()));
}

function onBarKey(event) {
  if (event.key !== "Home" && event.key !== "End") return;
  goTo(event.key === "Home" ? 0 : soundTime(whole()) - 5);
  event.preventDefault();
}

/** Space, arrows and G, while the player is open. True: it was ours. */
export function onKey({ target, key }) {
  if (key === " ") return target.closest("button, a, summary") ? false : (toggle(), true);
  if (key === "ArrowLeft" || key === "ArrowRight") return goTo(player.audio.currentTime + (key === "ArrowLeft" ? -10 : 10)), true;
  return key.toLowerCase() === "g" ? nextPause() : false;
}
