// A signed exercise beside the truth: each point in mm, height loss, kyphosis and grade.

import { useEffect, useState } from "preact/hooks";
import { t } from "../../language/language";
import type { Exercise, Figure } from "../../studies/types";
import { truth } from "../../views/over/TrueBodies";

const POINTS: Record<string, string> = {
  superior_anterior: t("Superior anterior"),
  superior_posterior: t("Superior posterior"),
  inferior_anterior: t("Inferior anterior"),
  inferior_posterior: t("Inferior posterior"),
  superior_middle: t("Superior middle"),
  inferior_middle: t("Inferior middle"),
};

export function Marks({ id }: { id: string }) {
  const [found, setFound] = useState<Exercise | null>(null);
  useEffect(() => {
    void fetch(`/api/v1/training/${id}`).then(
      async (answer) => {
        if (!answer.ok) return;
        const told = (await answer.json()) as Exercise;
        truth.value = told.truth;
        setFound(told);
      },
      () => {},
    );
  }, [id]);
  if (!found) return <footer class="foot">{t("Comparing with the truth")}</footer>;
  const levels = Object.keys(found.points);
  return (
    <footer class="foot marks">
      <h2>{t("How far from the truth")}</h2>
      <p>
        <b>{found.mean_mm?.toFixed(1) ?? t("none")}</b>{" "}
        {t("mm on average, {toFixed} mm at worst", { toFixed: found.worst_mm?.toFixed(1) ?? t("none") })}
      </p>
      <p class="dim">
        <span class="true-line" aria-hidden="true" />{" "}
        {t("in the image: the true bodies, and how far each of your points is from its place")}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("Point (mm)")}</th>
            {levels.map((level) => (
              <th key={level} scope="col">
                {level}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(POINTS).map(([name, words]) => (
            <tr key={name}>
              <th scope="row">{words}</th>
              {levels.map((level) => (
                <td key={level} class={(found.points[level]?.[name] ?? 0) > 3 ? "ask" : ""}>
                  {found.points[level]?.[name]?.toFixed(1) ?? t("none")}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <thead>
          <tr>
            <th scope="col">{found.level}</th>
            <th scope="col">{t("Yours")}</th>
            <th scope="col">{t("True")}</th>
          </tr>
        </thead>
        <tbody>
          <Line words={t("Height loss")} figure={found.vhl_percent} unit="%" />
          <Line words={t("Kyphosis")} figure={found.ka_deg} unit="°" />
          <Line words={t("Grade (Genant)")} figure={found.grade} unit="" />
        </tbody>
      </table>
      <a href="/studies/#training">{t("Your exercises, and a new one")}</a>
    </footer>
  );
}

function Line({ words, figure, unit }: { words: string; figure: Figure | null; unit: string }) {
  const shown = (n: number | null | undefined) =>
    n === null || n === undefined ? "none" : `${unit ? n.toFixed(1).replace(/^-(?=0\.0$)/, "") : n}${unit}`;
  return (
    <tr>
      <th scope="row">{words}</th>
      <td>{shown(figure?.found)}</td>
      <td>{shown(figure?.truth)}</td>
    </tr>
  );
}
