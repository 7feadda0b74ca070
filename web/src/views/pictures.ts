// Pictures as they come from the server, each fetched once and kept.

import { signal } from "@preact/signals";
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
