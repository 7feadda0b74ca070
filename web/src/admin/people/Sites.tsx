// The sites, and how people sign in as the service was started.

import { useEffect, useState } from "preact/hooks";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { act } from "../state";
import type { SignIn, Site } from "../types";

export function Sites() {
  const [sites, setSites] = useState<Site[] | null>(null);
  const [ways, setWays] = useState<SignIn | null>(null);
  const load = () =>
    act(async () => {
      const [one, two] = await Promise.all([api.sites(), api.signIn()]);
      setSites(one);
      setWays(two);
    });
  useEffect(() => void load(), []);
  if (!sites || !ways) return null;
  const add = (form: HTMLFormElement) => {
    const data = new FormData(form);
    void act(async () => {
      await api.addSite(String(data.get("code")).trim(), String(data.get("name")).trim());
      form.reset();
    }).then((ok) => {
      if (ok) void load();
    });
  };
  return (
    <>
      <section class="table wide-card" aria-label="Sites">
        <table>
          <thead>
            <tr>
              <th scope="col">Site</th>
              <th scope="col">Name</th>
              <th scope="col" class="number">
                People
              </th>
              <th scope="col" class="number">
                Patients
              </th>
            </tr>
          </thead>
          <tbody>
            {sites.map((site) => (
              <tr key={site.code}>
                <td class="name">{site.code}</td>
                <td>
                  {site.name}
                  {site.simulated && <small>simulated patients</small>}
                </td>
                <td class="number">{site.people}</td>
                <td class="number">{site.patients.toLocaleString("en-GB")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section class="card">
        <h2>Add a site</h2>
        <form
          class="fields"
          onSubmit={(event) => {
            event.preventDefault();
            add(event.currentTarget);
          }}
        >
          <label>
            Code
            <input name="code" required maxLength={64} pattern="[\w.@+\-]+" />
          </label>
          <label>
            Name
            <input name="name" required maxLength={200} />
          </label>
          <button type="submit" class="main">
            Add
          </button>
        </form>
        <p />
        <p class="dim">Nobody sees patients of a site that is not theirs, unless they see every site.</p>
      </section>
      <Ways ways={ways} />
    </>
  );
}

function Ways({ ways }: { ways: SignIn }) {
  const provider = ways.provider;
  return (
    <section class="card">
      <h2>Sign-in</h2>
      <dl class="facts">
        <dt>Address</dt>
        <dd>
          {ways.address}{" "}
          <Tag kind={ways.secure ? "done" : "ask"}>
            {ways.secure ? "encrypted" : "this machine only, http"}
          </Tag>
        </dd>
        <dt>Passwords</dt>
        <dd>{ways.password_characters} characters or more; common words and one's own name do not count</dd>
        <dt>Attempts</dt>
        <dd>
          {ways.attempts} failures lock a person out for {ways.locked_minutes} minutes
        </dd>
        <dt>A link holds</dt>
        <dd>{ways.link_days} days, once</dd>
        <dt>A session ends</dt>
        <dd>
          after {ways.idle_minutes} minutes without use, after {ways.session_hours} hours in any case
        </dd>
        <dt>Second factor</dt>
        <dd>that of the OpenID provider; passwords here have none</dd>
        <dt>OpenID provider</dt>
        <dd>{provider ? provider.name : "none"}</dd>
        {provider && (
          <>
            <dt>Issuer</dt>
            <dd>{provider.issuer}</dd>
            <dt>Client</dt>
            <dd>
              {provider.client_id}, asks for {provider.scopes}
            </dd>
            <dt>Whom it means</dt>
            <dd>the claim {provider.person} holds the code of a person</dd>
            <dt>Newcomers</dt>
            <dd>
              {provider.newcomers_role
                ? `become ${provider.newcomers_role} of ${provider.newcomers_site}${provider.needed ? `, if ${provider.needed}` : ""}`
                : "are refused"}
            </dd>
          </>
        )}
      </dl>
      <p />
      <p class="dim">
        These are set where the service is started (ovcf serve --people --address, --oidc), not here: whoever
        takes over a browser must not change how everybody signs in.
      </p>
    </section>
  );
}
