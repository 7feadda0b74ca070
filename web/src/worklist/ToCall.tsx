// Below the worklist: whom to call first. The whole lists stand on the page of patients.

import type { ComponentChildren } from "preact";
import { day } from "../common/words";
import { COMMA, t } from "../language/language";
import { SHOWN } from "./api";
import { due, untreated } from "./state";
import { dueWords } from "./words";

export function ToCall() {
  return (
    <>
      {due.value.length > 0 && (
        <Calls title={t("Overdue visits")} all="visits" more={due.value.length > SHOWN}>
          {due.value.slice(0, SHOWN).map((visit) => (
            <li key={visit.patient + visit.window}>
              <a href={`/patients/${visit.patient}/`}>{visit.code}</a> {dueWords(visit)}
            </li>
          ))}
        </Calls>
      )}
      {untreated.value.length > 0 && (
        <Calls
          title={t("No osteoporosis drug recorded 16 weeks after the fracture")}
          all="prevention"
          more={untreated.value.length > SHOWN}
        >
          {untreated.value.slice(0, SHOWN).map((one) => (
            <li key={one.patient + one.fractured_on}>
              <a href={`/patients/${one.patient}/`}>{one.code}</a>{" "}
              {t("{levels}, broken {on}, week {weeks}", {
                levels: one.levels.join(COMMA) || t("level not known"),
                on: day(one.fractured_on),
                weeks: one.weeks,
              })}
            </li>
          ))}
        </Calls>
      )}
    </>
  );
}

interface Props {
  title: string;
  /** The list on the page of patients. */
  all: "visits" | "prevention";
  /** Whether that has more than stands here. */
  more: boolean;
  children: ComponentChildren;
}

function Calls({ title, all, more, children }: Props) {
  return (
    <section class="due" aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {children}
        {more && <li aria-hidden="true">…</li>}
      </ul>
      <a class="whole" href={`/patients/#${all}`}>
        {all === "visits" ? t("All overdue visits") : t("All that is overdue")}
      </a>
    </section>
  );
}
