import { said as spoken, t } from "../language/language";
import { chances } from "./chance";
import type { Published } from "./declared";
import { type ClassResult, classify, evaluate, groupOf, type Line, type ScoreResult } from "./evaluate";
import { general } from "./printed";
import { page, type Rate, read } from "./state";
import { percent, pointsOf, summaryOf } from "./words";

export function Result({ published }: { published: Published }) {
  const { known, wrong } = read.value;
  const { score } = published;
  if (wrong.size > 0) return <p class="wrong">{t("Correct the marked answers first.")}</p>;
  const result = score.items.length ? evaluate(published, known) : null;
  const found = score.items.length ? null : classify(published, known);
  return (
    <>
      <section class="headline" aria-live="polite">
        {(result ?? found)?.alerts.map((text) => (
          <p key={text} class="first" role="alert">
            {text}
          </p>
        ))}
        {page.value.conditions[score.id] && (
          <p class="hold">{spoken(page.value.conditions[score.id] ?? "")}</p>
        )}
        {result && <Total published={published} result={result} />}
        {result && !result.reasons.length && result.unasked.length > 0 && (
          <p class="hold">
            {t("Whether it applies is not known yet: {join}.", { join: result.unasked.join(t(", ")) })}
          </p>
        )}
        {found && <Class found={found} />}
      </section>
      {result && <Items lines={result.lines} unknown={score.unknown} />}
      {result && <Chances published={published} />}
      {result?.group && <Outcomes group={result.group} id={score.id} />}
      <Said advisories={(result ?? found)?.advisories ?? []} flags={found?.flags ?? []} />
      <References ids={(result ?? found)?.evidence ?? []} />
      <Copy text={summaryOf(published, known, result, found)} />
    </>
  );
}

function Total({ published, result }: { published: Published; result: ScoreResult }) {
  const least = published.totals[0] ?? 0;
  const most = published.totals[published.totals.length - 1] ?? 0;
  if (result.total !== null) {
    return (
      <>
        <p class="total">
          {general(result.total, 4)}{" "}
          <span class="dim">
            {least < 0
              ? t("on a scale from {least} to {most}", { least: general(least, 4), most: general(most, 4) })
              : t("of {most}", { most: general(most, 4) })}
          </span>
        </p>
        {result.group && (
          <p class="group">
            {/\s/.test(result.group)
              ? spoken(result.group)
              : t("{group} group", { group: spoken(result.group) })}
          </p>
        )}
      </>
    );
  }
  if (result.reasons.length) {
    return (
      <>
        <p class="group hold">
          {result.status === "not applicable" ? t("Not applicable") : t("Outside what the source scores")}
        </p>
        {result.reasons.map((r) => (
          <p key={r}>{r}</p>
        ))}
      </>
    );
  }
  const [low, high] = result.attainable ?? [0, 0];
  return (
    <>
      <p class="total">{t("{low} to {high}", { low: general(low, 4), high: general(high, 4) })}</p>
      <p class="group">
        {t("still possible{join}", {
          join: result.attainableGroups.length
            ? t(": {join}", { join: result.attainableGroups.map(spoken).join(t(" or ")) })
            : "",
        })}
      </p>
      <p class="dim">{t("Missing: {join}", { join: result.missing.join(t(", ")) })}</p>
    </>
  );
}

function Class({ found }: { found: ClassResult }) {
  return (
    <>
      <p class={found.label === null ? "group" : "total"}>
        {spoken(found.label ?? "") || found.possible.map(spoken).join(t(" or "))}
      </p>
      <p class="group">{found.label === null ? t("still possible") : found.meaning}</p>
      {found.missing.length > 0 && (
        <p class="dim">{t("Missing: {join}", { join: found.missing.join(t(", ")) })}</p>
      )}
    </>
  );
}

function Items({ lines, unknown }: { lines: Line[]; unknown: string }) {
  return (
    <table>
      <caption>{t("Items")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("Item")}</th>
          <th scope="col">{t("Finding")}</th>
          <th scope="col" class="n">
            {t("Points")}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.name}>
            <th scope="row">{line.name}</th>
            <td class={line.points === null ? "dim" : ""}>
              {line.finding || spoken(unknown)}
              {line.note && <small class="dim"> {line.note}</small>}
            </td>
            <td class="n">{pointsOf(line)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Chances({ published }: { published: Published }) {
  const found = chances(published, read.value.known);
  if (!found) return null;
  return (
    <table>
      <caption>{t("Probability, if the errors are independent")}</caption>
      <tbody>
        {found.groups.map(([group, p]) => (
          <tr key={group}>
            <th scope="row">{spoken(group)}</th>
            <td>{found.totals.length > 1 && totalsIn(published, found.totals, group)}</td>
            <td class="n">{percent(p)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function totalsIn(published: Published, totals: [number, number][], group: string): string {
  const inside = totals.filter(([t, p]) => p > 1e-12 && groupOf(published, t) === group);
  return inside.map(([t, p]) => `${general(t, 4)}: ${percent(p)}`).join(t(", "));
}

function Outcomes({ group, id }: { group: string; id: string }) {
  const found = page.value.outcomes[id] ?? [];
  return (
    <>
      {found.map((outcome) => (
        <section key={outcome.title} class="outcome">
          <h3>{spoken(outcome.title)}</h3>
          {outcome.rates.map((rate) => (
            <Bar key={rate.group} rate={rate} own={rate.group === group} />
          ))}
          <p class="dim">{spoken(outcome.note)}</p>
        </section>
      ))}
    </>
  );
}

function Bar({ rate, own }: { rate: Rate; own: boolean }) {
  const at = (p: number) => `${(100 * p).toFixed(1)}%`;
  const share = rate.events / rate.n;
  return (
    <div class={own ? "bar own" : "bar"}>
      <span>{spoken(rate.group)}</span>
      <span class="n">{t("{events} of {n}", { events: rate.events, n: rate.n })}</span>
      <span
        class="line"
        role="img"
        aria-label={t("{share}, 95% interval {low} to {high}", {
          share: percent(share),
          low: percent(rate.low),
          high: percent(rate.high),
        })}
      >
        <i style={{ left: at(rate.low), width: at(rate.high - rate.low) }} />
        <b style={{ left: at(share) }} />
      </span>
      <span class="n">{percent(share)}</span>
    </div>
  );
}

function Said({ advisories, flags }: { advisories: string[]; flags: string[] }) {
  if (!advisories.length && !flags.length) return null;
  return (
    <ul class="said">
      {flags.map((text) => (
        <li key={text} class="hold">
          {text}
        </li>
      ))}
      {advisories.map((text) => (
        <li key={text}>{text}</li>
      ))}
    </ul>
  );
}

function References({ ids }: { ids: string[] }) {
  const found = ids.flatMap((id) => page.value.sources[id] ?? []);
  return (
    <section>
      <h3>{t("Sources")}</h3>
      <ol class="sources">
        {found.map((s) => (
          <li key={s.citation}>
            {s.citation}{" "}
            {s.doi && (
              <a href={`https://doi.org/${s.doi}`} rel="noreferrer">
                {t("doi:{doi}", { doi: s.doi })}
              </a>
            )}{" "}
            <span class="dim">{t("Checked: {mark}.", { mark: spoken(s.mark) })}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Copy({ text }: { text: string }) {
  return (
    <section>
      <h3>{t("Summary to copy")}</h3>
      <textarea
        readOnly
        rows={Math.min(14, text.split("\n").length + 1)}
        aria-label={t("Summary to copy")}
        value={text}
        onFocus={(e) => e.currentTarget.select()}
      />
    </section>
  );
}
