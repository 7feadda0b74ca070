// One person: what they may do, how they come in, and what was said of them.

import { useEffect, useState } from "preact/hooks";
import { me } from "../../common/me";
import { day } from "../../common/words";
import * as api from "../api";
import { confirm } from "../Dialog";
import { act, to } from "../state";
import type { Account, Said } from "../types";
import { count, moment } from "../words";
import { Given, given, MAY, ROLES, reload, Ways } from "./People";

export function One({ one }: { one: Account }) {
  const [said, setSaid] = useState<Said[]>([]);
  const again = async () => {
    await reload();
    await act(async () => setSaid(await api.history(one.id)));
  };
  useEffect(() => void again(), [one.id]);
  return (
    <>
      <p class="crumbs">
        <a href={to("people")}>Everybody</a>
      </p>
      <header class="head">
        <h2>{one.name}</h2>
        <span class="dim">{one.code}</span>
        {one.code === me.value?.code && <span class="dim">That is you.</span>}
      </header>
      <Given />
      <div class="beside">
        <Rights one={one} done={again} />
        <Doors one={one} done={again} />
      </div>
      <History one={one} said={said} />
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
        title: `Make ${one.name} an administrator?`,
        says: "Administrators see every door: people, audit, backups with all data, erasure of patients.",
        verb: "Make administrator",
        act: () => go(reason),
      });
    else void act(() => go(reason));
  };
  return (
    <section class="card">
      <h2>What they may do</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <div class="fields">
          <label>
            Role
            <select value={role} onChange={(e) => setRole(e.currentTarget.value)}>
              {ROLES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label class="check">
            <input type="checkbox" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />
            sees every site, not only {one.site}
          </label>
        </div>
        <p class="dim">
          {role}: {MAY[role]}.
        </p>
        {changed && (
          <div class="fields">
            <label>
              Reason; it is kept
              <input
                required
                maxLength={1000}
                value={reason}
                onInput={(e) => setReason(e.currentTarget.value)}
              />
            </label>
            <button type="submit" class="main" disabled={!reason.trim()}>
              Change it
            </button>
          </div>
        )}
      </form>
      <p class="dim">
        The site stays {one.site}: what was recorded there stays true. Who moves to another hospital is
        disabled here and added there under another code. A change signs them out.
      </p>
    </section>
  );
}

function Doors({ one, done }: { one: Account; done: () => Promise<void> }) {
  return (
    <section class="card">
      <h2>How they come in</h2>
      <dl class="facts">
        <dt>Way in</dt>
        <dd>
          <Ways one={one} />
        </dd>
        <dt>Signed in</dt>
        <dd>
          {one.sessions ? count(one.sessions, "session") : "not now"}
          {one.seen_at && <span class="dim">, seen {moment(one.seen_at)}</span>}
        </dd>
        <dt>Added</dt>
        <dd>{day(one.since)}</dd>
      </dl>
      <p />
      <div class="row">
        {one.active && (
          <button
            type="button"
            onClick={() =>
              confirm({
                title: `A new link for ${one.name}?`,
                says: "They set another password with it. They are signed out everywhere, and earlier links are void.",
                verb: "Make the link",
                act: async () => {
                  given.value = { name: one.name, link: await api.link(one.id) };
                  await done();
                },
              })
            }
          >
            New password link
          </button>
        )}
        {one.sessions > 0 && (
          <button
            type="button"
            onClick={() =>
              confirm({
                title: `Sign ${one.name} out everywhere?`,
                says: "Every session of theirs ends now. What they saved is safe, and their password still lets them in.",
                verb: "Sign out",
                act: async () => {
                  await api.signOut(one.id);
                  await done();
                },
              })
            }
          >
            Sign out everywhere
          </button>
        )}
        <button
          type="button"
          onClick={() =>
            confirm({
              title: one.active ? `Let ${one.name} in no longer?` : `Let ${one.name} in again?`,
              says: one.active
                ? "They are signed out everywhere and cannot sign in. What they recorded stays. It can be undone."
                : "They may sign in again as before.",
              verb: one.active ? "Disable" : "Enable",
              reason: true,
              act: async (reason) => {
                await api.change(one.id, { reason, active: !one.active });
                await done();
              },
            })
          }
        >
          {one.active ? "Disable" : "Enable"}
        </button>
      </div>
    </section>
  );
}

function History({ one, said }: { one: Account; said: Said[] }) {
  return (
    <section class="table" aria-label="What was said of them">
      <h2>What was said of them</h2>
      {said.length === 0 ? (
        <p class="dim">Nothing since they were added as {one.role}.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">By</th>
              <th scope="col">From then on</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {said.map((line) => (
              <tr key={line.at}>
                <td class="when">{moment(line.at)}</td>
                <td>{line.by}</td>
                <td>
                  {line.active ? line.role : "disabled"}
                  {line.all_sites && ", every site"}
                </td>
                <td class="wide">{line.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>
        <a href={to("audit", one.code)}>What {one.name} did, in the audit</a>
      </p>
    </section>
  );
}
