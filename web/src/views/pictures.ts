// Pictures as they come from the server, each fetched once and kept.

import { signal } from "@preact/signals";
import { type Window, windowed } from "../draw/grey";
import { picture } from "../model/api";

export const arrived = signal(0); // goes up when a picture has come
/** Where the pictures of the reading of this page lie; those of another reading have an address of their own. */
export const OWN = "api/pictures/";

const kept = new Map<string, ImageData>();
const coming = new Set<string>();

export function pixelsOf(number: number, from: string = OWN): ImageData | undefined {
  const address = from + number;
  const found = kept.get(address);
  if (!found && !coming.has(address)) void fetchOne(address);
  return found;
}

async function fetchOne(address: string): Promise<void> {
  coming.add(address);
  try {
    const bitmap = await picture(address);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.drawImage(bitmap, 0, 0);
    kept.set(address, context.getImageData(0, 0, bitmap.width, bitmap.height));
    arrived.value += 1;
  } finally {
    coming.delete(address);
  }
}

interface Grey {
  pixels: ImageData;
  window: Window;
  canvas: OffscreenCanvas;
}

const greys = new Map<string, Grey>();

/** A picture in the grey levels of a window, made anew only when one of them changes. */
export function greyOf(number: number, window: Window, from: string = OWN): OffscreenCanvas | null {
  const pixels = pixelsOf(number, from);
  if (!pixels) return null;
  const old = greys.get(from + number);
  if (old?.pixels === pixels && old.window === window) return old.canvas;
  const canvas = old?.canvas ?? new OffscreenCanvas(pixels.width, pixels.height);
  canvas.getContext("2d")?.putImageData(windowed(pixels, window), 0, 0);
  greys.set(from + number, { pixels, window, canvas });
  return canvas;
}
