// The grey picture of one view on a canvas. Each pixel lies where the server says it lies in the frame.

import { useEffect, useRef } from "preact/hooks";
import { type Camera, edges, type Size, toScreen } from "../draw/geometry";
import { type Window, windowed } from "../draw/grey";
import type { Picture } from "../model/types";
import { arrived, pixelsOf } from "./pictures";

interface Props {
  picture: Picture | undefined;
  camera: Camera;
  size: Size;
  window: Window;
  label: string;
}

export function Image({ picture, camera, size, window, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const grey = useRef<{ of: ImageData; window: Window; canvas: OffscreenCanvas } | null>(null);
  const come = arrived.value;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current) return;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (canvas.current.width !== width) canvas.current.width = width;
    if (canvas.current.height !== height) canvas.current.height = height;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = "#000";
    context.fillRect(0, 0, size.width, size.height);
    const pixels = picture && pixelsOf(picture.number);
    if (!picture || !pixels) return;
    if (grey.current?.of !== pixels || grey.current.window !== window) {
      const made = new OffscreenCanvas(pixels.width, pixels.height);
      made.getContext("2d")?.putImageData(windowed(pixels, window), 0, 0);
      grey.current = { of: pixels, window, canvas: made };
    }
    const box = edges(picture);
    const [x, y] = toScreen([box.left, box.top], camera, size);
    context.imageSmoothingEnabled = camera.scale * Math.min(...picture.spacing) < 8;
    context.imageSmoothingQuality = "high";
    const [w, h] = [(box.right - box.left) * camera.scale, (box.bottom - box.top) * camera.scale];
    context.drawImage(grey.current.canvas, x, y, w, h);
  }, [picture, camera, size.width, size.height, window, come]);

  return <canvas ref={canvas} class="image" role="img" aria-label={label} />;
}
