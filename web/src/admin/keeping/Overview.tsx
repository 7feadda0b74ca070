// How the service is: each thing that should not be left unseen, with the figure behind it.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import { type Kind, Tag } from "../../studies/Tag";
import * as api from "../api";
import { load, type Part, parts, to } from "../state";
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
    title: t("Workers"),
    says: (one) =>
      n(one) === 0
        ? t("Nothing waits.")
        : t("{one}, the oldest since {at}.{what}", {
            one: count(n(one), "study waits", "studies wait"),
            at: moment(one.at),
            what: one.good
              ? ""
              : " No worker takes it: start ovcf jobs work, or look at the log of the service.",
          }),
    part: "jobs",
  },
  "set aside": {
    title: t("Studies set aside"),
    says: (one) =>
      n(one) === 0
        ? t("None: every study could be assessed.")
        : t("{one} could not be assessed. The reason stands beside each.", {
            one: count(n(one), "study", "studies"),
          }),
    part: "jobs",
  },
  archive: {
    title: t("To the picture archive"),
    says: (one) =>
      n(one) === 0
        ? t("Nothing was given up.")
        : t("{one} could not be sent and were given up.", { one: count(n(one), "object") }),
  },
  sealed: {
    title: t("Encryption of files"),
    says: (one) =>
      !one.of
        ? t("There are no files yet.")
        : n(one) === one.of
          ? t("All {of} are encrypted.", { of: count(one.of, "file") })
          : t("{toLocaleString} of {of} are encrypted. A key file (OVCF_KEY_FILE) encrypts new ones.", {
              toLocaleString: n(one).toLocaleString("en-GB"),
              of: count(one.of, "file"),
            }),
    part: "storage",
  },
  room: {
    title: t("Room on the disk"),
    says: (one) => t("{one} of {of} are free.", { one: size(n(one)), of: size(one.of ?? 0) }),
    part: "storage",
  },
  backup: {
    title: t("Backup"),
    says: (one) =>
      one.at
        ? t("The newest is of {at}.{what}", {
            at: moment(one.at),
            what: one.good ? "" : " That is more than two days ago, or it is not whole.",
          })
        : t("There is none in the folder of the service."),
    part: "backups",
  },
  audit: {
    title: t("Audit"),
    says: (one) =>
      one.at
        ? n(one) === 0
          ? t("Checked {at}: nothing is amiss.", { at: moment(one.at) })
          : t("Checked {at}: {one}.", {
              at: moment(one.at),
              one: count(n(one), "thing is amiss", "things are amiss"),
            })
        : t("Not checked since the service was started."),
    part: "audit",
  },
  models: {
    title: t("Models"),
    says: (one) => t("{one} of {of} are the files that were released.", { one: n(one), of: one.of }),
    part: "models",
  },
  address: {
    title: t("Address"),
    says: (one) => (one.good ? t("People come by https.") : t("Plain http: for this machine only.")),
    part: "sites",
  },
};

const kind = (good: boolean | null): Kind => (good === null ? "wait" : good ? "done" : "ask");

export function Overview() {
  const [health, setHealth] = useState<Health | null>(null);
  useEffect(() => {
    const look = () => load(async () => setHealth(await api.health()));
    void look();
    const timer = setInterval(look, 30_000);
    return () => clearInterval(timer);
  }, []);
  if (!health) return null;
  const look = health.findings.filter((one) => one.good === false).length;
  return (
    <>
      <p class="summary" role="status">
        {look === 0
          ? t("Nothing needs you now.")
          : t("{look} you.", { look: count(look, t("matter needs"), t("matters need")) })}
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
                <a href={to(told.part)} aria-label={t("{title}: open", { title: told.title })}>
                  {t("Open")}
                </a>
              )}
            </li>
          );
        })}
      </ul>
      <section class="card">
        <h2>{t("Software")}</h2>
        <dl class="facts">
          <dt>{t("Version")}</dt>
          <dd>{health.software}</dd>
          <dt>{t("Its files")}</dt>
          <dd>
            {t("SHA-256")} <code class="whole">{health.source}</code>
          </dd>
          <dt>{t("Python")}</dt>
          <dd>{health.python}</dd>
          <dt>{t("Database")}</dt>
          <dd>{health.database === "postgresql" ? t("PostgreSQL") : t("SQLite")}</dd>
          <dt>{t("Revision")}</dt>
          <dd>
            {health.revision}
            {health.revision === health.newest
              ? t(", the newest")
              : t("; the newest is {newest}", { newest: health.newest })}
          </dd>
        </dl>
      </section>
    </>
  );
}
