// Two steps for what cannot be undone: <details class="ask">. Focus starts on Keep, or on a field that must be
// filled; Esc or a click elsewhere keeps. If the number of people changes while the question is open, the first
// press only asks anew.
const armed = new WeakMap();

function closeAsk(ask) {
  const focused = ask.contains(document.activeElement);
  ask.open = false;
  if (focused) ask.querySelector("summary").focus();
}

function onToggle({ target: ask }) {
  if (!ask.matches?.("details.ask") || !ask.open) return;
  for (const other of document.querySelectorAll("details.ask[open]")) if (other !== ask) other.open = false;
  armed.set(ask, ask.dataset.count);
  (ask.querySelector("[data-first]") ?? ask.querySelector("[data-keep-it]")).focus();
}

function onClick(event) {
  const ask = event.target.closest("details.ask");
  for (const open of document.querySelectorAll("details.ask[open]")) if (open !== ask) open.open = false;
  if (!ask?.open) return;
  if (event.target.closest("[data-keep-it]")) closeAsk(ask);
  else if (event.target.closest("[data-command]")) press(event, ask);
}

/** Runs before htmx hears of the click. */
function press(event, ask) {
  if (armed.get(ask) !== ask.dataset.count) {
    armed.set(ask, ask.dataset.count);
    event.stopPropagation();
    return;
  }
  if (event.target.closest("[aria-disabled=true], [disabled]")) return;
  queueMicrotask(() => setTimeout(() => closeAsk(ask)));
}

function onKey(event) {
  if (event.key !== "Escape") return;
  const ask = document.querySelector("details.ask[open]");
  if (!ask) return;
  event.preventDefault();
  event.stopPropagation();
  closeAsk(ask);
}

document.addEventListener("toggle", onToggle, true);
document.addEventListener("click", onClick, true);
document.addEventListener("keydown", onKey, true);
