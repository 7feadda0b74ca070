// What the server says of marrow signal (ovcf.server.views.marrow).

import type { Point } from "../model/types";

export type ThresholdName = "edema" | "t2";

/** Row, first column, column after the last. */
export type Run = readonly [number, number, number];

export interface Painted {
  slice: number;
  origin: Point;
  right: Point;
  down: Point;
  runs: Record<string, Run[]>;
  body: Run[];
}

/** One threshold in one body: what counts, and where the threshold lies in the signal. */
export interface SignalView {
  name: ThresholdName;
  vertebra: string;
  level: string;
  series: string;
  sd: number;
  usual: number;
  by: string;
  said: string;
  doubt: string;
  refused: string;
  edges: number[];
  bars: number[];
  healthy: number[];
  reference: string[];
  slices: Painted[];
}

/** What a reader left out of a body. */
export interface Area {
  edit: string;
  series: string;
  slice: number;
  outline: Point[];
  reason: string;
  reader: string;
  through: boolean;
  everywhere: boolean;
}

export const REASONS = ["haemangioma", "cement", "artefact", "Schmorl node", "other"] as const;
export type Reason = (typeof REASONS)[number];
