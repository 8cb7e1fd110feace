// Words that are wider than their place become smaller instead of being cut: fonts and lengths differ.
const LEAST = 0.5;

/** How many became smaller. Looks at everything before it changes anything: the page is laid out twice, however many
 *  there are. */
export function fit(wall) {
  const places = [...wall.querySelectorAll("[data-fit]")];
  for (const place of places) place.style.removeProperty("--fit");
  const rates = places.map((place) => place.clientWidth / Math.max(place.scrollWidth, 1));
  places.forEach((place, at) => {
    if (rates[at] < 1) place.style.setProperty("--fit", Math.max(rates[at] - 0.01, LEAST).toFixed(3));
  });
  return rates.filter((rate) => rate < 1).length;
}
