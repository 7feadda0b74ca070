// A table, a question to it, and the analysis that is made.

import { computed, signal } from "@preact/signals";
import { said } from "../common/words";
import { t } from "../language/language";
import * as api from "./api";
import { asked, type Part, QUESTIONS, type Question } from "./questions";
import type { Analysis, Keep, Kept, Mapping, MappingAsked, Table, Time } from "./types";

export const table = signal<Table | null>(null);
export const sheet = signal<string | null>(null);
export const question = signal<Question | null>(null);
export const chosen = signal<Partial<Record<Part["name"], string[]>>>({});
export const event = signal("");
export const wrongAsMissing = signal(false);
export const mapping = signal<Mapping | null>(null);
export const named = signal<Record<string, string>>({});
export const answers = signal<Record<string, Record<string, string>>>({});
/** Headings of which somebody said that they are understood rightly. */
export const confirmed = signal<ReadonlySet<string>>(new Set());
/** In which order the headings stand, made once for a question: what is open first. Nothing jumps while it is answered. */
export const order = signal<string[]>([]);
export const repeats = signal<Keep | null>(null);
export const time = signal<Time | null>(null);
export const analysis = signal<Analysis | null>(null);
/** When the analysis that is looked at was asked for, in ms; what it is of, where its table is not open. */
export const since = signal(0);
export const title = signal("");
export const kept = signal<Kept | null>(null);
export const trouble = signal("");
export const busy = signal("");

/** Why rows of one patient keep the question from being asked; empty where they do not. */
export const unsettled = computed(() => {
  const found = table.value?.repeats;
  const now = question.value;
  if (!found || !now) return "";
  if (repeats.value === null) return t("Say above which rows count of the patients who have several.");
  if (repeats.value === "all" && now.design && !now.vertebrae)
    return t("This design has one row for each patient: choose above which row counts.");
  return "";
});

export const ready = computed(() => {
  const now = question.value;
  if (!table.value || !now || unsettled.value) return false;
  if (now.design) return !table.value.table || mapping.value?.open === 0;
  return asked(now, chosen.value, event.value) !== null;
});

async function doing(what: string, act: () => Promise<void>): Promise<void> {
  busy.value = what;
  try {
    await act();
    trouble.value = "";
  } catch (error) {
    trouble.value = said(error);
  }
  busy.value = "";
}

function take(found: Table): void {
  table.value = found;
  analysis.value = null;
  mapping.value = null;
  named.value = {};
  answers.value = {};
  chosen.value = {};
  event.value = "";
  confirmed.value = new Set();
  repeats.value = null;
  time.value = null;
  remember("table", found.table);
  if (question.value && !found.table && !question.value.registry) question.value = null;
  if (question.value) choose(question.value);
}

export const upload = (file: File) =>
  doing(t("Reading {name}", { name: file.name }), async () => {
    const found = await api.upload(file);
    sheet.value = found.sheets[0] ?? null;
    take(found);
  });

export const turnSheet = (name: string) =>
  doing(t("Reading the sheet"), async () => {
    if (!table.value) return;
    const found = await api.sheet(table.value.table, name);
    sheet.value = name;
    take(found);
  });

export const registry = () =>
  doing(t("Reading the registry"), async () => {
    sheet.value = null;
    take(await api.registry());
  });

/** Begin anew. What was sent stays in the list of the week. */
export function leave(): void {
  table.value = null;
  question.value = null;
  analysis.value = null;
  trouble.value = "";
  remember("table", "");
  void look();
}

/** The address keeps what is open, so that it is there again when the page is loaded again. */
function remember(what: "table" | "analysis", id: string): void {
  history.replaceState(null, "", id ? `#${what}=${id}` : location.pathname + location.search);
}

/** What one has sent and asked for before. */
export const look = async (): Promise<void> => {
  kept.value = await api.kept().catch(() => null);
};

export const reopen = (id: string) =>
  doing(t("Reading the table"), async () => {
    const found = await api.open(id);
    sheet.value = found.sheets[0] ?? null;
    take(found);
  });

/** Look at an analysis that was asked for before. */
export const revisit = (id: string) =>
  doing(t("Looking"), async () => {
    const found = await api.look(id);
    const line = kept.value?.analyses.find((one) => one.analysis === id);
    title.value = line ? `${line.name}${t(": ")}${wordsOf(line.asked)}` : "";
    since.value = line ? Date.parse(line.at) : Date.now();
    analysis.value = found;
    remember("analysis", id);
    if (found.state !== "done" && found.state !== "failed") void follow(id);
  });

export const wordsOf = (asked: string): string => QUESTIONS.find((q) => q.name === asked)?.words ?? asked;

export async function discard(what: "table" | "analysis", id: string): Promise<void> {
  await doing(t("Deleting"), () => (what === "table" ? api.forget(id) : api.stop(id)));
  await look();
}

/** Stop an analysis that is being made. */
export const stop = () =>
  doing(t("Stopping"), async () => {
    const gone = analysis.value?.analysis;
    analysis.value = null;
    remember("table", table.value?.table ?? "");
    if (gone) await api.stop(gone);
    if (!table.value) await look();
  });

/** Show what the address names, or what `before` has brought back. */
export async function start(before: () => Promise<boolean>): Promise<void> {
  const [what, id = ""] = location.hash.slice(1).split("=");
  await look();
  const back = await before().catch((error) => {
    trouble.value = said(error);
    return false;
  });
  if (!back && what === "table" && id) await reopen(id);
  if (!back && what === "analysis" && id) await revisit(id);
  if (trouble.value) remember("table", "");
}

export function choose(one: Question): void {
  question.value = one;
  chosen.value = {};
  event.value = "";
  time.value = null;
  analysis.value = null;
  mapping.value = null;
  order.value = [];
  if (one.design && table.value?.table) void understand();
}

const said_ = (): MappingAsked => ({
  design: question.value?.name ?? "",
  sheet: sheet.value,
  named: named.value,
  answers: answers.value,
});

/** How the design understands the headings, with what was said of them so far. */
export const understand = () =>
  doing(t("Looking at the headings"), async () => {
    if (!table.value?.table) return;
    const found = await api.mapping(table.value.table, said_());
    if (order.value.length === 0) order.value = inOrder(found);
    mapping.value = found;
  });

function inOrder(found: Mapping): string[] {
  const rank = (guess: Mapping["guesses"][number]) =>
    guess.codes.some(({ label }) => label === "?") ? 0 : guess.doubts.length > 0 ? 1 : 2;
  const sorted = [...found.guesses].sort((a, b) => rank(a) - rank(b));
  return [...sorted.map((guess) => guess.heading), ...found.unused];
}

export function confirm(heading: string): void {
  confirmed.value = new Set([...confirmed.value, heading]);
}

export function name(heading: string, column: string): void {
  named.value = { ...named.value, [heading]: column };
  void understand();
}

export function answer(heading: string, code: string, label: string): void {
  answers.value = {
    ...answers.value,
    [heading]: { ...answers.value[heading], [code]: label },
  };
  void understand();
}

export const run = () =>
  doing(t("Asking"), async () => {
    const now = question.value;
    const from = table.value;
    if (!now || !from) return;
    const what = now.design ? null : asked(now, chosen.value, event.value);
    const begun = await api.begin({
      table: from.table || null,
      sheet: sheet.value,
      wrong_as_missing: wrongAsMissing.value,
      repeats: from.repeats ? repeats.value : null,
      times: what && time.value ? [time.value] : [],
      ...(what ? { question: what } : { mapping: said_() }),
    });
    since.value = Date.now();
    title.value = "";
    remember("analysis", begun.analysis);
    analysis.value = { analysis: begun.analysis, state: "waiting", why: null, report: null };
    void follow(begun.analysis);
  });

const PAUSE_MS = 500;

async function follow(id: string): Promise<void> {
  while (analysis.value?.analysis === id) {
    await new Promise((go) => setTimeout(go, PAUSE_MS));
    if (analysis.value?.analysis !== id) return;
    try {
      const now = await api.look(id);
      if (analysis.value?.analysis !== id) return;
      analysis.value = now;
      trouble.value = "";
      if (now.state === "done" || now.state === "failed") return;
    } catch (error) {
      trouble.value = said(error);
    }
  }
}

export { QUESTIONS };
