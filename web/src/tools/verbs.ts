// All that can be done with a vertebra, once: the menu, the panel and the keys take their verbs from here.

import { setOf } from "../model/names";
import { edit, shown, vertebra } from "../model/store";
import { beginMerging, beginOutline, beginSplitting } from "./reshape";
import { beginPlacing } from "./tool";

export interface Verb {
  words: string;
  key: string;
  act: () => void;
}

/** What can be done with this vertebra now. */
export function verbsOf(id: string): Verb[] {
  const view = shown.value;
  const v = vertebra(id);
  const set = setOf(id);
  if (!view || !v || !set) return [];
  const there = v.points.length >= 4;
  const asked = view.questions.some((q) => q.set === set.id);
  const verbs: (Verb | false)[] = [
    !asked &&
      v.level !== view.index && {
        words: "Assess this vertebra",
        key: "I",
        act: () => edit({ kind: "choose index", vertebra: id }),
      },
    there &&
      !v.accepted && {
        words: "Take its points as they are",
        key: "Enter",
        act: () => edit({ kind: "accept", vertebra: id }),
      },
    {
      words: there ? "Place its points anew" : "Place its six points",
      key: "P",
      act: () => beginPlacing(id),
    },
    there && { words: "Draw its outline anew", key: "O", act: () => beginOutline(id) },
    there && { words: "Split in two", key: "X", act: () => beginSplitting(id) },
    there && { words: "Merge with a neighbour", key: "M", act: () => beginMerging(id) },
    view.choices.thresholds.length > 0 &&
      there && {
        words: v.excluded.length ? "Read its marrow again" : "Leave its marrow out",
        key: "",
        act: () => toggleMarrow(id),
      },
    {
      words: "Leave it out here",
      key: "Delete",
      act: () => edit({ kind: "delete vertebra", vertebra: id, follow: "alone" }),
    },
    {
      words: "No vertebra: those below move up",
      key: "Shift Delete",
      act: () => edit({ kind: "delete vertebra", vertebra: id, follow: "image" }),
    },
  ];
  return verbs.filter((verb): verb is Verb => verb !== false);
}

function toggleMarrow(id: string): void {
  const out = vertebra(id)?.excluded ?? [];
  if (out.length === 0) edit({ kind: "exclude", vertebra: id });
  for (const own of out) edit({ kind: "revoke", edit: own });
}
