// The doors of the registry that the worklist needs.

export interface Line {
  id: string;
  status: string;
  name: string;
  code: string | null;
  window: string | null;
  held_on: string | null;
  acquired_on: string | null;
  images: number;
  arrived_at: string;
  reading: string | null;
}

export interface Trouble {
  problem: string;
  remedy: string;
}

export interface Study extends Line {
  newest_job: { state: string; progress: string; why: Trouble | null } | null;
}

export interface Patient {
  id: string;
  code: string;
}

export class Refused extends Error {
  static async of(answer: Response): Promise<Refused> {
    const type = answer.headers.get("content-type") ?? "";
    if (!type.includes("json")) return new Refused(`The service answered ${answer.status}.`);
    const told = (await answer.json()) as { detail: string; remedy: string };
    return new Refused(`${told.detail}. ${told.remedy}`);
  }
}

export async function ask<T>(path: string, method = "GET", body?: unknown): Promise<T> {
  const headers: Record<string, string> = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(`/api/v1/${path}`, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!answer.ok) throw await Refused.of(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
