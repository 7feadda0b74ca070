// What is said to readers of the screen: which study is chosen by the keys, and what becomes of the others meanwhile.

import { effect } from "@preact/signals";
import { announce } from "../common/spoken";
import { COMMA, said, t } from "../language/language";
import { current, lines } from "./state";
import type { WorkLine } from "./types";
import { next } from "./words";

const inWords = (line: WorkLine): string =>
  [line.code ?? (line.name || t("No patient yet")), said(line.window ?? ""), next(line).words]
    .filter(Boolean)
    .join(COMMA);

/** Said of the chosen line, after a key has chosen it: the keyboard itself stays where it is. */
export function sayChosen(): void {
  const line = current();
  if (line) announce(inWords(line));
}

/** Each study that goes on to another step is said: it was assessed, set aside, is urgent. */
export function saySteps(): void {
  let before = new Map<string, string>();
  effect(() => {
    const now = new Map(lines.value.map((line) => [line.id, inWords(line)]));
    const gone = [...now].filter(([id, words]) => before.has(id) && before.get(id) !== words);
    if (gone.length > 0) announce(gone.map(([, words]) => words).join("; "));
    before = now;
  });
}
