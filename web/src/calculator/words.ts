// Words of the calculator that more than one place needs.

import { chances } from "./chance";
import type { Known, Published } from "./declared";
import { type ClassResult, general, type Line, type ScoreResult, shownAs, symbol } from "./evaluate";

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
  return possible.length <= 3 ? possible.join(" or ") : `${possible[0]} to ${possible[possible.length - 1]}`;
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
  const named = score.version || version?.words[known.get("version") ?? -1] || "version not named";
  const lines = [...((result ?? found)?.alerts ?? []), `${score.name} (${named})`];
  if (found)
    lines.push(
      found.label === null ? `Possible: ${found.possible.join(" or ")}` : `${found.label}: ${found.meaning}`,
    );
  if (result) {
    if (result.total !== null)
      lines.push(`${general(result.total, 4)} points${result.group ? `, ${result.group}` : ""}`);
    else if (result.reasons.length) lines.push(`${result.status}: ${result.reasons.join("; ")}`);
    else if (result.attainable) {
      lines.push(
        `${general(result.attainable[0], 4)} to ${general(result.attainable[1], 4)} points still possible`,
      );
    }
    for (const line of result.lines) {
      lines.push(`- ${line.name}: ${line.finding}, ${pointsOf(line)} points`);
    }
    const chance = chances(published, known);
    if (chance) lines.push(`Probability: ${chance.groups.map(([g, p]) => `${g} ${percent(p)}`).join(", ")}`);
  } else {
    for (const input of score.inputs) {
      const x = known.get(input.id) ?? null;
      if (input.kind === "numbers") {
        const several = Array.from({ length: x ?? 0 }, (_, k) => known.get(`${input.id}[${k + 1}]`));
        if (several.length) lines.push(`- ${input.name}: ${several.join(" ")}`);
      } else if (x !== null)
        lines.push(`- ${input.name}: ${shownAs(input, x, score.unknown)}${symbol(input.unit)}`);
    }
  }
  const missing = (result ?? found)?.missing ?? [];
  if (missing.length) lines.push(`Not known: ${missing.join(", ")}`);
  if (result?.unasked.length) lines.push(`Whether it applies is not known: ${result.unasked.join(", ")}`);
  lines.push(
    `Derived on, or meant for: ${score.population}.`,
    `Not for: ${score.not_for}.`,
    "Research software, not a medical device.",
  );
  return lines.join("\n");
}
