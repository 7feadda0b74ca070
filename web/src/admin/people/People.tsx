// Everybody who has an account: the list, somebody new, and one person with all that can be done.

import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { COMMA, said, t } from "../../language/language";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { act, load, place, to } from "../state";
import type { Account, Link, Site } from "../types";
import { count, moment } from "../words";
import { One } from "./Person";

export const ROLES = ["reader", "researcher", "coordinator", "monitor", "admin"];
/** What each role may do, in few words; the table stands in the how-to. */
export const MAY: Record<string, string> = {
  reader: t("sees, corrects and signs readings, records facts"),
  researcher: t("sees cases and takes data without identity"),
  coordinator: t("records facts, runs studies, takes data"),
  monitor: t("sees cases, asks about data, reads the audit"),
  admin: t("everything, and people"),
};

export const people = signal<Account[] | null>(null);
/** The link that was given last, until the list is left. */
export const given = signal<{ name: string; link: Link } | null>(null);

export const reload = () =>
  load(async () => {
    people.value = await api.people();
  });

export function People() {
  const { item } = place.value;
  const [seek, setSeek] = useState("");
  const [gone, setGone] = useState(false);
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
  const sought = seek.trim().toLowerCase();
  const disabled = all.filter((a) => !a.active).length;
  const shown = all.filter(
    (a) =>
      (gone || a.active) &&
      [a.name, a.code, a.role, said(a.role), a.site].some((word) => word.toLowerCase().includes(sought)),
  );
  return (
    <>
      <Given />
      <div class="row">
        <input
          type="search"
          value={seek}
          placeholder={t("name, code, role or site")}
          aria-label={t("Find somebody")}
          onInput={(event) => setSeek(event.currentTarget.value)}
        />
        {disabled > 0 && (
          <label class="check">
            <input
              type="checkbox"
              checked={gone}
              onChange={(event) => setGone(event.currentTarget.checked)}
            />
            {t("disabled ones too ({disabled})", { disabled })}
          </label>
        )}
        <span class="dim" role="status">
          {shown.length < all.length ? t("{shown} of {all}", { shown: shown.length, all: all.length }) : ""}
        </span>
      </div>
      <section class="table" aria-label={t("People")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Person")}</th>
              <th scope="col">{t("Role")}</th>
              <th scope="col">{t("Sees")}</th>
              <th scope="col">{t("Way in")}</th>
              <th scope="col">{t("Signed in")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((a) => (
              <tr key={a.id} class={a.active ? undefined : "gone"}>
                <td>
                  <a class="name" href={to("people", a.id)}>
                    {a.name}
                  </a>
                  <small>{a.code}</small>
                </td>
                <td>{said(a.role)}</td>
                <td>{a.all_sites ? t("every site") : a.site}</td>
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
  return (
    <span class="dim">
      {one.seen_at ? t("last {seen_at}", { seen_at: moment(one.seen_at) }) : t("not now")}
    </span>
  );
}

export function Ways({ one }: { one: Account }) {
  if (!one.active) return <Tag kind="locked">{t("disabled")}</Tag>;
  if (one.ways.length > 0) return <>{one.ways.map(said).join(COMMA)}</>;
  return one.link_until ? (
    <Tag kind="wait">{t("link until {link_until}", { link_until: day(one.link_until) })}</Tag>
  ) : (
    <span class="dim">{t("has not signed in yet")}</span>
  );
}

/** A link that was just made; it is not told again. */
export function Given() {
  const [copied, setCopied] = useState(false);
  const now = given.value;
  if (!now) return null;
  return (
    <section class="card" role="status">
      <h2>{t("The link for {name}", { name: now.name })}</h2>
      <p>
        {t(
          "It sets their password once, until {until}. Give it to that person only, not by the way that others read. It is not shown again.",
          { until: moment(now.link.until) },
        )}
      </p>
      <code class="secret">{now.link.address}</code>
      <div class="row">
        <button
          type="button"
          class="main"
          onClick={() => void navigator.clipboard?.writeText(now.link.address).then(() => setCopied(true))}
        >
          {copied ? t("Copied") : t("Copy")}
        </button>
        <button
          type="button"
          onClick={() => {
            given.value = null;
          }}
        >
          {t("It was given")}
        </button>
      </div>
    </section>
  );
}

function Add() {
  const [sites, setSites] = useState<Site[]>([]);
  const [role, setRole] = useState("reader");
  useEffect(() => {
    void load(async () => setSites(await api.sites()));
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
      <h2>{t("Add somebody")}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add(event.currentTarget);
        }}
      >
        <div class="fields">
          <label>
            {t("Name")}
            <input name="name" required maxLength={200} autocomplete="off" />
          </label>
          <label>
            {t("Code, to sign in with")}
            <input name="code" required maxLength={64} pattern="[\w.@+\-]+" autocomplete="off" />
          </label>
          <label>
            {t("Role")}
            <select value={role} onChange={(e) => setRole(e.currentTarget.value)}>
              {ROLES.map((one) => (
                <option key={one} value={one}>
                  {said(one)}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("Site")}
            <select name="site">
              {sites.map((one) => (
                <option key={one.code} value={one.code}>
                  {one.code}, {one.name}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="main">
            {t("Add")}
          </button>
        </div>
        <p class="dim">
          {said(role)}: {MAY[role]}.
        </p>
        <label class="check">
          <input type="checkbox" name="link" defaultChecked />
          {t("Make a link with which they set a password; not needed with an OpenID provider")}
        </label>
        <label class="check">
          <input type="checkbox" name="all" />
          {t("They see the patients of every site")}
        </label>
      </form>
    </section>
  );
}
