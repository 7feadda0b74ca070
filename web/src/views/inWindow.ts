// What opens over a picture stays in the window, however small the view is: it may reach over its neighbours, and
// scrolls where it is longer than the window. The keyboard goes into it and comes back to where it was.

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect } from "preact/hooks";
import { magnified } from "../draw/within";
import type { Point } from "../model/types";

const EDGE = 4;

/** Lay an element beside a point of a view's picture (in its pixels), wholly inside the window. */
export function useInWindow(box: RefObject<HTMLElement | null>, series: string, at: Point | null): void {
  useLayoutEffect(() => {
    const place = () => {
      const one = box.current;
      const stage = document.querySelector(`.stage[data-series="${CSS.escape(series)}"]`);
      if (!one || !stage || !at) return;
      const edge = stage.getBoundingClientRect();
      const big = magnified(one);
      const [width, height] = [one.offsetWidth * big, one.offsetHeight * big];
      const inside = (wanted: number, size: number, all: number) =>
        Math.max(EDGE, Math.min(wanted, all - size - EDGE)) / big;
      one.style.maxHeight = `${(innerHeight - 2 * EDGE) / big}px`;
      one.style.left = `${inside(edge.left + at[0] * big, width, innerWidth)}px`;
      one.style.top = `${inside(edge.top + at[1] * big, Math.min(height, innerHeight), innerHeight)}px`;
    };
    place();
    addEventListener("resize", place);
    return () => removeEventListener("resize", place);
  });
}

/** The keyboard goes to the first control of what opens, and back to where it was once it is closed. */
export function useFocusInside(box: RefObject<HTMLElement | null>, open: boolean, what: unknown): void {
  useEffect(() => {
    if (!open) return;
    const before = document.activeElement;
    box.current?.querySelector<HTMLElement>("button:enabled, select:enabled")?.focus();
    return () => {
      const now = document.activeElement;
      if (now && now !== document.body && !box.current?.contains(now)) return; // it has gone elsewhere by itself
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [open, what]);
}

/** Tab stays inside of what is open: from its last control to its first, and back. */
export function keepInside(event: KeyboardEvent, box: HTMLElement | null): void {
  if (event.key !== "Tab" || !box) return;
  const all = [
    ...box.querySelectorAll<HTMLElement>("button:enabled, select:enabled, input:enabled, a[href]"),
  ];
  const next = event.shiftKey ? all.at(-1) : all[0];
  const last = event.shiftKey ? all[0] : all.at(-1);
  if (document.activeElement !== last) return;
  event.preventDefault();
  next?.focus();
}
