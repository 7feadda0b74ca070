// What is said of the course beside its charts: what nobody may miss and questions first, outcomes with their reasons, what was done and happened.

import { may } from "../common/me";
import { day } from "../common/words";
import { COMMA, said, t } from "../language/language";
import { entering } from "./Enter";
import { confirmedLevels, course, events, load, treatments } from "./state";
import type { Fact } from "./types";

export function Alerts() {
  const alerts = course.value?.timeline.alerts ?? [];
  return (
    <>
      {alerts.map((a) => (
        <section key={a.title} class="band urgent" role="alert" aria-label={a.title}>
          <b>{a.title}</b>
          {a.texts.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </section>
      ))}
    </>
  );
}

export function Questions() {
  const told = course.value?.timeline;
  if (!told) return null;
  return (
    <>
      {told.questions.length > 0 && (
        <div class="band" role="alert">
          <b>{t("Do the visits mean the same vertebrae?")}</b>
          {told.questions.map((q) => (
            <p key={q}>
              {q}
              {t(".")}
            </p>
          ))}
          <p>
            {t("Look at both below. Correct the reading whose names are wrong, or say that they are right.")}
          </p>
          <div class="row">
            <button
              type="button"
              onClick={() => {
                confirmedLevels.value = true;
                void load();
              }}
            >
              {t("The names are right")}
            </button>
          </div>
        </div>
      )}
      {confirmedLevels.value && (
        <p class="dim">
          {t("You said that the names of the vertebrae are right; the course is shown as they are.")}
        </p>
      )}
      {told.warnings.length > 0 && (
        <ul class="warnings">
          {told.warnings.map((w) => (
            <li key={w}>{w}</li>
          ))}
        </ul>
      )}
    </>
  );
}

export function Outcomes() {
  const told = course.value?.timeline;
  if (!told || told.outcomes.length === 0) return null;
  return (
    <section aria-label={t("Outcomes")}>
      <h2>{t("Outcomes")}</h2>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Outcome")}</th>
              <th scope="col">{t("Visit")}</th>
              <th scope="col">{t("Answer")}</th>
              <th scope="col">{t("Why")}</th>
            </tr>
          </thead>
          <tbody>
            {told.outcomes.map((o) => (
              <tr key={o.name + o.visit}>
                <th scope="row">{o.name}</th>
                <td>{said(o.visit)}</td>
                <td>
                  <b>{o.answer}</b>
                </td>
                <td>{o.because}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function Prevention() {
  const timers = course.value?.timeline.prevention ?? [];
  if (timers.length === 0) return null;
  return (
    <section aria-label={t("Secondary prevention")}>
      <details>
        <summary>{t("Secondary prevention, against the next fracture")}</summary>
        <div class="table">
          <table>
            <tbody>
              {timers.map(([name, state]) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{state}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

const word = (value: unknown): string => (typeof value === "string" ? value : "");

function treatmentWords({ values: v }: Fact): string {
  const detail = (v.detail ?? {}) as Record<string, unknown>;
  const levels = Array.isArray(v.levels) ? v.levels.join(COMMA) : "";
  const more = Object.entries(detail).map(([name, value]) =>
    name === "drug" || name === "name" ? String(value) : `${said(name)} ${said(String(value))}`,
  );
  const ended = word(v.ended_on) ? t(" to {ended_on}", { ended_on: day(word(v.ended_on)) }) : "";
  return `${[said(word(v.kind)), levels, ...more].filter(Boolean).join(COMMA)}: ${day(word(v.started_on))}${ended}`;
}

const eventWords = ({ values: v }: Fact): string =>
  `${[said(word(v.kind)), word(v.level)].filter(Boolean).join(COMMA)}: ${day(word(v.on))}${v.source === "reported" ? "" : `, ${said(word(v.source))}`}`;

export function Done() {
  return (
    <section aria-label={t("Treatment and events")} class="done">
      <Facts
        title={t("Treatment")}
        kind="treatments"
        facts={treatments.value}
        words={treatmentWords}
        what="treatment"
      />
      <Facts title={t("Events")} kind="events" facts={events.value} words={eventWords} what="event" />
    </section>
  );
}

interface FactsProps {
  title: string;
  kind: "treatments" | "events";
  what: "treatment" | "event";
  facts: Fact[];
  words: (fact: Fact) => string;
}

function Facts({ title, kind, what, facts, words }: FactsProps) {
  return (
    <div>
      <h2>{title}</h2>
      <ul>
        {facts.map((fact) => (
          <li key={fact.id}>
            {words(fact)}{" "}
            {may("write facts") && (
              <button
                type="button"
                class="link"
                aria-label={t("Take back: {fact}", { fact: words(fact) })}
                onClick={() => {
                  entering.value = { what: "take back", kind, fact, words: words(fact) };
                }}
              >
                {t("Take back")}
              </button>
            )}
          </li>
        ))}
        {facts.length === 0 && <li class="dim">{t("None entered.")}</li>}
      </ul>
      {may("write facts") && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            entering.value = { what };
          }}
        >
          {t("Enter {what}", { what: what === "treatment" ? t("a treatment") : t("an event") })}
        </button>
      )}
    </div>
  );
}
