// The live page: joins the socket, the fragments, the timers and the words about the connection.
//
// Fires on document: earshot:tick {now, live, state, heard, tries} each second, earshot:patched {scope} after each
// message that was shown, earshot:connection with the same as a tick when the state changes, earshot:refused
// {title, text} for a press that was not sent. `heard` is when the page was last right, `tries` how often it tried
// to connect since. Listens to earshot:watch {scope} and earshot:unwatch {scope}.
import { learn, serverNow, timeOfDay } from "./clock.js";
import { Connection } from "./connection.js";
import { agrees, begin, forget, takeFragments, takeSnapshot } from "./fragments.js";
import { draw } from "./timers.js";

const scopes = (document.body.dataset.liveScopes ?? "").split(" ").filter(Boolean);
const STALE = new Set(["stale", "signed-out", "rights"]);
const REASONS = {
  stale: "Not connected: what you see is old.",
  "signed-out": "You are signed out.",
  rights: "Your rights changed.",
};
let connection = null;
let shownState = "connecting";
let shownWords = "";
let lastLive = 0;

function start() {
  learn(Date.parse(document.body.dataset.now));
  lastLive = serverNow();
  begin(scopes);
  draw();
  tick();
  if (!scopes.length) return;
  const address = new URL(document.body.dataset.liveAddress ?? "/ws/live", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const longestPause = Number(document.body.dataset.longestPause) || undefined;
  connection = new Connection(address.href, obey, showConnection, longestPause);
  for (const scope of scopes) connection.watch(scope);
  listen();
}

function listen() {
  document.addEventListener("earshot:watch", ({ detail }) => connection.watch(detail.scope));
  document.addEventListener("earshot:unwatch", ({ detail }) => {
    forget(detail.scope);
    connection.unwatch(detail.scope);
  });
  document.addEventListener("visibilitychange", () => document.hidden || connection.hurry());
  addEventListener("online", () => connection.again());
  document.addEventListener("earshot:placed", barCommands);
  document.addEventListener("htmx:beforeRequest", refuseWhenOld);
}

const OBEY = {
  snapshot: ({ scope, fragments, now }) => {
    learn(now);
    patch(scope, () => takeSnapshot(scope, fragments));
    connection.hearOf(scope);
  },
  fragments: ({ scope, fragments }) => patch(scope, () => takeFragments(scope, fragments)),
  beat: ({ now, scopes: sums }) => {
    learn(now);
    for (const [scope, sum] of Object.entries(sums)) {
      connection.hearOf(scope);
      if (sum && !agrees(scope, sum)) connection.say({ watch: [scope] });
    }
  },
};

function obey(message) {
  OBEY[message.type]?.(message);
  showConnection();
}

/** Nothing of a scope is shown that the page has stopped watching meanwhile. */
function patch(scope, show) {
  if (!connection.heard.has(scope)) return;
  show();
  draw();
  barCommands();
  fire("patched", { scope });
}

function tick() {
  connection?.check();
  showConnection();
  if (!STALE.has(shownState)) draw();
  fire("tick", told());
  setTimeout(tick, 1000 - (serverNow() % 1000));
}

function told() {
  const tries = connection?.tries ?? 0;
  return { now: serverNow(), live: !STALE.has(shownState), state: shownState, heard: lastLive, tries };
}

function showConnection() {
  const hearing = webhooks();
  if (!connection) return;
  const { state } = connection;
  if (state === "live") lastLive = serverNow() - connection.age();
  if (state !== shownState) {
    shownState = state;
    document.documentElement.dataset.connection = state === "rights" ? "stale" : state;
    barCommands();
    fire("connection", told());
  }
  showWords(state, hearing);
}

/** A live page knows less than usual while webhooks are missing: the server says since when, and when it is over. */
function webhooks() {
  const said = document.getElementById("webhooks-status")?.dataset ?? {};
  document.documentElement.toggleAttribute("data-webhooks-silent", Boolean(said.silentSince));
  return said;
}

function showWords(state, { silentSince, readEvery }) {
  const silent = state === "live" && silentSince;
  const words = silent ? `silent since ${silentSince}` : state;
  for (const cell of document.querySelectorAll("[data-connection-words]")) {
    if (words !== shownWords) rebuild(cell, state, silent);
    cell.querySelector(".detail").textContent = silent ? `reading every ${readEvery} s` : detailOf(state);
  }
  if (words !== shownWords) draw();
  shownWords = words;
}

function wordsOf(state) {
  return {
    connecting: "Connecting",
    live: "Live",
    reconnecting: "Reconnecting",
    stale: `Stale since ${timeOfDay(lastLive)}`,
    "signed-out": `Signed out at ${timeOfDay(serverNow(), false)}`,
    rights: "Your rights changed",
  }[state];
}

function detailOf(state) {
  if (state === "live") return `${(connection.age() / 1000).toFixed(1)} s ago`;
  if (state !== "reconnecting") return "";
  const wait = connection.nextTryIn();
  return `try ${connection.tries}${wait ? `, in ${wait} s` : ""}`;
}

/** The state is said to readers once; what ticks is not. */
function rebuild(cell, state, silentSince) {
  const [words, detail] = [document.createElement("span"), ticking("detail")];
  words.className = "state";
  words.textContent = silentSince ? "No webhooks for " : wordsOf(state);
  if (silentSince) {
    const passed = ticking("t");
    passed.dataset.since = silentSince;
    words.append(passed);
  }
  cell.replaceChildren(words, " ", detail, ...wayOut(state));
}

function ticking(name) {
  const made = document.createElement("span");
  made.className = name;
  made.setAttribute("aria-hidden", "true");
  return made;
}

function wayOut(state) {
  const here = location.pathname + location.search;
  const links = {
    "signed-out": ["Sign in", `/accounts/login/?next=${encodeURIComponent(here)}`],
    rights: ["Reload", here],
  };
  if (!links[state]) return [];
  const link = document.createElement("a");
  [link.textContent, link.href] = links[state];
  return [link];
}

/** Commands on what may be old are off, with the reason; they come back as they were. */
function barCommands() {
  const reason = REASONS[shownState];
  for (const button of document.querySelectorAll("button[data-barred]")) if (!reason) unbar(button);
  if (!reason) return;
  for (const button of document.querySelectorAll("button[data-command]:not([disabled])")) {
    button.dataset.barred = button.title;
    button.title = reason;
    button.disabled = true;
  }
}

function unbar(button) {
  button.title = button.dataset.barred;
  button.disabled = false;
  delete button.dataset.barred;
}

/** A press made without a connection must not be sent later, nor on facts that are old. */
function refuseWhenOld(event) {
  const offline = !navigator.onLine && shownState !== "live";
  if (!offline && !STALE.has(shownState)) return;
  event.preventDefault();
  fire("refused", { title: "Not sent: no connection.", text: REASONS[shownState] ?? "" });
}

function fire(name, detail) {
  document.dispatchEvent(new CustomEvent(`earshot:${name}`, { detail }));
}

start();
