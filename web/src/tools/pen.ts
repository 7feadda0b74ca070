// What a pointer does with the tool in hand. Places are in the frame of the tool's landmark set.

import { areaTo, liftArea } from "../marrow/area";
import type { LandmarkSet, Point } from "../model/types";
import { dragged, givenUp, lifted, pressed } from "./correct/correct";
import { cutAt, drawTo, lift, merge, neighbours, split } from "./reshape";
import { naming, placeNext, setById, tool } from "./tool";

/** Whether the tool works on this image. */
export function toolHere(set: LandmarkSet | undefined): boolean {
  const t = tool.value;
  return t !== null && set !== undefined && (t.kind === "names" || t.set === set.id);
}

/** The press begins; `other` turns painting into erasing, `pixel` is a pixel of the screen in the unit of the points. */
export function toolDown(at: Point, other: boolean, pixel: number): void {
  if (tool.value?.kind === "outline") drawTo(at);
  else if (tool.value?.kind === "area") areaTo(at);
  else if (tool.value?.kind === "correct") pressed(at, other, pixel);
  else toolHover(at);
}

/** The pointer passes over the image, pressed or not. */
export function toolHover(at: Point): void {
  const t = tool.value;
  if (t?.kind === "place") tool.value = { ...t, pointer: at };
  else if (t?.kind === "split") cutAt(at);
}

export function toolMove(at: Point): void {
  if (tool.value?.kind === "outline") drawTo(at);
  else if (tool.value?.kind === "area") areaTo(at);
  else if (tool.value?.kind === "correct") dragged(at);
  else toolHover(at);
}

/** The press became something else, two fingers: what it drew is gone. */
export function toolAway(): void {
  const t = tool.value;
  if (t?.kind === "outline") tool.value = { ...t, line: [], drawing: false };
  else if (t?.kind === "correct") givenUp();
}

/** The press ends; `body` is what lies under it, `pixel` a pixel of the screen in the unit of the points. */
export function toolUp(at: Point, pixel: number, body: string | null, series: string, screen: Point): void {
  const t = tool.value;
  if (t?.kind === "place") placeNext(at);
  else if (t?.kind === "split") {
    cutAt(at);
    split();
  } else if (t?.kind === "outline") lift(pixel);
  else if (t?.kind === "area") liftArea(pixel);
  else if (t?.kind === "correct") lifted();
  else if (t?.kind === "names" && body) naming.value = { vertebra: body, series, at: screen };
  else if (t?.kind === "merge" && body) choose(t, body);
}

function choose(t: { set: string; vertebra: string; other: string | null }, body: string): void {
  const now = tool.value;
  if (now?.kind !== "merge") return;
  if (body === t.vertebra || body === t.other) {
    merge();
    return;
  }
  const set = setById(t.set);
  if (set && neighbours(set, t.vertebra).some((one) => one?.id === body))
    tool.value = { ...now, other: body };
}
