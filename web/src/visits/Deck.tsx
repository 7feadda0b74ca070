// The deck under the views: every visit of this fracture. A click opens it, with Shift beside the current one.

import { useEffect } from "preact/hooks";
import { day } from "../common/words";
import { t } from "../language/language";
import { kept, loadVisits, prior, priorTrouble, putAway, showBeside, visits } from "./deck";
import "./deck.css";

export function Deck() {
  useEffect(() => void loadVisits(), []);
  const all = visits.value?.visits ?? [];
  if (all.length < 2) return null;
  const patient = visits.value?.patient;
  return (
    <nav class="deck" aria-label={t("Visits")}>
      {all.map((v) => {
        const here = v.reading === kept;
        const shown = prior.value?.visit.reading === v.reading;
        return (
          <div key={v.reading} class={`visit${here || shown ? " on" : ""}`}>
            <a
              href={`/readings/${v.reading}/`}
              aria-current={here ? "page" : undefined}
              title={here ? undefined : t("Opens it; with Shift beside the current one")}
              onClick={(event) => {
                if (here) event.preventDefault();
                else if (event.shiftKey) {
                  event.preventDefault();
                  void showBeside(v);
                }
              }}
            >
              {v.study && (
                <img
                  src={`/api/v1/studies/${v.study}/thumbnail`}
                  alt=""
                  loading="lazy"
                  onError={(event) => event.currentTarget.remove()}
                />
              )}
              <span>
                <b>{day(v.on)}</b>
                <small>
                  {v.day === null ? v.window : t("day {day}", { day: v.day })},{" "}
                  {here ? t("open") : v.signed ? t("signed") : t("draft")}
                </small>
              </span>
            </a>
            {!here && (
              <button
                type="button"
                aria-pressed={shown}
                onClick={() => (shown ? putAway() : void showBeside(v))}
              >
                {t("Beside")}
              </button>
            )}
          </div>
        );
      })}
      <a class="course" href={`/patients/${patient}/`}>
        {t("Course")}
      </a>
      {priorTrouble.value && (
        <span class="ask" role="alert">
          {priorTrouble.value}
        </span>
      )}
    </nav>
  );
}
