// What declared conditions come to: true, false, or not known (null).

import type { Calc, Condition, Fact, Item, Known, Score } from "./declared";

export type Truth = boolean | null;

export class Facts {
  private readonly words: Map<string, string[]>;
  private readonly quantities: Map<string, Calc>;

  constructor(
    score: Pick<Score, "inputs" | "quantities">,
    readonly known: Known,
    readonly tolerance: number,
    readonly possibleClasses: readonly string[] = [],
  ) {
    this.words = new Map(score.inputs.map((i) => [i.id, i.words]));
    this.quantities = new Map(score.quantities.map((q) => [q.id, q.value]));
  }

  /** An input, or a quantity made of inputs; one that was put in place goes before what would be computed. */
  value(id: string): number | null {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const calc = this.quantities.get(id);
    return calc === undefined ? null : this.calculated(calc);
  }

  private calculated(part: Calc | number | string): number | null {
    if (typeof part === "number") return part;
    if (typeof part === "string") return this.value(part);
    const operands = part.of.map((operand) => this.calculated(operand));
    if (part.do === "first known") return operands.find((x) => x !== null) ?? null;
    if (part.do === "by word") {
      const [place, ...each] = operands;
      return place === null || place === undefined ? null : (each[place] ?? null);
    }
    if (operands.some((x) => x === null)) return null;
    const known = operands as number[];
    const found =
      known.length === 1 ? ofOne(part.do, known[0] ?? 0) : known.reduce(OF_MORE[part.do] ?? never);
    return Number.isFinite(found) ? found : null;
  }

  truth(condition: Condition | null): Truth {
    if (condition === null) return true;
    if (!("of" in condition)) return this.answer(condition);
    const parts = condition.of.map((part) => this.truth(part));
    const sure = parts.filter((p) => p === true).length;
    const open = parts.filter((p) => p === null).length;
    if (sure >= condition.at_least) return true;
    return sure + open < condition.at_least ? false : null;
  }

  private answer(fact: Fact): Truth {
    const found = fact.input === "class" ? this.ofClass(fact) : this.ofInput(fact);
    return found === null ? fact.unknown : found;
  }

  private ofClass(fact: Fact): Truth {
    const within = this.possibleClasses.map((label) => fact.values.includes(label));
    if (within.every(Boolean)) return true;
    return within.some(Boolean) ? null : false;
  }

  private ofInput(fact: Fact): Truth {
    const x = this.value(fact.input);
    if (x === null) return null;
    if (fact.relation === "in") {
      const words = this.words.get(fact.input) ?? [];
      return fact.values.some((v) => (typeof v === "string" ? words.indexOf(v) : Number(v)) === x);
    }
    const limit = Number(fact.values[0]);
    const near = this.tolerance;
    switch (fact.relation) {
      case "<":
        return x < limit - near;
      case "<=":
        return x <= limit + near;
      case "=":
        return Math.abs(x - limit) <= near;
      case ">=":
        return x >= limit - near;
      case ">":
        return x > limit + near;
    }
  }

  /** Which condition may be the first that holds. Where none can, nothing is known: all may be. */
  first(conditions: readonly (Condition | null)[]): boolean[] {
    let undecided = true;
    const possible = conditions.map((condition) => {
      const holds = this.truth(condition);
      const may = undecided && holds !== false;
      undecided = undecided && holds !== true;
      return may;
    });
    return possible.some(Boolean) ? possible : possible.map(() => true);
  }

  /** The points that an item may still have, in rising order. */
  points(item: Item): number[] {
    const may = this.first(item.cases.map((c) => c.when));
    const open = item.cases.filter((_, k) => may[k]).map((c) => c.points);
    return rising(open.filter((p): p is number => p !== null));
  }
}

type OfTwo = (a: number, b: number) => number;
const OF_MORE: Partial<Record<Calc["do"], OfTwo>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
};
const never: OfTwo = () => Number.NaN;

function ofOne(what: Calc["do"], x: number): number {
  if (what === "abs") return Math.abs(x);
  if (what === "floor") return Math.floor(x);
  return what === "-" ? -x : Number.NaN;
}

export function rising(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
