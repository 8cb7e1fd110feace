// Menus are popovers in the top layer, so that no table clips them; here they get their place.
const GAP = 4;
const openers = new WeakMap();

function place(menu) {
  const opener = openers.get(menu);
  if (!opener?.isConnected) return;
  const at = opener.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + GAP;
  const top = below + height <= innerHeight ? below : Math.max(GAP, at.top - GAP - height);
  const ends = getComputedStyle(menu).direction === "rtl" ? at.left : at.right - width;
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.min(Math.max(GAP, ends), innerWidth - width - GAP)}px`;
}

function placeAll() {
  for (const menu of document.querySelectorAll(".pop:popover-open")) place(menu);
}

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[popovertarget]");
  const menu = opener && document.getElementById(opener.getAttribute("popovertarget"));
  if (menu) openers.set(menu, opener);
  else if (target.closest(".pop.menu .pop-item")) target.closest(".pop.menu").hidePopover();
}, true);
document.addEventListener("toggle", ({ target }) => target.matches?.(".pop:popover-open") && place(target), true);
document.addEventListener("toggle", ({ target }) => target.localName === "details" && placeAll(), true);
document.addEventListener("earshot:patched", placeAll);
document.addEventListener("earshot:filled", placeAll);
addEventListener("resize", placeAll);
addEventListener("scroll", ({ target }) => {
  // A menu of a row would stay behind when its row scrolls away.
  for (const menu of document.querySelectorAll(".pop.menu:popover-open")) if (!menu.contains(target)) place(menu);
}, true);
