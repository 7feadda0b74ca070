// Which part is open, what went wrong, and the checks and backups that go on by themselves.

import { computed, signal } from "@preact/signals";
import { may, me } from "../common/me";
import { troubles } from "../common/trouble";
import { t } from "../language/language";
import * as api from "./api";
import type { Chore } from "./types";

interface PartOf {
  words: string;
  act: string;
  /** Only where people sign in. */
  accounts?: boolean;
}

export const PARTS = {
  overview: { words: t("Overview"), act: "manage the registry" },
  people: { words: t("People"), act: "manage people", accounts: true },
  sites: { words: t("Sites and sign-in"), act: "manage people", accounts: true },
  audit: { words: t("Audit"), act: "read the audit" },
  backups: { words: t("Backups"), act: "manage the registry" },
  jobs: { words: t("Jobs"), act: "manage the registry" },
  storage: { words: t("Storage"), act: "manage the registry" },
  models: { words: t("Models"), act: "read cases" },
} as const satisfies Record<string, PartOf>;
export type Part = keyof typeof PARTS;

const hash = signal(globalThis.location?.hash ?? "");
export const { trouble, act, load, clear } = troubles();
export const chores = signal<Chore[]>([]);

/** The parts that are open to who is signed in, in order. */
export const parts = computed<Part[]>(() =>
  (Object.keys(PARTS) as Part[]).filter((name) => {
    const part: PartOf = PARTS[name];
    return may(part.act) && (!part.accounts || me.value?.accounts);
  }),
);

/** The part that is open, and the rest of the address. */
export const place = computed<{ part: Part | undefined; item: string }>(() => {
  const [part = "", item = ""] = hash.value.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const open = parts.value;
  return { part: open.includes(part as Part) ? (part as Part) : open[0], item };
});

export const to = (part: Part, item = ""): string => `#/${part}${item && `/${encodeURIComponent(item)}`}`;

export const chore = (kind: Chore["kind"]): Chore | undefined =>
  chores.value.find((one) => one.kind === kind);

const PAUSE_MS = 700;
let watching = false;

/** Look at what goes on until nothing does any more. */
export async function watch(): Promise<void> {
  if (watching) return;
  watching = true;
  try {
    do {
      chores.value = await api.chores();
      if (!chores.value.some((one) => one.state === "running")) break;
      await new Promise((go) => setTimeout(go, PAUSE_MS));
    } while (watching);
  } finally {
    watching = false;
  }
}

/** Begin a check or a backup, and follow it to its end. */
export const begin = (how: () => Promise<Chore>): Promise<boolean> =>
  act(async () => {
    const begun = await how();
    chores.value = [...chores.value.filter((one) => one.kind !== begun.kind), begun];
    await watch();
  });

export function start(): void {
  addEventListener("hashchange", () => {
    hash.value = location.hash;
    clear();
  });
}
