// What the tool that leaves out an area wants: the area, then why.

import { useState } from "preact/hooks";
import { vertebra } from "../model/store";
import { tool } from "../tools/tool";
import { type AreaTool, leaveOut } from "./area";
import { REASONS } from "./types";

export function AreaWords({ t }: { t: AreaTool }) {
  return (
    <>
      <b>
        Draw around what is left out of {vertebra(t.vertebra)?.label} on slice {t.slice + 1},
      </b>{" "}
      or move the circle (arrows; + and − its size). Then say what it is.
    </>
  );
}

export function AreaButtons({ t }: { t: AreaTool }) {
  const [note, setNote] = useState("");
  const drawn = t.ring.length >= 3;
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={t.through}
          onChange={(e) => (tool.value = { ...t, through: e.currentTarget.checked })}
        />{" "}
        on every slice
      </label>
      <label>
        <input
          type="checkbox"
          checked={t.everywhere}
          onChange={(e) => (tool.value = { ...t, everywhere: e.currentTarget.checked })}
        />{" "}
        on every series
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
        aria-label="Another reason"
        placeholder="Another reason"
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
