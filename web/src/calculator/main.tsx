// The calculator: every declared score as one types. Its data stands in the page; nothing is fetched or sent.

import { render } from "preact";
import { TopBar } from "../common/TopBar";
import { startTheme } from "../theme";
import { usedInputs } from "./evaluate";
import { Form } from "./Form";
import { Result } from "./Result";
import { choose, chosen, type Page, page, published, readFragment } from "./state";
import "./calculator.css";

function Calculator() {
  const now = published.value;
  const scores = Object.values(page.value.scores);
  const parts = [...new Set(scores.map((s) => s.part))];
  return (
    <>
      {page.value.served && <TopBar page="calculator" open />}
      <div class="calculator">
        <header>
          <h1>Scores of vertebral fractures</h1>
          <p class="notice">{page.value.notice}</p>
        </header>
        <nav aria-label="Scores">
          {parts.map((part) => (
            <div class="part" key={part}>
              <span class="dim">{part}</span>
              {scores
                .filter((s) => s.part === part)
                .map(({ score }) => (
                  <button
                    type="button"
                    key={score.id}
                    aria-current={score.id === chosen.value ? "page" : undefined}
                    title={score.title}
                    onClick={() => choose(score.id)}
                  >
                    {score.name}
                  </button>
                ))}
            </div>
          ))}
        </nav>
        {now && (
          <main>
            <div>
              <h2>{now.score.title}</h2>
              <p>{now.score.about}</p>
              <p class="dim">Derived on, or meant for: {now.score.population}.</p>
              <p class="dim">Not for: {now.score.not_for}.</p>
              <Form inputs={usedInputs(now.score)} />
            </div>
            <div class="result">
              <Result published={now} />
            </div>
          </main>
        )}
        <footer>
          {page.value.software}. What is typed stays in the address of this page (after the #) and goes
          nowhere.
        </footer>
      </div>
    </>
  );
}

const data = document.getElementById("data")?.textContent ?? "{}";
page.value = JSON.parse(data) as Page;
if (page.value.served) startTheme();
readFragment();
addEventListener("hashchange", readFragment);
const place = document.getElementById("page");
if (place) render(<Calculator />, place);
