// What is the viewer's own on fragments that everybody shares: which conference they are in, with which role.
// It is told by the own-phone cell, which only they are sent; and Supervise of what is open is watched here.
const watched = new Set();

function own() {
  return document.getElementById("own-phone")?.dataset ?? {};
}

function mark() {
  const { user, state, conference } = own();
  for (const button of document.querySelectorAll("[data-ear] [data-mode]")) {
    const here = button.closest("[data-ear]").dataset.ear === conference;
    const pressed = String(here && button.dataset.mode === state);
    if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    bar(button, state === "unset" ? "Set your phone first." : "");
  }
  for (const group of document.querySelectorAll("tr [data-ear]")) {
    group.closest("tr").toggleAttribute("data-mine", group.dataset.ear === conference);
  }
  for (const said of document.querySelectorAll("[data-own-mark]")) {
    said.hidden = said.dataset.ownMark !== state || said.closest("[data-key]").dataset.key !== conference;
  }
  for (const name of document.querySelectorAll("[data-supervisor]")) {
    const words = name.dataset.supervisor === user ? (name.dataset.you ?? "You") : name.dataset.name;
    if (name.textContent !== words) name.textContent = words;
  }
}

/** Said before the press; the server says the same if it is pressed all the same. */
function bar(button, reason) {
  if (reason) Object.assign(button, { title: reason }).setAttribute("aria-disabled", "true");
  else if (button.title === "Set your phone first.") {
    button.title = "";
    button.removeAttribute("aria-disabled");
  }
}

function watch() {
  const places = [...document.querySelectorAll("[data-own-scope], [data-own-for]")];
  const wanted = new Set(places.map(({ dataset }) => dataset.ownScope ?? `supervise:${own().user}:${dataset.ownFor}`));
  for (const scope of watched) if (!wanted.has(scope)) tell("unwatch", scope, watched.delete(scope));
  for (const scope of wanted) if (!watched.has(scope)) tell("watch", scope, watched.add(scope));
}

function tell(what, scope) {
  document.dispatchEvent(new CustomEvent(`earshot:${what}`, { detail: { scope } }));
}

document.addEventListener("earshot:patched", () => {
  watch();
  mark();
});
document.addEventListener("earshot:placed", mark);
mark();
