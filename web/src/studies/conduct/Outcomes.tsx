// Outcomes that are judged: by two readers, each alone; by a third where they differ.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { COMMA, said, t } from "../../language/language";
import * as api from "../api";
import { act, load, study } from "../state";
import { Tag } from "../Tag";
import type { Judgement } from "../types";
import { BareImages } from "./BareImages";

export function Outcomes() {
  const now = study.value;
  const [all, setAll] = useState<Judgement[] | null>(null);
  const code = now?.code ?? "";
  const look = () => load(async () => setAll(await api.outcomes(code)));
  useEffect(() => {
    if (code) void look();
  }, [code]);
  if (!now || !all) return null;
  if (all.length === 0)
    return (
      <p class="none">
        {t("Nothing to judge: no outcome is judged by readers, or no visit for it was held.")}
      </p>
    );
  const turn = all.filter((j) => j.turn);
  return (
    <>
      <p class="design">
        {t(
          "Two judge alone. What the other said is not shown before it is settled; where they differ, a third decides. What is settled becomes an event of the patient.",
        )}{" "}
        {t(
          "Judge by the images here: they come under the number of the study, without name, day, measurements or score.",
        )}
      </p>
      {turn.length > 0 && (
        <section aria-label={t("Yours to judge")}>
          <h3>{t("Yours to judge: {turn}", { turn: turn.length })}</h3>
          <ul class="queries">
            {turn.map((j) => (
              <Judge key={j.patient + j.outcome} judgement={j} done={look} />
            ))}
          </ul>
        </section>
      )}
      <h3>{t("All")}</h3>
      <section class="table" aria-label={t("Judged outcomes")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Patient")}</th>
              <th scope="col">{t("Outcome")}</th>
              <th scope="col">{t("Visit")}</th>
              <th scope="col">{t("Stage")}</th>
              <th scope="col">{t("You said")}</th>
              <th scope="col">{t("Settled")}</th>
            </tr>
          </thead>
          <tbody>
            {all.map((j) => (
              <tr key={j.patient + j.outcome}>
                <td>{j.patient}</td>
                <td class="wide">{j.title}</td>
                <td>{[said(j.window), day(j.held_on)].filter(Boolean).join(COMMA)}</td>
                <td>
                  <Stage judgement={j} />
                </td>
                <td>{j.mine ? said(j.mine) : <span class="dim">{t("nothing")}</span>}</td>
                <td>
                  {j.answer ? (
                    <>
                      <b>{said(j.answer)}</b> <small>{t("by {join}", { join: j.judges.join(COMMA) })}</small>
                    </>
                  ) : (
                    <span class="dim">{t("open")}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Stage({ judgement }: { judgement: Judgement }) {
  if (judgement.answer) return <Tag kind="done">{t("settled")}</Tag>;
  if (judgement.given === 2) return <Tag kind="ask">{t("the two differ: a third decides")}</Tag>;
  return <Tag kind="open">{t("{given} of 2 have judged", { given: judgement.given })}</Tag>;
}

const ANSWERS = ["yes", "no", "cannot be told"];

function Judge({ judgement, done }: { judgement: Judgement; done: () => void }) {
  const [answer, setAnswer] = useState("");
  const [because, setBecause] = useState("");
  const [blinded, setBlinded] = useState(false);
  const code = study.value?.code ?? "";
  const go = () =>
    void act(() => api.judge(code, judgement.patient, judgement.outcome, answer, because, blinded)).then(
      (ok) => {
        if (ok) done();
      },
    );
  return (
    <li>
      <header>
        <b>{judgement.patient}</b>
        {judgement.given === 2 && <Tag kind="ask">{t("two differ: yours decides")}</Tag>}
        <span class="dim">
          {judgement.level}, {said(judgement.window)}
        </span>
      </header>
      {judgement.worked_on_record && (
        <p class="ask">
          {t(
            "You have recorded something of this patient: your judgement will be kept as not blinded. Better let somebody else judge.",
          )}
        </p>
      )}
      <BareImages judgement={judgement} />
      <fieldset class="answer">
        <legend>{judgement.title}</legend>
        {ANSWERS.map((one) => (
          <label key={one} class="check">
            <input
              type="radio"
              name={`${judgement.patient}-${judgement.outcome}`}
              checked={answer === one}
              onChange={() => setAnswer(one)}
            />
            {said(one)}
          </label>
        ))}
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={blinded} onChange={(e) => setBlinded(e.currentTarget.checked)} />
        {t("I know neither this patient nor the score (it is kept with your judgement)")}
      </label>
      <div class="row">
        <input
          value={because}
          placeholder={t("What does it rest on?")}
          aria-label={t("What your judgement of {patient} rests on", { patient: judgement.patient })}
          onInput={(e) => setBecause(e.currentTarget.value)}
        />
        <button type="button" class="main" disabled={!answer || !because.trim()} onClick={go}>
          {t("Judge, once")}
        </button>
      </div>
    </li>
  );
}
