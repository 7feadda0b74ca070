// A state as a shape and a word: never a colour alone.

import type { ComponentChildren } from "preact";

export type Kind = "open" | "work" | "done" | "wait" | "ask" | "locked" | "no";

const SHAPES: Record<Kind, string> = {
  open: "M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9Z",
  work: "M7 2l5 5l-5 5l-5-5Z",
  done: "M2.5 7.5l3 3l6-6.5",
  wait: "M3 3h8v8h-8Z",
  no: "M3.5 3.5l7 7M10.5 3.5l-7 7",
  ask: "M7 2L12.5 12H1.5Z",
  locked: "M3 6.5h8v5.5h-8ZM4.7 6.5V4.5a2.3 2.3 0 0 1 4.6 0V6.5",
};

export function Tag({ kind, children }: { kind: Kind; children: ComponentChildren }) {
  return (
    <span class={`tag ${kind}`}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <path d={SHAPES[kind]} stroke-dasharray={kind === "wait" ? "2 2" : undefined} />
      </svg>
      {children}
    </span>
  );
}
