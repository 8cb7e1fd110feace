// A wallboard loads itself again when another release serves it, and when it is a day old: while it is live only,
// for a page that cannot be loaded would be the end of it, and never in a loop. It also does so when the rights of
// whoever looks have changed, if they may look still.
import { moment, since } from "./clock.js";

const KEY = "earshot-loaded-for";
// Two processes of different releases behind one address would send a page to and fro.
const AGAIN_AFTER_MS = 10 * 60_000;
// All screens of a house notice a new release at the same moment.
const SPREAD_MS = 4000;
const loaded = moment();
const { assets: release, oldest } = document.body.dataset;
let due = null;
let asked = false;

/** Called each second. */
export function reloadWhenDue({ state }) {
  if (state === "rights" && !asked && !triedLately(state)) reload(state);
  asked = state === "rights";
  if (state !== "live") return;
  const served = document.getElementById("wallboard-assets")?.dataset.assets;
  const other = served && served !== release && !triedLately(served);
  const old = Number(oldest) > 0 && since(loaded) > Number(oldest) * 1000;
  if (!other && !old) return;
  due ??= { from: moment(), after: Math.random() * SPREAD_MS };
  if (since(due.from) < due.after) return;
  due = null;
  reload(served);
}

/** Without a memory of it nothing is tried: it might be the same again after each load. */
function triedLately(served) {
  try {
    const [before, at] = (sessionStorage.getItem(KEY) ?? "").split(" ");
    return before === served && Date.now() - Number(at) < AGAIN_AFTER_MS;
  } catch {
    return true;
  }
}

async function reload(reason) {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  sessionStorage.setItem(KEY, `${reason} ${Date.now()}`);
  location.reload();
}
