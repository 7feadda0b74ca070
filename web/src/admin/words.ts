// Sizes, moments and kinds as people write them.

import { language, said, t } from "../language/language";

/** 29 Nov 2026, 13:05; nothing for none. */
export const moment = (iso: string | null | undefined): string =>
  iso
    ? new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
        dateStyle: "medium",
        timeStyle: "short",
      }).format(new Date(iso))
    : "";

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** 1.2 GB, in powers of a thousand as disks are sold. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** How many of what; Chinese has one form, that of several. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en-GB")} ${language === "en" && n === 1 ? one : said(many)}`;

const KINDS: Record<string, string> = {
  study_file: t("Images"),
  arrived_file: t("Images of studies without a patient"),
  received_instance: t("Images from an archive"),
  reading: t("Readings"),
  task_reading: t("Blinded readings"),
  derived_file: t("Slices for the page, drafts"),
  outbox_item: t("Objects for an archive"),
  training_exercise: t("Training exercises"),
  unlisted: t("Named by no row"),
};

/** What files of a kind are. */
export const files = (kind: string): string => KINDS[kind] ?? plain(kind);

const ROWS: Record<string, string> = {
  work_item: t("case of the worklist"),
  task_reading: t("blinded reading"),
  outbox_item: t("object for an archive"),
  received_instance: t("image from an archive"),
};

/** The name of a table in words: what its users call it. */
export const plain = (name: string): string =>
  ROWS[name] ??
  said(language !== "en" && OTHERWISE.has(name) ? `${name}, a kind of row` : name.replaceAll("_", " "));

/** Tables whose name is a word with another meaning on other pages: somebody's standing, and to stand. */
const OTHERWISE = new Set(["reading", "standing"]);
