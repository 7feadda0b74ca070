// The level rail: every vertebra of the image whose points are being looked at, cranial to caudal.

import { useEffect, useRef } from "preact/hooks";
import { bodyPath } from "./draw/body";
import { bounds, fitted, toScreen } from "./draw/geometry";
import { t } from "./language/language";
import { selected, shown, signed, vertebra } from "./model/store";
import type { Point, Vertebra, View } from "./model/types";
import { tool } from "./tools/tool";
import { centreOnSelected } from "./views/looks";

const ICON = { width: 22, height: 17 };

export function Rail() {
  const view = shown.value;
  const now = selected.value;
  const set = view?.sets.find((s) => now && s.vertebrae.includes(now.vertebra)) ?? view?.sets[0];
  const nav = useRef<HTMLElement>(null);
  const chosen = now?.vertebra;
  useEffect(() => {
    const on = chosen && nav.current?.querySelector(".level.on");
    if (on) on.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen]);
  if (!view || !set) return <nav class="rail" aria-label={t("Levels")} />;

  const step = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = by && event.currentTarget instanceof Element ? sibling(event.currentTarget, by) : null;
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
  };

  return (
    <nav class="rail" aria-label={t("Levels")} ref={nav}>
      <button
        type="button"
        class="names"
        aria-pressed={tool.value?.kind === "names"}
        disabled={signed.value}
        onClick={() => (tool.value = tool.value?.kind === "names" ? null : { kind: "names" })}
      >
        {t("Names")}
      </button>
      {set.vertebrae.map((id) => {
        const v = vertebra(id);
        if (!v) return null;
        const on = now?.vertebra === id;
        return (
          <button
            type="button"
            key={id}
            class={`level${on ? " on" : ""}${v.moved.length ? " moved" : ""}${v.accepted ? " taken" : ""}`}
            aria-pressed={on}
            title={v.withheld}
            onKeyDown={step}
            onClick={() => {
              selected.value = { vertebra: id, point: null };
              centreOnSelected();
            }}
          >
            <Shape v={v} />
            <span>
              <b>{v.label}</b>
              <small>{noteOf(id, v, view)}</small>
            </span>
          </button>
        );
      })}
    </nav>
  );
}

/** Why a vertebra stands out, in a word. */
function noteOf(id: string, v: Vertebra, view: View): string {
  const question = view.questions.find((q) => q.set === v.set);
  const sacral = question?.sacral[id];
  if (sacral) return t("S1: {share}", { share: sacral });
  if (question) return t("asked");
  if (v.withheld) return v.points.length ? t("check") : t("none");
  return v.level === view.index ? t("index") : "";
}

function sibling(from: Element, by: number): HTMLButtonElement | null {
  const all = [...(from.parentElement?.querySelectorAll<HTMLButtonElement>("button.level") ?? [])];
  return all[all.indexOf(from as HTMLButtonElement) + by] ?? null;
}

function Shape({ v }: { v: Vertebra }) {
  const box = v.points.length ? bounds(v.points) : null;
  const camera = box && fitted(box, ICON, 2);
  const points = camera ? v.points.map((p): Point => toScreen(p, camera, ICON)) : [];
  return (
    <svg class="shape" width={ICON.width} height={ICON.height} aria-hidden="true">
      {camera ? <path d={bodyPath(points)} /> : <rect class="none" x={2} y={2} width={18} height={13} />}
    </svg>
  );
}
