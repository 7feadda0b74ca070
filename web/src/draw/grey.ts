// Grey levels: a window over the 8-bit picture, applied once when it changes.

export interface Window {
  low: number;
  high: number;
}

export const FULL: Window = { low: 0, high: 255 };

interface Part {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** How much wider than the grey levels of the parts a window is: what lies around them is seen as well. */
const WIDER = 0.35;

/** A window that shows the grey levels of some parts of the picture well. */
export function fittedTo(pixels: ImageData, parts: readonly Part[]): Window {
  const count = new Uint32Array(256);
  let all = 0;
  for (const part of parts) {
    for (let y = Math.max(0, Math.floor(part.top)); y < Math.min(pixels.height, part.bottom); y++) {
      for (let x = Math.max(0, Math.floor(part.left)); x < Math.min(pixels.width, part.right); x++) {
        const value = pixels.data[4 * (y * pixels.width + x)] as number;
        count[value] = (count[value] as number) + 1;
        all++;
      }
    }
  }
  if (all === 0) return FULL;
  const [low, high] = [quantile(count, 0.01 * all), quantile(count, 0.995 * all)];
  const more = WIDER * Math.max(8, high - low);
  return { low: Math.max(0, low - more), high: Math.min(255, high + more) };
}

function quantile(count: Uint32Array, wanted: number): number {
  let passed = 0;
  return count.findIndex((n) => {
    passed += n;
    return passed >= wanted;
  });
}

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
