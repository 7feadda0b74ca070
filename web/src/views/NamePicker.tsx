// The name of a body is chosen where the body lies: the likely ones first, with their probability, then all.

import { useRef, useState } from "preact/hooks";
import { t } from "../language/language";
import { setOf } from "../model/names";
import { edit, selected, shown, signed, vertebra } from "../model/store";
import type { Follow, Series } from "../model/types";
import { naming, tool } from "../tools/tool";
import { keepInside, useFocusInside, useInWindow } from "./inWindow";

export const FOLLOW: Record<Follow | "study", string> = {
  study: t("all follow"),
  image: t("all on this image"),
  alone: t("this one alone"),
};
type Who = keyof typeof FOLLOW;

/** Give a vertebra a name; the tool and the picker are put away. */
export function nameIt(id: string, level: string, follow: Who): void {
  naming.value = null;
  if (tool.value?.kind === "names") tool.value = null;
  selected.value = { vertebra: id, point: null };
  edit({ kind: "name vertebra", vertebra: id, level, follow });
}

export function NamePicker({ series }: { series: Series }) {
  const now = naming.value;
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState<Who>("study");
  const here = now?.series === series.uid;
  useInWindow(box, series.uid, here ? [now.at[0] + 12, now.at[1] - 20] : null);
  useFocusInside(box, here, now?.vertebra);
  const v = here ? vertebra(now.vertebra) : undefined;
  const set = here ? setOf(now.vertebra) : undefined;
  if (!here || !v || !set) return null;
  const question = shown.value?.questions.find((q) => q.set === set.id);
  const likely = question?.names[now.vertebra] ?? [];
  return (
    <div
      ref={box}
      class="menu picker"
      role="dialog"
      aria-label={t("Name of {label}", { label: v.label })}
      onKeyDown={(event) => {
        keepInside(event, box.current);
        if (event.key !== "Escape") return;
        naming.value = null;
        event.stopPropagation();
      }}
    >
      <p>
        {question ? t("This one is") : t("{label} is", { label: v.label })}
        {question && <span class="dim"> {t("(all others follow)")}</span>}
      </p>
      {likely.map((one) => (
        <button
          type="button"
          key={one.level}
          disabled={signed.value}
          onClick={() => nameIt(now.vertebra, one.level, "image")}
        >
          {one.level} <span class="dim">{one.share}</span>
        </button>
      ))}
      <label>
        <span>{likely.length ? t("Another") : t("Name")}</span>
        <select
          disabled={signed.value}
          value={question ? "" : v.level}
          onChange={(e) => nameIt(now.vertebra, e.currentTarget.value, question ? "image" : follow)}
        >
          {question && <option value="">{t("choose")}</option>}
          {set.names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      {!question && (
        <label>
          <span>{t("Who follows")}</span>
          <select value={follow} onChange={(e) => setFollow(e.currentTarget.value as Who)}>
            {Object.entries(FOLLOW).map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      )}
      <button type="button" onClick={() => (naming.value = null)}>
        {t("Later")} <kbd>{t("Esc")}</kbd>
      </button>
    </div>
  );
}
