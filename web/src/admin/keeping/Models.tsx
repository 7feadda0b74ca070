// The cards of the shipped models, as they lie beside them: what they are, what judged them, what they cannot do.
// Cards are in English, whatever the language of the page.

import { useEffect, useState } from "preact/hooks";
import { COMMA, t } from "../../language/language";
import { Tag } from "../../studies/Tag";
import * as api from "../api";
import { load } from "../state";
import type { Card, Model } from "../types";
import { plain, size } from "../words";

/** In this order; whatever else a card says follows under its own name. */
const FIRST: [string, string][] = [
  ["task", t("What it finds")],
  ["input", t("What it reads")],
  ["training_data", t("Made from")],
  ["sources_of_real_images", t("Real images of")],
  ["training", t("Trained")],
  ["limits", t("Limits")],
  ["never_tested_on", t("Never tested on")],
];
const LAST = "metrics";
const ABOVE = ["name", "version", "sha256", LAST];

export function Models() {
  const [found, setFound] = useState<{ items: Model[]; others: Record<string, string> } | null>(null);
  useEffect(() => {
    void load(async () => setFound(await api.models()));
  }, []);
  if (!found) return null;
  return (
    <>
      <p>
        {t(
          "What these models draw is a draft. A reader checks outlines and landmarks before a number is used. The same cards are part of the package and of the documentation.",
        )}
      </p>
      {found.items.map((one) => (
        <ModelCard key={one.file} one={one} />
      ))}
      <details class="card">
        <summary>{t("Digests of the files beside them")}</summary>
        <dl class="facts">
          {Object.entries(found.others).map(([name, digest]) => (
            <>
              <dt key={name}>{name}</dt>
              <dd lang="en">
                <code class="whole">{digest}</code>
              </dd>
            </>
          ))}
        </dl>
      </details>
    </>
  );
}

function ModelCard({ one }: { one: Model }) {
  const named = FIRST.map(([name]) => name);
  const others = Object.keys(one.card).filter((name) => !named.includes(name) && !ABOVE.includes(name));
  const figures = one.card[LAST];
  return (
    <section class="card wide-card card-of-model" aria-labelledby={`card-${one.sha256}`}>
      <h2 id={`card-${one.sha256}`} lang="en">
        {one.name} {one.version}
      </h2>
      <p>
        <Tag kind={one.released ? "done" : "ask"}>
          {one.released
            ? t("the file that was released")
            : t("not the file that was released: it is not used")}
        </Tag>{" "}
        <span class="dim">
          {one.file}, {size(one.bytes)}
        </span>
      </p>
      <p>
        {t("SHA-256")} <code class="whole">{one.sha256}</code>
      </p>
      <dl class="facts">
        {[...FIRST, ...others.map((name): [string, string] => [name, sentence(name)])].map(
          ([name, words]) => {
            const value = one.card[name];
            return value === undefined ? null : (
              <>
                <dt key={name}>{words}</dt>
                <dd lang="en">
                  <Value value={value} />
                </dd>
              </>
            );
          },
        )}
      </dl>
      {figures !== undefined && typeof figures === "object" && !Array.isArray(figures) && (
        <>
          <h3>{t("Figures")}</h3>
          <div class="table" lang="en">
            <table>
              <tbody>
                <Rows of={figures} depth={0} />
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

function Rows({ of, depth }: { of: { [name: string]: Card }; depth: number }) {
  return (
    <>
      {Object.entries(of).map(([name, value]) =>
        typeof value === "object" && !Array.isArray(value) ? (
          <>
            <tr class="part">
              <th scope="rowgroup" colSpan={2} style={{ paddingLeft: `${16 * depth}px` }}>
                {sentence(name)}
              </th>
            </tr>
            <Rows of={value} depth={depth + 1} />
          </>
        ) : (
          <tr>
            <th scope="row" style={{ paddingLeft: `${16 * depth}px` }}>
              {sentence(name)}
            </th>
            <td>{Array.isArray(value) ? value.join(" → ") : figure(value)}</td>
          </tr>
        ),
      )}
    </>
  );
}

function Value({ value }: { value: Card }) {
  if (Array.isArray(value))
    return value.some((one) => String(one).length > 24) ? (
      <ul>
        {value.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    ) : (
      value.join(COMMA)
    );
  return <>{typeof value === "number" ? value.toLocaleString("en-GB") : String(value)}</>;
}

const figure = (value: string | number): string =>
  String(value).toLowerCase() === "nan" ? t("not measured") : String(value);

const sentence = (name: string): string => {
  const words = plain(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
};
