// The look that somebody chose. Signed in, the server keeps it; on pages without a frame this browser does.
const KEY = "earshot-theme";
const WORDS = { system: "System", light: "Light", dark: "Dark" };
const root = document.documentElement;

export function setTheme(theme) {
  root.dataset.theme = theme;
  localStorage.setItem(KEY, theme);
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  }
  for (const word of document.querySelectorAll("[data-theme-word]")) word.textContent = WORDS[theme];
}

function cycle() {
  const themes = Object.keys(WORDS);
  setTheme(themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length]);
}

const button = document.querySelector("[data-cycle-theme]");
if (button) {
  setTheme(localStorage.getItem(KEY) in WORDS ? localStorage.getItem(KEY) : root.dataset.theme);
  button.addEventListener("click", cycle);
}
