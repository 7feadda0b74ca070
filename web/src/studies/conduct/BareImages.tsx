// What an outcome is judged by: the images of its visits, and nothing that was found on them.

import { useRef, useState } from "preact/hooks";
import { COMMA, said, t } from "../../language/language";
import * as api from "../api";
import { load, study } from "../state";
import type { BarePicture, BareVisit, Judgement } from "../types";

export function BareImages({ judgement }: { judgement: Judgement }) {
  const [visits, setVisits] = useState<BareVisit[] | null>(null);
  const code = study.value?.code ?? "";
  const open = () =>
    load(async () => setVisits(await api.bareImages(code, judgement.patient, judgement.outcome)));
  if (!visits)
    return (
      <button type="button" class="plain" onClick={() => void open()}>
        {t("Look at the images of {patient}", { patient: judgement.patient })}
      </button>
    );
  return (
    <div class="bare">
      {visits.map((visit) => (
        <section key={visit.window} aria-label={t("Images, {window}", { window: said(visit.window) })}>
          <h4>{said(visit.window)}</h4>
          {visit.pictures.length === 0 && (
            <p class="dim">
              {t(
                "No images of this visit are kept here. A judgement by images from elsewhere is not kept as blinded.",
              )}
            </p>
          )}
          <div class="panes">
            {bySeries(visit.pictures).map((pictures) => (
              <Pane
                key={pictures[0]?.at}
                pictures={pictures}
                address={(at) => api.bareImage(code, judgement.patient, judgement.outcome, at)}
              />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

/** The pictures of each series together, in their order. */
function bySeries(pictures: BarePicture[]): BarePicture[][] {
  const found = new Map<number, BarePicture[]>();
  for (const one of pictures) found.set(one.series, [...(found.get(one.series) ?? []), one]);
  return [...found.values()];
}

function Pane({ pictures, address }: { pictures: BarePicture[]; address: (at: string) => string }) {
  const middle = pictures.reduce(
    (best, p, n) => (Math.abs(p.offset_mm) < Math.abs(pictures[best]?.offset_mm ?? Infinity) ? n : best),
    0,
  );
  const [slice, setSlice] = useState(middle);
  const [zoom, setZoom] = useState(1);
  const [light, setLight] = useState(1);
  const [contrast, setContrast] = useState(1);
  const [line, setLine] = useState(false);
  const now = pictures[slice] ?? pictures[0];
  if (!now) return null;
  const [rows, columns] = now.size;
  const shape = (columns * now.spacing[1]) / (rows * now.spacing[0]);
  const name = [
    said(now.role),
    now.posture === "unknown" ? t("posture unknown") : said(now.posture),
    now.calibrated ? "" : t("no scale"),
  ]
    .filter(Boolean)
    .join(COMMA);
  const slider = (label: string, value: number, set: (n: number) => void, low: number, high: number) => (
    <label>
      {label}
      <input
        type="range"
        min={low}
        max={high}
        step={0.05}
        value={value}
        onInput={(e) => set(e.currentTarget.valueAsNumber)}
      />
    </label>
  );
  return (
    <figure>
      <figcaption>{name}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section class="stage" aria-label={name} tabIndex={0}>
        <div class="sheet" style={{ height: `${460 * zoom}px`, width: `${460 * zoom * shape}px` }}>
          <img
            src={address(now.at)}
            alt={name}
            draggable={false}
            style={{ filter: `brightness(${light}) contrast(${contrast})` }}
          />
          {line && <Ruler picture={now} />}
        </div>
      </section>
      <div class="looks">
        {pictures.length > 1 && (
          <label>
            {t("slice {number} of {pictures}", { number: slice + 1, pictures: pictures.length })}
            <input
              type="range"
              min={0}
              max={pictures.length - 1}
              value={slice}
              onInput={(e) => setSlice(e.currentTarget.valueAsNumber)}
            />
          </label>
        )}
        {slider(t("Zoom"), zoom, setZoom, 1, 5)}
        {slider(t("Brightness"), light, setLight, 0.4, 3)}
        {slider(t("Contrast"), contrast, setContrast, 0.4, 4)}
        <label class="check">
          <input type="checkbox" checked={line} onChange={(e) => setLine(e.currentTarget.checked)} />
          {t("Ruler")}
        </label>
      </div>
    </figure>
  );
}

type End = [number, number];

/** A line with two ends, in parts of the picture; its length where the image has a scale. */
function Ruler({ picture }: { picture: BarePicture }) {
  const [ends, setEnds] = useState<[End, End]>([
    [0.35, 0.5],
    [0.65, 0.5],
  ]);
  const box = useRef<HTMLDivElement>(null);
  const put = (which: number, x: number, y: number) => {
    const end: End = [Math.min(1, Math.max(0, x)), Math.min(1, Math.max(0, y))];
    setEnds((now) => (which === 0 ? [end, now[1]] : [now[0], end]));
  };
  const [a, b] = ends;
  const [rows, columns] = picture.size;
  const mm = Math.hypot(
    (b[0] - a[0]) * columns * picture.spacing[1],
    (b[1] - a[1]) * rows * picture.spacing[0],
  );
  const words = picture.calibrated ? t("{mm} mm", { mm: mm.toFixed(1) }) : t("no scale");
  const ARROWS: Record<string, End> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  return (
    <div class="ruler" ref={box}>
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        <line x1={a[0]} y1={a[1]} x2={b[0]} y2={b[1]} />
      </svg>
      {ends.map((end, n) => (
        <button
          type="button"
          key={n ? "second" : "first"}
          style={{ left: `${100 * end[0]}%`, top: `${100 * end[1]}%` }}
          aria-label={t("End {n} of the ruler: drag it, or press the arrow keys", { n: n + 1 })}
          onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)}
          onPointerMove={(e) => {
            const at = box.current?.getBoundingClientRect();
            if (at && e.currentTarget.hasPointerCapture(e.pointerId))
              put(n, (e.clientX - at.left) / at.width, (e.clientY - at.top) / at.height);
          }}
          onKeyDown={(e) => {
            const by = ARROWS[e.key];
            if (!by) return;
            e.preventDefault();
            const far = e.shiftKey ? 10 : 1;
            put(n, end[0] + (far * by[0]) / columns, end[1] + (far * by[1]) / rows);
          }}
        />
      ))}
      <output style={{ left: `${50 * (a[0] + b[0])}%`, top: `${50 * (a[1] + b[1])}%` }}>{words}</output>
    </div>
  );
}
