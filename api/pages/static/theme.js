"use strict";
// Light or dark, as chosen in this browser or as the system has it: told before anything is painted, so that nothing flickers.

const THEME = "perfkg-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function chosenTheme() {
  try { return localStorage.getItem(THEME) ?? "auto"; } catch { return "auto"; }
}

function applyTheme() {
  const chosen = chosenTheme();
  const theme = chosen === "light" || chosen === "dark" ? chosen : system.matches ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
  document.querySelector("meta[name=color-scheme]").content = theme;
}

applyTheme();
system.addEventListener("change", applyTheme);
addEventListener("storage", (event) => { if (event.key === THEME) applyTheme(); });
addEventListener("DOMContentLoaded", () => {
  const choice = document.querySelector("[data-theme-choice]");
  choice.value = chosenTheme();
  choice.closest("label").hidden = false;
  choice.addEventListener("change", () => {
    try { localStorage.setItem(THEME, choice.value); } catch { /* A browser that keeps nothing follows the system. */ }
    applyTheme();
  });
});
