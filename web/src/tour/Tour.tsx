import { useEffect } from "preact/hooks";
import { t } from "../language/language";
import { end, goTo, STEPS, type Step, shownOn, step } from "./steps";
import "./tour.css";

/** The step of the tour that belongs to a page; nothing once it is over. It stands beside the work, never over it. */
export function Tour({ page }: { page: Step["page"] }) {
  const place = shownOn(page);
  const now = place === null ? undefined : STEPS[place];
  useEffect(() => {
    if (place !== null && place > step.value) goTo(place); // what lies before it is not shown again
  }, [place]);
  if (place === null || !now) return null;
  const last = place === STEPS.length - 1;
  const more = STEPS[place + 1]?.page === page || last;
  return (
    <section class="tour" aria-label={t("Tour")} onKeyDown={(event) => event.key === "Escape" && end()}>
      <p class="dim">{t("Tour, step {n} of {all}", { n: place + 1, all: STEPS.length })}</p>
      <h2>{now.title}</h2>
      <p aria-live="polite">{now.words}</p>
      <div class="row">
        {more && (
          <button type="button" onClick={() => goTo(place + 1)}>
            {last ? t("Done") : t("Next step")}
          </button>
        )}
        {place > 0 && STEPS[place - 1]?.page === page && (
          <button type="button" onClick={() => goTo(place - 1)}>
            {t("Step before")}
          </button>
        )}
        {!last && (
          <button type="button" onClick={end}>
            {t("End the tour")}
          </button>
        )}
      </div>
    </section>
  );
}

/** In a help sheet: the tour from its beginning. */
export function AgainFromHere() {
  return (
    <button type="submit" onClick={() => goTo(0)}>
      {t("Show the tour")}
    </button>
  );
}
