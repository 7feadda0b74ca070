// The magnifier: three times as near, over the lungs, with a cross where the point will lie. It comes while a point is
// held or placed, and stays on with Z.

import { useEffect, useRef } from "preact/hooks";
import { bodyPath } from "../../draw/body";
import { type Camera, edges, type Size, toScreen } from "../../draw/geometry";
import { magnified } from "../../draw/within";
import { t } from "../../language/language";
import { held, selected } from "../../model/store";
import type { LandmarkSet, Point, Series } from "../../model/types";
import { ghostOf, tool } from "../../tools/tool";
import { active, magnifying, mouse, pictureOf, windowOf } from "../looks";
import { greyOf } from "../pictures";

const SIDE = 168;
const NEARER = 3;
const INSET = 10;

interface Props {
  series: Series;
  set: LandmarkSet;
  camera: Camera;
  size: Size;
}

/** What is looked at, in the frame, and the body whose line is drawn; null where nothing is to be magnified. */
function lookedAt(
  series: Series,
  set: LandmarkSet,
): { at: Point; body: Point[] | null; moved: boolean } | null {
  if (active.value !== series.uid) return null;
  const [h, now, t] = [held.value, selected.value, tool.value];
  if (h && now && now.point !== null && set.vertebrae.includes(h.vertebra)) {
    const at = h.points[now.point];
    return at ? { at, body: h.points, moved: true } : null;
  }
  const under = mouse.value?.series === series.uid ? mouse.value.at : null;
  if (!under) return null;
  if (t?.kind === "place" && t.set === set.id) return { at: under, body: ghostOf(t), moved: true };
  if (t?.kind === "outline" && t.set === set.id) return { at: under, body: null, moved: true };
  return magnifying.value ? { at: under, body: null, moved: false } : null;
}

export function Loupe({ series, set, camera, size }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const look = lookedAt(series, set);
  const picture = pictureOf(series);
  const window = windowOf(series.uid);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current || !look || !picture) return;
    const ratio = (devicePixelRatio || 1) * magnified(canvas.current);
    canvas.current.width = canvas.current.height = Math.round(SIDE * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const near: Camera = { centre: look.at, scale: camera.scale * NEARER };
    const frame: Size = { width: SIDE, height: SIDE };
    const grey = greyOf(picture.number, window);
    context.fillStyle = "#000";
    context.fillRect(0, 0, SIDE, SIDE);
    if (grey) {
      const box = edges(picture);
      const [x, y] = toScreen([box.left, box.top], near, frame);
      context.imageSmoothingQuality = "high";
      context.drawImage(grey, x, y, (box.right - box.left) * near.scale, (box.bottom - box.top) * near.scale);
    }
    if (look.body) {
      context.strokeStyle = "#ffc34d";
      context.lineWidth = 1.25;
      context.stroke(new Path2D(bodyPath(look.body.map((p) => toScreen(p, near, frame)))));
    }
    cross(context, look.moved ? "#cb62f5" : "#fff");
  });
  if (!look) return null;
  const [x, y] = toScreen(look.at, camera, size);
  const low = x < SIDE + 50 && y < SIDE + 50; // not over what is looked at
  return (
    <canvas
      ref={canvas}
      class="loupe"
      role="img"
      aria-label={t("Magnified")}
      data-loupe={series.uid}
      style={{ left: `${INSET}px`, top: `${low ? size.height - SIDE - INSET : INSET}px` }}
    />
  );
}

function cross(context: CanvasRenderingContext2D, colour: string): void {
  const c = SIDE / 2;
  const lines = [
    [c - 26, c, c - 7, c],
    [c + 7, c, c + 26, c],
    [c, c - 26, c, c - 7],
    [c, c + 7, c, c + 26],
  ] as const;
  for (const [width, style] of [
    [3.5, "rgb(0 0 0 / 60%)"],
    [1.5, colour],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = style;
    context.beginPath();
    for (const [x1, y1, x2, y2] of lines) {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
    context.stroke();
  }
}
