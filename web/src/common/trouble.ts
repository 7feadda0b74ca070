// What went wrong, said above a page.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { said } from "./words";

export type Doing = (doing: () => Promise<unknown>) => Promise<boolean>;

export interface Troubles {
  trouble: ReadonlySignal<string>;
  /** Do what a person asked for. */
  act: Doing;
  /** Load what the page shows. It may begin by itself, so it never takes away what a person was refused. */
  load: Doing;
  clear: () => void;
}

export function troubles(): Troubles {
  const refused = signal("");
  const missing = signal("");
  const into =
    (place: typeof refused): Doing =>
    async (doing) => {
      const before = place.value;
      try {
        await doing();
        if (place.value === before) place.value = ""; // what went wrong meanwhile, elsewhere, stays in sight
        return true;
      } catch (error) {
        place.value = said(error);
        return false;
      }
    };
  return {
    trouble: computed(() => refused.value || missing.value),
    act: into(refused),
    load: into(missing),
    clear: () => {
      refused.value = "";
      missing.value = "";
    },
  };
}
