// Grey levels: a window over the 8-bit picture, applied once when it changes.

export interface Window {
  low: number;
  high: number;
}

export const FULL: Window = { low: 0, high: 255 };

/** Dragging: sideways changes the width, up and down the level, as readers know it. */
export function dragged(window: Window, by: readonly [number, number]): Window {
  const width = Math.max(4, window.high - window.low + by[0]);
  const middle = (window.low + window.high) / 2 + by[1] * 0.5;
  return { low: middle - width / 2, high: middle + width / 2 };
}

export function table(window: Window): Uint8ClampedArray {
  const grey = new Uint8ClampedArray(256);
  const width = Math.max(1, window.high - window.low);
  for (let i = 0; i < 256; i++) grey[i] = (255 * (i - window.low)) / width;
  return grey;
}

export function windowed(pixels: ImageData, window: Window): ImageData {
  const grey = table(window);
  const out = new Uint8ClampedArray(pixels.data.length);
  for (let i = 0; i < out.length; i += 4) {
    const value = grey[pixels.data[i] as number] as number;
    out[i] = out[i + 1] = out[i + 2] = value;
    out[i + 3] = 255;
  }
  return new ImageData(out, pixels.width, pixels.height);
}
