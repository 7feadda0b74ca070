// Everybody who has an account: the list, somebody new, and one person with all that can be done.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { act, place, to } from "../state";
import type { Account, Link, Site } from "../types";
import { count, moment } from "../words";
import { One } from "./Person";

export const ROLES = ["reader", "researcher", "coordinator", "monitor", "admin"];
/** What each role may do, in few words; the table stands in the how-to. */
export const MAY: Record<string, string> = {
  reader: "sees, corrects and signs readings, records facts",
  researcher: "sees cases and takes data without identity",
  coordinator: "records facts, runs studies, takes data",
  monitor: "sees cases, asks about data, reads the audit",
  admin: "everything, and people",
};

const people = signal<Account[] | null>(null);
/** The link that was given last, until the list is left. */
export const given = signal<{ name: string; link: Link } | null>(null);

export const reload = () =>
  act(async () => {
    people.value = await api.people();
  });

export function People() {
  const { item } = place.value;
  useEffect(() => {
    void reload();
    return () => {
      given.value = null;
    };
  }, []);
  const all = people.value;
  if (!all) return null;
  const one = all.find((a) => a.id === item);
  if (one) return <One key={one.id} one={one} />;
  return (
    <>
      <Given />
      <section class="table" aria-label="People">
        <table>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Role</th>
              <th scope="col">Sees</th>
              <th scope="col">Way in</th>
              <th scope="col">Signed in</th>
            </tr>
          </thead>
          <tbody>
            {all.map((a) => (
              <tr key={a.id} class={a.active ? undefined : "gone"}>
                <td>
                  <a class="name" href={to("people", a.id)}>
                    {a.name}
                  </a>
                  <small>{a.code}</small>
                </td>
                <td>{a.role}</td>
                <td>{a.all_sites ? "every site" : a.site}</td>
                <td>
                  <Ways one={a} />
                </td>
                <td>
                  {a.sessions ? <Tag kind="open">{count(a.sessions, "session")}</Tag> : <Seen one={a} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Add />
    </>
  );
}

function Seen({ one }: { one: Account }) {
  return <span class="dim">{one.seen_at ? `last ${moment(one.seen_at)}` : "not now"}</span>;
}

export function Ways({ one }: { one: Account }) {
  if (!one.active) return <Tag kind="locked">disabled</Tag>;
  if (one.ways.length > 0) return <>{one.ways.join(", ")}</>;
  return one.link_until ? (
    <Tag kind="wait">link until {day(one.link_until)}</Tag>
  ) : (
    <span class="dim">has not signed in yet</span>
  );
}

/** A link that was just made; it is not told again. */
export function Given() {
  const [copied, setCopied] = useState(false);
  const now = given.value;
  if (!now) return null;
  return (
    <section class="card" role="status">
      <h2>The link for {now.name}</h2>
      <p>
        It sets their password once, until {moment(now.link.until)}. Give it to that person only, not by the
        way that others read. It is not shown again.
      </p>
      <code class="secret">{now.link.address}</code>
      <div class="row">
        <button
          type="button"
          class="main"
          onClick={() => void navigator.clipboard?.writeText(now.link.address).then(() => setCopied(true))}
        >
          {copied ? "Copied" : "Copy"}
        </button>
        <button
          type="button"
          onClick={() => {
            given.value = null;
          }}
        >
          It was given
        </button>
      </div>
    </section>
  );
}

function Add() {
  const [sites, setSites] = useState<Site[]>([]);
  const [role, setRole] = useState("reader");
  useEffect(() => {
    void act(async () => setSites(await api.sites()));
  }, []);
  const add = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    void act(async () => {
      const made = await api.add({
        code: text("code"),
        name: text("name"),
        role,
        site: text("site"),
        all_sites: data.get("all") === "on",
        link: data.get("link") === "on",
      });
      given.value = made.link && { name: text("name"), link: made.link };
      form.reset();
      setRole("reader");
      await reload();
      scrollTo({ top: 0 });
    });
  };
  return (
    <section class="card">
      <h2>Add somebody</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add(event.currentTarget);
        }}
      >
        <div class="fields">
          <label>
            Name
            <input name="name" required maxLength={200} autocomplete="off" />
          </label>
          <label>
            Code, to sign in with
            <input name="code" required maxLength={64} pattern="[\w.@+\-]+" autocomplete="off" />
          </label>
          <label>
            Role
            <select value={role} onChange={(e) => setRole(e.currentTarget.value)}>
              {ROLES.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </label>
          <label>
            Site
            <select name="site">
              {sites.map((one) => (
                <option key={one.code} value={one.code}>
                  {one.code}, {one.name}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="main">
            Add
          </button>
        </div>
        <p class="dim">
          {role}: {MAY[role]}.
        </p>
        <label class="check">
          <input type="checkbox" name="link" defaultChecked />
          Make a link with which they set a password; not needed with an OpenID provider
        </label>
        <label class="check">
          <input type="checkbox" name="all" />
          They see the patients of every site
        </label>
      </form>
    </section>
  );
}
