// The calculator: every declared score as one types. Its data stands in the page; nothing is fetched or sent.

import { render } from "preact";
import { TopBar } from "../common/TopBar";
import { language, learn, said, startLanguage, t } from "../language/language";
import { LanguageSwitch } from "../language/Switch";
import { startTheme } from "../theme";
import { usedInputs } from "./evaluate";
import { Form } from "./Form";
import { Result } from "./Result";
import { choose, chosen, type Page, page, published, readFragment } from "./state";
import "./calculator.css";
import "./result.css";
import "./sizes.css";

function Calculator() {
  const now = published.value;
  const scores = Object.values(page.value.scores);
  const parts = [...new Set(scores.map((s) => s.part))];
  return (
    <>
      {page.value.served && <TopBar page="calculator" open />}
      <div class="calculator">
        <section aria-labelledby="scores">
          <h1 id="scores">{t("Scores of vertebral fractures")}</h1>
          {!page.value.served && <LanguageSwitch />}
          <p class="notice">{said(page.value.notice)}</p>
        </section>
        <nav aria-label={t("Scores")}>
          {parts.map((part) => (
            <div class="part" key={part}>
              <span class="dim">{said(part)}</span>
              {scores
                .filter((s) => s.part === part)
                .map(({ score }) => (
                  <button
                    type="button"
                    key={score.id}
                    aria-current={score.id === chosen.value ? "page" : undefined}
                    title={said(score.title)}
                    onClick={() => choose(score.id)}
                  >
                    {said(score.name)}
                  </button>
                ))}
            </div>
          ))}
        </nav>
        {now && (
          <main>
            <div>
              <h2>{said(now.score.title)}</h2>
              <p>{said(now.score.about)}</p>
              <p class="dim">
                {t("Derived on, or meant for: {population}.", { population: said(now.score.population) })}
              </p>
              <p class="dim">{t("Not for: {not_for}.", { not_for: said(now.score.not_for) })}</p>
              <Form inputs={usedInputs(now.score)} />
            </div>
            <div class="result">
              <Result published={now} />
            </div>
          </main>
        )}
        <footer>
          {t("{software}. What is typed stays in the address of this page (after the #) and goes nowhere.", {
            software: page.value.software,
          })}
        </footer>
      </div>
    </>
  );
}

const data = document.getElementById("data")?.textContent ?? "{}";
page.value = JSON.parse(data) as Page;
if (language !== "en") learn(page.value.words[language] ?? {});
startLanguage();
if (page.value.served) startTheme();
readFragment();
addEventListener("hashchange", readFragment);
const place = document.getElementById("page");
if (place) render(<Calculator />, place);
