// The page's fragments: which version of each is on the screen, and how a newer one gets there.
import { drop, find, isLong } from "./rows.js";
import { isSketch, parse, sketch, sketchAgain } from "./unseen.js";
/* global Idiomorph, htmx */

// Scope → fragment id → {version, gone}. A tombstone stays here, so that an older fragment cannot return.
const scopes = new Map();
// What the server rendered into the page; the first snapshots say which scope each element belongs to.
const unclaimed = new Set();
// How often an element was drawn: what was found in it stays right until the next time.
const drawn = new WeakMap();
// Rows whose buttons htmx has not met yet.
const unpressed = new WeakSet();
let awaited = new Set();
// The selects of the element that is being drawn whose choice is the reader's.
let chosen = new Set();

export function begin(pageScopes) {
  awaited = new Set(pageScopes);
  for (const element of document.querySelectorAll("[data-list] > [id][data-version]")) unclaimed.add(element.id);
}

/** The whole scope: it always wins, and what it does not hold goes. */
export function takeSnapshot(scope, fragments) {
  const before = scopes.get(scope) ?? new Map();
  scopes.set(scope, new Map());
  for (const fragment of fragments) show(scope, fragment, fragments.length);
  for (const id of before.keys()) if (!shownAnywhere(id)) drop(id);
  awaited.delete(scope);
  if (awaited.size === 0) removeUnclaimed();
}

/** Newer fragments; an older one is dropped. */
export function takeFragments(scope, fragments) {
  const known = scopes.get(scope);
  if (!known) return;
  for (const fragment of fragments) {
    if (fragment.version >= (known.get(fragment.id)?.version ?? -Infinity)) show(scope, fragment);
  }
}

/** Two scopes may hold the same fragment. */
function shownAnywhere(id) {
  return [...scopes.values()].some((known) => known.get(id)?.gone === false);
}

export function forget(scope) {
  scopes.delete(scope);
}

/** Whether we have what a beat says; a scope whose first snapshot is on its way is not compared. */
export function agrees(scope, { count, digest }) {
  const known = scopes.get(scope);
  if (!known) return true;
  const here = [...known].filter(([, { gone }]) => !gone).map(([id, { version }]) => [id, version]);
  return here.length === count && digestOf(here) === digest;
}

/** The sum, modulo 2^32, of FNV-1a of `<id> <version>`, as decimal text; the server has the same. */
export function digestOf(versions) {
  let sum = 0;
  for (const [id, version] of versions) sum = (sum + fnv1a(`${id} ${version}`)) >>> 0;
  return String(sum);
}

function fnv1a(text) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** `beside`: of so many that came at once. */
function show(scope, { id, list, version, html }, beside = 1) {
  scopes.get(scope).set(id, { version, gone: html === null });
  const came = unclaimed.delete(id);
  if (html === null) return shownAnywhere(id) || drop(id);
  const there = find(id);
  // With the page, a moment ago: a fragment of one version is always the same.
  if (came && there?.dataset.version === String(version)) return;
  if (there?.isConnected) morph(there, html);
  else if (there) sketchAgain(there, html);
  const element = there ?? insert(list, html, beside);
  if (!element) return;
  drawn.set(element, drawings(element) + 1);
  if (isSketch(element)) unpressed.add(element);
  else htmx.process(element);
}

document.addEventListener("earshot:placed", ({ detail }) => {
  for (const row of detail.rows) if (unpressed.delete(row)) htmx.process(row);
});

/** How often the server's word for it was shown since the page came. */
export function drawings(element) {
  return drawn.get(element) ?? 0;
}

function insert(list, html, beside) {
  const container = document.querySelector(`[data-list="${CSS.escape(list)}"]`);
  const fresh = container && (isLong(container, beside) ? sketch(html) : parse(html));
  if (fresh) container.append(fresh);
  return fresh;
}

function removeUnclaimed() {
  for (const id of unclaimed) drop(id);
  unclaimed.clear();
}

function morph(element, html) {
  const fresh = parse(html);
  if (!fresh) return;
  // Told before: a morph goes through the options one by one, and between two of them none is right.
  chosen = new Set([...element.querySelectorAll("select")].filter(isChosen));
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  Idiomorph.morph(element, fresh, { callbacks: { beforeAttributeUpdated: mayChange, beforeNodeMorphed: isShared } });
  // A button that was drawn anew under the same id goes on having the focus.
  if (focused && document.activeElement === document.body) {
    document.getElementById(focused)?.focus({ preventScroll: true });
  }
}

/** What is one viewer's own in a fragment that many share comes in a fragment of its own; what was asked
 *  for when a card opened is nobody else's. */
function isShared(element) {
  const { own, fill, ask } = element.dataset ?? {};
  return own === undefined && fill === undefined && ask === undefined;
}

/** What belongs to the reader or to our scripts is not taken back by the server. */
function mayChange(name, element) {
  if (element.dataset.keep?.split(" ").includes(name)) return false;
  if (name === "data-level" && "timed" in element.dataset) return false;
  if (name === "open" && element.localName === "details") return false;
  if (name === "value" && "defaultValue" in element) return !touched(element, element.value !== element.defaultValue);
  if (name === "checked") return !touched(element, element.checked !== element.defaultChecked);
  if (name === "selected") return !chosen.has(element.closest("select"));
  return true;
}

/** Whether the reader is at it, or chose another option than the server drew. */
function isChosen(select) {
  const drawn = [...select.options].findLastIndex(({ defaultSelected }) => defaultSelected);
  return touched(select, select.selectedIndex !== Math.max(drawn, 0));
}

function touched(field, changed) {
  return changed || field === document.activeElement;
}
