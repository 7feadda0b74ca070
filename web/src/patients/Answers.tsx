// What the patient answered at each visit, what is missing, and the way to enter it.

import { may } from "../common/me";
import { day } from "../common/words";
import { entering } from "./Enter";
import { course } from "./state";
import type { Instrument, VisitSeen } from "./types";

export function Answers() {
  const page = course.value;
  const held = page?.visits.filter((v) => v.status === "held") ?? [];
  if (!page || held.length === 0) return null;
  return (
    <section aria-label="Answers of the patient">
      <h2>Answers of the patient</h2>
      <div class="table">
        <table class="answers">
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden">Instrument</span>
              </th>
              {held.map((v) => (
                <th scope="col" key={v.id}>
                  {v.window}
                  <small>{day(v.on)}</small>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {page.forms.instruments.map((form) => (
              <tr key={form.instrument}>
                <th scope="row">{form.instrument}</th>
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
  const words = now.text || "missing";
  const from = now.text && !now.fact ? <small>of the reading</small> : null;
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
      class={`cell${now.text ? "" : " missing"}`}
      aria-label={`${form.instrument} at ${visit.window}: ${words}. ${now.fact ? "Correct" : "Enter"}`}
      onClick={() => {
        entering.value = { what: "answer", visit, form, now };
      }}
    >
      {words}
      {from}
    </button>
  );
}
