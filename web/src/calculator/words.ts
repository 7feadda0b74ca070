// Words of the calculator that more than one place needs.

import { said as spoken, t } from "../language/language";
import { chances } from "./chance";
import type { Known, Published } from "./declared";
import type { ClassResult, Line, ScoreResult } from "./evaluate";
import { general, shownAs, symbol } from "./printed";

/** Whole percent; never 0 or 100 for what is only an estimate. */
export function percent(p: number): string {
  if (p < 0.01) return "< 1%";
  if (p > 0.99) return "> 99%";
  return `${Math.round(100 * p)}%`;
}

/** The points of a line, or those still possible: all of a few, else from the least to the most. */
export function pointsOf(line: Line): string {
  if (line.points !== null) return String(line.points);
  const { possible } = line;
  return possible.length <= 3
    ? possible.join(t(" or "))
    : t("{possible} to {possible_2}", { possible: possible[0], possible_2: possible[possible.length - 1] });
}

/** Plain text for a record: result, items, what is not known, whom it is for. */
export function summaryOf(
  published: Published,
  known: Known,
  result: ScoreResult | null,
  found: ClassResult | null,
): string {
  const { score } = published;
  const version = score.inputs.find((i) => i.id === "version");
  const named = score.version || version?.words[known.get("version") ?? -1] || t("version not named");
  const lines = [...((result ?? found)?.alerts ?? []), `${score.name} (${named})`];
  if (found)
    lines.push(
      found.label === null
        ? t("Possible: {join}", { join: found.possible.map(spoken).join(t(" or ")) })
        : t("{label}: {meaning}", { label: spoken(found.label), meaning: found.meaning }),
    );
  if (result) {
    if (result.total !== null)
      lines.push(
        t("{total} points{what}", {
          total: general(result.total, 4),
          what: result.group ? `, ${spoken(result.group)}` : "",
        }),
      );
    else if (result.reasons.length) lines.push(`${spoken(result.status)}: ${result.reasons.join("; ")}`);
    else if (result.attainable) {
      lines.push(
        t("{attainable} to {attainable_2} points still possible", {
          attainable: general(result.attainable[0], 4),
          attainable_2: general(result.attainable[1], 4),
        }),
      );
    }
    for (const line of result.lines) {
      lines.push(
        t("- {name}: {finding}, {line} points", {
          name: line.name,
          finding: line.finding,
          line: pointsOf(line),
        }),
      );
    }
    const chance = chances(published, known);
    if (chance)
      lines.push(
        t("Probability: {groups}", {
          groups: chance.groups.map(([g, p]) => `${spoken(g)} ${percent(p)}`).join(t(", ")),
        }),
      );
  } else {
    for (const input of score.inputs) {
      const x = known.get(input.id) ?? null;
      if (input.kind === "numbers") {
        const several = Array.from({ length: x ?? 0 }, (_, k) => known.get(`${input.id}[${k + 1}]`));
        if (several.length) lines.push(`- ${spoken(input.name)}: ${several.join(" ")}`);
      } else if (x !== null)
        lines.push(
          `- ${spoken(input.name)}: ${shownAs(input, x, spoken(score.unknown))}${symbol(input.unit)}`,
        );
    }
  }
  const missing = (result ?? found)?.missing ?? [];
  if (missing.length) lines.push(t("Not known: {join}", { join: missing.join(t(", ")) }));
  if (result?.unasked.length)
    lines.push(t("Whether it applies is not known: {join}", { join: result.unasked.join(t(", ")) }));
  lines.push(
    t("Derived on, or meant for: {population}.", { population: spoken(score.population) }),
    t("Not for: {not_for}.", { not_for: spoken(score.not_for) }),
    t("Research software, not a medical device."),
  );
  return lines.join("\n");
}
