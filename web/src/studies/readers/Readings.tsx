// The rounds of blinded readings of a study, and how a new one is assigned.

import { useEffect, useState } from "preact/hooks";
import { day } from "../../common/words";
import { t } from "../../language/language";
import * as api from "../api";
import { act, load, may, study, to } from "../state";
import { Tag } from "../Tag";
import type { RoundLine } from "../types";

export function Readings() {
  const now = study.value;
  const [rounds, setRounds] = useState<RoundLine[] | null>(null);
  useEffect(() => {
    if (now) void load(async () => setRounds(await api.rounds(now.code)));
  }, [now]);
  if (!now || !rounds) return null;
  return (
    <>
      {rounds.length === 0 ? (
        <p class="none">{t("No round of blinded readings yet.")}</p>
      ) : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Round")}</th>
                <th scope="col">{t("Begun")}</th>
                <th scope="col">{t("Readings")}</th>
                <th scope="col">{t("For you")}</th>
              </tr>
            </thead>
            <tbody>
              {rounds.map((one) => (
                <tr key={one.code}>
                  <td>
                    <a class="name" href={to(now.code, "readings", one.code)}>
                      {one.code}
                    </a>
                  </td>
                  <td>{day(one.begun_at)}</td>
                  <td>
                    <meter
                      min={0}
                      max={one.tasks}
                      value={one.read}
                      aria-label={t("Read in {code}", { code: one.code })}
                    />{" "}
                    {t("{read} of {tasks} by {readers} readers", {
                      read: one.read,
                      tasks: one.tasks,
                      readers: one.readers,
                    })}
                  </td>
                  <td>
                    {one.closed ? (
                      <Tag kind="done">{t("ended: see the results")}</Tag>
                    ) : one.mine > 0 ? (
                      <Tag kind="open">{t("{mine} to read", { mine: one.mine })}</Tag>
                    ) : (
                      <span class="dim">{t("nothing to read")}</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {may("manage a study") && now.whole && !now.locked && (
        <Assign code={now.code} planned={now.protocol.readers} taken={rounds.map((r) => r.code)} />
      )}
    </>
  );
}

function Assign({ code, planned, taken }: { code: string; planned: string; taken: string[] }) {
  const [able, setAble] = useState<{ code: string; name: string }[]>([]);
  const [chosen, setChosen] = useState<string[]>([]);
  const [name, setName] = useState(taken.length ? "" : "main");
  const [seed, setSeed] = useState(() =>
    String(Number(new Date().toISOString().slice(0, 10).replaceAll("-", ""))),
  );
  useEffect(() => {
    if (planned) void load(async () => setAble(await api.readers(code)));
  }, [code, planned]);
  if (!planned)
    return (
      <p class="none">
        {t("The protocol plans no blinded readers. Amend it with [readers] to assign cases.")}
      </p>
    );
  const turn = (one: string) =>
    setChosen(chosen.includes(one) ? chosen.filter((c) => c !== one) : [...chosen, one]);
  const assign = () =>
    void act(async () => {
      const made = await api.newRound(code, name.trim(), chosen, Number(seed));
      location.hash = to(code, "readings", made.code);
    });
  return (
    <section class="card">
      <h2>{t("Assign a round")}</h2>
      <p>{planned}.</p>
      <p class="dim">
        {t(
          "Every reader gets every case, in an order of their own that follows from the seed alone. A case bears a label that tells nothing; it shows no patient, no date and nothing of another reader.",
        )}
      </p>
      <fieldset>
        <legend>{t("Readers")}</legend>
        {able.map((one) => (
          <label key={one.code} class="check">
            <input type="checkbox" checked={chosen.includes(one.code)} onChange={() => turn(one.code)} />
            {one.name} <span class="dim">{one.code}</span>
          </label>
        ))}
      </fieldset>
      <div class="fields">
        <label>
          {t("Name of the round")}
          <input value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {t("Seed, written down before")}
          <input type="number" min={0} value={seed} onInput={(event) => setSeed(event.currentTarget.value)} />
        </label>
        <button
          type="button"
          class="main"
          disabled={!name.trim() || chosen.length === 0 || seed === ""}
          onClick={assign}
        >
          {t("Assign the cases")}
        </button>
      </div>
    </section>
  );
}
