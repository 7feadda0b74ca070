// Everything a pointer does in a view: takes a point or a name, pans, windows, selects, or works the tool in hand; two
// fingers pan and zoom, one finger turns the slices of a stack, a right click or a long press opens the menu.

import type { RefObject } from "preact";
import { useRef } from "preact/hooks";
import { inside, pointAt, ring } from "../../draw/body";
import { ENDPLATE, endplateAt } from "../../draw/endplate";
import { type Camera, distance, panned, type Size, toFrame, toScreen, zoomed } from "../../draw/geometry";
import { dragged } from "../../draw/grey";
import { within } from "../../draw/within";
import { held, letGo, pointed, type Selected, selected, shown, vertebra } from "../../model/store";
import type { LandmarkSet, Point, Series } from "../../model/types";
import { toolAway, toolDown, toolHere, toolHover, toolMove, toolUp } from "../../tools/pen";
import { naming, tool } from "../../tools/tool";
import { cameras, followLevel, hidden, menu, mouse, scroll, windowOf, windows } from "../looks";
import { counterpart } from "./counterpart";
import { endNudge, type Grip, grip, moveBy, release } from "./gesture";
import { lightUnder } from "./lightUnder";

type Doing =
  | { what: "move"; grip: Grip; start: Point; moved: boolean }
  | { what: "pan" | "stack" | "window"; last: Point; moved: boolean; start: Point }
  | { what: "tool" }
  | { what: "pinch" }
  | null;

const TARGET = 26;
const TOUCH_TARGET = 44;
const ON_LINE = 7; // screen pixels beside an endplate that still take it
const ON_LINE_TOUCH = 14;
const STILL = 2; // screen pixels that a press may shake
const STILL_TOUCH = 8;
const LONG_PRESS_MS = 550;
const STACK = 14; // screen pixels of a finger for one slice

interface View {
  series: Series;
  set: LandmarkSet | undefined;
  size: Size | null;
}

export function usePointer(box: RefObject<HTMLDivElement | null>, { series, set, size }: View) {
  const doing = useRef<Doing>(null);
  const fingers = useRef(new Map<number, Point>());
  const pressing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const longPressed = useRef(false);

  const place = (event: MouseEvent): Point => within(box.current, event.clientX, event.clientY);
  // Always the newest: several events may come before the view is drawn again.
  const cameraNow = () => cameras.value[series.set];
  const look = (next: Camera) => {
    cameras.value = { ...cameras.value, [series.set]: next };
  };

  /** The name under the pointer, or a point or an endplate of the selected vertebra. */
  const under = (event: PointerEvent, at: Point): Selected | null => {
    const camera = cameraNow();
    if (!camera || !set || !size || hidden.value) return null;
    const name = (event.target as Element).closest("[data-name]")?.getAttribute("data-name");
    if (name) return { vertebra: name, point: null };
    const target = event.pointerType === "touch" ? TOUCH_TARGET : TARGET;
    const id = counterpart(set);
    const point = id ? pointAt(at, vertebra(id)?.points ?? [], camera, size, target) : null;
    if (!id || point === null) return id ? endplateUnder(id, at, camera, size, event) : null;
    const now = selected.value;
    const line = now?.vertebra === id ? now.line : undefined; // an end of the endplate that is taken turns it
    return {
      vertebra: id,
      point,
      line: line && point !== ENDPLATE[line][2] && ENDPLATE[line].includes(point) ? line : undefined,
    };
  };

  /** The strip says what lies under the pointer, before it is pressed. */
  const pointAtWhat = (event: PointerEvent, at: Point) => {
    const found = asked() ? null : under(event, at);
    const next = found && (found.point !== null || found.line) ? found : null;
    const now = pointed.value;
    const same = now?.vertebra === next?.vertebra && now?.point === next?.point && now?.line === next?.line;
    if (!same) pointed.value = next;
  };

  const endplateUnder = (id: string, at: Point, camera: Camera, size: Size, event: PointerEvent) => {
    const points = (vertebra(id)?.points ?? []).map((p) => toScreen(p, camera, size));
    const line = endplateAt(at, points, event.pointerType === "touch" ? ON_LINE_TOUCH : ON_LINE);
    return line && { vertebra: id, point: null, line };
  };

  const onPointerDown = (event: PointerEvent) => {
    const camera = cameraNow();
    if (!size || !camera) return;
    endNudge();
    menu.value = null;
    naming.value = null;
    box.current?.setPointerCapture(event.pointerId);
    const at = place(event);
    fingers.current.set(event.pointerId, at);
    clearTimeout(pressing.current);
    longPressed.current = false;
    if (fingers.current.size > 1) {
      if (doing.current?.what === "move") letGo(null);
      if (doing.current?.what === "tool") toolAway();
      doing.current = { what: "pinch" };
      return;
    }
    if (event.pointerType === "touch") pressing.current = setTimeout(() => longPress(at), LONG_PRESS_MS);
    if (event.button === 0 && toolHere(set)) {
      doing.current = { what: "tool" };
      toolDown(toFrame(at, camera, size), event.shiftKey, 1 / camera.scale);
      return;
    }
    const found = event.button === 0 && !asked() ? under(event, at) : null;
    if (found) {
      selected.value = found;
      const taken = grip(found);
      doing.current = taken && { what: "move", grip: taken, start: at, moved: false };
    } else {
      const ground = event.pointerType === "touch" && series.pictures.length > 1 ? "stack" : "pan";
      doing.current = { what: event.button === 2 ? "window" : ground, last: at, start: at, moved: false };
    }
  };

  /** Which vertebra is which is still asked here: a click names a body, and none is moved by accident. */
  const asked = () => shown.value?.questions.some((q) => q.set === set?.id) ?? false;

  const bodyAt = (at: Point): string | null => {
    const camera = cameraNow();
    if (!camera || !size || !set || hidden.value) return null;
    const there = toFrame(at, camera, size);
    return set.vertebrae.find((v) => inside(there, ring(vertebra(v)?.points ?? []))) ?? null;
  };

  const openMenu = (at: Point) => {
    const camera = cameraNow();
    if (!set || !size || !camera) return;
    const id = bodyAt(at);
    if (id) selected.value = { vertebra: id, point: null };
    menu.value = { series: series.uid, set: set.id, vertebra: id, at, frame: toFrame(at, camera, size) };
  };

  const longPress = (at: Point) => {
    if (doing.current?.what === "move" && doing.current.moved) return;
    if (doing.current?.what === "move") letGo(null);
    if (doing.current?.what === "tool" || doing.current?.what === "pinch") return;
    doing.current = null;
    longPressed.current = true;
    openMenu(at);
  };

  /** The finger that opened the menu is lifted: no click for what now lies under it. */
  const onTouchEnd = (event: TouchEvent) => {
    if (longPressed.current) event.preventDefault();
  };

  const onPointerMove = (event: PointerEvent) => {
    const now = doing.current;
    const camera = cameraNow();
    if (!camera || !size) return;
    const at = place(event);
    mouse.value = { series: series.uid, set: series.set, at: toFrame(at, camera, size) };
    if (!now) {
      if (toolHere(set)) toolHover(toFrame(at, camera, size));
      else pointAtWhat(event, at);
      if (!toolHere(set)) lightUnder(series.set, toFrame(at, camera, size), ON_LINE / camera.scale);
      return;
    }
    if (now.what === "tool") {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length ? all : [event]) toolMove(toFrame(place(one), camera, size));
      return;
    }
    if (now.what === "pinch") pinch(event.pointerId, at, camera, size);
    if (fingers.current.has(event.pointerId)) fingers.current.set(event.pointerId, at);
    if (now.what === "pinch") return;
    if (now.what === "move") drag(now, at, camera);
    else {
      const by: Point = [at[0] - now.last[0], at[1] - now.last[1]];
      now.moved ||= distance(at, now.start) > (event.pointerType === "touch" ? STILL_TOUCH : STILL);
      if (!now.moved) return;
      clearTimeout(pressing.current);
      if (now.what === "stack") {
        const slices = Math.trunc(by[1] / STACK);
        if (slices) scroll(series, slices);
        now.last = [at[0], now.last[1] + slices * STACK];
        return;
      }
      now.last = at;
      if (now.what === "pan") look(panned(camera, by));
      else windows.value = { ...windows.value, [series.uid]: dragged(windowOf(series.uid), by) };
    }
  };

  const drag = (now: Doing & { what: "move" }, at: Point, camera: Camera) => {
    const by: Point = [at[0] - now.start[0], at[1] - now.start[1]];
    if (!now.moved && Math.hypot(...by) < STILL) return;
    clearTimeout(pressing.current);
    if (now.moved && !held.value) {
      doing.current = null; // Escape was pressed
      return;
    }
    now.moved = true;
    moveBy(now.grip, [by[0] / camera.scale, by[1] / camera.scale]);
  };

  const pinch = (id: number, at: Point, camera: Camera, size: Size) => {
    const before = [...fingers.current.values()];
    if (!fingers.current.has(id)) return;
    fingers.current.set(id, at);
    const after = [...fingers.current.values()];
    const [was, now] = [middle(before), middle(after)];
    const factor = spread(after) / Math.max(1, spread(before));
    look(zoomed(panned(camera, [now[0] - was[0], now[1] - was[1]]), size, now, factor));
  };

  const onPointerUp = (event: PointerEvent) => {
    const now = doing.current;
    const camera = cameraNow();
    fingers.current.delete(event.pointerId);
    clearTimeout(pressing.current);
    doing.current = null;
    if (!now || !camera || !size || !set) return;
    const at = place(event);
    if (now.what === "tool") toolUp(toFrame(at, camera, size), 1 / camera.scale, bodyAt(at), series.uid, at);
    if (now.what === "move" && now.moved) release(now.grip);
    if (now.what === "window" && !now.moved) openMenu(at);
    if ((now.what !== "pan" && now.what !== "stack") || now.moved) return;
    const id = bodyAt(at);
    if (id) selected.value = { vertebra: id, point: null };
    if (id) followLevel(set.id, id);
    if (id && asked()) naming.value = { vertebra: id, series: series.uid, at };
  };

  const onPointerLeave = () => {
    if (mouse.value?.series === series.uid) mouse.value = null;
    lightUnder(series.set, null, 0);
    pointed.value = null;
    if (tool.value?.kind === "place" && !doing.current) tool.value = { ...tool.value, pointer: null };
  };

  const onPointerCancel = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
    clearTimeout(pressing.current);
    if (doing.current?.what === "move") letGo(null);
    if (doing.current?.what === "tool") toolAway();
    doing.current = null;
  };

  const onWheel = (event: WheelEvent) => {
    const camera = cameraNow();
    if (camera && size) look(zoomed(camera, size, place(event), Math.exp(-event.deltaY / 400)));
  };

  return {
    handlers: { onPointerDown, onPointerMove, onPointerUp, onPointerCancel, onPointerLeave, onTouchEnd },
    onWheel,
  };
}

const middle = (points: Point[]): Point => [
  points.reduce((sum, p) => sum + p[0], 0) / points.length,
  points.reduce((sum, p) => sum + p[1], 0) / points.length,
];

const spread = (points: Point[]): number => (points[0] && points[1] ? distance(points[0], points[1]) : 1);
