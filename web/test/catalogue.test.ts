// Every message of the pages has its Chinese, with the same values in it, and no English stands on a page by itself.

import ts from "typescript";
import { describe, expect, it } from "vitest";
import { rich, t } from "../src/language/language";
import chinese from "../src/language/zh.json";

const words = chinese as Record<string, string>;

const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});

const parsed = Object.entries(sources).map(([file, text]) =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true),
);

function* every(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* every(child);
}

const place = (node: ts.Node): string =>
  `${node.getSourceFile().fileName}:${node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1}`;

const isMessage = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && /^(t|rich)$/.test(node.expression.text);

const messages = new Map<string, string>();
for (const file of parsed)
  for (const node of every(file)) {
    const first = isMessage(node) ? node.arguments[0] : undefined;
    if (first && ts.isStringLiteralLike(first)) messages.set(first.text, place(node));
  }

/** What is the same in every language: names, abbreviations, units. */
const NAMES =
  /\b(?:ovcf|NASOVCF|Ctrl|Shift|Space|Escape|Enter|Tab|DICOM|NIfTI|PNG|JPEG|mm|JSON|PDF|HTML|doi|FHIR|R4B)\b/g;
const says = (text: string): boolean => /[A-Za-z]{2}/.test(text.replace(/&\w+;/g, "").replace(NAMES, ""));

/** Attributes whose words somebody reads or hears. */
const READ = new Set(["aria-label", "aria-description", "title", "placeholder", "alt", "label", "words"]);

function unwrapped(node: ts.Node): string | null {
  if (ts.isJsxText(node)) return says(node.text) ? node.text.trim() : null;
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return null;
  const text = ts.isTemplateExpression(node)
    ? node.head.text + node.templateSpans.map((span) => span.literal.text).join("")
    : node.text;
  if (!says(text)) return null;
  // Up from a value that may be shown, through choices and sums, to the element or attribute that shows it.
  let at: ts.Node = node;
  while (
    ts.isParenthesizedExpression(at.parent) ||
    (ts.isConditionalExpression(at.parent) && at.parent.condition !== at) ||
    (ts.isBinaryExpression(at.parent) && /^(\|\||\?\?|&&|\+)$/.test(at.parent.operatorToken.getText()))
  )
    at = at.parent;
  if (ts.isJsxAttribute(at.parent)) return READ.has(at.parent.name.getText()) ? text : null;
  if (!ts.isJsxExpression(at.parent)) return null;
  const holder = at.parent.parent;
  return !ts.isJsxAttribute(holder) || READ.has(holder.name.getText()) ? text : null;
}

const values = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe("the words of the pages", () => {
  it("has the Chinese of every message", () => {
    expect(
      [...messages].filter(([text]) => says(text) && !words[text]).map(([text, at]) => `${at} ${text}`),
    ).toEqual([]);
  });

  it("puts no value into a Chinese message that the English does not have", () => {
    const wrong = [...messages.keys()].filter((text) =>
      values(words[text] ?? "").some((v) => !values(text).includes(v)),
    );
    expect(wrong).toEqual([]);
  });

  it("says every value of the English, but those that only make a plural or an ending", () => {
    const ends = /^\{(what|s|is)(_\d)?\}$/;
    const silent = [...messages.keys()].filter(
      (text) =>
        words[text] && values(text).some((v) => !ends.test(v) && !values(words[text] ?? "").includes(v)),
    );
    expect(silent).toEqual([]);
  });

  it("shows no plain English on a page", () => {
    const plain = parsed.flatMap((file) =>
      [...every(file)].flatMap((node) => {
        const text = unwrapped(node);
        return text === null ? [] : [`${place(node)} ${text}`];
      }),
    );
    expect(plain).toEqual([]);
  });

  it("finds plain English where there is some", () => {
    const code = `const x = <p title="Some words">{ok ? "Two words" : t("wrapped words")} plain words</p>;`;
    const file = ts.createSourceFile("x.tsx", code, ts.ScriptTarget.Latest, true);
    expect([...every(file)].map(unwrapped).filter(Boolean)).toEqual([
      "Some words",
      "Two words",
      "plain words",
    ]);
  });
});

describe("a message", () => {
  it("is said with its values in their places", () => {
    expect(t("{n} of {all}", { n: 2, all: 0 })).toBe("2 of 0");
    expect(t("nothing{more}", { more: null })).toBe("nothing");
  });

  it("may have elements in its places", () => {
    expect(rich("Press {key} now", { key: { tag: "kbd" } })).toEqual(["Press ", { tag: "kbd" }, " now"]);
  });
});
