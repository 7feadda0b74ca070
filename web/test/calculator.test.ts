// The calculator computes what Python computes: at every limit, on both sides of it, with each input missing.
// `make test-web` has Python write the cases.

import { describe, expect, it } from "vitest";
import text from "../../build/calculator-cases.json?raw";
import { chances, normal } from "../src/calculator/chance";
import type { Known } from "../src/calculator/declared";
import { classify, evaluate } from "../src/calculator/evaluate";
import { answerOf, type Page } from "../src/calculator/state";

interface Made {
  page: Page;
  cases: { score: string; known: Record<string, number>; python: Record<string, unknown> }[];
}

const made = JSON.parse(text) as Made;

function scoreOf(id: string) {
  const found = made.page.scores[id];
  if (!found) throw new Error(`no score ${id}`);
  return found;
}

describe.each(Object.keys(made.page.scores))("%s", (id) => {
  const published = scoreOf(id);
  const cases = made.cases.filter((c) => c.score === id);

  it(`equals Python in ${cases.length} cases`, () => {
    expect(cases.length).toBeGreaterThan(100);
    for (const { known, python } of cases) {
      const facts: Known = new Map(Object.entries(known));
      const where = JSON.stringify(known);
      if (published.score.items.length) {
        const ours = evaluate(published, facts);
        const items = python.items as {
          name: string;
          finding: string;
          points: number | null;
          note: string;
        }[];
        expect(ours.status, where).toBe(python.status);
        expect(ours.total === null ? null : ours.total.toFixed(9), where).toBe(
          python.total === null ? null : (python.total as number).toFixed(9),
        );
        expect(ours.group, where).toBe(python.group);
        expect(ours.attainable, where).toEqual(python.attainable);
        expect(ours.attainableGroups, where).toEqual(python.attainable_groups);
        // The command line names the sections of the ODI in small letters.
        const small = (names: string[]) => names.map((n) => n.toLowerCase());
        expect(small(ours.missing), where).toEqual(small(python.missing as string[]));
        expect(ours.reasons, where).toEqual(python.reasons);
        expect(ours.advisories, where).toEqual(python.advisories);
        expect(ours.alerts, where).toEqual(python.alerts);
        expect(
          ours.lines.map(({ name, finding, points, note }) => ({ name, finding, points, note })),
          where,
        ).toEqual(items.map(({ name, finding, points, note }) => ({ name, finding, points, note })));
      } else {
        const ours = classify(published, facts);
        expect(ours.label, where).toBe(python.label);
        expect(ours.meaning, where).toBe(python.meaning);
        expect(ours.possible, where).toEqual(python.possible);
        expect(ours.missing, where).toEqual(python.missing);
        expect(ours.flags, where).toEqual(python.flags);
        expect(ours.advisories, where).toEqual(python.advisories);
        expect(ours.alerts, where).toEqual(python.alerts);
      }
    }
  });
});

describe("published cases", () => {
  const nasovcf = scoreOf("nasovcf");
  const word = (id: string, text: string) =>
    nasovcf.score.inputs.find((i) => i.id === id)?.words.indexOf(text) ?? Number.NaN;

  it("Han 2025, Fig. 5: 10 points, high", () => {
    const known = new Map<string, number>([
      ["fracture_type", word("fracture_type", "compression")],
      ["vhl_percent", 17.8],
      ["local_kyphosis_deg", 19.6],
      ["t2_diffuse_low", word("t2_diffuse_low", "diffuse low")],
      ["t_score", -3.6],
    ]);
    const found = evaluate(nasovcf, known);
    expect([found.total, found.group]).toEqual([10, "high"]);
  });

  it("gives the probability of both groups at a limit", () => {
    const known = new Map<string, number>([
      ["fracture_type", word("fracture_type", "compression")],
      ["vhl_percent", 15],
      ["local_kyphosis_deg", 5],
      ["t2_diffuse_low", word("t2_diffuse_low", "none")],
      ["t_score", -3],
      ["vhl_sd", 2],
      ["ka_sd", 1],
    ]);
    const found = chances(nasovcf, known);
    expect(found?.totals.find(([t]) => t === 4)?.[1]).toBeCloseTo(0.5, 9);
    expect(found?.groups.reduce((sum, [, p]) => sum + p, 0)).toBeCloseTo(1, 12);
  });
});

describe("the normal distribution", () => {
  it.each([
    [0, 0.5],
    [1.959963984540054, 0.975],
    [-1.6448536269514722, 0.05],
    [3, 0.9986501019683699],
    [-5, 2.866515718791939e-7],
    [-8, 6.220960574271785e-16],
  ])("of %f is %f", (z, p) => {
    expect(normal(z) / p).toBeCloseTo(1, 9);
  });
});

describe("what is typed", () => {
  const vhl = scoreOf("nasovcf").score.inputs.find((i) => i.id === "vhl_percent");
  it.each([
    ["17.8", 17.8],
    ["17.8%", 17.8],
    ["−3.6", -3.6],
    [".5", 0.5],
    ["17,8", "Write decimals with a point."],
    ["abc", "This is no number."],
    ["1e1", "This is no number."],
    ["0x10", "This is no number."],
    ["1_0", "This is no number."],
    ["1000", "Possible are -100 to 100."],
  ])("%s", (text, expected) => {
    if (!vhl) throw new Error("no such input");
    expect(answerOf(vhl, text)).toBe(expected);
  });
});
