// The page of a patient: the sentence first, visits beside each other, then every quantity with its verdict.

import { useEffect } from "preact/hooks";
import { Frame } from "../common/Frame";
import { type Key, KeySheet, useKeys } from "../common/KeySheet";
import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import { Answers } from "./Answers";
import { Charts } from "./Charts";
import { Enter } from "./Enter";
import { Panes, stepLevel, stepSlice, zoom } from "./Panes";
import { course, episode, load, look, patient, step, trouble, whole } from "./state";
import { Alerts, Done, Outcomes, Prevention, Questions } from "./Told";
import { Plan, Visits } from "./Visits";

const KEYS: readonly Key[] = [
  { key: "[", words: t("right: earlier visit"), does: () => step(1, -1) },
  { key: "]", words: t("right: later visit"), does: () => step(1, 1) },
  { key: "{", words: t("left: earlier visit"), does: () => step(0, -1) },
  { key: "}", words: t("left: later visit"), does: () => step(0, 1) },
  { key: "k", words: t("level above"), does: () => stepLevel(-1) },
  { key: "j", words: t("level below"), does: () => stepLevel(1) },
  { key: "+", words: t("nearer"), does: () => zoom(1.25) },
  { key: "-", words: t("farther"), does: () => zoom(0.8) },
  { key: "PageUp", words: t("slice before"), does: () => stepSlice(-1) },
  { key: "PageDown", words: t("slice after"), does: () => stepSlice(1) },
  {
    key: "r",
    words: t("views as at first"),
    does: () => {
      look.value = { ...look.value, zoom: 1, by: null, slice: 0 };
    },
  },
];

export function Timeline() {
  useEffect(() => void load(), []);
  useKeys(KEYS);
  const page = course.value;
  const person = page && [
    said(page.patient.sex ?? ""),
    page.patient.birth_year && t("born {birth_year}", { birth_year: page.patient.birth_year }),
  ];
  const several = (page?.episodes.length ?? 0) > 1;
  return (
    <Frame
      page="patients"
      title={page ? t("Course of {code}", { code: page.patient.code }) : t("Course")}
      quiet
      trouble={trouble.value}
      whose={
        page && (
          <>
            <b>{page.patient.code}</b>
            {person?.filter(Boolean).map((p) => (
              <span key={p}>{p}</span>
            ))}
            <span>
              {page.visits.length === 1 ? t("1 visit") : t("{visits} visits", { visits: page.visits.length })}
            </span>
          </>
        )
      }
      acts={<KeySheet table={KEYS} />}
    >
      {page && (
        <>
          <div class="headline">
            <div>
              {page.timeline.summary.map((s) => (
                <p key={s} class="lead">
                  {s}
                </p>
              ))}
              {!whole.value && <p class="lead dim">{t("Reading the visits.")}</p>}
              {page.why && (
                <p class="lead">
                  {t("No course yet: {where} {problem}.", {
                    where: page.why.where,
                    problem: page.why.problem,
                  })}{" "}
                  <span class="dim">{page.why.remedy}</span>
                </p>
              )}
              {page.next && <p class="dim">{page.next}</p>}
            </div>
            {several && (
              <label>
                {t("Fracture")}{" "}
                <select
                  value={page.episode}
                  onChange={(event) => {
                    episode.value = event.currentTarget.value;
                    look.value = { ...look.value, level: "", by: null };
                    whole.value = false;
                    void load();
                  }}
                >
                  {page.episodes.map((e) => (
                    <option key={e.id} value={e.id}>
                      {[e.levels.join(COMMA) || t("level not known"), day(e.fractured_on)]
                        .filter(Boolean)
                        .join(COMMA)}
                    </option>
                  ))}
                </select>
              </label>
            )}
            {whole.value && !page.why && (
              <span class="row">
                <a
                  class="plain"
                  href={`/api/v1/patients/${patient}/timeline.html?episode=${page.episode}`}
                  target="_blank"
                  rel="noreferrer"
                >
                  {t("Report")}
                </a>
                <a
                  class="plain"
                  href={`/api/v1/patients/${patient}/timeline.pdf?episode=${page.episode}`}
                  download
                >
                  PDF
                </a>
              </span>
            )}
          </div>
          <Alerts />
          <div class="two-sides">
            <Panes />
            <div class="told">
              <Visits />
              <Questions />
              <Charts />
              <Outcomes />
              <Answers />
              <Plan />
              <Done />
              <Prevention />
            </div>
          </div>
          <Enter />
        </>
      )}
      {!page && !trouble.value && <p class="dim">{t("Reading the visits.")}</p>}
    </Frame>
  );
}
