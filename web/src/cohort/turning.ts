// What is open on the page, over a change of language: the page is loaded anew, and all of it is there again. It is kept
// in this tab of the browser alone, and let go as soon as it is read.

import { batch } from "@preact/signals";
import { turning } from "../language/language";
import * as api from "./api";
import {
  analysis,
  answers,
  busy,
  chosen,
  confirmed,
  event,
  named,
  order,
  QUESTIONS,
  question,
  repeats,
  revisit,
  sheet,
  since,
  table,
  time,
  title,
  understand,
  wrongAsMissing,
} from "./state";

const KEY = "ovcf-cohort";

/** What somebody chose, by its name; each is plain data. */
const CHOSEN = { answers, chosen, event, named, order, repeats, sheet, since, time, title, wrongAsMissing };

interface Turned {
  /** The table on the server by its name there; nothing for the registry. */
  table: string;
  question: string | null;
  analysis: string | null;
  confirmed: string[];
  chosen: Record<string, unknown>;
}

/** Keep it before the page goes. What is being read or sent comes first: it would be cut off. */
turning(async () => {
  await settled();
  const open = table.value;
  if (!open) return; // what is looked at stands in the address
  const turned: Turned = {
    table: open.table,
    question: question.value?.name ?? null,
    analysis: analysis.value?.analysis ?? null,
    confirmed: [...confirmed.value],
    chosen: Object.fromEntries(Object.entries(CHOSEN).map(([name, one]) => [name, one.value])),
  };
  sessionStorage.setItem(KEY, JSON.stringify(turned));
});

const settled = (): Promise<void> =>
  new Promise((done) => {
    const stop = busy.subscribe((what) => {
      if (what !== "") return;
      queueMicrotask(() => stop());
      done();
    });
  });

function kept(): Turned | null {
  try {
    const text = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return text === null ? null : (JSON.parse(text) as Turned);
  } catch {
    return null; // a browser that keeps nothing for this page
  }
}

/** Show again what was open before the language was changed; false where nothing was. Throws where it is gone. */
export async function restore(): Promise<boolean> {
  const turned = kept();
  if (!turned) return false;
  const sheetBefore = turned.chosen.sheet as string | null;
  const found = !turned.table
    ? await api.registry()
    : sheetBefore
      ? await api.sheet(turned.table, sheetBefore)
      : await api.open(turned.table);
  batch(() => {
    table.value = found;
    question.value = QUESTIONS.find((one) => one.name === turned.question) ?? null;
    confirmed.value = new Set(turned.confirmed);
    for (const [name, one] of Object.entries(CHOSEN)) (one as { value: unknown }).value = turned.chosen[name];
  });
  if (question.value?.design && found.table) await understand();
  if (turned.analysis) {
    await revisit(turned.analysis);
    title.value = turned.chosen.title as string;
  }
  return true;
}
