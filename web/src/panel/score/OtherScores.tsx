// The scores beside NASOVCF that have their inputs: each in a line, its items and for whom it holds when opened.

import { t } from "../../language/language";
import { shown } from "../../model/store";
import type { OtherScore } from "../../model/types";

export function OtherScores() {
  const found = shown.value?.other_scores ?? [];
  if (found.length === 0) return null;
  return (
    <section class="part" aria-label={t("Other published scores")}>
      <h2>{t("Other published scores")}</h2>
      {found.map((score) => (
        <Other key={score.name} score={score} />
      ))}
    </section>
  );
}

function Other({ score }: { score: OtherScore }) {
  return (
    <details class="other-score" data-score={score.name}>
      <summary>
        <b>{score.name}</b> {score.sentence}
      </summary>
      {score.alerts.map((text) => (
        <p key={text} class="ask">
          {text}
        </p>
      ))}
      {score.items.length > 0 && (
        <table>
          <tbody>
            {score.items.map((item) => (
              <tr key={item.name}>
                <th scope="row">{item.name}</th>
                <td>{item.finding}</td>
                <td class="n">{item.points}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {[...score.said, score.whom].map((text) => (
        <p key={text} class="dim small">
          {text}
        </p>
      ))}
    </details>
  );
}
