// The doors of administration.

import { ask, ROOT, send } from "../common/api";
import type {
  Account,
  AuditChoices,
  AuditLine,
  Backup,
  Chore,
  Health,
  Job,
  Link,
  Model,
  Said,
  SignIn,
  Site,
  Storage,
  Work,
} from "./types";

export const people = (): Promise<Account[]> => ask("/admin/people");
export const history = (person: string): Promise<Said[]> => ask(`/admin/people/${person}/history`);

export interface NewPerson {
  code: string;
  name: string;
  role: string;
  site: string;
  all_sites: boolean;
  link: boolean;
}
export const add = (asked: NewPerson): Promise<{ person: string; link: Link | null }> =>
  send("POST", "/admin/people", asked);

export interface Change {
  reason: string;
  role?: string;
  active?: boolean;
  all_sites?: boolean;
  /** Who reads the cases of somebody who is disabled; whoever comes without it. */
  cases_to?: string | undefined;
}
export const change = (person: string, asked: Change): Promise<Account> =>
  send("PATCH", `/admin/people/${person}`, asked);

export const move = (
  person: string,
  asked: { site: string; code: string; reason: string; cases_to?: string | undefined },
): Promise<{ person: string; link: Link | null }> => send("POST", `/admin/people/${person}/move`, asked);

export const link = (person: string): Promise<Link> => send("POST", `/admin/people/${person}/link`);
export const signOut = (person: string): Promise<Account> => send("POST", `/admin/people/${person}/sign-out`);

export const sites = (): Promise<Site[]> => ask("/admin/sites");
export const addSite = (code: string, name: string): Promise<Site> =>
  send("POST", "/admin/sites", { code, name });
export const signIn = (): Promise<SignIn> => ask("/admin/sign-in");

export const audit = (asked: URLSearchParams): Promise<{ items: AuditLine[]; next: number | null }> =>
  ask(`/admin/audit?${asked}`);
export const auditTable = (asked: URLSearchParams): string => `${ROOT}/admin/audit.csv?${asked}`;
export const auditChoices = (): Promise<AuditChoices> => ask("/admin/audit/choices");
export const auditHead = (): Promise<{ head: string; entries: number }> => ask("/admin/audit/head");
export const auditHeadFile = `${ROOT}/admin/audit/head.txt`;
export const auditCheck = (anchor: string): Promise<Chore> => send("POST", "/admin/audit/check", { anchor });

export const chores = (): Promise<Chore[]> => ask("/admin/chores");

export const backups = (): Promise<{ folder: string; items: Backup[] }> => ask("/admin/backups");
export const makeBackup = (): Promise<Chore> => send("POST", "/admin/backups");
export const checkBackup = (name: string): Promise<Chore> => send("POST", `/admin/backups/${name}/check`);
export const backupFile = (name: string): string => `${ROOT}/admin/backups/${name}/file`;

export const jobs = (state: string): Promise<Work> =>
  ask(`/admin/jobs${state ? `?${new URLSearchParams({ state })}` : ""}`);
export const retry = (job: string): Promise<Job> => send("POST", `/admin/jobs/${job}/retry`);
export const cancel = (job: string): Promise<Job> => send("POST", `/jobs/${job}/cancel`);

export const storage = (): Promise<Storage> => ask("/admin/storage");
export const checkFiles = (): Promise<Chore> => send("POST", "/admin/storage/check");

export const models = (): Promise<{ items: Model[]; others: Record<string, string> }> => ask("/admin/models");
export const health = (): Promise<Health> => ask("/admin/health");
