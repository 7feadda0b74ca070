// The visits, held, planned and missed, and the plan: what is overdue, and when the patient is to come next.

import { may } from "../common/me";
import { day } from "../common/words";
import { said, t } from "../language/language";
import { entering } from "./Enter";
import { beside, course, show } from "./state";
import type { VisitSeen } from "./types";

export function Visits() {
  const page = course.value;
  if (!page) return null;
  return (
    <section aria-label={t("Visits")} class="visits">
      <ol>
        {page.visits.map((v) => (
          <li key={v.id}>
            <One visit={v} />
          </li>
        ))}
      </ol>
      {may("write facts") && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            entering.value = { what: "visit" };
          }}
        >
          {t("Add a visit")}
        </button>
      )}
    </section>
  );
}

const PLACES = [t("left"), t("right")] as const;

function One({ visit: v }: { visit: VisitSeen }) {
  const place = beside.value.indexOf(v.id);
  const when = v.day === null ? "" : v.day === 0 ? t("day 0") : t("day {day}", { day: v.day });
  const state =
    v.status === "held"
      ? v.reading
        ? v.signed
          ? t("signed")
          : t("draft")
        : t("no reading")
      : said(v.status);
  const words = (
    <>
      <b>{day(v.on) || t("no day")}</b>
      <span>
        {said(v.window)}
        {when && `, ${when}`}
      </span>
      <small class={v.status === "missed" ? "ask" : "dim"}>
        {state}
        {place >= 0 && t(", {errors}", { errors: PLACES[place] })}
      </small>
    </>
  );
  if (v.reading)
    return (
      <div class={place >= 0 ? "on" : ""}>
        <button
          type="button"
          aria-pressed={place >= 0}
          title={t("Shift-click shows it at the left")}
          onClick={(event) => show(v.id, event.shiftKey ? 0 : 1)}
        >
          {words}
        </button>
        <a href={`/readings/${v.reading}/`}>{t("Open the reading")}</a>
      </div>
    );
  if (v.status === "planned" && may("write facts"))
    return (
      <button
        type="button"
        onClick={() => {
          entering.value = { what: "planned", visit: v };
        }}
      >
        {words}
      </button>
    );
  return <div class="none-yet">{words}</div>;
}

const LATE = ["overdue", "missed"];

export function Plan() {
  const page = course.value;
  if (!page || page.plan.length === 0) return null;
  return (
    <section aria-label={t("Visits planned")}>
      <h2>{t("Visits planned")}</h2>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Visit")}</th>
              <th scope="col">{t("Counts between")}</th>
              <th scope="col">{t("State")}</th>
            </tr>
          </thead>
          <tbody>
            {page.plan.map((p) => (
              <tr key={p.window} data-due={p.due}>
                <th scope="row">{said(p.window)}</th>
                <td>
                  {t("{first_day} and {last_day}", {
                    first_day: day(p.first_day),
                    last_day: day(p.last_day),
                  })}
                </td>
                <td class={LATE.includes(p.due) ? "ask" : ""}>{p.said}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {page.next && <p class="next">{page.next}</p>}
    </section>
  );
}
