import { Frame } from "../common/Frame";
import { me } from "../common/me";
import { t } from "../language/language";
import { Dialog } from "./Dialog";
import { Audit } from "./keeping/Audit";
import { Backups } from "./keeping/Backups";
import { Jobs } from "./keeping/Jobs";
import { Models } from "./keeping/Models";
import { Overview } from "./keeping/Overview";
import { Storage } from "./keeping/Storage";
import { People } from "./people/People";
import { Sites } from "./people/Sites";
import { PARTS, parts, place, to, trouble } from "./state";

const VIEWS = {
  overview: Overview,
  people: People,
  sites: Sites,
  audit: Audit,
  backups: Backups,
  jobs: Jobs,
  storage: Storage,
  models: Models,
} as const;

export function App() {
  const { part } = place.value;
  const View = part && VIEWS[part];
  return (
    <Frame page="admin" title={t("Administration")} trouble={trouble.value}>
      {me.value && !me.value.pages.includes("admin") && (
        <p class="none">{t("This page is for administrators and monitors.")}</p>
      )}
      {me.value?.pages.includes("admin") && (
        <>
          <nav class="parts" aria-label={t("Parts of the administration")}>
            {parts.value.map((name) => (
              <a key={name} href={to(name)} aria-current={name === part ? "page" : undefined}>
                {PARTS[name].words}
              </a>
            ))}
          </nav>
          {View && <View />}
        </>
      )}
      <Dialog />
    </Frame>
  );
}
