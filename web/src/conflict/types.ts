// Two versions of what two readers changed at once (ovcf.server.views.conflict_view).

import type { Point } from "../model/types";

export interface Made {
  words: string;
  reader: string;
  at: string;
}

export interface ConflictItem {
  id: string;
  mine: Made;
  theirs: Made[];
  numbers: { what: string; level: string; image: string; before: string; after: string }[];
  set: string;
  vertebra: string;
  points: Point[];
  their_points: Point[];
  outline: Point[];
  their_outline: Point[];
  refused: string;
}
