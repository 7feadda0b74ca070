// How probable each total is where the error of a measurement is given: each number errs on its own, as a normal.

import type { Known, Published } from "./declared";
import { groupOf } from "./evaluate";
import { Facts } from "./rules";

/** The probability of each total and of each group; null where no error is given or an item is not known. */
export function chances(
  published: Published,
  known: Known,
): { totals: [number, number][]; groups: [string, number][] } | null {
  const { score, tolerance } = published;
  const errors = new Map<string, number>();
  for (const input of score.inputs) {
    const sd = input.error_of ? (known.get(input.id) ?? null) : null;
    if (sd !== null && sd > 0) errors.set(input.error_of, sd);
  }
  if (!errors.size) return null;
  let totals = new Map<number, number>([[0, 1]]);
  for (const item of score.items) {
    const facts = new Facts(score, known, tolerance);
    if (facts.truth(item.when) !== true) continue;
    const points = new Map<number, number>();
    const measured = [...errors.keys()].find((id) => rests(item.cases, id));
    if (measured === undefined) {
      const only = facts.points(item);
      if (only.length !== 1) return null;
      points.set(only[0] ?? 0, 1);
    } else {
      const [x, sd] = [known.get(measured) ?? null, errors.get(measured) ?? 0];
      if (x === null) return null;
      // The limits of the item cut the line into pieces; on each the points are the same.
      const limits = limitsOf(item.cases, measured);
      const edges = [-Infinity, ...limits, Infinity];
      for (let k = 0; k + 1 < edges.length; k++) {
        const [a, b] = [edges[k] ?? 0, edges[k + 1] ?? 0];
        const inside = a === -Infinity ? b - 1 : b === Infinity ? a + 1 : (a + b) / 2;
        const here = new Facts(score, new Map([...known, [measured, inside]]), tolerance).points(item);
        if (here.length !== 1) return null;
        const p = normal((b - x) / sd) - normal((a - x) / sd);
        points.set(here[0] ?? 0, (points.get(here[0] ?? 0) ?? 0) + p);
      }
    }
    const next = new Map<number, number>();
    for (const [t, p] of totals) {
      for (const [q, r] of points) next.set(t + q, (next.get(t + q) ?? 0) + p * r);
    }
    totals = next;
  }
  const rows = [...totals].sort((a, b) => a[0] - b[0]);
  const groups = new Map<string, number>();
  for (const [t, p] of rows) groups.set(groupOf(published, t), (groups.get(groupOf(published, t)) ?? 0) + p);
  return { totals: rows, groups: [...groups] };
}

type Cases = Published["score"]["items"][number]["cases"];
type When = Cases[number]["when"];

function limitsOf(cases: Cases, id: string): number[] {
  const of = (when: When): number[] => {
    if (when === null) return [];
    if ("of" in when) return when.of.flatMap(of);
    return when.input === id && when.relation !== "in" ? [Number(when.values[0])] : [];
  };
  return [...new Set(cases.flatMap((c) => of(c.when)))].sort((a, b) => a - b);
}

function rests(cases: Cases, id: string): boolean {
  return limitsOf(cases, id).length > 0;
}

/** The normal distribution function, to 1e-15 by the continued fraction and series of the error function. */
export function normal(z: number): number {
  if (z === Infinity) return 1;
  if (z === -Infinity) return 0;
  const x = Math.abs(z);
  let tail: number;
  if (x < 3) {
    // Series of the integral from 0.
    let term = x;
    let sum = x;
    for (let n = 1; n < 200 && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (x * x) / (2 * n + 1);
      sum += term;
    }
    tail = 0.5 - (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
  } else {
    let fraction = x;
    for (let n = 120; n > 0; n--) fraction = x + n / fraction;
    tail = Math.exp((-x * x) / 2) / (fraction * Math.sqrt(2 * Math.PI));
  }
  return z < 0 ? tail : 1 - tail;
}
