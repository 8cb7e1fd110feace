// The floor has one More menu. It takes its addresses and its words from the row that opened it, and follows
// that row while it is open, so that no row has to carry a menu of its own.
import { find } from "./rows.js";

const menu = document.getElementById("row-menu");
let key = "";

function rowOfMenu() {
  return find(`c-${key}`);
}

function fit() {
  const row = rowOfMenu();
  if (!row) return menu.hidePopover();
  const { name, people, recording } = row.dataset;
  for (const button of menu.querySelectorAll("[data-verb]")) fitButton(button, row);
  for (const part of menu.querySelectorAll("[data-recorded-only]")) part.hidden = recording === "off" || recording === "unknown";
  menu.querySelector("[data-row-open]").href = base(row);
  const ask = menu.querySelector("details.ask");
  if (ask) {
    ask.dataset.count = people;
    ask.querySelector("summary").lastChild.textContent = "bridged" in row.dataset ? "End call" : "End conference";
    ask.querySelector(".ask-title").textContent = `End ${name} for ${everybody(Number(people))}?`;
  }
  htmx.process(menu);
}

function fitButton(button, { dataset }) {
  const { verb, family, seen, if: wanted, unless } = button.dataset;
  const offered = !dataset.verbs || dataset.verbs.split(" ").includes(verb);
  button.hidden = !offered || (wanted && !(wanted in dataset)) || Boolean(unless && unless in dataset);
  button.setAttribute("hx-post", `${base({ dataset })}${verb}`);
  button.setAttribute("hx-vals", JSON.stringify({ seen: seen ? dataset[seen] : "" }));
  const sent = dataset.pending.split(" ").includes(family);
  button.setAttribute("aria-disabled", String(sent));
  button.title = sent ? "Sent, waiting for Telnyx" : "";
}

/** A row that is no conference says what it has and where. */
function base({ dataset }) {
  return dataset.base ?? `/conferences/${encodeURIComponent(key)}/`;
}

function everybody(people) {
  if (people === 1) return "the one person";
  return people === 2 ? "both people" : `all ${people} people`;
}

if (menu) {
  document.addEventListener("click", ({ target }) => {
    const row = target.closest("[popovertarget=row-menu]")?.closest("tr");
    if (!row) return;
    key = row.dataset.key;
    for (const ask of menu.querySelectorAll("details.ask")) ask.open = false;
    fit();
  }, true);
  document.addEventListener("earshot:patched", () => menu.matches(":popover-open") && fit());
}
