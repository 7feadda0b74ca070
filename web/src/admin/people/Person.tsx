// One person: what they may do, how they come in, and what was said of them.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { me } from "../../common/me";
import { day } from "../../common/words";
import { said, t } from "../../language/language";
import * as api from "../api";
import { confirm } from "../Dialog";
import { act, load, to } from "../state";
import type { Account, Said } from "../types";
import { count, moment } from "../words";
import { Cases } from "./Cases";
import { Move } from "./Move";
import { Given, given, MAY, ROLES, reload, Ways } from "./People";

export function One({ one }: { one: Account }) {
  const [lines, setLines] = useState<Said[]>([]);
  const again = async () => {
    await reload();
    await load(async () => setLines(await api.history(one.id)));
  };
  useEffect(() => void again(), [one.id]);
  return (
    <>
      <p class="crumbs">
        <a href={to("people")}>{t("Everybody")}</a>
      </p>
      <header class="head">
        <h2>{one.name}</h2>
        <span class="dim">{one.code}</span>
        {one.code === me.value?.code && <span class="dim">{t("That is you.")}</span>}
      </header>
      <Given />
      <div class="beside">
        <Rights one={one} done={again} />
        <Doors one={one} done={again} />
      </div>
      <History one={one} lines={lines} />
    </>
  );
}

function Rights({ one, done }: { one: Account; done: () => Promise<void> }) {
  const [role, setRole] = useState(one.role);
  const [all, setAll] = useState(one.all_sites);
  const [reason, setReason] = useState("");
  const changed = role !== one.role || all !== one.all_sites;
  const keep = () => {
    const go = async (why: string) => {
      await api.change(one.id, { reason: why, role, all_sites: all });
      setReason("");
      await done();
    };
    if (role === "admin" && one.role !== "admin")
      confirm({
        title: t("Make {name} an administrator?", { name: one.name }),
        says: t("Administrators see every door: people, audit, backups with all data, erasure of patients."),
        verb: t("Make administrator"),
        act: () => go(reason),
      });
    else void act(() => go(reason));
  };
  return (
    <section class="card">
      <h2>{t("What they may do")}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <div class="fields">
          <label>
            {t("Role")}
            <select value={role} onChange={(e) => setRole(e.currentTarget.value)}>
              {ROLES.map((name) => (
                <option key={name} value={name}>
                  {said(name)}
                </option>
              ))}
            </select>
          </label>
          <label class="check">
            <input type="checkbox" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />
            {t("sees every site, not only {site}", { site: one.site })}
          </label>
        </div>
        <p class="dim">
          {said(role)}: {MAY[role]}.
        </p>
        {changed && (
          <div class="fields">
            <label>
              {t("Reason; it is kept")}
              <input
                required
                maxLength={1000}
                value={reason}
                onInput={(e) => setReason(e.currentTarget.value)}
              />
            </label>
            <button type="submit" class="main" disabled={!reason.trim()}>
              {t("Change it")}
            </button>
          </div>
        )}
      </form>
      <p class="dim">
        {t(
          "The site of an account stays {site}: what was recorded there stays true. A change signs them out.",
          { site: one.site },
        )}
      </p>
      {one.code !== me.value?.code && <Move one={one} />}
    </section>
  );
}

/** Who reads the cases of somebody who is about to be disabled; nobody in particular while it is empty. */
const casesTo = signal("");

function Doors({ one, done }: { one: Account; done: () => Promise<void> }) {
  return (
    <section class="card">
      <h2>{t("How they come in")}</h2>
      <dl class="facts">
        <dt>{t("Way in")}</dt>
        <dd>
          <Ways one={one} />
        </dd>
        <dt>{t("Signed in")}</dt>
        <dd>
          {one.sessions ? count(one.sessions, "session") : t("not now")}
          {one.seen_at && <span class="dim">{t(", seen {seen_at}", { seen_at: moment(one.seen_at) })}</span>}
        </dd>
        <dt>{t("Added")}</dt>
        <dd>{day(one.since)}</dd>
        {one.unread > 0 && (
          <>
            <dt>{t("Cases to read")}</dt>
            <dd>{one.unread}</dd>
          </>
        )}
        {one.now && (
          <>
            <dt>{t("Went to another site")}</dt>
            <dd>{t("now {now}", { now: one.now })}</dd>
          </>
        )}
      </dl>
      <p />
      <div class="row">
        {one.active && (
          <button
            type="button"
            onClick={() =>
              confirm({
                title: t("A new link for {name}?", { name: one.name }),
                says: t(
                  "They set another password with it. They are signed out everywhere, and earlier links are void.",
                ),
                verb: t("Make the link"),
                act: async () => {
                  given.value = { name: one.name, link: await api.link(one.id) };
                  await done();
                },
              })
            }
          >
            {t("New password link")}
          </button>
        )}
        {one.sessions > 0 && (
          <button
            type="button"
            onClick={() =>
              confirm({
                title: t("Sign {name} out everywhere?", { name: one.name }),
                says: t(
                  "Every session of theirs ends now. What they saved is safe, and their password still lets them in.",
                ),
                verb: t("Sign out"),
                act: async () => {
                  await api.signOut(one.id);
                  await done();
                },
              })
            }
          >
            {t("Sign out everywhere")}
          </button>
        )}
        <button
          type="button"
          onClick={() => {
            casesTo.value = "";
            confirm({
              title: one.active
                ? t("Let {name} in no longer?", { name: one.name })
                : t("Let {name} in again?", { name: one.name }),
              says: one.active
                ? t(
                    "They are signed out everywhere and cannot sign in. What they recorded stays. It can be undone.",
                  )
                : t("They may sign in again as before."),
              verb: one.active ? t("Disable") : t("Enable"),
              reason: true,
              more: () =>
                one.active && (
                  <Cases
                    one={one}
                    to={casesTo.value}
                    choose={(code) => {
                      casesTo.value = code;
                    }}
                  />
                ),
              act: async (reason) => {
                const cases_to = (one.active && casesTo.value) || undefined;
                await api.change(one.id, { reason, active: !one.active, cases_to });
                await done();
              },
            });
          }}
        >
          {one.active ? t("Disable") : t("Enable")}
        </button>
      </div>
    </section>
  );
}

function History({ one, lines }: { one: Account; lines: Said[] }) {
  return (
    <section class="table" aria-label={t("What was said of them")}>
      <h2>{t("What was said of them")}</h2>
      {lines.length === 0 ? (
        <p class="dim">{t("Nothing since they were added as {role}.", { role: said(one.role) })}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t("When")}</th>
              <th scope="col">{t("By")}</th>
              <th scope="col">{t("From then on")}</th>
              <th scope="col">{t("Why")}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.at}>
                <td class="when">{moment(line.at)}</td>
                <td>{line.by}</td>
                <td>
                  {line.active ? line.role : t("disabled")}
                  {line.all_sites && t(", every site")}
                </td>
                <td class="wide">{line.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>
        <a href={to("audit", one.code)}>{t("What {name} did, in the audit", { name: one.name })}</a>
      </p>
    </section>
  );
}
