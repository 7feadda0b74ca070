// Files to the service: resumable uploads (tus), then one study of all of them.

import { ask, Refused } from "./service";

const PART = 8 * 2 ** 20;
const TUS = { "Tus-Resumable": "1.0.0" };
const PATIENCE = 60; // times that a broken line is tried again, one second apart

/** Sends the files of one study; tells how much of it has arrived, from 0 to 1. */
export async function sendStudy(files: File[], told: (share: number) => void): Promise<string> {
  const all = files.reduce((sum, file) => sum + file.size, 0);
  let before = 0;
  const uploads: string[] = [];
  for (const file of files) {
    uploads.push(await sendFile(file, (bytes) => told((before + bytes) / all)));
    before += file.size;
  }
  const made = await ask<{ study: string }>("studies", "POST", { uploads, name: nameOf(files) });
  return made.study;
}

async function sendFile(file: File, told: (bytes: number) => void): Promise<string> {
  const name = file.webkitRelativePath || file.name;
  const begun = await tus("/api/v1/uploads", "POST", {
    "Upload-Length": String(file.size),
    "Upload-Metadata": `filename ${base64(name)}`,
  });
  const address = begun.headers.get("location") ?? "";
  let at = 0;
  for (let tries = 0; at < file.size; ) {
    try {
      const answer = await tus(
        address,
        "PATCH",
        { "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream" },
        file.slice(at, at + PART),
      );
      at = Number(answer.headers.get("upload-offset"));
      tries = 0;
    } catch (error) {
      if (error instanceof Refused || ++tries > PATIENCE) throw error;
      await new Promise((done) => setTimeout(done, 1000));
      at = await cameTo(address, at);
    }
    told(at);
  }
  return address.split("/").at(-1) ?? "";
}

/** How far an upload came before the line broke; what was known where the service still does not answer. */
async function cameTo(address: string, known: number): Promise<number> {
  try {
    return Number((await tus(address, "HEAD", {})).headers.get("upload-offset"));
  } catch {
    return known;
  }
}

async function tus(
  address: string,
  method: string,
  headers: Record<string, string>,
  body: Blob | null = null,
): Promise<Response> {
  const answer = await fetch(address, { method, headers: { ...TUS, ...headers }, body });
  if (!answer.ok) throw await Refused.of(answer);
  return answer;
}

function nameOf(files: File[]): string {
  const first = files[0];
  if (!first) return "";
  return files.length === 1
    ? first.name
    : `${first.webkitRelativePath.split("/")[0] || first.name} (${files.length})`;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
