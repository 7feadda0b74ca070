// Dark by default; light for those who choose it. The choice stays in this browser.

import { signal } from "@preact/signals";

export const theme = signal<"dark" | "light">("dark");
const KEY = "ovcf-theme";

export function startTheme(): void {
  theme.value = localStorage.getItem(KEY) === "light" ? "light" : "dark";
  document.documentElement.dataset.theme = theme.value;
}

export function turnTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem(KEY, theme.value);
}
