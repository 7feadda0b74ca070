// What declared conditions come to: true, false, or not known (null).

import type { Condition, Fact, Item, Known, Score } from "./declared";

export type Truth = boolean | null;

export class Facts {
  private readonly words: Map<string, string[]>;

  constructor(
    score: Pick<Score, "inputs">,
    readonly known: Known,
    readonly tolerance: number,
    readonly possibleClasses: readonly string[] = [],
  ) {
    this.words = new Map(score.inputs.map((i) => [i.id, i.words]));
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
    const x = this.known.get(fact.input) ?? null;
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

export function rising(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
