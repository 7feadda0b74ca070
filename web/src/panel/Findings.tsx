import { shown } from "../model/store";

export function Findings() {
  const findings = shown.value?.findings ?? [];
  if (findings.length === 0) return null;
  return (
    <section class="part">
      <h2>Findings</h2>
      <ul class="list">
        {findings.map((f) => (
          <li key={`${f.name}${f.level}${f.image}`} class={f.suggested ? "ask" : ""}>
            <i class="ring" />
            <span>
              {f.suggested && <b>{f.level} looks fractured. </b>}
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
      <h2>Not measured</h2>
      <ul class="list">
        {withheld.map((w) => (
          <li key={`${w.name}${w.level}`}>
            <i class="square" />
            <span>
              {[w.level, w.name].filter(Boolean).join(", ")}
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
    <section class="band" aria-label="Warnings">
      {warnings.map((w) => (
        <p key={w}>
          <b>Mind:</b> {w}
        </p>
      ))}
    </section>
  );
}
