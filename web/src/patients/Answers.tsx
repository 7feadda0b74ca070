// What the patient answered at each visit, what is missing, and the way to enter it.

import { may } from "../common/me";
import { day } from "../common/words";
import { said, t } from "../language/language";
import { entering } from "./Enter";
import { course } from "./state";
import type { Instrument, VisitSeen } from "./types";

export function Answers() {
  const page = course.value;
  const held = page?.visits.filter((v) => v.status === "held") ?? [];
  if (!page || held.length === 0) return null;
  return (
    <section aria-label={t("Answers of the patient")}>
      <h2>{t("Answers of the patient")}</h2>
      <div class="table">
        <table class="answers">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">{t("Instrument")}</span>
              </th>
              {held.map((v) => (
                <th scope="col" key={v.id}>
                  {said(v.window)}
                  <small>{day(v.on)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.forms.instruments.map((form) => (
              <tr key={form.instrument}>
                <th scope="row">{said(form.instrument)}</th>
                {held.map((v) => (
                  <td key={v.id}>
                    <Cell visit={v} form={form} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Cell({ visit, form }: { visit: VisitSeen; form: Instrument }) {
  const now = visit.answers.find((a) => a.instrument === form.instrument);
  if (!now) return null;
  const words = now.text || t("missing");
  const from = now.text && !now.fact ? <small>{t("of the reading")}</small> : null;
  if (!may("write facts"))
    return (
      <span class={now.text ? "" : "missing"}>
        {words}
        {from}
      </span>
    );
  return (
    <button
      type="button"
      class={now.text ? "cell" : "cell missing"}
      aria-label={t("{instrument} at {window}: {words}. {what}", {
        instrument: said(form.instrument),
        window: said(visit.window),
        words,
        what: now.fact ? t("Correct") : t("Enter"),
      })}
      onClick={() => {
        entering.value = { what: "answer", visit, form, now };
      }}
    >
      {words}
      {from}
    </button>
  );
}
