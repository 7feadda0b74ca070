// The page of a patient: the sentence first, visits beside each other, then every quantity with its verdict.

import { useEffect } from "preact/hooks";
import { Frame } from "../common/Frame";
import { type Key, KeySheet, useKeys } from "../common/KeySheet";
import { day } from "../common/words";
import { Answers } from "./Answers";
import { Charts } from "./Charts";
import { Enter } from "./Enter";
import { Panes, stepLevel, stepSlice, zoom } from "./Panes";
import { course, episode, load, look, patient, step, trouble, whole } from "./state";
import { Done, Outcomes, Prevention, Questions } from "./Told";
import { Plan, Visits } from "./Visits";

const KEYS: readonly Key[] = [
  { key: "[", words: "right: earlier visit", does: () => step(1, -1) },
  { key: "]", words: "right: later visit", does: () => step(1, 1) },
  { key: "{", words: "left: earlier visit", does: () => step(0, -1) },
  { key: "}", words: "left: later visit", does: () => step(0, 1) },
  { key: "k", words: "level above", does: () => stepLevel(-1) },
  { key: "j", words: "level below", does: () => stepLevel(1) },
  { key: "+", words: "nearer", does: () => zoom(1.25) },
  { key: "-", words: "farther", does: () => zoom(0.8) },
  { key: "PageUp", words: "slice before", does: () => stepSlice(-1) },
  { key: "PageDown", words: "slice after", does: () => stepSlice(1) },
  {
    key: "r",
    words: "views as at first",
    does: () => {
      look.value = { ...look.value, zoom: 1, by: null, slice: 0 };
    },
  },
];

export function Timeline() {
  useEffect(() => void load(), []);
  useKeys(KEYS);
  const page = course.value;
  const person = page && [page.patient.sex, page.patient.birth_year && `born ${page.patient.birth_year}`];
  const several = (page?.episodes.length ?? 0) > 1;
  return (
    <Frame
      page="patients"
      title={page ? `Course of ${page.patient.code}` : "Course"}
      quiet
      trouble={trouble.value}
      whose={
        page && (
          <>
            <b>{page.patient.code}</b>
            {person?.filter(Boolean).map((p) => (
              <span key={p}>{p}</span>
            ))}
            <span>{page.visits.length === 1 ? "1 visit" : `${page.visits.length} visits`}</span>
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
              {!whole.value && <p class="lead dim">Reading the visits.</p>}
              {page.why && (
                <p class="lead">
                  No course yet: {page.why.where} {page.why.problem}.{" "}
                  <span class="dim">{page.why.remedy}</span>
                </p>
              )}
              {page.next && <p class="dim">{page.next}</p>}
            </div>
            {several && (
              <label>
                Fracture{" "}
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
                      {[e.levels.join(", ") || "level not known", day(e.fractured_on)]
                        .filter(Boolean)
                        .join(", ")}
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
                  Report
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
      {!page && !trouble.value && <p class="dim">Reading the visits.</p>}
    </Frame>
  );
}
