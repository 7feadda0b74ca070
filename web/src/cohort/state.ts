// A table, a question to it, and the analysis that is made.

import { computed, signal } from "@preact/signals";
import { said } from "../common/words";
import { t } from "../language/language";
import * as api from "./api";
import { asked, type Part, QUESTIONS, type Question } from "./questions";
import type { Analysis, Mapping, MappingAsked, Table } from "./types";

export const table = signal<Table | null>(null);
export const sheet = signal<string | null>(null);
export const question = signal<Question | null>(null);
export const chosen = signal<Partial<Record<Part["name"], string[]>>>({});
export const event = signal("");
export const wrongAsMissing = signal(false);
export const mapping = signal<Mapping | null>(null);
export const named = signal<Record<string, string>>({});
export const answers = signal<Record<string, Record<string, string>>>({});
export const analysis = signal<Analysis | null>(null);
export const trouble = signal("");
export const busy = signal("");

export const ready = computed(() => {
  const now = question.value;
  if (!table.value || !now) return false;
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

/** Begin anew. What was uploaded is let go on the server too. */
export function leave(): void {
  const gone = table.value?.table;
  if (gone) void api.forget(gone).catch(() => {});
  table.value = null;
  question.value = null;
  analysis.value = null;
}

export function choose(one: Question): void {
  question.value = one;
  chosen.value = {};
  event.value = "";
  analysis.value = null;
  mapping.value = null;
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
    if (table.value?.table) mapping.value = await api.mapping(table.value.table, said_());
  });

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
      ...(what ? { question: what } : { mapping: said_() }),
    });
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
