import { expect, test } from "vitest";
import type { ClinicalFact } from "../src/model/types";
import { numberOf } from "../src/panel/Clinical";

const fact = (more: Partial<ClinicalFact>): ClinicalFact => ({
  field: "t_score",
  label: "T-score",
  kind: "number",
  words: [],
  low: -8,
  high: 6,
  value: null,
  edits: [],
  from_images: false,
  urgent: false,
  ...more,
});

test("a number may be typed with a comma and a true minus", () => {
  expect(numberOf("−3,2", fact({}))).toEqual({ value: -3.2, wrong: "" });
  expect(numberOf("+1.", fact({}))).toEqual({ value: 1, wrong: "" });
});

test.each(["1e3", "0x10", "three", "1 2", "--3", "Infinity", ""])("%s is no number", (text) => {
  expect(numberOf(text, fact({})).wrong).toBe("not a number");
});

test("what lies beyond the range is refused with the range", () => {
  expect(numberOf("-8", fact({})).wrong).toBe("");
  expect(numberOf("-8.1", fact({})).wrong).toBe("from -8 to 6");
});

test("a whole number has no fraction", () => {
  expect(numberOf("2.5", fact({ kind: "whole number", low: 1, high: 6 })).wrong).toBe("a whole number");
  expect(numberOf("2", fact({ kind: "whole number", low: 1, high: 6 })).value).toBe(2);
});
