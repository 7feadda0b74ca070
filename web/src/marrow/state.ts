// What counts at a threshold, painted over the body that is selected, and the threshold while it is moved. Every voxel
// and every number is the server's.

import { batch, effect, signal } from "@preact/signals";
import { Refused } from "../common/api";
import { t } from "../language/language";
import * as api from "../model/api";
import { counterpartOn, doubtful, edit, previewed, saved, selected, shown, waiting } from "../model/store";
import type { Series } from "../model/types";
import type { SignalView, ThresholdName } from "./types";

export const painting = signal(false); // whether what counts is painted
/** Whether the slider takes the keys as soon as it is there. */
export const toSlider = { now: false };
export const opacity = signal(0.7);
export const which = signal<ThresholdName>("edema"); // whose threshold the slider moves
export const sliding = signal<number | null>(null); // the threshold while it is held
export const signals = signal<Partial<Record<ThresholdName, SignalView>>>({});
export const silent = signal<Partial<Record<ThresholdName, string>>>({}); // why there is nothing to paint

const ROLES: Record<ThresholdName, string[]> = {
  edema: ["sagittal STIR", "sagittal fat-suppressed T2"],
  t2: ["sagittal T2"],
};
export const NAMES: readonly ThresholdName[] = ["edema", "t2"];

/** The series that a threshold looks at. */
export const seriesOf = (name: ThresholdName): Series | undefined =>
  shown.value?.series.find((s) => ROLES[name].includes(s.role));

/** The thresholds that there are images for. */
export const there = (): ThresholdName[] => NAMES.filter((name) => seriesOf(name));

/** The selected vertebra on the image that a threshold looks at. */
export function bodyOf(name: ThresholdName): string | undefined {
  const id = selected.value?.vertebra;
  const set = seriesOf(name)?.set;
  if (!id || !set) return undefined;
  return shown.value?.vertebrae[id]?.set === set ? id : counterpartOn(set, id);
}

export function turnPainting(): void {
  painting.value = !painting.value && there().length > 0;
  if (painting.value && !there().includes(which.value)) which.value = there()[0] ?? "edema";
  if (!painting.value) giveUpSliding();
}

/** Ask for what counts whenever another body is selected or the reading changes, while it is painted. */
export function follow(): void {
  effect(() => {
    const revision = saved.value?.reading.revision;
    if (!painting.value || !revision) return;
    for (const name of NAMES) void refresh(name, bodyOf(name));
  });
}

async function refresh(name: ThresholdName, body: string | undefined): Promise<void> {
  if (!body) {
    put(name, undefined, seriesOf(name) ? t("This vertebra is not on that image.") : "");
    return;
  }
  try {
    const found = await api.signal(body, name, null);
    if (bodyOf(name) === body && (sliding.value === null || which.value !== name)) put(name, found, "");
  } catch (error) {
    if (bodyOf(name) === body) put(name, undefined, words(error));
  }
}

function put(name: ThresholdName, view: SignalView | undefined, why: string): void {
  batch(() => {
    const { [name]: _, ...others } = signals.value;
    signals.value = view ? { ...others, [name]: view } : others;
    silent.value = { ...silent.value, [name]: why };
  });
}

const words = (error: unknown): string =>
  error instanceof Refused
    ? `${error.problem.where} ${error.problem.problem}. ${error.problem.remedy}`
    : t("The server does not answer.");

// --- while the slider is held: one request under way, and only the newest threshold that was asked for counts

let wanted: number | null = null;
let asking = false;

export function slide(sd: number): void {
  sliding.value = sd;
  wanted = sd;
  void ask();
}

async function ask(): Promise<void> {
  if (asking) return;
  asking = true;
  while (wanted !== null && saved.value && waiting.value.length === 0) {
    const sd = wanted;
    const name = which.value;
    const body = bodyOf(name);
    const { revision } = saved.value.reading;
    wanted = null;
    try {
      const [changes, view] = await Promise.all([
        api.preview({ kind: "set threshold", name, sd }, revision),
        body ? api.signal(body, name, sd) : undefined,
      ]);
      if (sliding.value === null || saved.value.reading.revision !== revision) continue;
      batch(() => {
        previewed.value = changes;
        doubtful.value = null;
        if (view) put(name, view, "");
      });
    } catch (error) {
      const overtaken = error instanceof Refused && error.status === 409;
      if (sliding.value !== null && !overtaken)
        doubtful.value =
          error instanceof Refused
            ? error.problem
            : { where: t("The server"), problem: t("does not answer"), remedy: t("It is asked again.") };
    }
  }
  asking = false;
}

const PAUSE_MS = 700;
let keys = false;
let pause: ReturnType<typeof setTimeout> | undefined;

/** Whether the slider is moved by keys: presses that follow each other quickly are one edit. */
export function byKeys(yes: boolean): void {
  keys = yes;
}

/** The slider is let go. The automatic threshold is taken again by its own button. */
export function letGoSlider(): void {
  clearTimeout(pause);
  if (keys) pause = setTimeout(endSliding, PAUSE_MS);
  else endSliding();
}

/** What was held becomes one edit. */
export function endSliding(): void {
  clearTimeout(pause);
  if (sliding.value === null) return;
  const sd = sliding.value;
  wanted = null;
  sliding.value = null;
  doubtful.value = null;
  const now = saved.value?.choices.thresholds.find((t) => t.name === which.value);
  if (sd === null || !now || sd === now.sd) giveUpSliding();
  else edit({ kind: "set threshold", name: which.value, sd });
}

export function giveUpSliding(): void {
  clearTimeout(pause);
  wanted = null;
  sliding.value = null;
  if (waiting.value.length === 0) previewed.value = null;
  for (const name of NAMES) if (painting.value) void refresh(name, bodyOf(name));
}

export function automatic(): void {
  clearTimeout(pause);
  wanted = null;
  sliding.value = null;
  edit({ kind: "set threshold", name: which.value, sd: null });
}
