// The tour on first use: what to do from images to a report, a step at a time. Where somebody is in it is kept in
// this browser; it comes by itself once, and again from the help sheet.

import { signal } from "@preact/signals";
import { t } from "../language/language";

export interface Step {
  /** On which page it is shown. */
  page: "worklist" | "reading";
  title: string;
  words: string;
  /** It is about the question which vertebra is which, and left out where that is not asked. */
  asked?: true;
}

export const STEPS: readonly Step[] = [
  {
    page: "worklist",
    title: t("Add images"),
    words: t(
      "Drop a folder or a zip of a study anywhere on this page, or open the example: a digital patient, not a person. When it says what comes next, open it with Enter or a double click.",
    ),
  },
  {
    page: "reading",
    title: t("Which one is L5?"),
    words: t(
      "The names of the levels are counted by a program. Where it is not sure it asks: click one vertebra that you are sure of and choose its name. All others follow.",
    ),
    asked: true,
  },
  {
    page: "reading",
    title: t("Name the fractured vertebra"),
    words: t(
      "The headline says which vertebrae look fractured. Press Assess beside it, or select another vertebra and press I: the score is that of the vertebra you name.",
    ),
  },
  {
    page: "reading",
    title: t("Put points right"),
    words: t(
      "Drag a corner of the fractured vertebra, or select it and use keys 1 to 6 and the arrows. Every number and the score follow; Ctrl Z takes it back.",
    ),
  },
  {
    page: "reading",
    title: t("Look at what follows"),
    words: t(
      "The panel shows the score, each item with its error, and what is urgent. Say what you see otherwise, and enter the clinical facts under Patient.",
    ),
  },
  {
    page: "reading",
    title: t("Sign"),
    words: t(
      "Once no level is asked for, the fractured vertebra is named and every urgent statement has been seen, sign with Ctrl Enter. A change after that makes an addendum, with its reason.",
    ),
  },
  {
    page: "reading",
    title: t("Take the report home"),
    words: t("Report opens it as a page or PDF, in the language of this page. This tour is under Keys, too."),
  },
];

const KEY = "ovcf-tour";

/** The step that comes next; as many as there are once it is over. */
export const step = signal(kept());

function kept(): number {
  if (typeof localStorage === "undefined") return STEPS.length;
  const place = Number(localStorage.getItem(KEY) ?? 0);
  return Number.isInteger(place) && place >= 0 ? Math.min(place, STEPS.length) : 0;
}

export function goTo(place: number): void {
  step.value = Math.max(0, Math.min(place, STEPS.length));
  localStorage.setItem(KEY, String(step.value));
}

export const end = (): void => goTo(STEPS.length);

/** The places of the steps that belong to what is open, in order. */
export const places = (asked: boolean): number[] =>
  STEPS.flatMap((one, place) => (asked || !one.asked ? [place] : []));

/** What a page shows now: its own step, and the first of the reading once somebody has come so far. */
export function shownOn(page: Step["page"], asked: boolean): number | null {
  if (step.value >= STEPS.length) return null;
  const next = places(asked).find((place) => place >= step.value);
  if (next === undefined || STEPS[next]?.page === page) return next ?? null;
  const first = places(asked).find((place) => STEPS[place]?.page === page);
  return first !== undefined && next < first ? first : null;
}
