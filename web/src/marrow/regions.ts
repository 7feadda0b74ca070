// Regions of bone quality and of CSF, moved and resized: drawn at once, previewed while held, saved as one edit.

import { batch, signal } from "@preact/signals";
import { Refused } from "../common/api";
import { distance, shifted } from "../draw/geometry";
import { t } from "../language/language";
import * as api from "../model/api";
import { doubtful, edit, previewed, saved, selected, shown, signed, vertebra, waiting } from "../model/store";
import type { Edit, Point, Region } from "../model/types";

export interface Placed extends Region {
  vertebra: string;
}

/** The region that is held, as it lies now. */
export const heldRegion = signal<Placed | null>(null);
/** The region that was taken last: what is read in it is told over the views. */
export const taken = signal<{ vertebra: string; region: string; series: string } | null>(null);

export const sameRegion = (a: Placed | null, b: Placed): boolean =>
  a !== null && a.vertebra === b.vertebra && a.region === b.region && a.series === b.series;

/** The regions of the vertebrae of one name on a slice of a series, the held one as it is held. */
export function regionsOn(
  ids: readonly string[],
  series: string,
  slice: number | null | undefined,
): Placed[] {
  return ids
    .flatMap((id) => (shown.value?.regions[id] ?? []).map((r): Placed => ({ ...r, vertebra: id })))
    .filter((r) => r.series === series && r.slice === slice)
    .map((r) =>
      sameRegion(heldRegion.value, r) ? { ...r, outline: heldRegion.value?.outline ?? r.outline } : r,
    );
}

/** The region that was taken last, with what is read in it now. */
export function takenNow(): Placed | null {
  const t = taken.value;
  const found =
    t && shown.value?.regions[t.vertebra]?.find((r) => r.region === t.region && r.series === t.series);
  return t && found ? { ...found, vertebra: t.vertebra } : null;
}

export const middleOf = (ring: readonly Point[]): Point => {
  const x = ring.map((p) => p[0]);
  const y = ring.map((p) => p[1]);
  return [(Math.min(...x) + Math.max(...x)) / 2, (Math.min(...y) + Math.max(...y)) / 2];
};

export const movedBy = (ring: readonly Point[], by: Point): Point[] => shifted(ring, by);

export function scaled(ring: readonly Point[], factor: number): Point[] {
  const [x, y] = middleOf(ring);
  return ring.map((p): Point => [x + factor * (p[0] - x), y + factor * (p[1] - y)]);
}

/** How much larger a region becomes when its corner is pulled from one place to another. */
export function pull(ring: readonly Point[], from: Point, to: Point): number {
  const middle = middleOf(ring);
  return Math.min(8, Math.max(0.1, distance(to, middle) / Math.max(1e-6, distance(from, middle))));
}

const asEdit = (r: Placed): Edit => ({
  kind: "place region",
  vertebra: r.vertebra,
  region: r.region,
  series: r.series,
  slice: r.slice,
  outline: r.outline,
});

export function take(r: Placed): boolean {
  taken.value = { vertebra: r.vertebra, region: r.region, series: r.series };
  if (selected.value?.vertebra !== r.vertebra) selected.value = { vertebra: r.vertebra, point: null };
  return !signed.value;
}

let wanted: Placed | null = null;
let asking = false;

export function holdRegion(r: Placed): void {
  if (signed.value) return;
  heldRegion.value = r;
  wanted = r;
  void ask();
}

async function ask(): Promise<void> {
  if (asking) return;
  asking = true;
  while (wanted && saved.value && waiting.value.length === 0) {
    const now: Placed = wanted;
    const { revision } = saved.value.reading;
    wanted = null;
    const still = () => heldRegion.value !== null && saved.value?.reading.revision === revision;
    try {
      const changes = await api.preview(asEdit(now), revision);
      if (still())
        batch(() => {
          previewed.value = changes;
          doubtful.value = null;
        });
    } catch (error) {
      if (still() && error instanceof Refused && error.status !== 409) doubtful.value = error.problem;
    }
  }
  asking = false;
}

export function releaseRegion(): void {
  const r = heldRegion.value;
  letGoRegion();
  if (r) edit(asEdit(r));
}

export function letGoRegion(): void {
  wanted = null;
  batch(() => {
    heldRegion.value = null;
    doubtful.value = null;
    if (waiting.value.length === 0) previewed.value = null;
  });
}

/** The region as the program finds it again. */
export function takeBack(r: Placed): void {
  for (const own of r.edits) edit({ kind: "revoke", edit: own });
}

// --- arrow keys: presses that follow each other quickly are one edit

const PAUSE_MS = 450;
let pause: ReturnType<typeof setTimeout> | undefined;

export function nudgeRegion(r: Placed, change: (ring: readonly Point[]) => Point[]): void {
  if (!take(r)) return;
  const now = sameRegion(heldRegion.value, r) ? heldRegion.value : null;
  clearTimeout(pause);
  holdRegion({ ...r, outline: change(now?.outline ?? r.outline) });
  pause = setTimeout(releaseRegion, PAUSE_MS);
}

export function endRegionNudge(): void {
  if (pause === undefined) return;
  clearTimeout(pause);
  pause = undefined;
  if (heldRegion.value) releaseRegion();
}

/** A region that is proposed counts for nothing until it is placed: on CT. */
export const proposed = (r: Placed): boolean => r.region === "attenuation" && r.edits.length === 0;

/** A region that is proposed is taken as it lies. */
export function takeAsItIs(r: Placed): void {
  if (!signed.value && proposed(r)) edit(asEdit(r));
}

export const regionName = (r: Placed): string =>
  r.region === "attenuation"
    ? t("L1 on CT")
    : r.region === "csf"
      ? t("CSF behind {label}", { label: vertebra(r.vertebra)?.label ?? "" })
      : t("Bone quality of {label}", { label: vertebra(r.vertebra)?.label ?? "" });
