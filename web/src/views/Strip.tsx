// The strip above a view: what is shown, which slice, and the point that is held.

import { ENDPLATE } from "../draw/endplate";
import { held, selected, shown, vertebra } from "../model/store";
import type { Endplate, LandmarkSet, Series, Vertebra } from "../model/types";
import { pictureOf } from "./looks";

const SHORT: Record<string, string> = {
  "lateral radiograph": "Radiograph",
  "sagittal T1": "T1",
  "sagittal T2": "T2",
  "sagittal STIR": "STIR",
  "sagittal fat-suppressed T2": "T2, fat-suppressed",
};

export const shortName = (series: Series): string => SHORT[series.role] ?? series.description;

export function Strip({ series, set }: { series: Series; set: LandmarkSet | undefined }) {
  const picture = pictureOf(series);
  const number = picture ? series.pictures.indexOf(picture) + 1 : 0;
  const slice = series.pictures.length > 1 ? `slice ${number} of ${series.pictures.length}` : "";
  return (
    <header class="strip">
      <b title={series.description}>{shortName(series)}</b>
      <span>{set?.posture === "unknown" ? "posture unknown" : set?.posture}</span>
      <span class="right">
        {pointName(set) ||
          [slice, set && !set.calibrated ? "no scale: ratios only" : ""].filter(Boolean).join(" · ")}
      </span>
    </header>
  );
}

/** The point that is selected here: its name, who placed it and its error. */
function pointName(set: LandmarkSet | undefined): string {
  const now = selected.value;
  const v = now && set?.vertebrae.includes(now.vertebra) ? vertebra(now.vertebra) : undefined;
  if (v && now?.line && now.point === null) return endplateName(v, now.line);
  if (!v || !set || now?.point === null || now?.point === undefined) return "";
  const name = shown.value?.point_names[now.point] ?? "";
  const who = v.moved.includes(name) ? v.readers.join(", ") || "you" : "automatic";
  const error = held.value ? "" : `, ${v.errors[now.point] ?? "error not known"}`;
  return `${v.label} ${name.replace("_", " ")}, ${who}${error}`;
}

function endplateName(v: Vertebra, line: Endplate): string {
  const names = ENDPLATE[line].map((i) => shown.value?.point_names[i] ?? "");
  const who = names.some((name) => v.moved.includes(name)) ? v.readers.join(", ") || "you" : "automatic";
  return `${v.label} ${line} endplate, ${who}`;
}
