// Where one is: no study, a study and one of its parts, a round of readings in it. The address keeps it.

import { computed, effect, signal } from "@preact/signals";
import { troubles } from "../common/trouble";
import { t } from "../language/language";
import * as api from "./api";
import type { StudyDetail, StudyLine } from "./types";

export const PARTS = {
  readings: t("Blinded readings"),
  patients: t("Patients"),
  queries: t("Queries"),
  outcomes: t("Outcomes"),
  data: t("Flow and data"),
  protocol: t("Protocol"),
} as const;
export type Part = keyof typeof PARTS;

const hash = signal(location.hash);
export const { trouble, act, load, clear } = troubles();
export const list = signal<StudyLine[] | null>(null);
export const study = signal<StudyDetail | null>(null);

/** Study, part and the rest of the address. */
export const place = computed(() => {
  const [code = "", part = "", item = ""] = hash.value
    .replace(/^#\/?/, "")
    .split("/")
    .map(decodeURIComponent);
  if (hash.value === "#training") return { training: true, code: "", part: "readings" as Part, item: "" };
  return { training: false, code, part: (part in PARTS ? part : "readings") as Part, item };
});

export const to = (code: string, part?: Part, item?: string): string =>
  `#/${[code, part, item]
    .filter((one) => one !== undefined && one !== "")
    .map((one) => encodeURIComponent(one as string))
    .join("/")}`;

export const may = (act: string): boolean => study.value?.may.includes(act) ?? false;

export async function refresh(): Promise<void> {
  const { code } = place.value;
  await load(async () => {
    if (code) {
      const found = await api.study(code);
      if (place.value.code === code) study.value = found;
    } else list.value = await api.studies();
  });
}

export function start(): void {
  addEventListener("hashchange", () => {
    hash.value = location.hash;
    clear();
  });
  addEventListener("pageshow", () => void refresh()); // back from a case: what was read counts
  const code = computed(() => place.value.code);
  effect(() => {
    if (study.peek()?.code !== code.value) study.value = null;
    void refresh();
  });
}
