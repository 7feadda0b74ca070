// Who is signed in, and what they may do and open. Asked once, by the bar.

import { signal } from "@preact/signals";
import { ask, send } from "./api";

export interface Me {
  code: string;
  name: string;
  role: string;
  /** Acts of `ovcf.registry.access`: "write facts", "sign a reading", "export", ... */
  may: string[];
  /** Names of pages that were built and are open to them. */
  pages: string[];
  /** Whether one signs in and out here; not on a machine of one's own. */
  accounts: boolean;
}

export const me = signal<Me | null>(null);

/** Whether who is signed in may do something; false until it is known. */
export const may = (act: string): boolean => me.value?.may.includes(act) ?? false;

export async function whoAmI(): Promise<void> {
  try {
    me.value = await ask<Me>("/me");
  } catch {
    // the page says why by itself, and the bar shows what is open to everybody
  }
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/session");
  location.assign("/sign-in");
}
