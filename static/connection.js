// The socket to the server: opened, watched over, opened again. It queues nothing while it is down.
import { moment, since } from "./clock.js";

const STALE_MS = 10_000;
// Longer than a server lets anybody stand in the line before it: to try again is to stand at its end.
const ATTEMPT_MS = 25_000;
const FIRST_PAUSE_MS = 500;
// So that a page is right within 10 s of the server coming back; the line before it takes the crowd.
const LONGEST_PAUSE_MS = 8_000;
const FINAL = { 4401: "signed-out", 4403: "rights", 4410: "rights" };

/**
 * `state`: connecting (never connected yet), live, reconnecting, stale, signed-out or rights.
 * `onMessage(message)` gets each parsed message, `onChange()` is called when the state may have changed. Between
 * two tries it pauses for `longestPause` milliseconds at most.
 */
export class Connection {
  constructor(address, onMessage, onChange, longestPause = LONGEST_PAUSE_MS) {
    Object.assign(this, { address, onMessage, onChange, longestPause });
    this.heard = new Map(); // scope → when a snapshot or a beat last spoke of it
    this.unanswered = new Map(); // scope → when it was asked for; nothing has come of it on this socket
    this.lastHeard = moment();
    this.tries = 0;
    this.nextTry = null;
    this.ended = null;
    this.ready = false;
    this.open();
  }

  get state() {
    if (this.ended) return this.ended;
    if (this.age() >= STALE_MS) return "stale";
    if (this.ready) return "live";
    return this.tries === 0 ? "connecting" : "reconnecting";
  }

  /** Milliseconds since the scope that was silent longest was last heard of. */
  age() {
    const ages = [...this.heard.values()].map(since);
    return ages.length ? Math.max(...ages) : since(this.lastHeard);
  }

  watch(scope) {
    if (!this.heard.has(scope)) this.heard.set(scope, moment());
    this.ask([scope]);
  }

  ask(scopes) {
    if (this.say({ watch: scopes })) for (const scope of scopes) this.unanswered.set(scope, moment());
  }

  unwatch(scope) {
    this.heard.delete(scope);
    this.unanswered.delete(scope);
    this.say({ unwatch: [scope] });
  }

  hearOf(scope) {
    if (this.heard.has(scope)) this.heard.set(scope, moment());
    this.unanswered.delete(scope);
    this.lastHeard = moment();
    if (this.ready) return;
    clearTimeout(this.timer);
    this.tries = 0;
    this.ready = true;
  }

  /** Called each second. An open socket that says nothing may be dead without knowing it. */
  check() {
    if (this.ready && [...this.heard.keys()].some((scope) => this.isSilent(scope))) this.lost();
  }

  /** A first snapshot may be long in coming where another scope's is there already: to leave would be to ask anew. */
  isSilent(scope) {
    const asked = this.unanswered.get(scope);
    return asked === undefined ? since(this.heard.get(scope)) >= STALE_MS : since(asked) >= ATTEMPT_MS;
  }

  /** Tries at once: the reader is back. */
  hurry() {
    if (!this.ended && !this.socket) this.open();
    else this.check();
  }

  /** The network is back: an attempt that was made on the one before would be waited for in vain. */
  again() {
    if (this.ended || this.ready) return this.check();
    this.socket?.close();
    this.open();
  }

  /** Whether it could be sent. */
  say(request) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(request));
    return true;
  }

  open() {
    clearTimeout(this.timer);
    this.nextTry = null;
    const socket = (this.socket = new WebSocket(this.address));
    this.timer = setTimeout(() => this.lost(), ATTEMPT_MS);
    socket.onopen = () => this.opened(socket);
    socket.onmessage = ({ data }) => this.socket === socket && this.onMessage(JSON.parse(data));
    socket.onclose = ({ code }) => this.socket === socket && this.lost(code);
  }

  opened(socket) {
    if (this.socket !== socket) return;
    if (this.heard.size) this.ask([...this.heard.keys()]);
  }

  lost(code) {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    this.unanswered.clear();
    socket?.close();
    clearTimeout(this.timer);
    if (code in FINAL) this.ended = FINAL[code];
    else this.later();
    this.onChange();
  }

  /** Full jitter: after a restart of the server a thousand pages must not come back together. */
  later() {
    const longest = Math.min(this.longestPause, FIRST_PAUSE_MS * 2 ** this.tries);
    const pause = Math.random() * longest;
    this.tries += 1;
    this.nextTry = { after: pause, from: moment() };
    this.timer = setTimeout(() => this.open(), pause);
  }

  /** Whole seconds until the next try; 0 while one is under way. */
  nextTryIn() {
    return this.nextTry ? Math.max(0, Math.ceil((this.nextTry.after - since(this.nextTry.from)) / 1000)) : 0;
  }
}
