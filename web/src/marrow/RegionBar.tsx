// What is read in the region that was taken: told over the views while it is moved.

import { t } from "../language/language";
import { doubtful, lit, shown, signed } from "../model/store";
import { tool } from "../tools/tool";
import { heldRegion, proposed, regionName, takeAsItIs, takeBack, taken, takenNow } from "./regions";

export function RegionBar() {
  const r = takenNow();
  if (!r || tool.value) return null;
  const doubt = heldRegion.value && doubtful.value;
  const onCt = r.region === "attenuation";
  const vbq = !onCt && shown.value?.measurements.vbq?.on[0]?.text;
  const withheld = !onCt && shown.value?.withheld.find((w) => w.name.startsWith(t("Vertebral bone quality")));
  return (
    <section
      class="guide region-bar"
      aria-label={onCt ? t("Attenuation of L1 on CT") : t("Region of bone quality")}
    >
      <p aria-live="polite">
        {doubt ? (
          <span class="ask">
            {regionName(r)} {doubt.problem}. {doubt.remedy}
          </span>
        ) : (
          <>
            <b data-read={r.region}>{r.said}</b>
            {vbq && <span>{t("VBQ {vbq}", { vbq })}</span>}
            {!vbq && withheld && <span>{t("No VBQ: {reason}", { reason: withheld.reason })}</span>}
            {r.warning && <span class="ask">{r.warning}</span>}
            {onCt && r.meaning && <span>{r.meaning}</span>}
            <small>
              {heldRegion.value || r.edits.length
                ? t("placed by a reader")
                : proposed(r)
                  ? t("proposed: it counts once you take or move it")
                  : t("automatic")}
            </small>
          </>
        )}
      </p>
      <span class="row">
        {proposed(r) && !heldRegion.value && (
          <button type="button" class="ghost" disabled={signed.value} onClick={() => takeAsItIs(r)}>
            {t("Take it so")} <kbd>Enter</kbd>
          </button>
        )}
        {r.edits.length > 0 && (
          <button
            type="button"
            class="ghost"
            disabled={signed.value}
            onClick={() => takeBack(r)}
            title={t("Take back: {r}", { r: regionName(r) })}
          >
            {onCt ? t("Take back") : t("Automatic")} <kbd>{t("Delete")}</kbd>
          </button>
        )}
        <button
          type="button"
          class="ghost"
          onClick={() => {
            taken.value = null;
            if (lit.value === "vbq") lit.value = "";
          }}
        >
          {t("Close")}
        </button>
      </span>
    </section>
  );
}
