// The value of what lines on a picture measure: before the spine, where it covers no bone.

import type { Size } from "../draw/geometry";
import type { Point } from "../model/types";

const SHORT: Record<string, string> = { "ka-han": "KA", "vhl-han": "VHL" };
const LETTER = 6.6;
const HEIGHT = 20;
/** Room for the name of a level before its body, in pixels. */
const NAME = 84;

interface Props {
  measurement: string;
  text: string;
  /** The ends of the lines on the screen. */
  points: readonly Point[];
  size: Size;
}

export function LineValue({ measurement, text, points, size }: Props) {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const shown = [SHORT[measurement], text].filter(Boolean).join(" ");
  const width = 14 + LETTER * shown.length;
  const right = Math.min(...xs) - NAME;
  const middle = (Math.min(...ys) + Math.max(...ys)) / 2;
  const cramped = right < width; // at the edge it moves in, below the name
  const x = cramped ? width + 3 : right;
  const y = Math.min(size.height - HEIGHT, Math.max(HEIGHT, middle + (cramped ? 24 : 0)));
  return (
    <g class="value" transform={`translate(${x} ${y})`} data-line-value={measurement}>
      <rect x={-width} y={-HEIGHT / 2} width={width} height={HEIGHT} rx={5} />
      <text x={-width / 2} y={4} text-anchor="middle">
        {shown}
      </text>
    </g>
  );
}
