// The panel: urgent first, then the impression; below, the reading, the study or the history.

import { t } from "../language/language";
import { LeftOut } from "../marrow/LeftOut";
import { doubtful, offline, shown, waiting } from "../model/store";
import { AskFirst } from "./AskFirst";
import { Clinical } from "./Clinical";
import { Facts } from "./Facts";
import { Foot } from "./Foot";
import { Body } from "./findings/Body";
import { Findings, Warnings, Withheld } from "./findings/Findings";
import { Measurements } from "./findings/Measurements";
import { Guidance } from "./Guidance";
import { History } from "./History";
import { Judge } from "./judge/Judge";
import { Study } from "./Study";
import { Impression } from "./score/Impression";
import { OtherScores } from "./score/OtherScores";
import { ScorePart } from "./score/Score";
import { Trouble } from "./Trouble";
import { type Tab, tab } from "./tab";
import { UrgentBand } from "./Urgent";

const TABS: Record<Tab, string> = {
  reading: t("Reading"),
  patient: t("Patient"),
  study: t("Study"),
  history: t("History"),
};

export function Panel() {
  const view = shown.value;
  if (!view) return null;
  const now = tab.value;
  const notCurrent = doubtful.value !== null || (offline.value && waiting.value.length > 0);
  return (
    <aside class={notCurrent ? "panel unsure" : "panel"} aria-label={t("Reading")}>
      <div class="top">
        <UrgentBand />
        <AskFirst />
        <Trouble />
        <Impression />
        <Tabs />
      </div>
      <div class="scroll" key={now} role="tabpanel" aria-labelledby={`tab-${now}`}>
        {now === "patient" && (
          <div>
            <Clinical />
          </div>
        )}
        {now === "study" && (
          <div>
            <Study />
            <Warnings />
          </div>
        )}
        {now === "history" && (
          <div>
            <History />
          </div>
        )}
        {now === "reading" && (
          <>
            <div>
              <Warnings />
              <ScorePart />
              <Judge />
              <OtherScores />
              <Facts />
            </div>
            <div>
              <Body />
              <LeftOut />
              <Measurements />
              <Findings />
              <Guidance />
              <Withheld />
              <p class="notice">{view.reading.notice}</p>
            </div>
          </>
        )}
      </div>
      <Foot />
    </aside>
  );
}

function Tabs() {
  const all = Object.keys(TABS) as Tab[];
  const step = (event: KeyboardEvent) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = by && all[(all.indexOf(tab.value) + by + all.length) % all.length];
    if (!next) return;
    event.preventDefault();
    tab.value = next;
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t("Panel")} onKeyDown={step}>
      {all.map((name) => (
        <button
          type="button"
          key={name}
          id={`tab-${name}`}
          role="tab"
          aria-selected={tab.value === name}
          tabIndex={tab.value === name ? 0 : -1}
          onClick={() => (tab.value = name)}
        >
          {TABS[name]}
          {name === "history" && (shown.value?.reading.edits ?? 0) > 0 && (
            <span class="dim"> {shown.value?.reading.edits}</span>
          )}
        </button>
      ))}
    </div>
  );
}
