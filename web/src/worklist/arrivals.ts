// Files that are dropped or chosen, on their way to the server. A broken line is taken up again by itself.

import { signal } from "@preact/signals";
import { Upload } from "tus-js-client";
import { t } from "../language/language";
import * as api from "./api";
import { chosen, refresh, say } from "./state";

export interface Arrival {
  key: number;
  name: string;
  files: number;
  sent: number;
  bytes: number;
  failed: string;
}

interface Named {
  path: string;
  file: File;
}

export const arrivals = signal<Arrival[]>([]);
const AT_ONCE = 4;
let count = 0;

/** Studies of what was given: each archive and each folder is one, loose files are one together. */
export function studiesOf(files: readonly Named[]): { name: string; files: Named[] }[] {
  const found = new Map<string, Named[]>();
  for (const one of files) {
    const folder = one.path.includes("/") ? one.path.slice(0, one.path.indexOf("/")) : "";
    const name = folder || (/\.zip$/i.test(one.path) ? one.path : "");
    found.set(name, [...(found.get(name) ?? []), one]);
  }
  return [...found].map(([name, inside]) => ({
    name: (
      name || (inside.length === 1 ? (inside[0]?.path ?? "") : t("{inside} files", { inside: inside.length }))
    ).slice(0, 200),
    files: inside,
  }));
}

export async function take(files: readonly Named[]): Promise<void> {
  await Promise.all(studiesOf(files.filter((one) => one.file.size > 0)).map(sendStudy));
}

async function sendStudy(study: { name: string; files: Named[] }): Promise<void> {
  const arrival: Arrival = {
    key: ++count,
    name: study.name,
    files: study.files.length,
    sent: 0,
    bytes: study.files.reduce((sum, one) => sum + one.file.size, 0),
    failed: "",
  };
  const done = new Map<string, number>();
  const tell = (change: Partial<Arrival>) => {
    arrivals.value = arrivals.value.map((a) => (a.key === arrival.key ? { ...a, ...change } : a));
  };
  arrivals.value = [...arrivals.value, arrival];
  try {
    const ids: string[] = new Array<string>(study.files.length);
    let at = 0;
    const work = async () => {
      while (at < study.files.length) {
        const i = at++;
        const one = study.files[i];
        if (!one) continue;
        ids[i] = await sendFile(one, (sent) => {
          done.set(one.path, sent);
          tell({ sent: [...done.values()].reduce((sum, n) => sum + n, 0) });
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, study.files.length) }, work));
    const made = await api.newStudy(ids, study.name);
    arrivals.value = arrivals.value.filter((a) => a.key !== arrival.key);
    chosen.value = made.study;
    await refresh();
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message : String(error) });
    say(error);
  }
}

function sendFile(one: Named, sent: (bytes: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(one.file, {
      endpoint: "/api/v1/uploads",
      metadata: { filename: one.path },
      retryDelays: [0, 500, 1000, 3000, 5000, 10000, 20000],
      chunkSize: 8 * 1024 * 1024,
      storeFingerprintForResuming: false,
      onProgress: sent,
      onError: (error) =>
        reject(
          new Error(t("{path} could not be sent. {message}", { path: one.path, message: error.message })),
        ),
      onSuccess: () => resolve((upload.url ?? "").split("/").pop() ?? ""),
    });
    upload.start();
  });
}

export const dismiss = (key: number): void => {
  arrivals.value = arrivals.value.filter((a) => a.key !== key);
};

/** Every file of a drop, folders walked. */
export async function dropped(transfer: DataTransfer): Promise<Named[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((e) => e !== null);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ path: file.name, file }));
  const found: Named[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: Named[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((ok, no) => (entry as FileSystemFileEntry).file(ok, no));
    found.push({ path: entry.fullPath.replace(/^\//, ""), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives at most a hundred entries at a time.
    const some = await new Promise<FileSystemEntry[]>((ok, no) => reader.readEntries(ok, no));
    if (some.length === 0) return;
    for (const one of some) await walk(one, found);
  }
}

export const picked = (files: FileList): Named[] =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
