// The outline of a vertebra on the slices beside the plane of its points, as the server reads marrow there. Asked for when
// such a slice is looked at, again after every edit.

import { effect, signal } from "@preact/signals";
import * as api from "../../model/api";
import { saved, selected } from "../../model/store";
import type { Point, Series, SliceOutline } from "../../model/types";
import { onPlane, pictureOf, seriesInView } from "../../views/looks";

interface Fetched {
  vertebra: string;
  revision: string;
  list: SliceOutline[];
}

const fetched = signal<Fetched | null>(null);
let coming = "";

/** The outline of a vertebra on the slice of a series that is shown; undefined where it has none there. */
export function outlineOn(id: string, series: Series): SliceOutline | undefined {
  const slice = pictureOf(series)?.slice ?? null;
  if (fetched.value?.vertebra !== id || slice === null) return undefined;
  return fetched.value.list.find((one) => one.series === series.uid && one.slice === slice);
}

/** What was just drawn is shown until the server has been asked again. */
export function drewOn(id: string, series: Series, outline: Point[]): void {
  const slice = pictureOf(series)?.slice ?? null;
  const now = fetched.value;
  if (now?.vertebra !== id || slice === null) return;
  const others = now.list.filter((one) => one.series !== series.uid || one.slice !== slice);
  fetched.value = { ...now, list: [...others, { series: series.uid, slice, outline, by_reader: true }] };
}

async function ask(id: string, revision: string): Promise<void> {
  coming = `${id} ${revision}`;
  const mine = coming;
  try {
    const list = await api.slices(id);
    if (coming === mine) fetched.value = { vertebra: id, revision, list };
  } catch {
    // without a line the picture is shown without it; the next edit or slice asks again
  } finally {
    if (coming === mine) coming = "";
  }
}

/** Ask whenever the slice that is shown lies beside the points of the selected vertebra. */
export function watchSlices(): void {
  effect(() => {
    const id = selected.value?.vertebra;
    const view = saved.value;
    const set = id && view?.vertebrae[id]?.set;
    const aside = seriesInView.value.some((s) => s.set === set && !onPlane(s));
    if (!id || !view || !aside) return;
    const { revision } = view.reading;
    const known = fetched.value;
    if ((known?.vertebra === id && known.revision === revision) || coming === `${id} ${revision}`) return;
    void ask(id, revision);
  });
}
