// How a design understands the headings: what was guessed, what to look at, what codes stand for.

import { COMMA, said, t } from "../language/language";
import { answer, mapping, name } from "./state";
import type { Guess } from "./types";

export function MappingView() {
  const now = mapping.value;
  if (!now) return null;
  return (
    <>
      <p>
        {now.guesses.length === 0
          ? t("No heading is understood. Say below which of yours are which.")
          : t("Look at what is marked. Nothing is analysed before you say so.")}
        {now.open > 0 && (
          <b class="ask">
            {" "}
            {t("{what} not explained: say what {what_2}.", {
              what: now.open === 1 ? t("One code is") : t("{open} codes are", { open: now.open }),
              what_2: now.open === 1 ? t("it means") : t("they mean"),
            })}
          </b>
        )}
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
      <datalist id="columns">
        {now.known.map((one) => (
          <option key={one.code} value={one.code}>
            {one.label}
          </option>
        ))}
      </datalist>
      <section class="table" aria-label={t("What the headings mean")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Your heading")}</th>
              <th scope="col">{t("Column")}</th>
              <th scope="col">{t("Read as")}</th>
              <th scope="col">{t("Examples")}</th>
              <th scope="col">{t("Look here")}</th>
            </tr>
          </thead>
          <tbody>
            {now.guesses.map((one) => (
              <Row key={one.heading} guess={one} />
            ))}
            {now.unused.map((heading) => (
              <tr key={heading} class="unused">
                <th scope="row">{heading}</th>
                <td>
                  <Column heading={heading} value="" />
                </td>
                <td class="dim">{t("not used")}</td>
                <td />
                <td />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function Row({ guess }: { guess: Guess }) {
  return (
    <tr class={guess.doubts.length > 0 || guess.factor !== 1 || translated(guess) ? "look" : ""}>
      <th scope="row">{guess.heading}</th>
      <td>
        <Column heading={guess.heading} value={guess.column} />
        <small>{guess.label}</small>
      </td>
      <td>
        {guess.codes.length > 0 && !translated(guess) ? (
          guess.codes.map(({ code }) => code).join(COMMA)
        ) : guess.codes.length > 0 ? (
          <span class="codes">
            {guess.codes.map(({ code, label }) => (
              <span key={code}>
                {code} ={" "}
                {guess.allowed.length > 0 && label !== code ? (
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
                  label
                )}
              </span>
            ))}
          </span>
        ) : (
          [guess.unit, guess.factor === 1 ? "" : t("yours times {factor}", { factor: guess.factor })]
            .filter(Boolean)
            .join(COMMA)
        )}
      </td>
      <td class="dim">{guess.examples.join(COMMA)}</td>
      <td class="ask">{guess.doubts.join("; ")}</td>
    </tr>
  );
}

/** Whether a code of the table stands for another word. */
const translated = (guess: Guess): boolean => guess.codes.some(({ code, label }) => code !== label);

function Column({ heading, value }: { heading: string; value: string }) {
  return (
    <input
      list="columns"
      key={value}
      defaultValue={value}
      placeholder={t("not used")}
      aria-label={t("Column of {heading}", { heading })}
      onChange={(event) => name(heading, event.currentTarget.value.trim())}
    />
  );
}
