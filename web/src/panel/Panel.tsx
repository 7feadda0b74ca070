// The panel: urgent first, then the score, what is measured, what the reader says, what is missing.

import { doubtful, problem, shown } from "../model/store";
import { Body } from "./Body";
import { Facts } from "./Facts";
import { Findings, Warnings, Withheld } from "./Findings";
import { Foot } from "./Foot";
import { Measurements } from "./Measurements";
import { ScorePart } from "./Score";
import { UrgentBand } from "./Urgent";

export function Panel() {
  const view = shown.value;
  if (!view) return null;
  const said = doubtful.value ?? problem.value;
  return (
    <aside class={doubtful.value ? "panel unsure" : "panel"} aria-label="Reading">
      <div class="scroll">
        <div class="head">
          <UrgentBand />
          {view.questions.map((question) => (
            <p key={question} class="band">
              <b>To be said first.</b> {question} Select one of them and choose its name; the others follow.
            </p>
          ))}
          {said && (
            <div class="band" role="alert">
              <b>{doubtful.value ? "No numbers here." : "Not done."}</b> {said.where}: {said.problem}.{" "}
              {said.remedy}
            </div>
          )}
          <p class="notice">{view.reading.notice}</p>
          <Warnings />
        </div>
        <div>
          <ScorePart />
          <Facts />
        </div>
        <div>
          <Body />
          <Measurements />
          <Findings />
          <Withheld />
        </div>
      </div>
      <Foot />
    </aside>
  );
}
