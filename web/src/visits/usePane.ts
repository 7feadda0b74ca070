// What a pointer does in a linked view: drag moves, the wheel goes through the slices or zooms, a right drag changes the
// grey levels, a click on a body chooses its level; two fingers move and zoom.

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { distance } from "../draw/geometry";
import { within } from "../draw/within";
import type { Point } from "../model/types";

export interface Gestures {
  onPan(by: Point): void;
  onZoom(factor: number): void;
  onSlice(step: number): void;
  onWindow(by: Point): void;
  onClick(at: Point): void;
}

const STILL = 4;

export function usePane(box: RefObject<HTMLDivElement | null>, slices: boolean, does: Gestures) {
  const fingers = useRef(new Map<number, Point>());
  const begun = useRef<{ at: Point; button: number; moved: boolean } | null>(null);

  const place = (event: PointerEvent): Point => within(box.current, event.clientX, event.clientY);

  useEffect(() => {
    const element = box.current;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey || !slices) does.onZoom(Math.exp(-event.deltaY / 400));
      else does.onSlice(Math.sign(event.deltaY));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  });

  return {
    onPointerDown: (event: PointerEvent) => {
      box.current?.setPointerCapture(event.pointerId);
      const at = place(event);
      fingers.current.set(event.pointerId, at);
      begun.current = { at, button: event.button, moved: fingers.current.size > 1 };
    },
    onPointerMove: (event: PointerEvent) => {
      const last = fingers.current.get(event.pointerId);
      const now = begun.current;
      if (!last || !now) return;
      const at = place(event);
      const others = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, p]) => p);
      fingers.current.set(event.pointerId, at);
      const by: Point = [at[0] - last[0], at[1] - last[1]];
      if (others[0]) {
        does.onZoom(distance(at, others[0]) / Math.max(1, distance(last, others[0])));
        does.onPan([by[0] / 2, by[1] / 2]);
        return;
      }
      now.moved ||= distance(at, now.at) > STILL;
      if (!now.moved) return;
      if (now.button === 2) does.onWindow(by);
      else does.onPan(by);
    },
    onPointerUp: (event: PointerEvent) => {
      fingers.current.delete(event.pointerId);
      if (begun.current && !begun.current.moved && begun.current.button === 0) does.onClick(place(event));
      begun.current = null;
    },
    onPointerCancel: (event: PointerEvent) => {
      fingers.current.delete(event.pointerId);
      begun.current = null;
    },
    onContextMenu: (event: Event) => event.preventDefault(),
  };
}
