// The studies of this registry, and how one is begun from its protocol.

import { signal } from "@preact/signals";
import { may as mayHere } from "../common/me";
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
          No study yet.{" "}
          {mayHere("manage a study")
            ? "Begin one from its protocol, below."
            : "Ask a coordinator to begin one."}
        </p>
      ) : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">Study</th>
                <th scope="col">Title</th>
                <th scope="col" class="number">
                  Screened
                </th>
                <th scope="col" class="number">
                  Enrolled
                </th>
                <th scope="col" class="number">
                  Open queries
                </th>
                <th scope="col">For you</th>
              </tr>
            </thead>
            <tbody>
              {all.map((one) => (
                <tr key={one.code}>
                  <td>
                    <a class="name" href={to(one.code)}>
                      {one.code}
                    </a>
                    <small>Protocol {one.version}</small>
                  </td>
                  <td class="wide">{one.title}</td>
                  <td class="number">{one.screened}</td>
                  <td class="number">
                    {one.enrolled}
                    {one.planned !== null && <span class="dim"> of {one.planned}</span>}
                  </td>
                  <td class="number">{one.open_queries}</td>
                  <td>
                    {one.locked ? (
                      <Tag kind="locked">Data locked</Tag>
                    ) : one.mine > 0 ? (
                      <Tag kind="open">
                        {one.mine} {one.mine === 1 ? "case" : "cases"} to read
                      </Tag>
                    ) : (
                      <span class="dim">nothing to read</span>
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
          <h2>Training</h2>
          <p>
            Digital patients whose truth is known: put points right, and see how far you were off.{" "}
            <a href="#training">Train</a>
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
      <h2>Begin a study</h2>
      <p>
        A study is one readable file: who may take part, when they are seen, what is entered, who reads.{" "}
        <a href={api.exampleProtocol} download="protocol.toml">
          Download the example
        </a>
        , change it, and choose it here.
      </p>
      <div class="row">
        <label class="file plain">
          Choose a protocol
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
            Begin this study
          </button>
        )}
      </div>
      {found && <Agreed protocol={found.says} />}
    </section>
  );
}
