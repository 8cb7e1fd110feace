// Focus is never lost: when what had it goes (a person is removed, a recording stops, a conference ends), it moves
// to what stands in its place, so that the keyboard goes on from there.
const CAN = "a[href], button:not([disabled]), summary, input:not([disabled], [type=hidden]), select:not([disabled]), textarea:not([disabled]), [tabindex]";
// Where the focus is: the element and what is around it, innermost first, each with its place among its siblings.
let way = [];

function onFocusIn({ target }) {
  way = [];
  for (let node = target; node.parentElement && node !== document.body; node = node.parentElement) {
    way.push({ node, parent: node.parentElement, place: [...node.parentElement.children].indexOf(node) });
  }
}

/** Who leaves by pressing elsewhere has left; what is taken off the page is still there in this event. */
function onFocusOut({ target }) {
  queueMicrotask(() => {
    if (isSeen(target) && isLost()) way = [];
  });
}

function isLost() {
  return document.activeElement === document.body || document.activeElement === null;
}

function isSeen(element) {
  return element.isConnected && element.checkVisibility({ visibilityProperty: true });
}

function restore() {
  if (way.length === 0 || !isLost()) return;
  const gone = way.findLastIndex(({ node }) => !isSeen(node));
  const { node, parent, place } = way[Math.max(gone, 0)];
  const nearest = gone < 0 ? [node] : [parent.children[place], parent.children[place - 1]];
  const around = [...nearest, ...way.slice(gone + 1).map((one) => one.node), document.getElementById("main")];
  around.map(focusable).find(Boolean)?.focus({ preventScroll: true });
}

/** It, or the first in it that can have the focus. In a row that names one (`data-safe`) that one, which does nothing
 *  to anybody by a second press of Enter. */
function focusable(element) {
  if (!element || !isSeen(element)) return null;
  const row = element.closest("[data-safe]");
  const safe = row?.querySelector(row.dataset.safe);
  if (safe && isSeen(safe)) return safe;
  if (element.matches(CAN)) return element;
  return [...element.querySelectorAll(CAN)].find(isSeen);
}

document.addEventListener("focusin", onFocusIn);
document.addEventListener("focusout", onFocusOut);
document.addEventListener("earshot:patched", restore);
