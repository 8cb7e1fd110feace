// Put into a page that is watched: tells of each text that fits for the first time, after the frame that shows it.
(() => {
  const mark = new RegExp(globalThis.watchedFor, "g");
  const seen = new Set();

  function look() {
    for (const [found] of document.documentElement.outerHTML.matchAll(mark)) {
      if (seen.has(found)) continue;
      seen.add(found);
      globalThis.seenByTheBench(performance.timeOrigin + performance.now(), found);
    }
  }

  let due = false;
  new MutationObserver(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      setTimeout(look);
    });
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})();
