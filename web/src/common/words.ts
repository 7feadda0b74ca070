// Words that every page writes in the same way.

import { language } from "../language/language";

/** A day or an instant as people write it: 6 Jan 2020; nothing for none. */
export const day = (iso: string | null | undefined): string =>
  iso
    ? new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
        day: "numeric",
        month: "short",
        year: "numeric",
      }).format(new Date(iso.length === 10 ? `${iso}T12:00` : iso))
    : "";

/** What an error says to the reader. */
export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
