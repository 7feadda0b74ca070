// Every page asks the service through here: an answer, or a problem with its remedy; and whether the session ended.

import { signal } from "@preact/signals";
import { t } from "../language/language";
import type { Problem } from "../model/types";

export const ROOT = "/api/v1";

/** Why nothing is answered any more: nobody is signed in in this browser. */
export const signedOut = signal<Problem | null>(null);

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(`${problem.where} ${problem.problem}. ${problem.remedy}`);
  }
}

const SILENT: Problem = {
  where: t("The server"),
  problem: t("does not answer"),
  remedy: t("Nothing is lost. Check the network, or whether ovcf serve still runs."),
};

/** What a door under /api/v1 answers. Throws `Refused`, whose message says what is wrong and what to do. */
export async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(ROOT + path, init);
  } catch {
    throw new Refused(0, SILENT);
  }
  if (answer.ok) {
    signedOut.value = null;
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }
  throw await refused(answer);
}

/** What was refused and why; a session that has ended is shown above every page. */
export async function refused(answer: Response): Promise<Refused> {
  const type = answer.headers.get("content-type") ?? "";
  const problem: Problem = type.includes("json")
    ? ((await answer.json()) as Problem)
    : {
        where: t("The server"),
        problem: t("answered {status}", { status: answer.status }),
        remedy: t("Load the page again."),
      };
  if (answer.status === 401) signedOut.value = problem;
  return new Refused(answer.status, problem);
}

/** Send something as JSON: `send("POST", "/patients", { code })`. */
export const send = <T>(method: string, path: string, body?: unknown): Promise<T> =>
  ask(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
