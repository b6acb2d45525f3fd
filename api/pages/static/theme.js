"use strict";
// The system's choice of light or dark, which the sheets follow by themselves, gives way to one made in this browser: told
// after the sheets and before anything is painted, so that nothing flickers.

const THEME = "perfkg-theme";
const DARK = "(prefers-color-scheme: dark)";
const MEDIA = { auto: `screen and ${DARK}`, light: "not all", dark: "screen" };
const SCHEMES = { auto: "light dark", light: "light", dark: "dark" };
const dark = [...document.styleSheets]
  .flatMap((sheet) => [...sheet.cssRules])
  .filter((rule) => rule.media?.mediaText.includes(DARK));

function chosenTheme() {
  try {
    const chosen = localStorage.getItem(THEME);
    return chosen in MEDIA ? chosen : "auto";
  } catch { return "auto"; }
}

function applyTheme(chosen) {
  for (const rule of dark) rule.media.mediaText = MEDIA[chosen];
  document.querySelector("meta[name=color-scheme]").content = SCHEMES[chosen];
}

applyTheme(chosenTheme());
addEventListener("storage", (event) => { if (event.key === THEME) applyTheme(chosenTheme()); });
addEventListener("DOMContentLoaded", () => {
  const choice = document.querySelector("[data-theme-choice]");
  choice.value = chosenTheme();
  choice.closest("label").hidden = false;
  choice.addEventListener("change", () => {
    try { localStorage.setItem(THEME, choice.value); } catch { /* A browser that keeps nothing follows the system. */ }
    applyTheme(choice.value);
  });
});
