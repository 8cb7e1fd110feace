// Filters, days and spans load the same page again: there the focus is where it was, if a key had put it there.
const KEY = "earshot-refocus";
const WITHIN_MS = 15_000;

/** The same control of the page that comes: a link that is left out of it gives the focus to its `data-refocus-or`. */
export function remember(element) {
  if (!element?.matches(":focus-visible")) return;
  const { id, name, dataset } = element;
  const by = id ? `#${CSS.escape(id)}` : name ? `[name="${CSS.escape(name)}"]` : dataset.refocus && `[data-refocus="${dataset.refocus}"]`;
  sessionStorage.setItem(KEY, JSON.stringify({ path: location.pathname, at: Date.now(), by: by ?? "", or: dataset.refocusOr ?? "" }));
}

function giveBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  sessionStorage.removeItem(KEY);
  if (!kept || kept.path !== location.pathname || Date.now() - kept.at > WITHIN_MS) return;
  const main = document.getElementById("main");
  const same = kept.by ? main.querySelector(kept.by) : [...main.querySelectorAll("a[href]")].find(({ href }) => href === location.href);
  (same ?? (kept.or && main.querySelector(kept.or)) ?? main).focus();
}

document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("main a[href]");
  if (link && !link.target && new URL(link.href).pathname === location.pathname) remember(link);
});
document.addEventListener("submit", ({ target }) => target.method === "get" && remember(document.activeElement), true);
giveBack();
