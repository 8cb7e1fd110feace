// Put into the page before its own scripts: what was painted when, and how long showing a message took.
globalThis.pixels = (() => {
  const painted = {};
  let waiting = new Set();
  let lastChange = null; // nothing has come yet
  let spent = 0;
  let rows = 0;

  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-version"] });
  });

  function note(changes) {
    const before = waiting.size;
    for (const { target, addedNodes } of changes) {
      for (const node of [target, ...addedNodes]) if (node.id?.startsWith("c-") && node.localName === "tr") waiting.add(node.id);
    }
    if (!waiting.size || before) return;
    // After the frame: its own callback runs before painting, a message's after it.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = paint;
      port2.postMessage(0);
    });
  }

  function paint() {
    const now = performance.timeOrigin + performance.now();
    for (const id of waiting) (painted[id] ??= []).push(now);
    waiting = new Set();
  }

  // What the page does with a message of its socket is timed, from its text on.
  const { get, set } = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
  Object.defineProperty(WebSocket.prototype, "onmessage", {
    get,
    set(act) {
      set.call(this, timed(act));
    },
  });

  function timed(act) {
    return function (event) {
      const started = performance.now();
      act.call(this, event);
      if (!event.data.startsWith('{"type":"fragments"')) return;
      lastChange = performance.now();
      spent += lastChange - started;
      rows += event.data.split('"id": "c-').length - 1;
    };
  }

  /** The ids of the rows that are seen. */
  function shown() {
    const every = [...document.querySelectorAll("tr[id^=c-]")];
    const { top, bottom } = scroller(every[0]).getBoundingClientRect();
    return every.filter((row) => row.getBoundingClientRect().bottom > top && row.getBoundingClientRect().top < bottom).map(({ id }) => id);
  }

  /** Scrolls the list to and fro for some seconds; frames a second. */
  async function scroll(seconds) {
    const list = scroller(document.querySelector("tr[id^=c-]"));
    const started = performance.now();
    let frames = 0;
    while (performance.now() - started < seconds * 1000) {
      await new Promise(requestAnimationFrame);
      frames += 1;
      const most = list.scrollHeight - list.clientHeight;
      list.scrollTop = Math.abs((((frames * 80) / most) % 2) - 1) * most;
    }
    return frames / seconds;
  }

  function scroller(element) {
    while (element && !(element.scrollHeight > element.clientHeight + 50 && /auto|scroll/.test(getComputedStyle(element).overflowY))) {
      element = element.parentElement;
    }
    return element ?? document.scrollingElement;
  }

  return {
    painted: () => painted,
    quiet: (ms) => !waiting.size && lastChange !== null && performance.now() - lastChange > ms,
    forget: () => { [spent, rows, lastChange] = [0, 0, null]; },
    spent: () => [spent, rows],
    shown,
    scroll,
  };
})();
