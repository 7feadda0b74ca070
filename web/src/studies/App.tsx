import { Frame } from "../common/Frame";
import { t } from "../language/language";
import { Data } from "./conduct/Data";
import { Outcomes } from "./conduct/Outcomes";
import { Patients } from "./conduct/Patients";
import { ProtocolPart } from "./conduct/Protocol";
import { Queries } from "./conduct/Queries";
import { List } from "./List";
import { Readings } from "./readers/Readings";
import { Round } from "./readers/Round";
import { Training } from "./readers/Training";
import { PARTS, type Part, place, study, to, trouble } from "./state";
import { Tag } from "./Tag";

export function App() {
  const { code, training } = place.value;
  if (training)
    return (
      <Frame page="studies" title={t("Training")} trouble={trouble.value} quiet>
        <Training />
      </Frame>
    );
  return (
    <Frame page="studies" title={code || t("Studies")} trouble={trouble.value} quiet={Boolean(code)}>
      {code ? <One /> : <List />}
    </Frame>
  );
}

function One() {
  const { code, part, item } = place.value;
  const now = study.value;
  if (!now)
    return trouble.value ? (
      <a href="#/">{t("All studies")}</a>
    ) : (
      <p class="none">{t("Opening {code}", { code })}</p>
    );
  return (
    <>
      <p class="crumbs">
        <a href="#/">{t("All studies")}</a>
      </p>
      <header class="head">
        <h2>{now.code}</h2>
        <span class="dim">{t("Protocol {version}", { version: now.version })}</span>
        {now.locked && <Tag kind="locked">{t("Data locked")}</Tag>}
        <p>{now.title}</p>
        <dl class="counts">
          <Count n={now.screened} words={t("screened")} />
          <Count
            n={now.enrolled}
            words={
              now.planned === null
                ? t("enrolled")
                : t("of {planned} planned enrolled", { planned: now.planned })
            }
          />
          <Count n={now.open_queries} words={now.open_queries === 1 ? t("open query") : t("open queries")} />
        </dl>
      </header>
      <nav class="parts" aria-label={t("Parts of the study")}>
        {(Object.keys(PARTS) as Part[]).map((name) => (
          <a key={name} href={to(now.code, name)} aria-current={name === part ? "page" : undefined}>
            {PARTS[name]}
          </a>
        ))}
      </nav>
      {part === "readings" && (item ? <Round key={item} code={item} /> : <Readings />)}
      {part === "patients" && <Patients />}
      {part === "queries" && <Queries />}
      {part === "outcomes" && <Outcomes />}
      {part === "data" && <Data />}
      {part === "protocol" && <ProtocolPart />}
    </>
  );
}

function Count({ n, words }: { n: number; words: string }) {
  return (
    <div>
      <dt>{words}</dt>
      <dd>{n}</dd>
    </div>
  );
}
