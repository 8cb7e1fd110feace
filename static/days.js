// Words that depend on the day: `Today`, `Yesterday`, `18 Nov`, the year only if it is another. The server's
// fragments know no day, because they are the same tomorrow.
//
//   <span data-day="2026-11-23T12:00:00Z">   data-lower: today   data-plain: always the date
//   data-quiet: nothing for today
import { serverNow } from "./clock.js";

const DAY_MS = 86_400_000;
const timeZone = document.documentElement.dataset.zone || undefined;
const dayOf = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
const thisYear = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short", year: "numeric" });

export function drawDays() {
  for (const mark of document.querySelectorAll("[data-day]")) write(mark, dayWords(mark));
}

export function dayWords(mark) {
  const [at, now] = [new Date(mark.dataset.day), new Date(serverNow())];
  const [day, today] = [dayOf.format(at), dayOf.format(now)];
  const plain = "plain" in mark.dataset;
  if (day === today && "quiet" in mark.dataset) return "";
  if (day === today && !plain) return "lower" in mark.dataset ? "today" : "Today";
  if (day === dayOf.format(new Date(now - DAY_MS)) && !plain) return "lower" in mark.dataset ? "yesterday" : "Yesterday";
  return (day.slice(0, 4) === today.slice(0, 4) ? thisYear : otherYear).format(at);
}

export function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
