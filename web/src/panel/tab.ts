// Which part of the panel is shown.

import { signal } from "@preact/signals";

export type Tab = "reading" | "patient" | "study" | "history";

export const tab = signal<Tab>("reading");
