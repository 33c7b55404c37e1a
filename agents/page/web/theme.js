// Light and dark: as the system has it, until the reader chooses.
import {fill, h} from "./h.js";
import {recall, remember, t} from "./words.js";

const KEPT = "nrm.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

export const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

/** Told on the document whenever colours change, for what is drawn with them. */
const tell = () => document.dispatchEvent(new Event("theme"));

export function startTheme() {
  const kept = recall(KEPT);
  if (kept === "light" || kept === "dark")
    document.documentElement.dataset.theme = kept;
  system.addEventListener("change", tell);
}

export function themeButton() {
  const button = h("button", {id: "theme", type: "button", onclick: () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    remember(KEPT, next);
    tell();
    name();
  }});
  const name = () => fill(button, t(isDark() ? "theme.light" : "theme.dark"));
  name();
  return button;
}
