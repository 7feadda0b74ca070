// Keys that work anywhere on the page.

import { AROUND } from "./draw/body";
import { change, held, letGo, saved, selected, vertebra } from "./model/store";
import { active, cameras, hidden, scroll, seriesShown, windows } from "./views/looks";

export function listen(): void {
  addEventListener("keydown", down);
  addEventListener("keyup", (event) => {
    if (event.key === " ") hidden.value = false;
  });
  addEventListener("blur", () => (hidden.value = false));
}

function down(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const typing = target.matches("input, select, textarea");
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !typing) {
    const redo = key === "y" || (key === "z" && event.shiftKey);
    if (!redo && key !== "z") return;
    event.preventDefault();
    if (redo ? saved.value?.reading.redo : saved.value?.reading.undo) change({ to: redo ? "redo" : "undo" });
    return;
  }
  if (typing || event.altKey) return;
  if (key === "escape" && held.value) letGo(null);
  if (key === " " && !target.matches("button, summary")) {
    event.preventDefault();
    hidden.value = true;
  } else if (key === "pageup" || key === "pagedown") {
    const series = seriesShown.value.find((s) => s.uid === active.value);
    if (series) event.preventDefault();
    if (series) scroll(series, key === "pageup" ? -1 : 1);
  } else if (key === "+" || key === "=" || key === "-") {
    zoomActive(key === "-" ? 0.8 : 1.25);
  } else if (key === "r") {
    cameras.value = {};
    windows.value = {};
  } else if (/^[1-6]$/.test(key)) {
    takePoint(Number(key) - 1);
  }
}

/** 1 to 6: the points once around the body, beginning above and in front. */
function takePoint(place: number): void {
  const now = selected.value;
  const point = AROUND[place];
  if (!now || point === undefined || !vertebra(now.vertebra)?.points[point]) return;
  selected.value = { ...now, point };
  const name = saved.value?.point_names[point];
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-handle="${name}"]`)?.focus());
}

function zoomActive(factor: number): void {
  const set = seriesShown.value.find((s) => s.uid === active.value)?.set;
  const camera = set && cameras.value[set];
  if (set && camera) cameras.value = { ...cameras.value, [set]: { ...camera, scale: camera.scale * factor } };
}
