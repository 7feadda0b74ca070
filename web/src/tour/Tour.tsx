import { useEffect } from "preact/hooks";
import { t } from "../language/language";
import { end, goTo, places, STEPS, type Step, shownOn, step } from "./steps";
import "./tour.css";

interface Props {
  page: Step["page"];
  /** Whether it is asked which vertebra is which; once that is answered, the tour goes on by itself. */
  asked?: boolean;
}

/** The step of the tour that belongs to a page; nothing once it is over. It stands beside the work, never over it. */
export function Tour({ page, asked = page === "worklist" }: Props) {
  const place = shownOn(page, asked);
  const now = place === null ? undefined : STEPS[place];
  useEffect(() => {
    if (place !== null && place > step.value) goTo(place); // what lies before it is not shown again
  }, [place]);
  if (place === null || !now) return null;
  const all = places(asked);
  const at = all.indexOf(place);
  const [before, next] = [all[at - 1], all[at + 1]];
  const last = next === undefined;
  const here = (one: number | undefined) => one !== undefined && STEPS[one]?.page === page;
  return (
    <section class="tour" aria-label={t("Tour")} onKeyDown={(event) => event.key === "Escape" && end()}>
      <p class="dim">{t("Tour, step {n} of {all}", { n: at + 1, all: all.length })}</p>
      <h2>{now.title}</h2>
      <p aria-live="polite">{now.words}</p>
      <div class="row">
        {(last || here(next)) && (
          <button type="button" onClick={() => (last ? end() : goTo(next))}>
            {last ? t("Done") : t("Next step")}
          </button>
        )}
        {before !== undefined && here(before) && (
          <button type="button" onClick={() => goTo(before)}>
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
