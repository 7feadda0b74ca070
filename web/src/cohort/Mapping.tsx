// How a design understands the headings: what was guessed, what to look at, what codes stand for.

import { COMMA, said, t } from "../language/language";
import { answer, confirm, confirmed, mapping, name, order, table } from "./state";
import type { Guess, Mapping } from "./types";

export function MappingView() {
  const now = mapping.value;
  if (!now) return null;
  const guesses = new Map(now.guesses.map((one) => [one.heading, one]));
  const left = now.guesses.filter((one) => doubtful(one)).length;
  return (
    <>
      <p>
        {now.guesses.length === 0
          ? t("No heading is understood. Say below which of yours are which.")
          : t("{n} of {all} headings are understood. Nothing is analysed before you say so.", {
              n: now.guesses.length,
              all: now.guesses.length + now.unused.length,
            })}
        {now.open > 0 && (
          <b class="ask">
            {" "}
            {t("{what} not explained: say what {what_2}.", {
              what: now.open === 1 ? t("One code is") : t("{open} codes are", { open: now.open }),
              what_2: now.open === 1 ? t("it means") : t("they mean"),
            })}
          </b>
        )}
        {left > 0 && <b class="ask"> {t("To look at, marked below: {left}", { left })}</b>}
      </p>
      {now.decimal_comma && <p>{t("Numbers are read with a decimal comma: 1,5 is one and a half.")}</p>}
      {now.unknown_values.length > 0 && (
        <p>{t("Taken as not known: {join}", { join: now.unknown_values.join(COMMA) })}</p>
      )}
      {now.unfit.map((one) => (
        <p key={one.heading} class="ask">
          {t('"{heading}" may be {column}, but its values are not such: {join}', {
            heading: one.heading,
            column: one.column,
            join: one.examples.join(COMMA),
          })}
        </p>
      ))}
      <section class="table" aria-label={t("What the headings mean")}>
        <table class="mapping">
          <thead>
            <tr>
              <th scope="col">{t("Your heading")}</th>
              <th scope="col">{t("What it is")}</th>
              <th scope="col">{t("Read as")}</th>
              <th scope="col">{t("Look here")}</th>
            </tr>
          </thead>
          <tbody>
            {order.value.map((heading) => {
              const guess = guesses.get(heading);
              return guess ? (
                <Row key={heading} guess={guess} known={now.known} />
              ) : (
                <Unused key={heading} heading={heading} known={now.known} />
              );
            })}
          </tbody>
        </table>
      </section>
    </>
  );
}

const doubtful = (guess: Guess): boolean => guess.doubts.length > 0 && !confirmed.value.has(guess.heading);

function Row({ guess, known }: { guess: Guess; known: Mapping["known"] }) {
  const look = doubtful(guess);
  return (
    <tr class={look || guess.codes.some(({ label }) => label === "?") ? "look" : ""}>
      <th scope="row">
        {guess.heading}
        <small>{guess.examples.join(COMMA)}</small>
      </th>
      <td>
        <Column heading={guess.heading} value={guess.column} known={known} />
      </td>
      <td>
        {guess.codes.length > 0 && !translated(guess) ? (
          guess.codes.map(({ code }) => said(code)).join(COMMA)
        ) : guess.codes.length > 0 ? (
          <Codes guess={guess} />
        ) : (
          [guess.unit, guess.factor === 1 ? "" : t("yours times {factor}", { factor: guess.factor })]
            .filter(Boolean)
            .join(COMMA)
        )}
      </td>
      <td>
        {look && (
          <>
            <span class="ask">{guess.doubts.join(t("; "))}</span>{" "}
            <button
              type="button"
              class="plain"
              aria-label={t("It is right: {heading}", { heading: guess.heading })}
              onClick={() => confirm(guess.heading)}
            >
              {t("It is right")}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

function Codes({ guess }: { guess: Guess }) {
  return (
    <span class="codes">
      {guess.codes.filter(different).map(({ code, label }) => (
        <span key={code}>
          {code} ={" "}
          {guess.allowed.length > 0 ? (
            <select
              value={label === "?" ? "" : label}
              aria-label={t("{heading}: what {code} stands for", { heading: guess.heading, code })}
              onChange={(event) => answer(guess.heading, code, event.currentTarget.value)}
            >
              {label === "?" && <option value="">{t("not explained")}</option>}
              {guess.allowed.map((word) => (
                <option key={word} value={word}>
                  {said(word)}
                </option>
              ))}
            </select>
          ) : (
            said(label)
          )}
        </span>
      ))}
    </span>
  );
}

function Unused({ heading, known }: { heading: string; known: Mapping["known"] }) {
  const column = table.value?.columns.find((one) => one.heading === heading);
  return (
    <tr class="unused">
      <th scope="row">
        {heading}
        <small>{column?.examples.join(COMMA)}</small>
      </th>
      <td>
        <Column heading={heading} value="" known={known} />
      </td>
      <td class="dim">{column?.kind === "date" ? t("a date, not used here") : t("not used")}</td>
      <td />
    </tr>
  );
}

/** Whether a code of the table stands for another word. */
const translated = (guess: Guess): boolean => guess.codes.some(different);

const different = ({ code, label }: { code: string; label: string }): boolean => code !== label;

const VISIT = /_(\d+(?:\.\d+)?)mo$/;

/** Which column of the design a heading is; of a measurement by visits, at which month. */
function Column({ heading, value, known }: { heading: string; value: string; known: Mapping["known"] }) {
  const stem = value.replace(VISIT, "");
  const month = VISIT.exec(value)?.[1];
  return (
    <span class="which">
      <select
        value={stem}
        aria-label={t("Column of {heading}", { heading })}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          const code = known.find((one) => one.code.replace(VISIT, "") === wanted)?.code ?? "";
          name(heading, month && VISIT.test(code) ? `${wanted}_${month}mo` : code);
        }}
      >
        <option value="">{t("not used")}</option>
        {known.map((one) => (
          <option key={one.code} value={one.code.replace(VISIT, "")}>
            {said(one.label)}
          </option>
        ))}
      </select>
      {month !== undefined && (
        <label>
          {t("at")}{" "}
          <input
            type="number"
            min="0"
            max="600"
            step="any"
            key={value}
            defaultValue={month}
            aria-label={t("Month of {heading}", { heading })}
            onChange={(event) => {
              const given = Number(event.currentTarget.value);
              if (event.currentTarget.value !== "" && given >= 0) name(heading, `${stem}_${given}mo`);
            }}
          />{" "}
          {t("months")}
          {month === "0" && <small>{t("before treatment")}</small>}
        </label>
      )}
    </span>
  );
}
