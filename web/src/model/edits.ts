// What a reader may do to a reading, as it is sent.

import type { Reason } from "../marrow/types";
import type { Point, RegionName, Value } from "./types";

/** A vertebra drawn by a reader; its identity is new. */
export interface Drawn {
  vertebra: string;
  level: string;
  points: Point[];
  outline?: Point[];
}

export type Follow = "alone" | "image";
export type Endplate = "superior" | "inferior";

/** The outline of a body on one slice of a series: what its marrow is read inside of. */
export interface SliceOutline {
  series: string;
  slice: number;
  outline: Point[];
  by_reader: boolean;
}

export type Edit =
  | { kind: "move point"; vertebra: string; point: string; to: Point }
  | {
      kind: "move endplate";
      vertebra: string;
      endplate: Endplate;
      anterior?: Point;
      posterior?: Point;
      middle?: Point;
    }
  | { kind: "place vertebra"; vertebra: string; points: Point[] }
  | {
      kind: "redraw outline";
      vertebra: string;
      outline: Point[];
      offset_mm?: number; // of one slice beside the plane of the points; left out: in that plane, carried to every slice
      tool?: "pen" | "brush" | "edge";
    }
  | { kind: "add vertebra"; landmark_set: string; drawn: Drawn; follow: Follow }
  | { kind: "delete vertebra"; vertebra: string; follow: Follow }
  | { kind: "split vertebra"; vertebra: string; into: [Drawn, Drawn]; follow: Follow }
  | { kind: "merge vertebrae"; vertebrae: [string, string]; into: Drawn; follow: Follow }
  | { kind: "name vertebra"; vertebra: string; level: string; follow: Follow | "study" }
  | { kind: "set column"; thoracic: number; lumbar: number }
  | { kind: "choose index"; vertebra: string }
  | { kind: "set state"; vertebra: string; state: string }
  | { kind: "set role"; series: string; role: string }
  | { kind: "choose image"; landmark_set: string }
  | { kind: "exclude"; vertebra: string; series?: string; slice?: number }
  | {
      kind: "place region";
      vertebra: string;
      region: RegionName;
      series: string;
      slice: number;
      outline: Point[];
    }
  | {
      kind: "leave out";
      vertebra: string;
      series: string;
      slice: number;
      outline: Point[];
      reason: Reason;
      note: string;
      through: "slice" | "body";
      of: "series" | "study";
    }
  | { kind: "set threshold"; name: string; sd: number | null }
  | { kind: "overrule"; vertebra: string; finding: string; value: Value }
  | { kind: "enter fact"; field: string; value: Value }
  | { kind: "accept"; vertebra: string }
  | { kind: "acknowledge"; statement: string }
  | { kind: "nothing to assess"; vertebrae: string[] }
  | { kind: "revoke"; edit: string };
