// The keyboard. Single keys act only while the table, the pane or the details have focus, and can be turned
// off. A key pressed twice within 2 s is one command. End and Remove have no key.
import { clearSearch, isSearching, searchBox } from "./callers.js";
import { clearFilters, showTab } from "./floor.js";
import { choose, closePane, openKey, openPane, paneIsOpen, rowOf, selectedKey, step } from "./pane.js";
import { passing } from "./rows.js";

const TWICE_MS = 2000;
const GO_MS = 1500;
const OFF = "earshot-keys-off";
const last = { key: "", at: 0 };
let goAt = 0;
let person = "";

const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const inside = (element) => element.closest(".conferences, .table-frame, .pane, .details, .hands, .my-page main");
const on = () => localStorage.getItem(OFF) === null;

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const { target, key } = event;
  if (key === "Escape") return escape(event);
  if (typing(target) || target.closest(".pop")) return;
  if (onRows(event) || (on() && single(event))) event.preventDefault();
}

function onRows({ target, key }) {
  const table = target.closest(".conferences, .table-frame");
  if (table && (key === "ArrowDown" || key === "ArrowUp")) return move(key === "ArrowDown" ? 1 : -1);
  if (key === "Enter" && target.matches(".conferences tbody tr")) return enter(target);
  const line = target.closest("[data-person]");
  if (line && (key === "ArrowDown" || key === "ArrowUp")) return movePerson(line, key === "ArrowDown" ? 1 : -1);
  return false;
}

function move(by) {
  step(passing(), by);
  return true;
}

function enter(row) {
  if (row.dataset.key !== selectedKey()) choose(row);
  else if (!openKey() && !matchMedia("(max-width: 719px)").matches) openPane(row.dataset.key);
  else location.assign(row.dataset.base ?? `/conferences/${encodeURIComponent(row.dataset.key)}/`);
  return true;
}

function movePerson(line, by) {
  const lines = [...line.parentElement.querySelectorAll("[data-person]")];
  lines[lines.indexOf(line) + by]?.focus();
  return true;
}

function single({ target, key }) {
  const letter = key.toLowerCase();
  if (key === "?") return showKeys();
  if (key === "/") return search();
  if (Date.now() - goAt < GO_MS && go(letter)) return true;
  goAt = letter === "g" ? Date.now() : 0;
  if (!inside(target) && target !== document.body) return false;
  if (letter === "j" || letter === "k") return document.querySelector(".conferences") ? move(letter === "j" ? 1 : -1) : goBeside(letter);
  if (/^[1-5]$/.test(key)) return showTab(Number(key) - 1) ?? true;
  if ("rmhlwbxac".includes(letter) && letter.length === 1) return command(letter);
  return false;
}

/** On the page of a queue: to the one before or after it. */
function goBeside(letter) {
  const link = document.querySelector(`[data-beside="${letter}"]`);
  link?.click();
  return link !== null;
}

function go(letter) {
  const link = document.querySelector({ f: "#nav a[href^='/floor']", c: "#nav a[href^='/my-calls']", q: "#nav a[href^='/queues']" }[letter] ?? "#none");
  if (!link) return false;
  goAt = 0;
  location.assign(link.href);
  return true;
}

function search() {
  const box = document.querySelector("[data-search-box]") ?? searchBox();
  if (!box) return false;
  document.querySelector(".tools")?.setAttribute("data-open", "");
  box.focus();
  box.select();
  return true;
}

function command(letter) {
  const doubled = last.key === letter && Date.now() - last.at < TWICE_MS;
  const place = myPlace() ?? { r: recordPlace, m: personPlace, h: personPlace, x: ownPlace, c: handPlace }[letter]?.() ?? earPlace(letter);
  const button = place?.querySelector(`[data-shortcut="${letter.toUpperCase()}"]`);
  if (!button) return false;
  if (doubled) return true;
  Object.assign(last, { key: letter, at: Date.now() });
  button.click();
  return true;
}

/** An agent's own page has one call before them, the newest first. */
function myPlace() {
  return document.querySelector(".my-page main");
}

function recordPlace() {
  return document.querySelector(".conference .details") ?? rowOf(selectedKey()) ?? document.activeElement.closest("tr");
}

function ownPlace() {
  return document.getElementById("own-phone");
}

/** Of what is open; not of details that still show the one before. */
function current(places) {
  return [...document.querySelectorAll(places)].filter((place) => !place.closest("[inert]"));
}

/** The raised hand that has focus, else the one of the open details, else the selected agent's. */
function handPlace() {
  const here = document.activeElement;
  const hand = here.closest("tr")?.dataset.hand;
  return here.closest(".hand-row") ?? current(".pane .hand-band")[0] ?? (hand && document.getElementById(`hand-${hand}`));
}

/** Supervise of what is open, else the selected row. */
function earPlace(letter) {
  if (!"lwb".includes(letter)) return null;
  const hand = document.activeElement.closest(".hand-row");
  return hand ?? current(".supervise .three")[0] ?? rowOf(selectedKey()) ?? document.activeElement.closest("tr");
}

/** The person who has focus, or had it last. */
function personPlace() {
  const people = current("[data-person]");
  return people.find((line) => line.contains(document.activeElement)) ?? people.find((line) => line.dataset.person === person);
}

function escape(event) {
  const { target } = event;
  if (document.querySelector(".pop:popover-open")) return;
  if (target.matches("[data-search-box]")) return target.value ? clearFilters() : target.blur();
  if (isSearching()) return clearSearch();
  if (target === searchBox()) return target.blur();
  if (!document.querySelector("[data-empty=match]")?.hidden && document.querySelector("[data-empty=match]")) return clearFilters();
  if (paneIsOpen()) closePane();
}

function showKeys() {
  document.getElementById("all-keys").showModal();
  return true;
}

function showSwitch() {
  for (const button of document.querySelectorAll("[data-single-keys]")) {
    button.setAttribute("aria-pressed", String(on()));
    button.textContent = on() ? "On" : "Off";
  }
}

function onClick({ target }) {
  if (target.closest("[data-all-keys]")) showKeys();
  if (!target.closest("[data-single-keys]")) return;
  if (on()) localStorage.setItem(OFF, "1");
  else localStorage.removeItem(OFF);
  showSwitch();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("focusin", ({ target }) => {
  const line = target.closest("[data-person]");
  if (line) person = line.dataset.person;
});
showSwitch();
