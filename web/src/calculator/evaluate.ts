// A declared score of one patient, as ovcf computes it; tests compare the two at every limit.

import { said as spoken, t } from "../language/language";
import type {
  Advice,
  Calc,
  Condition,
  Fact,
  Group,
  Input,
  Item,
  Known,
  Published,
  Quantity,
  Score,
} from "./declared";
import { inputOf } from "./declared";
import { filled, fixed, general, quantityAs, shownAs, symbol } from "./printed";
import { Facts, rising } from "./rules";

export type Status = "complete" | "incomplete" | "not applicable" | "out of the derivation population";

export interface Line {
  name: string;
  finding: string;
  points: number | null;
  possible: number[];
  note: string;
}

export interface ScoreResult {
  status: Status;
  lines: Line[];
  total: number | null;
  group: string | null;
  attainable: [number, number] | null;
  attainableGroups: string[];
  missing: string[];
  reasons: string[];
  advisories: string[];
  /** What is not known and decides whether the score applies. */
  unasked: string[];
  evidence: string[];
  /** What goes before the score. */
  alerts: string[];
}

export interface ClassResult {
  label: string | null;
  meaning: string;
  possible: string[];
  missing: string[];
  flags: string[];
  advisories: string[];
  evidence: string[];
  alerts: string[];
}

interface Found {
  line: Line;
  /** As the source counts it. */
  points: number | null;
  outside: string;
}

const BESIDE = 1e-6;

export function evaluate(published: Published, known: Known): ScoreResult {
  const { score, tolerance } = published;
  const facts = new Facts(score, known, tolerance);
  const shown = shownOf(score, facts);
  const found = score.items
    .filter((i) => facts.truth(i.when) === true)
    .map((i) => lineOf(score, i, facts, shown));
  const outside = found.map((f) => f.outside).filter(Boolean);
  const reasons = score.checks
    .filter((c) => facts.truth(c.alike) === false)
    .map((c) => filled(spoken(c.otherwise), shown));
  const answered = found.map((f) => f.points).filter((p): p is number => p !== null);
  const complete = answered.length >= (score.average ? score.average.at_least : found.length);
  let status: Status = complete ? "complete" : "incomplete";
  if (reasons.length) status = "not applicable";
  else if (outside.length) status = "out of the derivation population";
  let total: number | null = null;
  if (status === "complete") {
    const sum = answered.reduce((a, b) => a + b, 0);
    total = score.average ? (score.average.times * sum) / answered.length : sum;
  }
  let totals: number[] = [];
  if (!reasons.length && !outside.length) {
    const each = score.average ? score.average.times / found.length : 1;
    totals = totalsOf(found.map((f) => f.line)).map((t) => each * t);
    if (score.average && total !== null) totals = [total];
  }
  const withTotal = new Facts(score, new Map([...known, ["total", total]]), tolerance);
  const [said, alerts] = [score.advice, score.alerts].map((all) =>
    all.filter((a) => withTotal.truth(a.when) === true),
  ) as [Advice[], Advice[]];
  const [low, high] = [totals[0], totals[totals.length - 1]];
  return {
    status,
    lines: found.map(asCounted),
    total,
    group: total === null || !score.groups.length ? null : groupOf(published, total),
    attainable: low === undefined || high === undefined ? null : [low, high],
    attainableGroups: score.groups.length ? [...new Set(totals.map((t) => groupOf(published, t)))] : [],
    missing: found.filter((f) => f.line.points === null && !f.outside).map((f) => f.line.name),
    reasons: [...reasons, ...outside],
    advisories: advisories(score, withTotal, shown, said, complete ? found : []),
    unasked: unaskedOf(score, withTotal),
    evidence: evidenceOf(score, [...said, ...alerts]),
    alerts: alerts.map((a) => filled(spoken(a.text), shown)),
  };
}

export function groupOf(published: Published, total: number): string {
  const facts = new Facts({ inputs: [], quantities: [] }, new Map([["total", total]]), published.tolerance);
  const { groups } = published.score;
  return firstOf(groups, facts)?.label ?? "";
}

export function classify(published: Published, known: Known): ClassResult {
  const { score, tolerance } = published;
  const given = new Facts(score, known, tolerance);
  const shown = shownOf(score, given);
  const whens = score.classes.map((c) => c.when);
  const asked = new Set(
    factsIn(whens)
      .filter((f) => f.unknown === null)
      .map((f) => f.input),
  );
  const missing = [...score.inputs, ...score.quantities].filter(
    (i) => asked.has(i.id) && given.value(i.id) === null,
  );
  const trials = missing.map((i) => answersTo(i, whens));
  const found = product(trials).map((answers) => {
    const tried = new Map(known);
    missing.forEach((input, k) => {
      tried.set(input.id, answers[k] ?? null);
    });
    const at = new Facts(score, tried, tolerance).first(whens).indexOf(true);
    return { answers, at, label: score.classes[at]?.label ?? "" };
  });
  const possible = [...new Set(found.map((f) => f.label))].sort();
  const decided = possible.length === 1;
  const places = rising(found.map((f) => f.at));
  const meanings = new Set(places.map((k) => score.classes[k]?.meaning ?? "").filter(Boolean));
  const facts = new Facts(score, known, tolerance, possible);
  const holding = (all: Advice[]) => all.filter((a) => facts.truth(a.when) === true);
  const [flags, said, alerts] = [holding(score.flags), holding(score.advice), holding(score.alerts)];
  return {
    label: decided ? (possible[0] ?? null) : null,
    meaning: decided ? filled([...meanings].map(spoken).join(t(" or ")), shown) : "",
    possible,
    missing: unknownIn(
      score,
      given,
      missing.filter((_, axis) => matters(found, axis)).map((i) => i.id),
    ),
    flags: flags.map((a) => filled(spoken(a.text), shown)),
    advisories: said.map((a) => filled(spoken(a.text), shown)),
    evidence: evidenceOf(score, [...flags, ...said, ...alerts]),
    alerts: alerts.map((a) => filled(spoken(a.text), shown)),
  };
}

/** The inputs without which these are not known, each once; itself where all of them are (a division by 0). */
function unknownIn(score: Score, facts: Facts, ids: string[]): string[] {
  const names = ids.flatMap((id) => {
    const open = askedBy(score, id).filter((name) => facts.value(name) === null);
    return open.length ? open : [id];
  });
  return [...new Set(names)].map((id) => nameOf(score, id));
}

/** The name of an input within a sentence, or of a quantity. */
function nameOf(score: Score, id: string): string {
  const input = score.inputs.find((i) => i.id === id);
  if (!input) return spoken(score.quantities.find((q) => q.id === id)?.name ?? id);
  const name = spoken(input.name);
  return /^.\p{Ll}/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

/** The ids of the inputs that a quantity rests on; those of an input are itself. */
function askedBy(score: Score, id: string): string[] {
  const quantity = score.quantities.find((q) => q.id === id);
  if (quantity) return [...new Set(namesIn(quantity.value).flatMap((name) => askedBy(score, name)))];
  const input = inputOf(id);
  return score.inputs.some((i) => i.id === input) ? [input] : [];
}

function namesIn(part: Calc | number | string): string[] {
  if (typeof part === "number") return [];
  return typeof part === "string" ? [part] : part.of.flatMap(namesIn);
}

/** Whether an answer to this question changes the class, whatever the others are. */
function matters(found: { answers: number[]; label: string }[], axis: number): boolean {
  const byOthers = new Map<string, string>();
  for (const { answers, label } of found) {
    const others = answers.filter((_, k) => k !== axis).join("|");
    const before = byOthers.get(others);
    if (before !== undefined && before !== label) return true;
    byOthers.set(others, label);
  }
  return false;
}

function lineOf(score: Score, item: Item, facts: Facts, shown: Map<string, string>): Found {
  const may = facts.first(item.cases.map((c) => c.when));
  const cases = item.cases.filter((_, k) => may[k]);
  const scored = (all: typeof cases) =>
    rising(all.map((c) => c.points).filter((p): p is number => p !== null));
  const [every, still] = [scored(item.cases), scored(cases)];
  const only = new Set(cases.map((c) => c.points)).size === 1 ? cases[0] : undefined;
  let finding = only
    ? filled(spoken(item.shows), new Map([...shown, ["label", spoken(only.label)]]))
    : spoken(score.unknown);
  if (item.parts.length) {
    const says = (answer: boolean | null) =>
      answer === null ? spoken(score.unknown) : t(answer ? "yes" : "no");
    finding = item.parts.map(([name, part]) => `${spoken(name)}: ${says(facts.truth(part))}`).join(t(", "));
  }
  let note = spoken(only?.note ?? "");
  for (const input of only ? [...score.inputs, ...score.quantities] : []) {
    const x = facts.value(input.id);
    if (only && x !== null && input.decimals !== null && item.shows.includes(`{${input.id}}`)) {
      const rounded = new Facts(
        score,
        new Map([...facts.known, [input.id, Number(fixed(x, input.decimals))]]),
        facts.tolerance,
      );
      if (rounded.points(item)[0] !== only.points) {
        note = t("unrounded {x}{unit}, {label}", {
          x: general(x, 6),
          unit: symbol(input.unit),
          label: spoken(only.label),
        });
      }
    }
  }
  const points = only ? only.points : null;
  const line = {
    name: spoken(item.name),
    finding,
    points,
    possible: item.parts.length ? still : every,
    note,
  };
  const least = Math.min(Math.max(0, still[0] ?? 0), still[still.length - 1] ?? 0);
  return {
    line,
    points: points === null && item.zero_if_unknown ? least : points,
    outside: only ? filled(spoken(only.outside), shown) : "",
  };
}

function asCounted(found: Found): Line {
  if (found.points === found.line.points) return found.line;
  return { ...found.line, points: found.points, note: t("unknown: counted 0") };
}

/** Every total that the items still allow. */
export function totalsOf(lines: readonly Line[]): number[] {
  let totals = [0];
  for (const line of lines) {
    const points = line.points === null ? line.possible : [line.points];
    totals = rising(totals.flatMap((t) => points.map((p) => t + p)));
  }
  return totals;
}

function advisories(
  score: Score,
  facts: Facts,
  shown: Map<string, string>,
  said: Advice[],
  counted: Found[],
): string[] {
  const unasked = unaskedOf(score, facts);
  const zeros = counted
    .filter((f) => f.line.points === null && f.points !== null)
    .map((f) => f.line.name.toLowerCase());
  const always = said.filter((a) => a.when === null);
  const here = said.filter((a) => a.when !== null);
  return [
    ...always.map((a) => filled(spoken(a.text), shown)),
    ...(unasked.length
      ? [
          t("Not known, and needed to say whether the score applies: {join}.", {
            join: unasked.join(t(", ")),
          }),
        ]
      : []),
    ...here.map((a) => filled(spoken(a.text), shown)),
    ...(zeros.length
      ? [t("Counted 0, as published, because unknown: {join}.", { join: zeros.join(t(", ")) })]
      : []),
    ...partly(score, counted),
  ];
}

function unaskedOf(score: Score, facts: Facts): string[] {
  return score.checks.filter((c) => c.asked && facts.truth(c.alike) === null).map((c) => spoken(c.name));
}

/** The inputs that the tables of a score ask for, and the errors of those. */
export function usedInputs(score: Score): Input[] {
  const whens = [
    ...score.items.flatMap((i) => [i.when, ...i.cases.map((c) => c.when), ...i.parts.map(([, c]) => c)]),
    ...[...score.groups, ...score.classes, ...score.flags, ...score.advice, ...score.alerts].map(
      (g) => g.when,
    ),
    ...score.checks.map((c) => c.alike),
  ];
  const shows = [...score.classes, ...score.flags, ...score.advice].map((g) =>
    "meaning" in g ? g.meaning : g.text,
  );
  const named = shows.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? ""));
  const asked = new Set(
    [...factsIn(whens).map((f) => f.input), ...named].flatMap((id) => askedBy(score, id)),
  );
  return score.inputs.filter((i) => asked.has(i.id) || asked.has(i.error_of));
}

function partly(score: Score, counted: Found[]): string[] {
  const given = counted.filter((f) => f.points !== null).length;
  const text = score.average?.partly ?? "";
  return text && given > 0 && given < counted.length ? [spoken(text).replace("{given}", String(given))] : [];
}

function evidenceOf(score: Score, said: Advice[]): string[] {
  return [...new Set([...score.evidence, ...said.flatMap((a) => a.evidence)])];
}

function firstOf(groups: Group[], facts: Facts): Group | undefined {
  return groups[facts.first(groups.map((g) => g.when)).indexOf(true)];
}

function factsIn(conditions: readonly (Condition | null)[]): Fact[] {
  return conditions.flatMap((c) => (c === null ? [] : "of" in c ? factsIn(c.of) : [c]));
}

/** Values that stand for every answer an input could have. */
function answersTo(input: Input | Quantity, conditions: readonly (Condition | null)[]): number[] {
  if ("kind" in input && input.kind === "flag") return [0, 1];
  if ("kind" in input && input.words.length) return input.words.map((_, k) => k);
  const limits = factsIn(conditions)
    .filter((f) => f.input === input.id)
    .map((f) => Number(f.values[0]));
  const [low, high] =
    "kind" in input ? [input.low ?? -Infinity, input.high ?? Infinity] : [-Infinity, Infinity];
  return rising(limits.flatMap((x) => [x - BESIDE, x, x + BESIDE]).filter((x) => x >= low && x <= high));
}

function product(trials: readonly number[][]): number[][] {
  return trials.reduce<number[][]>((all, trial) => all.flatMap((row) => trial.map((x) => [...row, x])), [[]]);
}

/** Every input and quantity as it is shown; what is not known as the score says it. */
function shownOf(score: Score, facts: Facts): Map<string, string> {
  return new Map<string, string>([
    ...score.inputs.map((i): [string, string] => [
      i.id,
      shownAs(i, facts.value(i.id), spoken(score.unknown)),
    ]),
    ...score.quantities.map((q): [string, string] => [
      q.id,
      quantityAs(q, facts.value(q.id), spoken(score.unknown)),
    ]),
  ]);
}
