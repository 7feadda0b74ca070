// The strip above a view: what is shown, which slice, and the point that is held.

import { ENDPLATE } from "../draw/endplate";
import { said, t } from "../language/language";
import { painting, seriesOf, there, turnPainting, which } from "../marrow/state";
import type { ThresholdName } from "../marrow/types";
import { placedBy, pointWords } from "../model/names";
import { held, pointed, type Selected, selected, shown, vertebra } from "../model/store";
import type { LandmarkSet, Picture, Series } from "../model/types";
import { tool } from "../tools/tool";
import { active, pictureOf, scroll } from "./looks";

const SHORT: Record<string, string> = {
  "lateral radiograph": t("Radiograph"),
  "sagittal T1": "T1",
  "sagittal T2": "T2",
  "sagittal STIR": "STIR",
  "sagittal fat-suppressed T2": t("T2, fat-suppressed"),
};

export const shortName = (series: Series): string => SHORT[series.role] ?? series.description;

/** Which picture of how many; where marrow is read on it, the number of its slice too, as menus and history say it. */
const sliceWords = (picture: Picture | undefined, number: number, pictures: number): string =>
  picture?.slice === null || picture?.slice === undefined
    ? t("slice {number} of {pictures}", { number, pictures })
    : t("slice {slice} · {number}/{pictures}", { slice: picture.slice + 1, number, pictures });

export function Strip({ series, set }: { series: Series; set: LandmarkSet | undefined }) {
  const picture = pictureOf(series);
  const number = picture ? series.pictures.indexOf(picture) + 1 : 0;
  const slice = series.pictures.length > 1 ? sliceWords(picture, number, series.pictures.length) : "";
  const name = ["", series.uid].includes(active.value) ? pointName(set) : "";
  const posture = set?.posture === "unknown" ? t("posture unknown") : said(set?.posture ?? "");
  const scale = !name && set && !set.calibrated ? t("no scale: ratios only") : "";
  const more = [name, slice, scale].filter(Boolean).join(" · ");
  return (
    <header class="strip">
      <b title={series.description}>{shortName(series)}</b>
      <span class="posture" title={posture}>
        {posture}
      </span>
      <Signal series={series} />
      <span class="right" title={more}>
        {more}
      </span>
      {series.pictures.length > 1 && (
        <span class="turn">
          <button
            type="button"
            tabIndex={-1} // the Page keys do the same
            aria-label={t("Slice before")}
            disabled={number <= 1}
            onClick={() => scroll(series, -1)}
          >
            ‹
          </button>
          <button
            type="button"
            tabIndex={-1}
            aria-label={t("Next slice")}
            disabled={number >= series.pictures.length}
            onClick={() => scroll(series, 1)}
          >
            ›
          </button>
        </span>
      )}
    </header>
  );
}

const COUNTED: Record<ThresholdName, [measurement: string, words: (text: string) => string]> = {
  edema: ["bme-percent", (text) => t("edema {text}", { text })],
  t2: ["t2-low-percent", (text) => t("low {text}", { text })],
};

/** What counts in the index vertebra here, in the server's words: pressed, it is painted over the body. */
function Signal({ series }: { series: Series }) {
  const name = there().find((one) => seriesOf(one)?.uid === series.uid);
  const view = shown.value;
  const [measurement, words] = (name && COUNTED[name]) ?? [];
  const found =
    measurement && view?.measurements[measurement]?.on.find((m) => m.image === series.description);
  if (!name || !found || !words) return null;
  return (
    <button
      type="button"
      class="counted"
      aria-pressed={painting.value}
      title={t("Paint what counts over {index}, and set the threshold (T)", { index: view?.index ?? "" })}
      onClick={() => {
        which.value = name;
        turnPainting();
      }}
    >
      {words(found.short)}
    </button>
  );
}

/** What the pointer would take here, else what is selected: its name, who placed it and its error. */
function pointName(set: LandmarkSet | undefined): string {
  const here = (one: Selected | null) => one && set?.vertebrae.includes(one.vertebra) && one;
  const now = (!held.value && !tool.value && here(pointed.value)) || here(selected.value);
  const v = now ? vertebra(now.vertebra) : undefined;
  if (!now || !v) return "";
  if (now.line && now.point === null)
    return t("{label} {line} endplate, {v}", {
      label: v.label,
      line: now.line,
      v: placedBy(v, ENDPLATE[now.line]),
    });
  if (now.point === null) return "";
  const name = shown.value?.point_names[now.point] ?? "";
  const error = held.value ? "" : t(", {errors}", { errors: v.errors[now.point] ?? t("error not known") });
  return `${v.label} ${pointWords(name)}${t(", {errors}", { errors: placedBy(v, [now.point]) })}${error}`;
}
