// Training on digital patients: one's own exercises, and how the error goes down.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { t } from "../../language/language";
import * as api from "../api";
import { act, load } from "../state";
import { Tag } from "../Tag";
import type { Exercise, Figure } from "../types";

export function Training() {
  const [all, setAll] = useState<Exercise[] | null>(null);
  const [drawing, setDrawing] = useState(false);
  useEffect(() => {
    void load(async () => setAll(await api.exercises()));
  }, []);
  if (!all) return null;
  const signed = all.filter((e) => e.signed_at);
  const begin = () => {
    setDrawing(true);
    void act(async () => {
      const made = await api.newExercise();
      location.assign(`/exercises/${made.id}/`);
    }).then(() => setDrawing(false));
  };
  return (
    <>
      <p class="crumbs">
        <a href="#/">{t("All studies")}</a>
      </p>
      <section class="card">
        <h2>{t("Training")}</h2>
        <p>
          {t(
            "The film of a digital patient, not a person. The fractured vertebra is named; its points and those of its neighbours are off by some millimetres. Put them right and sign: you see how far you were from the truth. Nobody else sees it.",
          )}
        </p>
        <div class="row">
          <button type="button" class="main" disabled={drawing} onClick={begin}>
            {drawing ? t("Drawing a patient") : t("New exercise")}
          </button>
        </div>
        <p class="hidden" role="status">
          {drawing ? t("Drawing a patient. It takes some seconds.") : ""}
        </p>
      </section>
      {signed.length > 1 && <Course exercises={signed} />}
      {all.length > 0 && (
        <section class="table" aria-label={t("Your exercises")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Exercise")}</th>
                <th scope="col">{t("Level")}</th>
                <th scope="col" class="number">
                  {t("Points off, mean (mm)")}
                </th>
                <th scope="col" class="number">
                  {t("At worst (mm)")}
                </th>
                <th scope="col" class="number">
                  {t("Height loss, yours and true (%)")}
                </th>
                <th scope="col" class="number">
                  {t("Kyphosis, yours and true (°)")}
                </th>
                <th scope="col" class="number">
                  {t("Grade, yours and true")}
                </th>
                <th scope="col" class="number">
                  {t("Minutes")}
                </th>
              </tr>
            </thead>
            <tbody>
              {[...all].reverse().map((e) => (
                <tr key={e.id}>
                  <td>
                    <a class="name" href={`/exercises/${e.id}/`}>
                      {e.label}
                    </a>
                    <small>{day(e.made_at)}</small>
                  </td>
                  <td>{e.level}</td>
                  {e.signed_at ? (
                    <>
                      <td class="number">{e.mean_mm?.toFixed(1) ?? t("no points")}</td>
                      <td class="number">{e.worst_mm?.toFixed(1) ?? ""}</td>
                      <td class="number">{pair(e.vhl_percent, 1)}</td>
                      <td class="number">{pair(e.ka_deg, 1)}</td>
                      <td class="number">{pair(e.grade, 0)}</td>
                      <td class="number">{e.minutes.toFixed(1)}</td>
                    </>
                  ) : (
                    <td colSpan={6}>
                      <Tag kind="work">
                        <a href={`/exercises/${e.id}/`}>{t("not signed yet: go on")}</a>
                      </Tag>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

const pair = (figure: Figure | null, digits: number): string =>
  figure === null
    ? ""
    : `${figure.found === null ? t("none") : figure.found.toFixed(digits)} / ${figure.truth.toFixed(digits)}`;

const WIDTH = 560;
const HEIGHT = 160;
const LEFT = 40;

/** The mean error of one exercise after the other; the table below has the numbers. */
function Course({ exercises }: { exercises: Exercise[] }) {
  const errors = exercises.map((e) => e.mean_mm).filter((mm): mm is number => mm !== null);
  const most = Math.max(1, Math.ceil(Math.max(...errors)));
  const x = (i: number) => LEFT + ((WIDTH - LEFT - 12) * i) / Math.max(1, errors.length - 1);
  const y = (mm: number) => 12 + (HEIGHT - 36) * (1 - mm / most);
  return (
    <svg
      class="course"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t("Mean error of points over {errors} exercises: from {toFixed} to {toFixed_2} mm", {
        errors: errors.length,
        toFixed: errors[0]?.toFixed(1),
        toFixed_2: errors.at(-1)?.toFixed(1),
      })}
    >
      {[0, most / 2, most].map((mm) => (
        <g key={mm}>
          <line x1={LEFT} x2={WIDTH - 8} y1={y(mm)} y2={y(mm)} />
          <text x={LEFT - 6} y={y(mm) + 4} text-anchor="end">
            {mm}
          </text>
        </g>
      ))}
      <text x={LEFT} y={HEIGHT - 4}>
        {t("Points off, mean of each exercise (mm)")}
      </text>
      <polyline points={errors.map((mm, i) => `${x(i)},${y(mm)}`).join(" ")} />
      {errors.map((mm, i) => (
        <circle key={i} cx={x(i)} cy={y(mm)} r="4" />
      ))}
    </svg>
  );
}
