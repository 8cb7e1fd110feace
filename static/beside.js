// Details beside a list: read once as HTML, then kept right by a scope of their own.
import { draw } from "./timers.js";

const DEBOUNCE_MS = 120;

export class Beside {
  #asked = false;
  #timer = 0;
  open = "";

  /** `address` and `scope` of a key: where its details are read, and by what they are watched. `changed()` is
   *  called whenever another key is open, or none, and when its details are there. */
  constructor(pane, address, scope, changed) {
    Object.assign(this, { pane, address, scope, changed });
  }

  /** The first at once; whoever goes on by arrow keys reads only where they stay. */
  show(key) {
    if (key === this.open) return;
    this.#stop();
    this.open = key;
    this.pane.inert = true; // what still stands in it is the one before: no press may go there
    this.changed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#load(key), this.#asked ? DEBOUNCE_MS : 0);
  }

  /** Returns the key that was open, "" for none. */
  hide() {
    const key = this.open;
    if (!key) return "";
    this.#stop();
    clearTimeout(this.#timer);
    this.pane.hidden = true;
    this.pane.inert = false;
    this.pane.replaceChildren();
    this.changed();
    return key;
  }

  /** Watching starts when the details are there: a snapshot for what is not would be lost. */
  async #load(key) {
    this.#asked = true;
    const content = await this.#read(key);
    if (this.open !== key) return;
    this.#asked = false;
    if (content === null) return this.#giveUp();
    this.pane.innerHTML = content;
    this.pane.hidden = this.pane.inert = false;
    htmx.process(this.pane);
    draw(this.pane);
    this.#tell("watch");
    document.dispatchEvent(new CustomEvent("earshot:patched", { detail: { scope: this.scope(key) } }));
    this.changed();
  }

  /** As HTML; null when it cannot be had: no connection, signed out, gone. */
  async #read(key) {
    try {
      const answer = await fetch(this.address(key));
      return answer.ok && !answer.redirected ? await answer.text() : null;
    } catch {
      return null;
    }
  }

  #giveUp() {
    this.#asked = false;
    this.hide();
    const detail = { title: "The details cannot be read.", text: "Open them again when the page is live." };
    document.dispatchEvent(new CustomEvent("earshot:refused", { detail }));
  }

  #stop() {
    if (this.open) this.#tell("unwatch");
    this.open = "";
  }

  #tell(what) {
    document.dispatchEvent(new CustomEvent(`earshot:${what}`, { detail: { scope: this.scope(this.open) } }));
  }
}
