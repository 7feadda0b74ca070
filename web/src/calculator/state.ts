// What is typed, kept in the fragment of the address and nowhere else: nothing is sent, nothing is stored.

import { computed, signal } from "@preact/signals";
import { said, t } from "../language/language";
import type { Input, Known, Published } from "./declared";

export interface Source {
  citation: string;
  doi: string;
  mark: string;
}

export interface Rate {
  group: string;
  events: number;
  n: number;
  low: number;
  high: number;
}

export interface Page {
  software: string;
  scores: Record<string, Published>;
  sources: Record<string, Source>;
  outcomes: Record<string, { title: string; note: string; rates: Rate[] }[]>;
  /** For whom a score holds at all, by its id; stands before its total. */
  conditions: Record<string, string>;
  notice: string;
  /** Words of the scores in other languages, by language. */
  words: Record<string, Record<string, string>>;
  /** Whether a registry serves it, with the way to the other pages; a file on a disk stands alone. */
  served: boolean;
}

export type Typed = Record<string, string>;

export const page = signal<Page>({
  software: "",
  scores: {},
  sources: {},
  outcomes: {},
  conditions: {},
  notice: "",
  words: {},
  served: false,
});
export const chosen = signal("nasovcf");
export const typed = signal<Typed>({});

export const published = computed<Published | undefined>(() => page.value.scores[chosen.value]);

/** What was typed, as the score takes it, and what is wrong with it by input. */
export const read = computed(() => {
  const known = new Map<string, number | null>();
  const wrong = new Map<string, string>();
  for (const input of published.value?.score.inputs ?? []) {
    const text = (typed.value[input.id] ?? "").trim();
    if (input.kind === "numbers") {
      const several = numbersOf(input, text);
      if (typeof several === "string") wrong.set(input.id, several);
      else for (const [name, x] of several) known.set(name, x);
      continue;
    }
    const found = text === "" ? defaultOf(input) : answerOf(input, text);
    if (typeof found === "string") wrong.set(input.id, found);
    const unknown = input.unknown_word !== "" && text === input.unknown_word;
    known.set(input.id, typeof found === "number" && !unknown ? found : null);
  }
  return { known: known as Known, wrong };
});

/** A question that must be answered and has one possible answer is answered. */
function defaultOf(input: Input): number | null {
  if (input.required && input.words.length === 1) return 0;
  if (input.default === null) return null;
  return typeof input.default === "string" ? input.words.indexOf(input.default) : Number(input.default);
}

/** Numbers given together, "x" for one that is not known, each by its name, and their count; or what is wrong. */
export function numbersOf(input: Input, text: string): Map<string, number | null> | string {
  const parts = text.split(/[\s;]+/).filter(Boolean);
  if (parts.length > input.many) return t("Give at most {many}.", { many: input.many });
  const found = new Map<string, number | null>();
  for (const [k, part] of parts.entries()) {
    const x = /^[x-]$/i.test(part) ? null : answerOf({ ...input, kind: "number" }, part);
    if (typeof x === "string") return `${part}: ${x}`;
    found.set(`${input.id}[${k + 1}]`, x);
  }
  return found.set(input.id, parts.length && ![...found.values()].includes(null) ? parts.length : null);
}

/** The number of an answer, or what is wrong with it. */
export function answerOf(input: Input, text: string): number | string {
  if (input.kind === "flag") return text === "yes" ? 1 : text === "no" ? 0 : t("Answer yes or no.");
  if (input.words.length) {
    const place = input.words.indexOf(text);
    return place < 0 ? t("Choose one of: {join}.", { join: input.words.map(said).join(t(", ")) }) : place;
  }
  // A true minus is typed by nobody and pasted by many; a decimal comma could mean either.
  const plain = text.replace(/[−–]/g, "-").replace(/\s*(%|°)$/, "");
  if (!/^[+-]?(\d{1,9}(\.\d{0,12})?|\.\d{1,12})$/.test(plain)) {
    return plain.includes(",") ? t("Write decimals with a point.") : t("This is no number.");
  }
  const x = Number(plain);
  if (input.kind === "whole" && !Number.isInteger(x)) return t("A whole number is needed.");
  const [low, high] = [input.low ?? -Infinity, input.high ?? Infinity];
  return x < low || x > high
    ? t("Possible are {low} to {high}.", { low: input.low ?? "any", high: input.high ?? "any" })
    : x;
}

export function type(id: string, text: string): void {
  typed.value = { ...typed.value, [id]: text };
  writeFragment();
}

export function choose(id: string): void {
  chosen.value = id;
  typed.value = {};
  writeFragment();
}

export function clear(): void {
  typed.value = {};
  writeFragment();
}

function writeFragment(): void {
  const filled = Object.entries(typed.value).filter(([, text]) => text.trim() !== "");
  const query = new URLSearchParams(filled).toString();
  history.replaceState(null, "", `#${chosen.value}${query ? `?${query}` : ""}`);
}

export function readFragment(): void {
  const [id = "", query = ""] = location.hash.slice(1).split("?");
  if (id in page.value.scores) chosen.value = id;
  const inputs = new Set((published.value?.score.inputs ?? []).map((i) => i.id));
  typed.value = Object.fromEntries([...new URLSearchParams(query)].filter(([name]) => inputs.has(name)));
}
