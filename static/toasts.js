// Refused and failed commands, in words, until somebody dismisses them. Routine success says nothing here.
const AT_ONCE = 3;
const SENT = "Sent, waiting for Telnyx";
const shown = new Map();
const box = document.getElementById("toasts");

function toast(key, { title, text, unknown, again, shape = unknown === undefined ? "octagon" : "half" }) {
  if (shown.has(key)) return;
  const card = document.createElement("div");
  card.className = "toast";
  card.setAttribute("role", "alert");
  card.toggleAttribute("data-amber", shape !== "octagon");
  card.append(sign(shape), line(title, "toast-title"), closeButton(key));
  if (text) card.append(line(text, ""));
  if (again) card.append(againButton(key, again));
  shown.set(key, card);
  box.append(card);
  settle();
}

function sign(name) {
  const template = document.querySelector("svg.icon use").getAttribute("href").replace(/#.*/, "");
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${template}#${name}`);
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  icon.append(use);
  return icon;
}

function line(text, name) {
  const paragraph = document.createElement("p");
  paragraph.className = name;
  paragraph.textContent = text;
  return paragraph;
}

function closeButton(key) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "bare";
  button.setAttribute("aria-label", "Dismiss");
  button.append(sign("close"));
  button.addEventListener("click", () => dismiss(key));
  return button;
}

function againButton(key, address) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button primary";
  button.append(sign("refresh"), "Try again");
  button.addEventListener("click", () => {
    post(address);
    remove(key);
  });
  return button;
}

/** What the server keeps is dismissed there, for everybody; the fragment that follows takes it off. */
function dismiss(key) {
  const kept = document.querySelector(`[data-refusal="${CSS.escape(key)}"]`);
  if (kept) {
    dismissed.add(key);
    post(kept.dataset.dismiss ?? `/commands/${key}/dismiss`);
  }
  remove(key);
}

function post(address) {
  htmx.ajax("POST", address, { source: document.body, swap: "none" });
}

function remove(key) {
  shown.get(key)?.remove();
  shown.delete(key);
  settle();
}

function settle() {
  const cards = [...box.querySelectorAll(".toast")];
  cards.forEach((card, place) => (card.hidden = place >= AT_ONCE));
  box.querySelector(".toast-more")?.remove();
  if (cards.length <= AT_ONCE) return;
  const more = line(`${cards.length - AT_ONCE} more`, "toast-more");
  box.append(more);
}

const kept = new Set();
const dismissed = new Set();

/** Refusals that fragments carry: shown while any fragment has them, unless a panel of the page tells of it. */
function collect() {
  const told = new Set([...document.querySelectorAll("[data-told]")].map((panel) => panel.dataset.told));
  const carried = [...document.querySelectorAll("[data-refusal]")].filter((at) => !told.has(at.dataset.refusal));
  const present = new Map(carried.map((at) => [at.dataset.refusal, at.dataset]));
  for (const [key, refusal] of present) {
    if (!dismissed.has(key)) toast(key, refusal);
    kept.add(key);
  }
  for (const key of kept) if (!present.has(key)) forget(key);
}

function forget(key) {
  kept.delete(key);
  dismissed.delete(key);
  remove(key);
}

/** What a press here came to. Twice the same is one card, put anew so that readers hear it again. */
function refuse(refusal) {
  const key = `here ${refusal.title} ${refusal.text}`;
  remove(key);
  toast(key, refusal);
}

function onError({ detail }) {
  const { status, responseText } = detail.xhr;
  refuse(parse(responseText) ?? { title: "Earshot could not do this.", text: `The server answered ${status}.` });
}

function parse(body) {
  try {
    const refusal = JSON.parse(body);
    return refusal.title ? refusal : null;
  } catch {
    return null;
  }
}

document.addEventListener("htmx:responseError", onError);
document.addEventListener("htmx:sendError", () => refuse({ title: "Not sent: no connection.", text: "Nothing was changed. Press again when the page is live." }));
document.addEventListener("earshot:refused", ({ detail }) => refuse(detail));
document.addEventListener("earshot:patched", collect);

/** Pressing what cannot be pressed now says why, unless the words stand beside it: who taps or types sees no tooltip. */
function onPress({ target }) {
  const button = target.closest("button[aria-disabled=true][title]");
  if (!button?.title || button.title === SENT || button.matches(".not-now")) return;
  refuse({ title: button.title, text: "", shape: "triangle" });
}

document.addEventListener("click", onPress);
// A command that is on its way already is not sent twice.
document.addEventListener("htmx:beforeRequest", (event) => event.target.closest?.("[aria-disabled=true]") && event.preventDefault());
document.addEventListener("keydown", (event) => event.key === "Escape" && box.contains(document.activeElement) && document.activeElement.click());
collect();
