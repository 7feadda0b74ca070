// How the service is: each thing that should not be left unseen, with the figure behind it.

import { useEffect, useState } from "preact/hooks";
import { type Kind, Tag } from "../../studies/Tag";
import * as api from "../api";
import { act, type Part, parts, to } from "../state";
import type { Finding, Health } from "../types";
import { count, moment, size } from "../words";

interface Told {
  title: string;
  says: (one: Finding) => string;
  part?: Part;
}

const n = (one: Finding): number => one.number ?? 0;

const WORDS: Record<string, Told> = {
  worker: {
    title: "Workers",
    says: (one) =>
      n(one) === 0
        ? "Nothing waits."
        : `${count(n(one), "study waits", "studies wait")}, the oldest since ${moment(one.at)}.${
            one.good ? "" : " No worker takes it: start ovcf jobs work, or look at the log of the service."
          }`,
    part: "jobs",
  },
  "set aside": {
    title: "Studies set aside",
    says: (one) =>
      n(one) === 0
        ? "None: every study could be assessed."
        : `${count(n(one), "study")} could not be assessed. The reason stands beside each.`,
    part: "jobs",
  },
  archive: {
    title: "To the picture archive",
    says: (one) =>
      n(one) === 0
        ? "Nothing was given up."
        : `${count(n(one), "object")} could not be sent and were given up.`,
  },
  sealed: {
    title: "Encryption of files",
    says: (one) =>
      !one.of
        ? "There are no files yet."
        : n(one) === one.of
          ? `All ${count(one.of, "file")} are encrypted.`
          : `${n(one).toLocaleString("en-GB")} of ${count(one.of, "file")} are encrypted. A key file (OVCF_KEY_FILE) encrypts new ones.`,
    part: "storage",
  },
  room: {
    title: "Room on the disk",
    says: (one) => `${size(n(one))} of ${size(one.of ?? 0)} are free.`,
    part: "storage",
  },
  backup: {
    title: "Backup",
    says: (one) =>
      one.at
        ? `The newest is of ${moment(one.at)}.${one.good ? "" : " That is more than two days ago, or it is not whole."}`
        : "There is none in the folder of the service.",
    part: "backups",
  },
  audit: {
    title: "Audit",
    says: (one) =>
      one.at
        ? n(one) === 0
          ? `Checked ${moment(one.at)}: nothing is amiss.`
          : `Checked ${moment(one.at)}: ${count(n(one), "thing is amiss", "things are amiss")}.`
        : "Not checked since the service was started.",
    part: "audit",
  },
  models: {
    title: "Models",
    says: (one) => `${n(one)} of ${one.of} are the files that were released.`,
    part: "models",
  },
  address: {
    title: "Address",
    says: (one) => (one.good ? "People come by https." : "Plain http: for this machine only."),
    part: "sites",
  },
};

const kind = (good: boolean | null): Kind => (good === null ? "wait" : good ? "done" : "ask");

export function Overview() {
  const [health, setHealth] = useState<Health | null>(null);
  useEffect(() => {
    const load = () => act(async () => setHealth(await api.health()));
    void load();
    const timer = setInterval(load, 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!health) return null;
  const look = health.findings.filter((one) => one.good === false).length;
  return (
    <>
      <p class="summary" role="status">
        {look === 0 ? "Nothing needs you now." : `${count(look, "matter needs", "matters need")} you.`}
      </p>
      <ul class="findings">
        {health.findings.map((one) => {
          const told = WORDS[one.what];
          if (!told) return null;
          return (
            <li key={one.what} class={one.good === false ? "look" : undefined}>
              <Tag kind={kind(one.good)}>
                <b>{told.title}</b>
              </Tag>
              <span>{told.says(one)}</span>
              {told.part && parts.value.includes(told.part) && (
                <a href={to(told.part)} aria-label={`${told.title}: open`}>
                  Open
                </a>
              )}
            </li>
          );
        })}
      </ul>
      <section class="card">
        <h2>Software</h2>
        <dl class="facts">
          <dt>Version</dt>
          <dd>{health.software}</dd>
          <dt>Its files</dt>
          <dd>
            SHA-256 <code class="whole">{health.source}</code>
          </dd>
          <dt>Python</dt>
          <dd>{health.python}</dd>
          <dt>Database</dt>
          <dd>{health.database === "postgresql" ? "PostgreSQL" : "SQLite"}</dd>
          <dt>Revision</dt>
          <dd>
            {health.revision}
            {health.revision === health.newest ? ", the newest" : `; the newest is ${health.newest}`}
          </dd>
        </dl>
      </section>
    </>
  );
}
