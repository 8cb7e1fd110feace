// Rows out of sight of a long list are not drawn when they change: the first tag of a row says all that the list asks
// of it, and the rest waits as text until it is seen. Most changes of a floor of a thousand are in such rows.
import { drawAsOthers } from "./timers.js";

const texts = new WeakMap(); // row → its html, of which only the first tag stands in it

/** A template takes rows and cells as well, which a div would lose. */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** A new row of which only the first tag is drawn. */
export function sketch(html) {
  const row = parse(firstTag(html));
  texts.set(row, html);
  return row;
}

/** A row that was drawn becomes a sketch of its newer html; what it holds of the reader's and of our scripts' stays. */
export function sketchAgain(row, html) {
  const fresh = parse(firstTag(html));
  const kept = new Set(row.dataset.keep?.split(" "));
  for (const { name, value } of fresh.attributes) if (!kept.has(name)) row.setAttribute(name, value);
  for (const name of row.getAttributeNames()) if (!kept.has(name) && !fresh.hasAttribute(name)) row.removeAttribute(name);
  row.replaceChildren();
  texts.set(row, html);
}

/** The server escapes a `>` in what it shows, so the first one ends the tag. */
function firstTag(html) {
  return html.slice(0, html.indexOf(">") + 1);
}

/** It is about to be seen. Its times are drawn as of the moment of all others. */
export function drawWhole(row) {
  const html = texts.get(row);
  texts.delete(row);
  if (html) row.replaceChildren(...parse(html).childNodes);
  drawAsOthers(row);
}

export function isSketch(row) {
  return texts.has(row);
}
