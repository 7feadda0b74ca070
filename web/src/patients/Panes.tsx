// Two visits beside each other: the same level in the middle, the same zoom in millimetres.

import { useEffect } from "preact/hooks";
import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import type { Series } from "../model/types";
import { inOrderOfRole } from "../views/looks";
import { shortName } from "../views/Strip";
import {
  bodiesOf,
  cameraOf,
  laidOver,
  levelsInAll,
  middleFrom,
  pictureAt,
  type Seen,
  scales,
  seriesLike,
  setOf,
} from "../visits/link";
import { Pane } from "../visits/Pane";
import { beside, course, layOver, look, role, seen, show, sizes, toSee, visit } from "./state";

interface Shown {
  place: 0 | 1;
  id: string;
  seen: Seen;
  series: Series;
}

/** The panes that have something to show. */
function shown(): Shown[] {
  return ([0, 1] as const).flatMap((place) => {
    const id = beside.value[place];
    const found = seen(id);
    const series = found && seriesLike(found.view, role.value);
    return id && found && series ? [{ place, id, seen: found, series }] : [];
  });
}

export function Panes() {
  const panes = shown();
  const first = panes[0];
  useEffect(() => {
    // a role that no visit shows gives way to one that the first does
    if (first && first.series.role !== role.value && !panes.some((p) => p.series.role === role.value))
      role.value = first.series.role;
  }, [first?.series]);
  if (toSee.value.length === 0)
    return <p class="calm wait">{t("No visit has a reading yet. Open one from the worklist.")}</p>;
  const roles = [
    ...new Map(inOrderOfRole(panes.flatMap((p) => p.seen.view.series)).map((s) => [s.role, s] as const)),
  ];
  const coming = beside.value.filter((id) => visit(id)?.reading && !seen(id)).length;
  const sets = panes.map((p) => ({ view: p.seen.view, set: setOf(p.seen.view, p.series) }));
  const scale = scales(
    sets.map((s, i) => ({ ...s, size: sizes.value[panes[i]?.place ?? 0] ?? { width: 300, height: 600 } })),
  );
  const by = look.value.by ?? middleFrom(look.value.level, sets, scale);
  const levels = levelsInAll(sets);
  const [a, b] = [sets[0], sets[1]];
  const asked = (course.value?.timeline.questions.length ?? 0) > 0;
  const laid =
    !asked && layOver.value && a?.set && b?.set && panes[0]?.series.role === panes[1]?.series.role
      ? laidOver({ view: a.view, set: a.set }, { view: b.view, set: b.set }, look.value.level)
      : null;
  return (
    <section class="beside" aria-label={t("Visits beside each other")}>
      <div class="how">
        <fieldset class="seg" aria-label={t("Image")}>
          {roles.map(([name, series]) => (
            <button
              type="button"
              key={name}
              aria-pressed={role.value === name}
              onClick={() => {
                role.value = name;
              }}
            >
              {shortName(series)}
            </button>
          ))}
        </fieldset>
        <label>
          {t("Level")}{" "}
          <select
            value={look.value.level}
            onChange={(event) => {
              look.value = { ...look.value, level: event.currentTarget.value, by: [0, 0] };
            }}
          >
            {(levels.includes(look.value.level) ? levels : [look.value.level, ...levels]).map((level) => (
              <option key={level}>{level}</option>
            ))}
          </select>
        </label>
        {panes.length > 1 && !asked && (
          <label>
            <input
              type="checkbox"
              checked={layOver.value}
              onChange={(event) => {
                layOver.value = event.currentTarget.checked;
              }}
            />{" "}
            {t("Lay {on} over{laid}", {
              on: day(visit(panes[0]?.id ?? null)?.on),
              laid: laid && t(", dashed, by {on}", { on: laid.on }),
            })}
          </label>
        )}
      </div>
      <div class={`views n${panes.length + coming}`}>
        {panes.map((pane, i) => {
          const set = sets[i]?.set;
          const own = scale[i] ?? null;
          const number = pane.series.pictures.indexOf(
            pictureAt(pane.series, look.value.slice) ?? (pane.series.pictures[0] as never),
          );
          const notes = [
            pane.series.pictures.length > 1
              ? t("slice {number} of {pictures}", {
                  number: number + 1,
                  pictures: pane.series.pictures.length,
                })
              : "",
            set && !set.calibrated ? t("no scale") : "",
            pane.series.role === role.value
              ? ""
              : t("no {roles} at this visit", { roles: shortNameOf(roles, role.value) }),
          ];
          return (
            <Pane
              key={pane.place}
              label={t("{what} visit", { what: pane.place ? t("Later") : t("Earlier") })}
              seen={pane.seen}
              series={pane.series}
              camera={set && own ? cameraOf(pane.seen.view, set, { ...look.value, by }, own) : null}
              slice={look.value.slice}
              level={look.value.level}
              laid={i === 1 ? laid : null}
              head={
                <>
                  <select
                    aria-label={t("{what} visit", { what: pane.place ? t("Later") : t("Earlier") })}
                    value={pane.id}
                    onChange={(event) => show(event.currentTarget.value, pane.place)}
                  >
                    {toSee.value.map((v) => (
                      <option key={v.id} value={v.id}>
                        {day(v.on)}
                      </option>
                    ))}
                  </select>
                  <span title={postureOf(set)}>{postureOf(set)}</span>
                  <span class="right" title={notes.filter(Boolean).join(COMMA)}>
                    {notes.filter(Boolean).join(" · ")}
                  </span>
                </>
              }
              onSize={(size) => {
                const next = [...sizes.value];
                next[pane.place] = size;
                sizes.value = next;
              }}
              onPan={([x, y]) => {
                const now = look.value;
                look.value = { ...now, by: [by[0] - x / now.zoom, by[1] - y / now.zoom] };
              }}
              onZoom={zoom}
              onSlice={(by) => slice(pane.series, by)}
              onLevel={(level) => {
                look.value = { ...look.value, level, by: [0, 0] };
              }}
            />
          );
        })}
        {coming > 0 && <p class="view calm">{t("Opening the reading.")}</p>}
      </div>
    </section>
  );
}

const shortNameOf = (roles: (readonly [string, Series])[], name: string): string => {
  const found = roles.find(([one]) => one === name)?.[1];
  return found ? shortName(found) : name;
};

export function zoom(factor: number): void {
  look.value = { ...look.value, zoom: Math.min(20, Math.max(0.3, look.value.zoom * factor)) };
}

function slice(series: Series, by: number): void {
  const now = pictureAt(series, look.value.slice);
  const at = now ? series.pictures.indexOf(now) : 0;
  const next = series.pictures[Math.min(series.pictures.length - 1, Math.max(0, at + by))];
  if (next) look.value = { ...look.value, slice: next.offset_mm };
}

/** One slice on, in both. */
export function stepSlice(by: number): void {
  const pane = shown().find((p) => p.series.pictures.length > 1);
  if (pane) slice(pane.series, by);
}

/** The level above or below, of those that both show. */
export function stepLevel(by: number): void {
  const panes = shown().map((p) => ({ view: p.seen.view, set: setOf(p.seen.view, p.series) }));
  const levels =
    panes.length > 1
      ? levelsInAll(panes)
      : panes.flatMap((p) => (p.set ? bodiesOf(p.view, p.set).map((v) => v.level) : []));
  const next = levels[levels.indexOf(look.value.level) + by];
  if (next) look.value = { ...look.value, level: next, by: [0, 0] };
}

const postureOf = (set: { posture: string } | undefined): string =>
  set?.posture === "unknown" ? t("posture unknown") : said(set?.posture ?? "");
