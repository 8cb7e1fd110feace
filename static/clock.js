// The server's clock in the browser: one offset for everything that ticks.

// Every message that says the server's time was sent a moment before it arrived, so each guess is late by
// its journey; the largest of the last few came quickest.
const KEPT = 8;
const guesses = [];

export function learn(serverMs) {
  if (!Number.isFinite(serverMs)) return;
  guesses.push(serverMs - Date.now());
  if (guesses.length > KEPT) guesses.shift();
}

/** Milliseconds since the epoch, by the server's clock. */
export function serverNow() {
  return Date.now() + (guesses.length ? Math.max(...guesses) : 0);
}

/** A moment to measure from: by the wall clock, and by the one that no correction of the time can turn back. */
export function moment() {
  return { wall: Date.now(), steady: performance.now() };
}

/** Milliseconds since a moment. A laptop that slept stops the steady clock, not the wall clock. */
export function since({ wall, steady }) {
  return Math.max(Date.now() - wall, performance.now() - steady, 0);
}

// The zone of the page's other times; without one, the reader's.
const timeZone = document.documentElement.dataset.zone || undefined;
const minutes = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone });
const seconds = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone });

/** `14:31:58`; `14:31` without seconds. */
export function timeOfDay(ms, withSeconds = true) {
  return (withSeconds ? seconds : minutes).format(ms);
}
