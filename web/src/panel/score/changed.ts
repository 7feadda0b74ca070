// What an edit has changed, in a sentence for readers of the screen: each item with its points, then the total.

import { effect } from "@preact/signals";
import { announce } from "../../common/spoken";
import { COMMA, said, t } from "../../language/language";
import { saved } from "../../model/store";
import type { Item, View } from "../../model/types";

const PERIOD = t(". ");

const itemWords = (item: Item): string =>
  t("{item}: {value}, points: {points}", {
    item: item.name,
    value: item.text || item.finding,
    points: item.points ?? "?",
  });

const totalWords = (view: View): string => {
  const score = view.score;
  if (!score) return "";
  const total = `${score.name} ${score.total_text} ${score.of}`;
  return [score.total_text ? total : "", score.group && t("{group} group", { group: said(score.group) })]
    .filter(Boolean)
    .join(COMMA);
};

const impressionWords = (view: View): string => view.impression.map((s) => `${s.lead}${s.rest}`).join(" ");

const MOST = 2;

/** The measurements that have changed, each with its image: those of an image the score is not taken from, too. */
function measured(before: View, now: View): string[] {
  return Object.entries(now.measurements).flatMap(([id, row]) =>
    row.on
      .filter((cell) => before.measurements[id]?.on.find((o) => o.image === cell.image)?.text !== cell.text)
      .map((cell) => [row.name, cell.text, cell.image].join(COMMA)),
  );
}

/** The difference between a reading as it was and as it is; empty where no number of the score has changed. */
export function changed(before: View, now: View): string {
  const was = new Map(before.score?.items.map((item) => [item.name, itemWords(item)]));
  const items = (now.score?.items ?? []).map(itemWords).filter((words, i) => {
    const name = now.score?.items[i]?.name ?? "";
    return was.get(name) !== words;
  });
  const total = totalWords(now);
  if (items.length === 0) items.push(...measured(before, now).slice(0, MOST));
  const all = [...items, total === totalWords(before) ? "" : total].filter(Boolean);
  if (all.length === 0 && impressionWords(before) !== impressionWords(now)) return impressionWords(now);
  return all.join(PERIOD);
}

/** From now on every saved change is said. */
export function sayChanges(): void {
  let before: View | null = null;
  effect(() => {
    const now = saved.value;
    if (before && now && before !== now) announce(changed(before, now));
    before = now;
  });
}
