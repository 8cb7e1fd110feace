// Refused and failed commands, in words, until somebody dismisses them. Routine success says nothing here.
const AT_ONCE = 3;
const shown = new Map();
const box = document.getElementById("toasts");

function toast(key, title, text, unknown = false) {
  if (shown.has(key)) return;
  const card = document.createElement("div");
  card.className = "toast";
  card.setAttribute("role", "alert");
  card.toggleAttribute("data-unknown", unknown);
  card.append(sign(unknown ? "half" : "octagon"), line(title, "toast-title"), closeButton(key), line(text, ""));
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

/** What the server keeps is dismissed there, for everybody; the fragment that follows takes it off. */
function dismiss(key) {
  if (document.querySelector(`[data-refusal="${CSS.escape(key)}"]`)) {
    dismissed.add(key);
    htmx.ajax("POST", `/commands/${key}/dismiss`, { source: document.body, swap: "none" });
  }
  remove(key);
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

/** Refusals that fragments carry: shown while any fragment has them. */
function collect() {
  const present = new Map([...document.querySelectorAll("[data-refusal]")].map((at) => [at.dataset.refusal, at.dataset]));
  for (const [key, { title, text, unknown }] of present) {
    if (!dismissed.has(key)) toast(key, title, text, unknown !== undefined);
    kept.add(key);
  }
  for (const key of kept) if (!present.has(key)) forget(key);
}

function forget(key) {
  kept.delete(key);
  dismissed.delete(key);
  remove(key);
}

let serial = 0;

function onError({ detail }) {
  const { status, responseText } = detail.xhr;
  const { title, text } = parse(responseText) ?? { title: "Earshot could not do this.", text: `The server answered ${status}.` };
  toast(`here-${serial++}`, title, text);
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
document.addEventListener("htmx:sendError", () => toast(`here-${serial++}`, "Not sent: no connection.", "Nothing was changed. Press again when the page is live."));
document.addEventListener("earshot:refused", ({ detail }) => toast(`here-${serial++}`, detail.title, detail.text));
document.addEventListener("earshot:patched", collect);
// A command that is on its way already is not sent twice.
document.addEventListener("htmx:beforeRequest", (event) => event.target.closest?.("[aria-disabled=true]") && event.preventDefault());
document.addEventListener("keydown", (event) => event.key === "Escape" && box.contains(document.activeElement) && document.activeElement.click());
collect();
