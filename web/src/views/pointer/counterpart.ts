import { counterpartOn, selected } from "../../model/store";
import type { LandmarkSet } from "../../model/types";

/** The selected vertebra on this image: itself, or the one of the same name. */
export function counterpart(set: LandmarkSet): string | undefined {
  const id = selected.value?.vertebra;
  return id && (set.vertebrae.includes(id) ? id : counterpartOn(set.id, id));
}
