// The value of what lines on a picture measure: before the spine, where it covers no bone.

import type { Size } from "../../draw/geometry";
import type { Point } from "../../model/types";

const SHORT: Record<string, string> = { "ka-han": "KA", "vhl-han": "VHL" };
const LETTER = 6.6;
const HEIGHT = 20;
const LINE = 14;
/** Room for the name of a level before its body, in pixels. */
const NAME = 84;

interface Props {
  measurement: string;
  text: string;
  /** The ends of the lines on the screen. */
  points: readonly Point[];
  size: Size;
  /** How far down the names of levels stand, which it must not cover. */
  names: readonly number[];
}

/** The height nearest to the one that is wanted where no name stands, for something so high. */
export function between(names: readonly number[], wanted: number, high: number): number {
  const apart = (HEIGHT + high) / 2 + 3;
  const near = names.flatMap((y) => [y - apart, y + apart]);
  const free = [wanted, ...near].filter((y) => names.every((n) => Math.abs(n - y) >= apart - 1e-6));
  return free.reduce(
    (best, y) => (Math.abs(y - wanted) < Math.abs(best - wanted) ? y : best),
    free[0] ?? wanted,
  );
}

export function LineValue({ measurement, text, points, size, names }: Props) {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const shown = [SHORT[measurement], text].filter(Boolean).join(" ");
  const right = Math.min(...xs) - NAME;
  const cramped = right < widthOf([shown]); // at the edge it moves in, between the names, its error below it
  const lines = cramped ? shown.split(/ (?=±)/) : [shown];
  const width = widthOf(lines);
  const high = HEIGHT + LINE * (lines.length - 1);
  const x = cramped ? width + 3 : right;
  const middle = (Math.min(...ys) + Math.max(...ys)) / 2;
  const wanted = cramped ? between(names, middle, high) : middle;
  const y = Math.min(size.height - high, Math.max(high, wanted));
  return (
    <g class="value" transform={`translate(${x} ${y})`} data-line-value={measurement}>
      <rect x={-width} y={-high / 2} width={width} height={high} rx={5} />
      {lines.map((line, i) => (
        <text key={line} x={-width / 2} y={4 + LINE * (i - (lines.length - 1) / 2)} text-anchor="middle">
          {line}
        </text>
      ))}
    </g>
  );
}

const widthOf = (lines: readonly string[]): number =>
  14 + LETTER * Math.max(...lines.map((line) => line.length));
