// A preview laid over the view that it was made from.

import type { Changes, View } from "./types";

const BY_NAME = new Set<keyof View>([
  "vertebrae",
  "outlines",
  "lines",
  "measurements",
  "findings",
  "facts",
  "regions",
  "areas",
]);

export function merge(view: View, changes: Changes | null): View {
  if (!changes) return view;
  const merged: Record<string, unknown> = { ...view };
  for (const [part, value] of Object.entries(changes)) {
    merged[part] = BY_NAME.has(part as keyof View) ? byName(view[part as keyof View], value) : value;
  }
  return merged as unknown as View;
}

function byName(old: unknown, changed: unknown): Record<string, unknown> {
  const all = { ...(old as Record<string, unknown>), ...(changed as Record<string, unknown>) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}
