// The screening log, who is enrolled, and what each visit still needs.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { COMMA, said, t } from "../../language/language";
import * as api from "../api";
import { act, load, may, place, refresh, study, to } from "../state";
import { type Kind, Tag } from "../Tag";
import type { Candidate, Patient, VisitState } from "../types";
import { FormPart } from "./Form";
import { Leave, Stay } from "./Leaving";
import { Screen } from "./Screen";
import { Treatments } from "./Treatments";

export function Patients() {
  const now = study.value;
  const { item } = place.value;
  const [log, setLog] = useState<Candidate[] | null>(null);
  const [enrolled, setEnrolled] = useState<Patient[] | null>(null);
  const [seek, setSeek] = useState("");
  const [needs, setNeeds] = useState(false);
  const code = now?.code ?? "";
  const look = () =>
    load(async () => {
      const [one, two] = await Promise.all([api.candidates(code), api.patients(code)]);
      setLog(one);
      setEnrolled(two);
    });
  useEffect(() => {
    if (code) void look();
  }, [code]);
  if (!now || !log || !enrolled) return null;
  const changed = () => {
    void look();
    void refresh();
  };
  const patient = enrolled.find((p) => p.number === item);
  if (patient) return <One key={patient.number} patient={patient} changed={changed} />;
  const writes = may("write facts") && !now.locked;
  const sought = seek.trim().toLowerCase();
  const found = (...words: string[]) => !sought || words.some((word) => word.toLowerCase().includes(sought));
  const waiting = enrolled.filter(waits);
  const shown = (needs ? waiting : enrolled).filter((p) => found(p.number, p.code));
  const candidates = log.filter((c) => found(c.code, c.number ?? ""));
  return (
    <>
      {writes && <Screen log={log} done={changed} open={log.length === 0} />}
      {log.length > 0 && (
        <div class="row">
          <input
            type="search"
            value={seek}
            placeholder={t("Find a patient")}
            aria-label={t("Find a patient")}
            onInput={(e) => setSeek(e.currentTarget.value)}
          />
          <label class="check">
            <input type="checkbox" checked={needs} onChange={(e) => setNeeds(e.currentTarget.checked)} />
            {t("only those with an overdue visit or missing values ({waiting})", { waiting: waiting.length })}
          </label>
        </div>
      )}
      <h3>{t("Enrolled: {n}", { n: enrolled.length })}</h3>
      {shown.length === 0 ? (
        <p class="dim">{enrolled.length === 0 ? t("Nobody yet.") : t("None of them.")}</p>
      ) : (
        <section class="table" aria-label={t("Enrolled patients")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Patient")}</th>
                <th scope="col">{t("Enrolled")}</th>
                {now.protocol.visits.map((v) => (
                  <th key={v.window} scope="col">
                    {said(v.window)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((p) => (
                <tr key={p.number}>
                  <td>
                    <a class="name" href={to(code, "patients", p.number)}>
                      {p.number}
                    </a>
                    <small>{p.code}</small>
                  </td>
                  <td>
                    {day(p.on)}
                    {p.left && (
                      <small>
                        {t("left {left_on}: {left}", { left_on: day(p.left_on), left: said(p.left) })}
                      </small>
                    )}
                    {p.crossed && (
                      <small>{t("crossed over to {crossed}", { crossed: said(p.crossed) })}</small>
                    )}
                  </td>
                  {p.visits.map((v) => (
                    <td key={v.window}>
                      <VisitTag visit={v} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <h3>{t("Screening log: {n}", { n: log.length })}</h3>
      {log.length > 0 && (
        <section class="table" aria-label={t("Screening log")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Candidate")}</th>
                <th scope="col">{t("Screened")}</th>
                <th scope="col">{t("Decision")}</th>
                <th scope="col">{t("Why")}</th>
                <th scope="col">{t("Enrolment")}</th>
              </tr>
            </thead>
            <tbody>
              {candidates.map((c) => (
                <tr key={c.code}>
                  <td>{c.code}</td>
                  <td>{day(c.on)}</td>
                  <td>
                    <Tag
                      kind={c.decision === "eligible" ? "done" : c.decision === "not eligible" ? "no" : "ask"}
                    >
                      {said(c.decision)}
                    </Tag>
                  </td>
                  <td class="wide">
                    {c.because}
                    {c.unknown.length > 0 && (
                      <small>{t("not known: {join}", { join: c.unknown.join(COMMA) })}</small>
                    )}
                  </td>
                  <td>
                    {c.number ? (
                      <a href={to(code, "patients", c.number)}>{c.number}</a>
                    ) : c.decision === "eligible" && writes ? (
                      <Enrol candidate={c.code} done={changed} />
                    ) : (
                      <span class="dim">{t("not enrolled")}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

/** Whether something of a patient is to be done at once. */
const waits = (p: Patient): boolean =>
  !p.left &&
  p.visits.some((v) => v.state === "overdue" || v.forms.some((f) => v.held_on && f.missing.length > 0));

const today = () => new Date().toLocaleDateString("sv");

function Enrol({ candidate, done }: { candidate: string; done: () => void }) {
  const now = study.value;
  const [open, setOpen] = useState(false);
  const [on, setOn] = useState(today());
  const [consent, setConsent] = useState("");
  const [arm, setArm] = useState(now?.protocol.arms[0]?.id ?? "");
  if (!now) return null;
  if (!open)
    return (
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        {t("Enrol")}
      </button>
    );
  const go = () =>
    void act(() => api.enrol(now.code, candidate, { on, consent_on: consent || null, arm })).then((ok) => {
      if (ok) done();
    });
  return (
    <div class="fields">
      <label>
        {t("Consent")}
        <input type="date" value={consent} onInput={(e) => setConsent(e.currentTarget.value)} />
      </label>
      <label>
        {t("Enrolled")}
        <input type="date" value={on} onInput={(e) => setOn(e.currentTarget.value)} />
      </label>
      {now.protocol.arms.length > 1 && (
        <label>
          {t("Arm")}
          <select value={arm} onChange={(e) => setArm(e.currentTarget.value)}>
            {now.protocol.arms.map((a) => (
              <option key={a.id} value={a.id}>
                {a.title}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="button" class="main" onClick={go}>
        {t("Enrol {candidate}", { candidate })}
      </button>
    </div>
  );
}

const KINDS: Record<VisitState["state"], Kind> = {
  held: "done",
  due: "open",
  later: "wait",
  overdue: "ask",
  gone: "locked",
};

function VisitTag({ visit }: { visit: VisitState }) {
  const missing = visit.forms.reduce((n, f) => n + f.missing.length, 0);
  const words = {
    held: t("held {held_on}", { held_on: day(visit.held_on) }),
    due: t("due until {last_day}", { last_day: day(visit.last_day) }),
    later: t("from {first_day}", { first_day: day(visit.first_day) }),
    overdue: t("overdue since {last_day}", { last_day: day(visit.last_day) }),
    gone: t("left before"),
  }[visit.state];
  return (
    <>
      <Tag kind={KINDS[visit.state]}>{words}</Tag>
      {visit.state === "held" && missing > 0 && <small>{t("{missing} values missing", { missing })}</small>}
    </>
  );
}

function One({ patient, changed }: { patient: Patient; changed: () => void }) {
  const now = study.value;
  if (!now) return null;
  const writes = may("write facts") && !now.locked;
  return (
    <>
      <p class="crumbs">
        <a href={to(now.code, "patients")}>{t("Patients")}</a>
      </p>
      <header class="head">
        <h3>{patient.number}</h3>
        <span class="dim">{patient.code}</span>
        <p class="dim">
          {t("Enrolled {on}, {title}{crossed}{left}", {
            on: day(patient.on),
            title: now.protocol.arms.find((a) => a.id === patient.arm)?.title,
            crossed: patient.crossed && t("; crossed over to {crossed}", { crossed: said(patient.crossed) }),
            left:
              patient.left &&
              t("; left {left_on}: {left}", { left_on: day(patient.left_on), left: said(patient.left) }),
          })}
        </p>
      </header>
      {patient.visits.map((visit) => (
        <Visit key={visit.window} patient={patient} visit={visit} writes={writes} changed={changed} />
      ))}
      <Treatments patient={patient} writes={writes} changed={changed} />
      {writes && !patient.left && <Leave patient={patient} changed={changed} />}
      {writes && patient.left && <Stay patient={patient} changed={changed} />}
    </>
  );
}

function Visit({
  patient,
  visit,
  writes,
  changed,
}: {
  patient: Patient;
  visit: VisitState;
  writes: boolean;
  changed: () => void;
}) {
  const now = study.value;
  const [form, setForm] = useState("");
  if (!now) return null;
  const known = now.protocol.forms;
  return (
    <section class="visit" aria-label={said(visit.window)}>
      <h4>
        {said(visit.window)} <VisitTag visit={visit} />
        {visit.reading && (
          <a href={`/readings/${visit.reading}/`} class="small">
            {t("Open the reading")}
          </a>
        )}
      </h4>
      {visit.state !== "held" && visit.state !== "gone" && writes && (
        <Hold patient={patient} visit={visit} changed={changed} />
      )}
      <div class="row">
        {visit.forms.map((f) => (
          <button
            type="button"
            key={f.form}
            aria-expanded={form === f.form}
            onClick={() => setForm(form === f.form ? "" : f.form)}
          >
            {known.find((k) => k.id === f.form)?.title ?? f.form}{" "}
            <span class="dim">{t("{known} of {fields}", { known: f.known, fields: f.fields })}</span>
          </button>
        ))}
      </div>
      {form && (
        <FormPart
          key={form}
          number={patient.number}
          window={visit.window}
          form={form}
          writes={writes}
          changed={changed}
        />
      )}
    </section>
  );
}

function Hold({ patient, visit, changed }: { patient: Patient; visit: VisitState; changed: () => void }) {
  const now = study.value;
  const [on, setOn] = useState("");
  const [answers, setAnswers] = useState<Record<string, string>>({});
  if (!now) return null;
  const due = now.protocol.visits.find((v) => v.window === visit.window)?.forms ?? [];
  const asked = now.protocol.forms
    .filter((f) => due.includes(f.id))
    .flatMap((f) => f.fields)
    .filter((f) => f.source && !f.source.includes(":"));
  const go = () => {
    const given = Object.fromEntries(
      Object.entries(answers)
        .filter(([, v]) => v.trim() !== "")
        .map(([k, v]) => [k, Number(v)]),
    );
    void act(() => api.hold(now.code, patient.number, visit.window, on, given)).then((ok) => {
      if (ok) changed();
    });
  };
  return (
    <div class="fields">
      <label>
        {t("Held on")}
        <input type="date" value={on} onInput={(e) => setOn(e.currentTarget.value)} />
      </label>
      {asked.map((f) => (
        <label key={f.id}>
          {f.label}
          <input
            type="number"
            step="any"
            value={answers[f.source] ?? ""}
            onInput={(e) => setAnswers({ ...answers, [f.source]: e.currentTarget.value })}
          />
        </label>
      ))}
      <button type="button" disabled={!on} onClick={go}>
        {t("Record the visit")}
      </button>
    </div>
  );
}
