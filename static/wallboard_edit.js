// The editor of a wallboard: order by grip, arrows or Alt ↑ ↓, a preview of what is not saved yet, what differs.
import { remember } from "./refocus.js";
import { draw as drawTimes } from "./timers.js";
import { fit } from "./wallboard_fit.js";

const form = document.getElementById("wallboard-form");
const box = form.querySelector("[data-preview-box]");
const wall = form.querySelector("[data-preview-wall]");
const lists = [...form.querySelectorAll("[data-sortable]")];
const PREVIEW_EVERY_MS = 5000;
const AFTER_TYPING_MS = 250;
const DAY = { from: 7, to: 19 };
let state = "now";
let asked = 0;
let soon = 0;
let dragged = null;

// --- order ------------------------------------------------------------------------------------------------
function move(item, by) {
  const beside = by < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!beside) return;
  const focused = document.activeElement;
  if (by < 0) beside.before(item);
  else beside.after(item);
  number();
  // At an end of the list one of the arrows leaves: the other one has the focus then.
  const arrows = [...item.querySelectorAll("[data-move]")];
  (focused.disabled ? (arrows.find((arrow) => !arrow.disabled) ?? item.querySelector("input")) : focused).focus();
  changed();
}

function number() {
  for (const list of lists) {
    let place = 0;
    for (const item of list.children) item.querySelector("[data-place]").textContent = ticked(item) ? ++place : "";
    for (const item of list.children) {
      item.querySelector("[data-move='-1']").disabled = item === list.firstElementChild;
      item.querySelector("[data-move='1']").disabled = item === list.lastElementChild;
    }
    tell(list, place);
  }
}

const ticked = (item) => item.querySelector("input").checked;

function tell(list, chosen) {
  const { sortable } = list.dataset;
  const large = form.elements.layout.value === "large";
  const most = form.querySelector(`[data-most-of="${sortable}"]`);
  form.querySelector(`[data-chosen-of="${sortable}"]`).textContent = `${chosen} of ${list.children.length}`;
  if (sortable === "queues") most.textContent = large ? "one" : `up to ${most.dataset.most}`;
  else most.textContent = large ? "" : `up to ${most.dataset.most} in rows`;
}

// --- what differs -----------------------------------------------------------------------------------------
function now() {
  return new URLSearchParams(new FormData(form)).toString();
}

let saved = now();
const first = lists.map((list) => [...list.children]);

function sayWhatDiffers() {
  const before = new URLSearchParams(saved);
  const after = new FormData(form);
  const names = new Set([...before.keys(), ...after.keys()]);
  const differing = [...names].filter((name) => String(before.getAll(name)) !== String(after.getAll(name)));
  const words = { name: "name", layout: "shown as", theme: "theme", shows_callers: "numbers", queues: "queues", metrics: "metrics" };
  const many = differing.length === 1 ? "1 change" : `${differing.length} changes`;
  const told = differing.map((name) => words[name]).join(", ");
  form.querySelector("[data-not-saved]").textContent = differing.length ? `${many} not saved: ${told}` : "";
  form.querySelector("[data-undo-all]").hidden = differing.length === 0;
}

// --- leaving ----------------------------------------------------------------------------------------------
const leaving = document.getElementById("leave-unsaved");
const differs = () => now() !== saved;

/** A link within Earshot asks here; what else leaves the page, the browser asks. */
function askFirst(event) {
  const link = event.target.closest("a[href]");
  const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || link.target || !plain || event.defaultPrevented || !differs()) return;
  event.preventDefault();
  leaving.querySelector("[data-leave]").href = link.href;
  leaving.querySelector("[data-leave-words]").textContent = form.querySelector("[data-not-saved]").textContent;
  leaving.showModal();
}

function leave() {
  saved = now();
}

function undoAll() {
  form.reset();
  lists.forEach((list, place) => list.append(...first[place]));
  changed();
}

// --- the preview ------------------------------------------------------------------------------------------
/** Only the newest answer is shown; a form that cannot be saved yet says what is missing instead. */
async function preview() {
  clearTimeout(soon);
  const mine = ++asked;
  const sent = new FormData(form);
  sent.set("name", sent.get("name").trim() || "New wallboard");
  sent.set("state", state);
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const answer = await fetch(form.dataset.preview, { method: "POST", headers, body: sent }).catch(() => null);
  if (mine === asked) await show(answer);
  if (mine === asked) soon = setTimeout(preview, PREVIEW_EVERY_MS);
}

async function show(answer) {
  if (!answer) return;
  wall.hidden = !answer.ok;
  if (!answer.ok) {
    form.querySelector("[data-preview-words]").textContent = (await answer.json().catch(() => null))?.text ?? "";
    return;
  }
  wall.innerHTML = await answer.text();
  const drawn = wall.querySelector(".wall");
  const hour = new Date().getHours();
  if (drawn.dataset.theme === "hour") drawn.dataset.theme = hour >= DAY.from && hour < DAY.to ? "light" : "dark";
  drawTimes(wall);
  form.querySelector("[data-checks]").replaceChildren(wall.querySelector(".checks"));
  check(fit(wall));
}

function check(smaller) {
  if (!smaller) return;
  form.querySelector("[data-fit-check]").setAttribute("data-smaller", "");
  form.querySelector("[data-fit-words]").textContent = smaller === 1 ? "1 text is smaller" : `${smaller} texts are smaller`;
  form.querySelector("[data-fit-why]").textContent = "they would not fit into their place in full size";
}

function choose(button) {
  state = button.dataset.previewState;
  for (const one of form.querySelectorAll("[data-preview-state]")) one.setAttribute("aria-pressed", String(one === button));
  box.toggleAttribute("data-old", state === "stale");
  box.dataset.wall = state === "stale" ? "stale" : "live";
  preview();
}

function changed() {
  number();
  sayWhatDiffers();
  clearTimeout(soon);
  soon = setTimeout(preview, AFTER_TYPING_MS);
}

// --- hands ------------------------------------------------------------------------------------------------
document.addEventListener("click", askFirst);
leaving.addEventListener("click", ({ target }) => {
  if (target.closest("[data-leave]")) leave();
  if (target.closest("[data-stay]")) leaving.close();
});
addEventListener("beforeunload", (event) => {
  if (differs()) event.preventDefault();
});
form.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.elt !== form || detail.xhr.status >= 300) return;
  remember(document.activeElement);
  leave();
});
form.addEventListener("input", changed);
form.addEventListener("click", ({ target }) => {
  const arrow = target.closest("[data-move]");
  if (arrow) move(arrow.closest("li"), Number(arrow.dataset.move));
  if (target.closest("[data-undo-all]")) undoAll();
  if (target.closest("[data-preview-state]")) choose(target.closest("[data-preview-state]"));
});
form.addEventListener("keydown", (event) => {
  const by = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
  const item = event.target.closest("[data-sortable] > li");
  if (!by || !item) return;
  event.preventDefault();
  move(item, by);
});
form.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip) return;
  event.preventDefault();
  dragged = grip.closest("li");
  dragged.setAttribute("data-dragged", "");
  form.setPointerCapture(event.pointerId);
});
form.addEventListener("pointermove", ({ clientY }) => {
  if (!dragged) return;
  const over = [...dragged.parentElement.children].find((item) => item !== dragged && holds(item, clientY));
  if (over) move(dragged, over.compareDocumentPosition(dragged) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
});
form.addEventListener("pointerup", () => {
  dragged?.removeAttribute("data-dragged");
  dragged = null;
});

function holds(item, y) {
  const { top, bottom } = item.getBoundingClientRect();
  return y > top && y < bottom;
}

box.dataset.wall = "live";
addEventListener("resize", () => fit(wall));
number();
preview();
