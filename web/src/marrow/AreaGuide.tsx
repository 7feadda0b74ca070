// What the tool that leaves out an area wants: the area, then why.

import { useState } from "preact/hooks";
import { t } from "../language/language";
import { vertebra } from "../model/store";
import { tool } from "../tools/tool";
import { type AreaTool, leaveOut } from "./area";
import { REASONS } from "./types";

export function AreaWords({ t: hand }: { t: AreaTool }) {
  return (
    <>
      <b>
        {t("Draw around what is left out of {label} on slice {slice},", {
          label: vertebra(hand.vertebra)?.label,
          slice: hand.slice + 1,
        })}
      </b>{" "}
      {t("or move the circle (arrows; + and − its size). Then say what it is.")}
    </>
  );
}

export function AreaButtons({ t: hand }: { t: AreaTool }) {
  const [note, setNote] = useState("");
  const drawn = hand.ring.length >= 3;
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={hand.through}
          onChange={(e) => (tool.value = { ...hand, through: e.currentTarget.checked })}
        />{" "}
        {t("on every slice")}
      </label>
      <label>
        <input
          type="checkbox"
          checked={hand.everywhere}
          onChange={(e) => (tool.value = { ...hand, everywhere: e.currentTarget.checked })}
        />{" "}
        {t("on every series")}
      </label>
      {REASONS.filter((one) => one !== "other").map((reason) => (
        <button
          type="button"
          class="ghost"
          key={reason}
          disabled={!drawn}
          onClick={() => leaveOut(reason, "")}
          data-reason={reason}
        >
          {reason[0]?.toUpperCase()}
          {reason.slice(1)}
        </button>
      ))}
      <input
        type="text"
        aria-label={t("Another reason")}
        placeholder={t("Another reason")}
        maxLength={200}
        value={note}
        onInput={(e) => setNote(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter" && note.trim() && drawn) leaveOut("other", note.trim());
        }}
      />
    </>
  );
}
