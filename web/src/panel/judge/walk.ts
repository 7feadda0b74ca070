// Walking through the findings that ask for a word, one by one: which one is looked at, and what is said of it.

import { batch, computed, signal } from "@preact/signals";
import { said, t } from "../../language/language";
import { keepLit } from "../../model/light";
import { edit, selected, shown, signed, waiting } from "../../model/store";
import type { ToJudge } from "../../model/types";
import { centreOnSelected } from "../../views/looks";
import { tab } from "../tab";

/** The finding that is looked at, by its id; none where it is empty. */
export const walked = signal("");
/** Counts up whenever the keyboard is to go to the finding that is looked at. */
export const asksFocus = signal(0);
/** What was just done, for those who hear the page. */
export const told = signal("");
const onTheWay = signal<Record<string, number>>({});

/** Each finding with what was said of it, that which is not saved yet too. */
export const asked = computed<ToJudge[]>(() => {
  const all = shown.value?.to_judge ?? [];
  if (waiting.value.length === 0) return all;
  return all.map((one) => ({ ...one, said: onTheWay.value[one.id] ?? one.said }));
});

export const answered = (one: ToJudge): string =>
  one.said === null ? "" : said(one.answers[one.said]?.label ?? "");

export function walkTo(one: ToJudge): void {
  batch(() => {
    tab.value = "reading";
    walked.value = one.id;
    selected.value = { vertebra: one.vertebra, point: null };
    keepLit(one.lines);
    asksFocus.value += 1;
  });
  centreOnSelected();
}

/** J and K: the next or the previous one; at first the first that nobody has judged. */
export function walk(by: 1 | -1): void {
  const all = asked.value;
  const at = all.findIndex((one) => one.id === walked.value);
  const open = all.find((one) => one.said === null);
  const next = at < 0 ? (open ?? all[0]) : all[(at + by + all.length) % all.length];
  if (next) walkTo(next);
  else told.value = t("No finding asks to be confirmed.");
}

export function endWalk(): void {
  batch(() => {
    walked.value = "";
    keepLit("");
  });
}

/** Say something of a finding, and go on to the next that nobody has judged. */
export function judge(one: ToJudge, place: number | null): void {
  const answer = place === null ? undefined : one.answers[place];
  if (signed.value) return;
  if (!answer || place === null) {
    told.value = t("There is no such answer here.");
    return;
  }
  const all = asked.value;
  const at = all.findIndex((other) => other.id === one.id);
  const rest = [...all.slice(at + 1), ...all.slice(0, at)].filter((other) => other.said === null);
  batch(() => {
    onTheWay.value = waiting.value.length ? { ...onTheWay.value, [one.id]: place } : { [one.id]: place };
    if (one.said !== place) edit(answer.edit);
    told.value = `${one.level}, ${one.name}: ${said(answer.label)}. ${
      rest.length ? t("{n} left.", { n: rest.length }) : t("All findings are judged.")
    }`;
  });
  if (rest[0]) walkTo(rest[0]);
}

/** What was said is taken back. */
export function takeBack(one: ToJudge): void {
  if (signed.value || one.edits.length === 0) return;
  for (const own of one.edits) edit({ kind: "revoke", edit: own });
  told.value = t("{level}, {name}: taken back.", { level: one.level, name: one.name });
}
