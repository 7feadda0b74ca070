// A number and its lines are one thing: pointed at in the panel or on the picture, or pinned, both light up.

import { batch, signal } from "@preact/signals";
import { lit, shown } from "./store";

export const pinned = signal(""); // the measurement that stays lit

export const light = (measurement: string): void => {
  if (lit.value !== measurement) lit.value = measurement;
};

/** The pointer is elsewhere: what is pinned stays. */
export const unlight = (): void => light(pinned.value);

export function pin(measurement: string): void {
  batch(() => {
    pinned.value = pinned.value === measurement ? "" : measurement;
    lit.value = pinned.value;
  });
}

/** Lit until another is, or none. */
export function keepLit(measurement: string): void {
  batch(() => {
    pinned.value = measurement;
    lit.value = measurement;
  });
}

/** For the keyboard: the next number that has lines, and none after the last. */
export function pinNext(): void {
  const all = [
    ...new Set(Object.values(shown.value?.lines ?? {}).flatMap((l) => l.map((one) => one.measurement))),
  ];
  const next = all[all.indexOf(pinned.value) + 1] ?? "";
  keepLit(next);
}
