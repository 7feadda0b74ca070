// The grey picture of one view on a canvas. Each pixel lies where the server says it lies in the frame.

import { useEffect, useRef } from "preact/hooks";
import { type Camera, edges, type Size, toScreen } from "../draw/geometry";
import type { Window } from "../draw/grey";
import { magnified } from "../draw/within";
import type { Picture } from "../model/types";
import { arrived, greyOf, OWN } from "./pictures";

interface Props {
  picture: Picture | undefined;
  camera: Camera;
  size: Size;
  window: Window;
  label: string;
  /** Where the pictures lie, if not with the reading of this page. */
  from?: string;
}

export function Image({ picture, camera, size, window, label, from = OWN }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const come = arrived.value;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current) return;
    const ratio = (devicePixelRatio || 1) * magnified(canvas.current);
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.current.width !== width) canvas.current.width = width;
    if (canvas.current.height !== height) canvas.current.height = height;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, size.width, size.height);
    const grey = picture && greyOf(picture.number, window, from);
    if (!picture || !grey) return;
    const box = edges(picture);
    const [x, y] = toScreen([box.left, box.top], camera, size);
    context.imageSmoothingEnabled = camera.scale * Math.min(...picture.spacing) < 8;
    context.imageSmoothingQuality = "high";
    const [w, h] = [(box.right - box.left) * camera.scale, (box.bottom - box.top) * camera.scale];
    context.drawImage(grey, x, y, w, h);
  }, [picture, camera, size.width, size.height, window, from, come]);

  return <canvas ref={canvas} class="image" role="img" aria-label={label} />;
}
