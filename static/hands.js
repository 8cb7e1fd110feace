// The raised hands over the agents: oldest first, the first three until more are asked for.
const SHOWN = 3;
const band = document.querySelector(".hands");
const list = band?.querySelector("[data-list=hands]");
const more = band?.querySelector("[data-more-hands]");

export function drawHands() {
  if (!band) return;
  sort();
  const count = list.children.length;
  const open = "all" in band.dataset;
  for (const place of document.querySelectorAll("[data-hands-count]")) write(place, String(count));
  write(document.querySelector("[data-hands-word]"), count === 1 ? "hand" : "hands");
  more.hidden = count <= SHOWN;
  more.setAttribute("aria-expanded", String(open));
  write(more.firstElementChild, open ? "Show fewer" : `${count - SHOWN} more`);
}

/** A pushed one comes last, and is the newest but where a team's call became visible. Nothing moves under a finger. */
function sort() {
  const now = [...list.children];
  const wanted = now.toSorted((one, other) => one.dataset.raised.localeCompare(other.dataset.raised));
  const still = list.matches(":hover") || list.contains(document.activeElement);
  if (!still && wanted.some((hand, place) => hand !== now[place])) list.append(...wanted);
}

function write(place, text) {
  if (place && place.textContent !== text) place.textContent = text;
}

more?.addEventListener("click", () => {
  band.toggleAttribute("data-all");
  drawHands();
});
