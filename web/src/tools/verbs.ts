// All that can be done with a vertebra, once: the menu, the panel and the keys take their verbs from here.

import { t } from "../language/language";
import { beginArea } from "../marrow/area";
import { setOf } from "../model/names";
import { edit, shown, vertebra } from "../model/store";
import type { Picture, Series, Vertebra } from "../model/types";
import { active, pictureOf, seriesInView } from "../views/looks";
import { beginCorrecting } from "./correct/correct";
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
        words: t("Assess {level}", { level: v.label }),
        key: "I",
        act: () => edit({ kind: "choose index", vertebra: id }),
      },
    there &&
      !v.accepted && {
        words: t("Take its points as they are"),
        key: "Enter",
        act: () => edit({ kind: "accept", vertebra: id }),
      },
    {
      words: there ? t("Place its points anew") : t("Place its six points"),
      key: "P",
      act: () => beginPlacing(id),
    },
    there && { words: t("Correct its outline"), key: "C", act: () => beginCorrecting(id) },
    there && { words: t("Draw its outline anew"), key: "O", act: () => beginOutline(id) },
    there && { words: t("Split in two"), key: "X", act: () => beginSplitting(id) },
    there && { words: t("Merge with a neighbour"), key: "M", act: () => beginMerging(id) },
    view.choices.thresholds.length > 0 &&
      there && {
        words: v.excluded.length ? t("Read its marrow again") : t("Leave its marrow out"),
        key: "",
        act: () => toggleMarrow(id),
      },
    ...(there && !asked ? marrowVerbs(id, v) : []),
    {
      words: t("Leave it out here"),
      key: "Delete",
      act: () => edit({ kind: "delete vertebra", vertebra: id, follow: "alone" }),
    },
    {
      words: t("No vertebra: those below move up"),
      key: "Shift Delete",
      act: () => edit({ kind: "delete vertebra", vertebra: id, follow: "image" }),
    },
  ];
  return verbs.filter((verb): verb is Verb => verb !== false);
}

/** The series under the pointer, else the first in view, whose picture shows a slice of marrow signal. */
export function sliceHere(set: string): { series: Series; picture: Picture; slice: number } | null {
  const candidates = seriesInView.value.filter((s) => s.set === set);
  const ordered = [...candidates].sort(
    (a, b) => Number(b.uid === active.value) - Number(a.uid === active.value),
  );
  for (const series of ordered) {
    const picture = pictureOf(series);
    if (picture && picture.slice !== null) return { series, picture, slice: picture.slice };
  }
  return null;
}

const QUALITY = ["sagittal T1", "sagittal T2"]; // the series that bone quality is read on
const LEVELS = ["L1", "L2", "L3", "L4"];

/** What can be done with its marrow on the slice that is shown. */
function marrowVerbs(id: string, v: Vertebra): Verb[] {
  const here = sliceHere(v.set);
  if (!here) return [];
  const { series, slice } = here;
  const on = t("slice {slice} of {replace}", {
    slice: slice + 1,
    replace: series.role.replace("sagittal ", ""),
  });
  const out = v.slices_out.filter((s) => s.series === series.uid && s.slice === slice);
  const verbs: Verb[] = [
    {
      words: out.length
        ? t("Read its marrow on {on} again", { on })
        : t("Leave {on} out of its marrow", { on }),
      key: "",
      act: () => {
        if (out.length === 0) edit({ kind: "exclude", vertebra: id, series: series.uid, slice });
        for (const own of out.flatMap((s) => s.edits)) edit({ kind: "revoke", edit: own });
      },
    },
  ];
  verbs.push({
    words: t("Leave an area out of its marrow on {on}", { on }),
    key: "L",
    act: () => beginArea(id, { series: series.uid, slice }),
  });
  if (!QUALITY.includes(series.role) || !LEVELS.includes(v.level)) return verbs;
  for (const region of ["body", "csf"] as const) {
    const words = region === "csf" ? t("the CSF behind it") : t("its region of bone quality");
    verbs.push({
      words: t("Draw {words} on {on}", { words, on }),
      key: "",
      act: () => beginOutline(id, { region, series: series.uid, slice }),
    });
    const mine = (shown.value?.regions[id] ?? []).filter(
      (r) => r.region === region && r.series === series.uid && r.edits.length > 0,
    );
    if (mine.length)
      verbs.push({
        words: t("Take back {words} as you drew it", { words }),
        key: "",
        act: () => {
          for (const own of mine.flatMap((r) => r.edits)) edit({ kind: "revoke", edit: own });
        },
      });
  }
  return verbs;
}

function toggleMarrow(id: string): void {
  const out = vertebra(id)?.excluded ?? [];
  if (out.length === 0) edit({ kind: "exclude", vertebra: id });
  for (const own of out) edit({ kind: "revoke", edit: own });
}
