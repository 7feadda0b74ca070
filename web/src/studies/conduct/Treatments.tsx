// What was done for the fracture of an enrolled patient: entered, ended, taken back; a crossover leaves the arm as it was.

import { useState } from "preact/hooks";
import { send } from "../../common/api";
import { Day, text } from "../../common/fields";
import { keepTreatment, TreatmentFields } from "../../common/Treatment";
import { day } from "../../common/words";
import { COMMA, said, t } from "../../language/language";
import { act, study } from "../state";
import { Tag } from "../Tag";
import type { Patient, Treatment } from "../types";

interface Props {
  patient: Patient;
  writes: boolean;
  changed: () => void;
}

export function Treatments({ patient, writes, changed }: Props) {
  const now = study.value;
  if (!now) return null;
  const arm = now.protocol.arms.find((a) => a.id === patient.arm);
  const add = (form: HTMLFormElement) =>
    void act(async () => {
      await keepTreatment(patient.episode, new FormData(form));
      form.reset();
      changed();
    });
  return (
    <section class="visit" aria-label={t("Treatment")}>
      <h4>
        {t("Treatment")} <span class="dim">{t("enrolled as {title}", { title: arm?.title })}</span>
      </h4>
      {patient.treatments.length === 0 ? (
        <p class="dim">{t("None is entered yet.")}</p>
      ) : (
        <ul class="treatments">
          {patient.treatments.map((one) => (
            <One key={one.id} one={one} writes={writes} changed={changed} />
          ))}
        </ul>
      )}
      {writes && (
        <details>
          <summary>{t("Enter a treatment")}</summary>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              add(event.currentTarget);
            }}
          >
            <div class="fields">
              <TreatmentFields kinds={now.treatments} levels={now.levels} />
              <button type="submit">{t("Keep the treatment")}</button>
            </div>
          </form>
          <p class="dim">
            {t(
              "One that another arm stands for is a crossover. The patient stays in the arm of enrolment, and is analysed there.",
            )}
          </p>
        </details>
      )}
    </section>
  );
}

function One({ one, writes, changed }: { one: Treatment; writes: boolean; changed: () => void }) {
  const [open, setOpen] = useState(false);
  const words = `${one.drug || said(one.kind)}${one.levels.length ? `, ${one.levels.join(COMMA)}` : ""}`;
  const go = (doing: () => Promise<unknown>) =>
    void act(async () => {
      await doing();
      setOpen(false);
      changed();
    });
  const correct = (data: FormData) =>
    go(() =>
      send("PATCH", `/facts/treatments/${one.id}`, {
        reason: text(data, "reason"),
        changes: { started_on: text(data, "began"), ended_on: text(data, "ended") || null },
      }),
    );
  const takeBack = (data: FormData) =>
    go(() => send("POST", `/facts/treatments/${one.id}/retraction`, { reason: text(data, "reason") }));
  return (
    <li>
      <div class="row">
        <span>
          <b>{words}</b> {one.drug && <span class="dim">{said(one.kind)} </span>}
          {t("from {began}{ended}", {
            began: day(one.began),
            ended: one.ended ? t(" to {ended}", { ended: day(one.ended) }) : t(", goes on"),
          })}
        </span>
        {one.crossover && <Tag kind="ask">{t("crossover")}</Tag>}
        {writes && (
          <button
            type="button"
            aria-expanded={open}
            aria-label={t("Correct: {words}", { words })}
            onClick={() => setOpen(!open)}
          >
            {t("Correct")}
          </button>
        )}
      </div>
      {open && (
        <form
          class="fields"
          onSubmit={(event) => {
            event.preventDefault();
            const back = (event.submitter as HTMLButtonElement | null)?.value === "back";
            (back ? takeBack : correct)(new FormData(event.currentTarget));
          }}
        >
          <Day name="began" label={t("Began on")} first={one.began} required />
          <Day name="ended" label={t("Ended on, if it did")} first={one.ended ?? ""} />
          <label>
            {t("Reason; it is kept")}
            <input name="reason" required maxLength={1000} />
          </label>
          <button type="submit" value="keep">
            {t("Correct it")}
          </button>
          <button type="submit" value="back">
            {t("Take it back")}
          </button>
        </form>
      )}
    </li>
  );
}
