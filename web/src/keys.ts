// Keys that work anywhere on the page. The help sheet shows the same table that is obeyed.

import { drawNow } from "./common/drawNow";
import { AROUND } from "./draw/body";
import { within } from "./draw/within";
import { t } from "./language/language";
import { areaKey, beginArea } from "./marrow/area";
import { focusRegion } from "./marrow/Regions";
import { heldRegion, letGoRegion } from "./marrow/regions";
import { painting, toSlider, turnPainting } from "./marrow/state";
import { pinNext } from "./model/light";
import { setOf } from "./model/names";
import {
  aside,
  change,
  counterpartOn,
  held,
  letGo,
  offline,
  saved,
  selected,
  shown,
  signed,
  vertebra,
  waiting,
} from "./model/store";
import type { Point } from "./model/types";
import { noneOfThese } from "./panel/AskFirst";
import { walk } from "./panel/judge/walk";
import { tab } from "./panel/tab";
import { beginCorrecting } from "./tools/correct/correct";
import { correctKey } from "./tools/correct/correctKeys";
import { beginMerging, beginOutline, beginSplitting, merge, split, throughPoints } from "./tools/reshape";
import { beginAdding, beginPlacing, naming, placeBack, placeRest, put, tool } from "./tools/tool";
import { sliceHere, type Verb, verbsOf } from "./tools/verbs";
import { active, cameras, centreOnSelected, hidden, magnifying, menu, scroll } from "./views/looks";
import { activeSeries, grey, pan, reset, turnSolo, zoomActive } from "./views/moves";
import { arrow } from "./views/pointer/gesture";
import { stepBeside, stepVisit, turnPrior } from "./visits/deck";

export const helpOpen = { open: () => {} };

interface Key {
  key: string;
  words: string;
  act: () => void;
}

const onSelected = (act: (id: string) => void) => () => {
  if (selected.value) act(selected.value.vertebra);
};

/** One verb of the selected vertebra. */
const verb = (is: (one: Verb) => boolean) =>
  onSelected((id) => {
    if (!signed.value) verbsOf(id).find(is)?.act();
  });

/** Keys without Ctrl, as `event.key` names them in lower case. */
export const TABLE: readonly Key[] = [
  { key: "n", words: t("name the selected vertebra"), act: onSelected(openPicker) },
  { key: "g", words: t("take the whole vertebra, then arrows"), act: () => focusHandle("whole") },
  { key: "p", words: t("place its six points"), act: onSelected(beginPlacing) },
  {
    key: "e",
    words: t("take its superior endplate; again: the inferior one"),
    act: takeEndplate,
  },
  { key: "c", words: t("correct its outline by brush, or at its edge"), act: onSelected(beginCorrecting) },
  { key: "o", words: t("draw its outline"), act: onSelected(beginOutline) },
  { key: "x", words: t("split it in two"), act: onSelected(beginSplitting) },
  { key: "m", words: t("merge it with a neighbour"), act: onSelected(beginMerging) },
  { key: "a", words: t("add a vertebra"), act: addHere },
  { key: "i", words: t("assess the selected vertebra"), act: verb((one) => one.key === "I") },
  {
    key: "delete",
    words: t("leave it out; with Shift: it is none, those below move up"),
    act: verb((one) => one.key === "Delete"),
  },
  {
    key: "t",
    words: t("paint edema and T2 low and high, or not; then the slider moves the threshold"),
    act: paint,
  },
  {
    key: "q",
    words: t("take a region of bone quality, CSF or L1 on CT, then arrows; + and − its size"),
    act: focusRegion,
  },
  { key: "l", words: t("leave an area out of the marrow"), act: leaveOutHere },
  { key: "s", words: t("light up the lines of the next number, or none"), act: pinNext },
  {
    key: "j",
    words: t("next finding to confirm; Enter takes it, O other, U unknown, 0 none"),
    act: () => walk(1),
  },
  { key: "k", words: t("previous finding to confirm"), act: () => walk(-1) },
  { key: "0", words: t("of what is asked first: none of these"), act: noneOfThese },
  { key: "u", words: t("go to the next urgent statement that nobody has seen"), act: toUrgent },
  { key: "z", words: t("magnifier on or off"), act: () => (magnifying.value = !magnifying.value) },
  { key: "v", words: t("one view large, or all"), act: turnSolo },
  { key: "r", words: t("put all views back"), act: reset },
  {
    key: "h",
    words: t("reading or history"),
    act: () => (tab.value = tab.value === "history" ? "reading" : "history"),
  },
  { key: "b", words: t("visit before beside this one, or away"), act: turnPrior },
  { key: "[", words: t("open the visit before"), act: () => stepVisit(-1) },
  { key: "]", words: t("open the visit after"), act: () => stepVisit(1) },
  { key: "{", words: t("beside: earlier visit"), act: () => stepBeside(-1) },
  { key: "}", words: t("beside: later visit"), act: () => stepBeside(1) },
  { key: ",", words: t("darker"), act: () => grey([0, 12]) },
  { key: ".", words: t("brighter"), act: () => grey([0, -12]) },
  { key: "<", words: t("more contrast"), act: () => grey([-12, 0]) },
  { key: ">", words: t("less contrast"), act: () => grey([12, 0]) },
  { key: "?", words: t("this list"), act: () => helpOpen.open() },
];

export function listen(): void {
  addEventListener("keydown", down);
  addEventListener("keyup", (event) => {
    if (event.key === " ") show();
  });
  addEventListener("blur", show);
}

let focused = ""; // the handle that is to have the focus again once drawings are shown

function hide(): void {
  focused = document.activeElement?.getAttribute("data-handle") ?? "";
  hidden.value = true;
}

function show(): void {
  if (!hidden.value) return;
  hidden.value = false;
  if (focused) focusHandle(focused);
}

function down(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  const sliding = target.matches("input[type=range]");
  const typing = !sliding && target.matches("input:not([type=checkbox]), select, textarea");
  const key = event.key.toLowerCase();
  if (document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !typing) {
    withControl(event, key);
    return;
  }
  if (key === "escape") {
    giveUp();
    return;
  }
  if (typing || event.altKey || (sliding && /^(arrow|page|home|end)/.test(key))) return;
  if (tool.value?.kind === "area" && areaKey(key, event.shiftKey)) {
    event.preventDefault();
    return;
  }
  if (tool.value && (correctKey(event) || toolKey(key, target))) event.preventDefault();
  else if (key === " " && !target.matches("button, summary, input, [role=tab]")) {
    event.preventDefault();
    if (!hidden.value) hide();
  } else if (key === "pageup" || key === "pagedown") {
    const series = activeSeries();
    if (series) event.preventDefault();
    if (series) scroll(series, key === "pageup" ? -1 : 1);
  } else if (key === "+" || key === "=" || key === "-") zoomActive(key === "-" ? 0.8 : 1.25);
  else if (onItsWay && arrowOfSelected(event)) return;
  else if (event.shiftKey && key.startsWith("arrow") && !target.matches("[data-handle], [data-grip], input"))
    pan(ARROWS[key] ?? [0, 0]);
  else if ((key === "arrowup" || key === "arrowdown") && target.matches("body")) {
    event.preventDefault();
    stepLevel(key === "arrowup" ? -1 : 1);
  } else if (/^[1-6]$/.test(key)) takePoint(Number(key) - 1);
  else if (key === "delete" && event.shiftKey) verb((one) => one.key === "Shift Delete")();
  else if (key === "enter" && target.matches("[data-handle], body")) verb((one) => one.key === "Enter")();
  else if (key === "contextmenu" || (key === "f10" && event.shiftKey)) {
    event.preventDefault();
    openMenu();
  } else {
    const found = TABLE.find((one) => one.key === key);
    if (found) event.preventDefault();
    found?.act();
  }
}

function withControl(event: KeyboardEvent, key: string): void {
  if (key === "enter") {
    const reading = shown.value?.reading;
    const chosen = aside.value.every((one) => !one.stale);
    const free = waiting.value.length === 0 && !offline.value && chosen && reading?.open.length === 0;
    if (reading?.status !== "draft") return;
    if (!free) {
      document.querySelector<HTMLElement>(".foot .answers button")?.focus();
      return;
    }
    put();
    change({ to: "confirm" });
    return;
  }
  const redo = key === "y" || (key === "z" && event.shiftKey);
  if (!redo && key !== "z") return;
  event.preventDefault();
  if (tool.value?.kind === "place" && tool.value.placed.length && !redo) placeBack();
  else if (redo ? saved.value?.reading.redo : saved.value?.reading.undo)
    change({ to: redo ? "redo" : "undo" });
}

function giveUp(): void {
  if (heldRegion.value) letGoRegion();
  else if (held.value) letGo(null);
  else if (menu.value) menu.value = null;
  else if (tool.value || naming.value) put();
}

/** Keys of the tool in hand; true where it takes the key. */
function toolKey(key: string, target: HTMLElement): boolean {
  const t = tool.value;
  if (key === "enter" && !target.matches("button")) {
    if (t?.kind === "place") placeRest();
    else if (t?.kind === "split") split();
    else if (t?.kind === "merge") merge();
    else if (t?.kind === "outline") throughPoints();
    return true;
  }
  if (key === "backspace") placeBack();
  const by = key === "arrowdown" ? 1 : key === "arrowup" ? -1 : 0;
  if (t?.kind === "split" && by) tool.value = { ...t, at: Math.min(0.85, Math.max(0.15, t.at + 0.03 * by)) };
  if (t?.kind === "place" && key.startsWith("arrow") && t.placed.length === 0) {
    const [x, y] = ARROWS[key] as Point;
    tool.value = { ...t, pointer: null, shape: t.shape.map((p): Point => [p[0] + x, p[1] + y]) };
    return true;
  }
  return key === "backspace" || (t?.kind === "split" && by !== 0);
}

const ARROWS: Record<string, Point> = {
  arrowleft: [-1, 0],
  arrowright: [1, 0],
  arrowup: [0, -1],
  arrowdown: [0, 1],
};

/** Where on the screen a vertebra lies, in the view that is looked at or else the first that shows it. */
function placeOf(id: string): { series: string; at: Point } | null {
  const set = setOf(id)?.id;
  const views = [...document.querySelectorAll<HTMLElement>(`.stage[data-set="${set}"]`)];
  const view = views.find((v) => v.dataset.series === active.value) ?? views[0];
  if (!view) return null;
  const handle = view.querySelector("[data-handle]")?.getBoundingClientRect();
  const at: Point = handle ? within(view, handle.left, handle.top) : [40, 40];
  return { series: view.dataset.series ?? "", at };
}

/** An area of the selected body on the slice that is looked at. */
function leaveOutHere(): void {
  const id = selected.value?.vertebra;
  for (const set of id && !signed.value ? (shown.value?.sets ?? []) : []) {
    const here = sliceHere(set.id);
    const body = id && (set.vertebrae.includes(id) ? id : counterpartOn(set.id, id));
    if (here && body) {
      beginArea(body, { series: here.series.uid, slice: here.slice });
      return;
    }
  }
}

function paint(): void {
  turnPainting();
  toSlider.now = painting.value;
}

function openPicker(selectedOne: string): void {
  const id = askedFor(selectedOne);
  const place = placeOf(id);
  if (!place || signed.value) return;
  if (id !== selectedOne) selected.value = { vertebra: id, point: null };
  naming.value = { vertebra: id, ...place };
}

/** While levels are asked for on another image: the body there that is taken for the same one, else the middle one. */
function askedFor(id: string): string {
  const all = shown.value?.questions ?? [];
  if (all.length === 0 || all.some((q) => q.names[id])) return id;
  const bodies = Object.keys(all[0]?.names ?? {});
  const level = vertebra(id)?.level;
  return bodies.find((one) => vertebra(one)?.level === level) ?? bodies[bodies.length >> 1] ?? id;
}

function openMenu(): void {
  const id = selected.value?.vertebra;
  const place = id ? placeOf(id) : null;
  const set = id ? setOf(id)?.id : undefined;
  if (id && place && set) menu.value = { ...place, set, vertebra: id, frame: [0, 0] };
}

function addHere(): void {
  const shownSet = activeSeries()?.set;
  const set = shown.value?.sets.find((s) => s.id === shownSet);
  if (set) beginAdding(set, null);
}

/** 1 to 6: the points once around the body, beginning above and in front. */
function takePoint(place: number): void {
  const now = selected.value;
  const point = AROUND[place];
  if (!now || point === undefined || !vertebra(now.vertebra)?.points[point]) return;
  selected.value = { vertebra: now.vertebra, point };
  focusHandle(saved.value?.point_names[point] ?? "");
}

function toUrgent(): void {
  document.querySelector<HTMLElement>(".urgent button:enabled")?.focus();
}

/** The vertebra above or below the selected one, in its own image. */
function stepLevel(by: number): void {
  const now = selected.value?.vertebra;
  const all = (now && setOf(now)?.vertebrae) || [];
  const next = now && all[all.indexOf(now) + by];
  if (!next) return;
  selected.value = { vertebra: next, point: null };
  centreOnSelected();
}

/** The superior endplate as a line, and the inferior one the next time. */
function takeEndplate(): void {
  const now = selected.value;
  if (!now || (vertebra(now.vertebra)?.points.length ?? 0) < 4) return;
  const line = now.line === "superior" ? "inferior" : "superior";
  drawNow(() => {
    selected.value = { ...now, point: null, line };
  });
  focusHandle(`${line} endplate`);
}

function arrowOfSelected(event: KeyboardEvent): boolean {
  const set = setOf(selected.value?.vertebra ?? "");
  return set !== undefined && arrow(event, set.calibrated, cameras.value[set.id]?.scale ?? 1);
}

let onItsWay = false; // the focus goes to a handle once it is drawn; arrows pressed before that are its own

function focusHandle(name: string): void {
  if (focusDrawn(name)) return;
  onItsWay = true;
  requestAnimationFrame(() => {
    onItsWay = false;
    focusDrawn(name);
  });
}

function focusDrawn(name: string): boolean {
  const all = [...document.querySelectorAll<HTMLElement>(`[data-handle="${name}"]`)];
  const own = setOf(selected.value?.vertebra ?? "")?.id;
  const best = all.find((h) => h.closest<HTMLElement>(".stage")?.dataset.set === own) ?? all[0];
  best?.focus();
  return best !== undefined;
}
