// Pictures as they come from the server, each fetched once and kept.

import { signal } from "@preact/signals";
import { type Window, windowed } from "../draw/grey";
import * as api from "../model/api";

export const arrived = signal(0); // goes up when a picture has come
const kept = new Map<number, ImageData>();
const coming = new Set<number>();

export function pixelsOf(number: number): ImageData | undefined {
  const found = kept.get(number);
  if (!found && !coming.has(number)) void fetchOne(number);
  return found;
}

async function fetchOne(number: number): Promise<void> {
  coming.add(number);
  try {
    const bitmap = await api.picture(number);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.drawImage(bitmap, 0, 0);
    kept.set(number, context.getImageData(0, 0, bitmap.width, bitmap.height));
    arrived.value += 1;
  } finally {
    coming.delete(number);
  }
}

interface Grey {
  pixels: ImageData;
  window: Window;
  canvas: OffscreenCanvas;
}

const greys = new Map<number, Grey>();

/** A picture in the grey levels of a window, made anew only when one of them changes. */
export function greyOf(number: number, window: Window): OffscreenCanvas | null {
  const pixels = pixelsOf(number);
  if (!pixels) return null;
  const old = greys.get(number);
  if (old?.pixels === pixels && old.window === window) return old.canvas;
  const canvas = old?.canvas ?? new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d")?.putImageData(windowed(pixels, window), 0, 0);
  greys.set(number, { pixels, window, canvas });
  return canvas;
}
