import { COMMA, t } from "../../language/language";
import { shown } from "../../model/store";

export function Findings() {
  const view = shown.value;
  const asked = new Set(view?.to_judge.map((one) => one.level)); // other vertebrae are asked for above
  const all = Object.entries(view?.findings ?? {}).filter(
    ([, f]) => f.level === view?.index || !asked.has(f.level),
  );
  if (all.length === 0) return null;
  const findings = [...all.filter(([, f]) => f.suggested), ...all.filter(([, f]) => !f.suggested)];
  return (
    <section class="part">
      <h2>{t("Findings")}</h2>
      <ul class="list">
        {findings.map(([key, f]) => (
          <li key={key} class={f.suggested ? "ask" : ""}>
            <i class="ring" />
            <span>
              {f.suggested && <b>{t("{level} looks fractured.", { level: f.level })} </b>}
              {f.name}: <b>{f.value}</b>
              <small>{[f.doubt, ...f.reasons, f.image].filter(Boolean).join(" · ")}</small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Withheld() {
  const withheld = shown.value?.withheld ?? [];
  if (withheld.length === 0) return null;
  return (
    <section class="part">
      <h2>{t("Not measured")}</h2>
      <ul class="list">
        {withheld.map((w) => (
          <li key={`${w.name}${w.level}`}>
            <i class="square" />
            <span>
              {[w.level, w.name].filter(Boolean).join(COMMA)}
              <small>
                {w.reason}. {w.remedy}
              </small>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Warnings() {
  const warnings = shown.value?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <section class="band" aria-label={t("Warnings")}>
      {warnings.map((w) => (
        <p key={w}>
          <b>{t("Mind:")}</b> {w}
        </p>
      ))}
    </section>
  );
}
