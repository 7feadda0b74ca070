// The sites, and how people sign in as the service was started.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { act, load } from "../state";
import type { SignIn, Site } from "../types";

export function Sites() {
  const [sites, setSites] = useState<Site[] | null>(null);
  const [ways, setWays] = useState<SignIn | null>(null);
  const look = () =>
    load(async () => {
      const [one, two] = await Promise.all([api.sites(), api.signIn()]);
      setSites(one);
      setWays(two);
    });
  useEffect(() => void look(), []);
  if (!sites || !ways) return null;
  const add = (form: HTMLFormElement) => {
    const data = new FormData(form);
    void act(async () => {
      await api.addSite(String(data.get("code")).trim(), String(data.get("name")).trim());
      form.reset();
    }).then((ok) => {
      if (ok) void look();
    });
  };
  return (
    <>
      <section class="table wide-card" aria-label={t("Sites")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Site")}</th>
              <th scope="col">{t("Name")}</th>
              <th scope="col" class="number">
                {t("People")}
              </th>
              <th scope="col" class="number">
                {t("Patients")}
              </th>
            </tr>
          </thead>
          <tbody>
            {sites.map((site) => (
              <tr key={site.code}>
                <td class="name">{site.code}</td>
                <td>
                  {site.name}
                  {site.simulated && <small>{t("simulated patients")}</small>}
                </td>
                <td class="number">{site.people}</td>
                <td class="number">{site.patients.toLocaleString("en-GB")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section class="card">
        <h2>{t("Add a site")}</h2>
        <form
          class="fields"
          onSubmit={(event) => {
            event.preventDefault();
            add(event.currentTarget);
          }}
        >
          <label>
            {t("Code")}
            <input name="code" required maxLength={64} pattern="[\w.@+\-]+" />
          </label>
          <label>
            {t("Name")}
            <input name="name" required maxLength={200} />
          </label>
          <button type="submit" class="main">
            {t("Add")}
          </button>
        </form>
        <p />
        <p class="dim">
          {t("Nobody sees patients of a site that is not theirs, unless they see every site.")}
        </p>
      </section>
      <Ways ways={ways} />
    </>
  );
}

function Ways({ ways }: { ways: SignIn }) {
  const provider = ways.provider;
  return (
    <section class="card">
      <h2>{t("Sign-in")}</h2>
      <dl class="facts">
        <dt>{t("Address")}</dt>
        <dd>
          {ways.address}{" "}
          <Tag kind={ways.secure ? "done" : "ask"}>
            {ways.secure ? t("encrypted") : t("this machine only, http")}
          </Tag>
        </dd>
        <dt>{t("Passwords")}</dt>
        <dd>
          {t("{password_characters} characters or more; common words and one's own name do not count", {
            password_characters: ways.password_characters,
          })}
        </dd>
        <dt>{t("Attempts")}</dt>
        <dd>
          {t("{attempts} failures lock a person out for {locked_minutes} minutes", {
            attempts: ways.attempts,
            locked_minutes: ways.locked_minutes,
          })}
        </dd>
        <dt>{t("A link holds")}</dt>
        <dd>{t("{link_days} days, once", { link_days: ways.link_days })}</dd>
        <dt>{t("A session ends")}</dt>
        <dd>
          {t("after {idle_minutes} minutes without use, after {session_hours} hours in any case", {
            idle_minutes: ways.idle_minutes,
            session_hours: ways.session_hours,
          })}
        </dd>
        <dt>{t("Second factor")}</dt>
        <dd>{t("that of the OpenID provider; passwords here have none")}</dd>
        <dt>{t("OpenID provider")}</dt>
        <dd>{provider ? provider.name : t("none")}</dd>
        {provider && (
          <>
            <dt>{t("Issuer")}</dt>
            <dd>{provider.issuer}</dd>
            <dt>{t("Client")}</dt>
            <dd>
              {t("{client_id}, asks for {scopes}", {
                client_id: provider.client_id,
                scopes: provider.scopes,
              })}
            </dd>
            <dt>{t("Whom it means")}</dt>
            <dd>{t("the claim {person} holds the code of a person", { person: provider.person })}</dd>
            <dt>{t("Newcomers")}</dt>
            <dd>
              {provider.newcomers_role
                ? t("become {newcomers_role} of {newcomers_site}{needed}", {
                    newcomers_role: provider.newcomers_role,
                    newcomers_site: provider.newcomers_site,
                    needed: provider.needed ? t(", if {needed}", { needed: provider.needed }) : "",
                  })
                : t("are refused")}
            </dd>
          </>
        )}
      </dl>
      <p />
      <p class="dim">
        {t(
          "These are set where the service is started (ovcf serve --people --address, --oidc), not here: whoever takes over a browser must not change how everybody signs in.",
        )}
      </p>
    </section>
  );
}
