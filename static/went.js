// To whom callers of a queue went, in its table of who left: asked for, of all at once, because it is about one
// reader's scope. A conference and its agent may be told of after the leaving: who was with no agent yet is asked
// about again, for a minute by itself and later with each change of the page.
import { serverNow } from "./clock.js";

const FIRST_MS = 1000;
const AGAIN_MS = 5000;
const SETTLING_MS = 60_000;
let asked = 0;

const open = () => [...document.querySelectorAll("[data-to-whom]:not([data-settled])")];
const isRecent = (place) => serverNow() - Date.parse(place.closest("tr").querySelector("time").dateTime) < SETTLING_MS;

function look() {
  const anew = open().some((place) => !place.hasChildNodes());
  if (!asked && open().length) asked = setTimeout(ask, anew ? FIRST_MS : AGAIN_MS);
}

async function ask() {
  const places = open();
  const address = places[0]?.closest("[data-answers]").dataset.answers;
  const calls = places.map((place) => place.dataset.toWhom).join(",");
  const answer = address ? await fetch(`${address}?calls=${calls}`, { credentials: "same-origin" }).catch(() => null) : null;
  asked = 0;
  if (answer?.ok) fill(await answer.text());
  if (open().some(isRecent)) look();
}

/** What has not changed stays as it is, and with it the focus. */
function fill(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const told of template.content.querySelectorAll("[data-went-of]")) {
    const place = document.querySelector(`[data-to-whom="${told.dataset.wentOf}"]`);
    if (!place || place.innerHTML === told.innerHTML) continue;
    place.toggleAttribute("data-settled", "settled" in told.dataset);
    place.replaceChildren(...told.childNodes);
  }
}

document.addEventListener("earshot:patched", look);
setTimeout(ask);
