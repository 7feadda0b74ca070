// Another visit beside the current one: it follows by level, slice, place and zoom, and leads them when it is moved.

import { signal } from "@preact/signals";
import { day } from "../common/words";
import { panned, type Size } from "../draw/geometry";
import { said, t } from "../language/language";
import { selected, shown, vertebra } from "../model/store";
import type { Series } from "../model/types";
import { cameras, scroll, selectLevel, seriesInView, seriesShown, sizes, slices } from "../views/looks";
import { shortName } from "../views/Strip";
import { prior, putAway } from "./deck";
import { levelNear, linkedCamera, seriesLike, setOf } from "./link";
import { Pane } from "./Pane";

const size = signal<Size | null>(null);

export function Prior() {
  const open = prior.value;
  const view = shown.value;
  const current: Series | undefined = seriesInView.value[0] ?? seriesShown.value[0];
  if (!open || !view || !current) return null;
  const series = seriesLike(open.view, current.role);
  const wanted = (selected.value && vertebra(selected.value.vertebra)?.level) ?? view.index ?? "";
  const set = setOf(view, current);
  const other = series && setOf(open.view, series);
  const level = (set && other && levelNear(wanted, { view, set }, { view: open.view, set: other })) ?? wanted;
  const camera = cameras.value[current.set];
  const room = sizes.get(current.uid);
  const linked =
    set && other && camera && room && size.value
      ? linkedCamera(
          { view, set, camera, size: room },
          { view: open.view, set: other, size: size.value },
          level,
        )
      : null;
  const scaled = set?.calibrated && other?.calibrated;
  if (!series)
    return <p class="view calm">{t("The reading of {on} holds no pictures.", { on: day(open.visit.on) })}</p>;
  const move = (next: (now: NonNullable<typeof camera>) => NonNullable<typeof camera>) => {
    const now = cameras.value[current.set];
    if (now) cameras.value = { ...cameras.value, [current.set]: next(now) };
  };
  return (
    <Pane
      label={t("Visit of {on}", { on: day(open.visit.on) })}
      seen={{ view: open.view, from: `/api/v1/readings/${open.visit.reading}/pictures/` }}
      series={series}
      camera={linked}
      slice={slices.value[current.set] ?? 0}
      level={level}
      head={
        <>
          <b>{day(open.visit.on)}</b>
          <span>{shortName(series)}</span>
          <span title={said(other?.posture ?? "")}>
            {other?.posture === "unknown" ? t("posture unknown") : said(other?.posture ?? "")}
          </span>
          <span class="right">
            {[
              level === wanted ? "" : t("no {wanted} here", { wanted }),
              series.role === current.role
                ? ""
                : t("no {current} at this visit", { current: shortName(current) }),
              scaled ? "" : t("no scale"),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
          <button type="button" onClick={putAway}>
            {t("Put away")}
          </button>
        </>
      }
      onSize={(now) => {
        size.value = now;
      }}
      onPan={(by) => move((now) => panned(now, by))}
      onZoom={(factor) => move((now) => ({ ...now, scale: now.scale * factor }))}
      onSlice={(by) => scroll(current, by)}
      onLevel={(name) => selectLevel(name, current.set)}
    />
  );
}
