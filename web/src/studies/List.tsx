// The studies of this registry, and how one is begun from its protocol.

import { signal } from "@preact/signals";
import { may as mayHere } from "../common/me";
import { t } from "../language/language";
import * as api from "./api";
import { Agreed } from "./conduct/Protocol";
import { act, list, refresh, to } from "./state";
import { Tag } from "./Tag";
import type { Protocol } from "./types";

const draft = signal<{ text: string; says: Protocol } | null>(null);

export function List() {
  const all = list.value;
  if (!all) return null;
  return (
    <>
      {all.length === 0 ? (
        <p class="none">
          {t("No study yet. {what}", {
            what: mayHere("manage a study")
              ? t("Begin one from its protocol, below.")
              : t("Ask a coordinator to begin one."),
          })}
        </p>
      ) : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{t("Study")}</th>
                <th scope="col">{t("Title")}</th>
                <th scope="col" class="number">
                  {t("Screened")}
                </th>
                <th scope="col" class="number">
                  {t("Enrolled")}
                </th>
                <th scope="col" class="number">
                  {t("Open queries")}
                </th>
                <th scope="col">{t("For you")}</th>
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <tr key={one.code}>
                  <td>
                    <a class="name" href={to(one.code)}>
                      {one.code}
                    </a>
                    <small>{t("Protocol {version}", { version: one.version })}</small>
                  </td>
                  <td class="wide">{one.title}</td>
                  <td class="number">{one.screened}</td>
                  <td class="number">
                    {one.enrolled}
                    {one.planned !== null && (
                      <span class="dim"> {t("of {planned}", { planned: one.planned })}</span>
                    )}
                  </td>
                  <td class="number">{one.open_queries}</td>
                  <td>
                    {one.locked ? (
                      <Tag kind="locked">{t("Data locked")}</Tag>
                    ) : one.mine > 0 ? (
                      <Tag kind="open">
                        {t("{mine} {what} to read", {
                          mine: one.mine,
                          what: one.mine === 1 ? t("case") : t("cases"),
                        })}
                      </Tag>
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
      {mayHere("sign a reading") && (
        <section class="card">
          <h2>{t("Training")}</h2>
          <p>
            {t("Digital patients whose truth is known: put points right, and see how far you were off.")}{" "}
            <a href="#training">{t("Train")}</a>
          </p>
        </section>
      )}
      {mayHere("manage a study") && <Begin />}
    </>
  );
}

function Begin() {
  const found = draft.value;
  const read = (file: File | undefined) =>
    file &&
    void act(async () => {
      const text = await file.text();
      draft.value = { text, says: await api.check(text) };
    });
  const begin = () =>
    found &&
    void act(async () => {
      const made = await api.begin(found.text);
      draft.value = null;
      location.hash = to(made.code, "protocol");
      await refresh();
    });
  return (
    <section class="card">
      <h2>{t("Begin a study")}</h2>
      <p>
        {t(
          "A study is one readable file: who may take part, when they are seen, what is entered, who reads.",
        )}{" "}
        <a href={api.exampleProtocol} download="protocol.toml">
          {t("Download the example")}
        </a>
        {t(", change it, and choose it here.")}
      </p>
      <div class="row">
        <label class="file plain">
          {t("Choose a protocol")}
          <input
            type="file"
            accept=".toml"
            onChange={(event) => {
              read(event.currentTarget.files?.[0]);
              event.currentTarget.value = "";
            }}
          />
        </label>
        {found && (
          <button type="button" class="main" onClick={begin}>
            {t("Begin this study")}
          </button>
        )}
      </div>
      {found && <Agreed protocol={found.says} />}
    </section>
  );
}
