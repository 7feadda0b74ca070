// Somebody goes to another hospital: a new account there and none here, in one step.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import * as api from "../api";
import { act, to } from "../state";
import type { Account, Site } from "../types";
import { Cases } from "./Cases";
import { given, reload } from "./People";

export function Move({ one }: { one: Account }) {
  const [sites, setSites] = useState<Site[]>([]);
  const [cases, setCases] = useState("");
  const look = () => {
    if (sites.length === 0)
      void act(async () => setSites((await api.sites()).filter((site) => site.code !== one.site)));
  };
  useEffect(() => setSites([]), [one.site]);
  const move = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const text = (name: string) => String(data.get(name) ?? "").trim();
    void act(async () => {
      const made = await api.move(one.id, {
        site: text("site"),
        code: text("code"),
        reason: text("reason"),
        cases_to: cases || undefined,
      });
      given.value = made.link && { name: one.name, link: made.link };
      await reload();
      location.hash = to("people", made.person);
      scrollTo({ top: 0 });
    });
  };
  return (
    <details onToggle={look}>
      <summary>{t("They go to another site")}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          move(event.currentTarget);
        }}
      >
        <p class="dim">
          {t(
            "They get a new account there, with the same rights and a link, and this one lets them in no longer. What they recorded stays under {code} at {site}. Who signs in by a provider does so as before.",
            { code: one.code, site: one.site },
          )}
        </p>
        <div class="fields">
          <label>
            {t("Site they go to")}
            <select name="site" required>
              {sites.map((site) => (
                <option key={site.code} value={site.code}>
                  {site.code}, {site.name}
                </option>
              ))}
            </select>
          </label>
          <label>
            {t("Code there, to sign in with")}
            <input name="code" required maxLength={64} pattern="[\w.@+\-]+" autocomplete="off" />
          </label>
          <Cases one={one} to={cases} choose={setCases} />
          <label>
            {t("Reason; it is kept")}
            <input name="reason" required maxLength={1000} autocomplete="off" />
          </label>
          <button type="submit" class="main" disabled={sites.length === 0}>
            {t("Move them")}
          </button>
        </div>
      </form>
    </details>
  );
}
