// What can be done with the body that was clicked with the right button, or with the ground there.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../language/language";
import { shown, signed, vertebra } from "../model/store";
import type { Series } from "../model/types";
import { beginAdding, naming } from "../tools/tool";
import { type Verb, verbsOf } from "../tools/verbs";
import { useFocusInside, useInWindow } from "./inWindow";
import { menu } from "./looks";
import { grey, reset, turnSolo, zoomActive } from "./moves";

/** How the picture is looked at, for whoever neither drags nor has keys; the menu stays open. */
const LOOKS = [
  [t("Zoom in"), () => zoomActive(1.25)],
  [t("Zoom out"), () => zoomActive(0.8)],
  [t("brighter"), () => grey([0, -12])],
  [t("darker"), () => grey([0, 12])],
  [t("more contrast"), () => grey([-12, 0])],
  [t("less contrast"), () => grey([12, 0])],
  [t("One view, or all"), turnSolo],
  [t("Reset views"), reset],
] as const;

export function Menu({ series }: { series: Series }) {
  const box = useRef<HTMLDivElement>(null);
  const now = menu.value;
  const here = now !== null && now.series === series.uid;
  useInWindow(box, series.uid, here ? now.at : null);
  useFocusInside(box, here, now?.vertebra);
  useEffect(() => {
    if (!here) return;
    const outside = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) menu.value = null;
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [here]);
  if (!here) return null;
  const set = shown.value?.sets.find((s) => s.id === now.set);
  const v = now.vertebra ? vertebra(now.vertebra) : undefined;
  const id = now.vertebra;
  const verbs: Verb[] = id
    ? [
        {
          words: t("Name it"),
          key: "N",
          act: () => (naming.value = { vertebra: id, series: series.uid, at: now.at }),
        },
        ...verbsOf(id),
      ]
    : set
      ? [{ words: t("Add a vertebra here"), key: "A", act: () => beginAdding(set, now.frame) }]
      : [];
  const step = (event: KeyboardEvent) => {
    const all = [...(box.current?.querySelectorAll<HTMLButtonElement>("button:enabled") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Escape" || event.key === "Tab") menu.value = null;
    else if (event.key === "Home" || event.key === "End") all.at(event.key === "Home" ? 0 : -1)?.focus();
    else if (by) all[(at + by + all.length) % all.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={box}
      class="menu"
      role="menu"
      aria-label={v ? `${v.label}` : t("Image")}
      tabIndex={-1}
      onKeyDown={step}
    >
      {v && <p>{v.label}</p>}
      {signed.value && <p>{t("Signed: begin an addendum to change it.")}</p>}
      {verbs.map((verb) => (
        <button
          type="button"
          role="menuitem"
          key={verb.words}
          disabled={signed.value}
          onClick={() => {
            menu.value = null;
            verb.act();
          }}
        >
          {verb.words} {verb.key && <kbd>{verb.key}</kbd>}
        </button>
      ))}
      {!id && (
        <div class="looks">
          {LOOKS.map(([words, act]) => (
            <button type="button" role="menuitem" key={words} onClick={act}>
              {words}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
