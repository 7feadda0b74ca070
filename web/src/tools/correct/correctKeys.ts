// Keys while an outline is corrected.

import { cameras } from "../../views/looks";
import { setById, tool } from "../tool";
import { endNudge, goAlong, push, resize } from "./correct";

const ARROWS: Record<string, readonly [number, number]> = {
  arrowleft: [-1, 0],
  arrowright: [1, 0],
  arrowup: [0, -1],
  arrowdown: [0, 1],
};
const MODES = { p: "paint", e: "erase", d: "edge" } as const;

/** True where the key is the tool's. */
export function correctKey(event: KeyboardEvent): boolean {
  const t = tool.value;
  if (t?.kind !== "correct") return false;
  const key = event.key.toLowerCase();
  const mode = MODES[key as keyof typeof MODES];
  const arrow = ARROWS[key];
  if (mode) {
    endNudge();
    tool.value = { ...t, mode, refused: "" };
  } else if (arrow) {
    const scale = cameras.value[t.set]?.scale ?? 1; // a pixel of the screen where nobody knows the millimetre
    const step = setById(t.set)?.calibrated ? (event.shiftKey ? 1 : 0.2) : (event.shiftKey ? 5 : 1) / scale;
    push([arrow[0] * step, arrow[1] * step]);
  } else if (key === "[" || key === "]") resize(key === "[" ? -1 : 1);
  else if (key === "," || key === ".") goAlong(key === "," ? -1 : 1);
  else if (key === "w") {
    endNudge();
    tool.value = { ...t, whole: !t.whole };
  } else if (key === "enter" && !(event.target as Element).matches("button")) {
    endNudge();
    tool.value = null;
  } else return false;
  return true;
}
