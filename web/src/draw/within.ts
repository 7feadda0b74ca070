// Places on the screen in the pixels of an element. On a large screen the whole page is drawn larger (style/large.css),
// and these are no longer the pixels of the window.

import type { Point } from "../model/types";

/** How much larger an element is drawn than it is laid out. */
export function magnified(element: HTMLElement | null | undefined): number {
  if (!element?.offsetWidth) return 1;
  const seen = Math.round((100 * element.getBoundingClientRect().width) / element.offsetWidth) / 100;
  return element.currentCSSZoom ?? seen; // older browsers: as it is seen
}

/** Places of the window in the pixels of an element as it lies now, from its upper left corner. */
export function frameOf(element: HTMLElement | null | undefined): (x: number, y: number) => Point {
  const edge = element?.getBoundingClientRect();
  const by = magnified(element);
  return (x, y) => [(x - (edge?.left ?? 0)) / by, (y - (edge?.top ?? 0)) / by];
}

/** A place of the window in the pixels of an element, from its upper left corner. */
export const within = (element: HTMLElement | null | undefined, x: number, y: number): Point =>
  frameOf(element)(x, y);
