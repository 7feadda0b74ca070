"""Which bodies of a radiograph are seen well enough to be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.landmarks import POINTS
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks

MIN_CONFIDENCE, MIN_AT_AN_END = 0.55, 0.65
LARGEST_POINT_SD_MM = 2.0
"""Of any landmark. Without these limits intact bodies under a chest are graded as deformed (docs/decisions/005)."""


def unsure(spine: SpineLandmarks, confidence: Mapping[Level, float], ends: Collection[Level]) -> dict[Level, str]:
    """Bodies that are seen too vaguely to be measured, with the reason; ``ends`` are the first and the last one seen.

    Landmarks must be in millimetres at the patient, if only by the scale that was found.
    """
    found = {}
    for v in spine:
        sd = np.array(v.sd if v.sd is not None else 0.0, float)
        at_end = v.level in ends
        least = MIN_AT_AN_END if at_end else MIN_CONFIDENCE
        if confidence[v.level] < least:
            where = ", at the end of what is seen" if at_end else ""
            found[v.level] = say(
                "it is not seen surely{where} ({confidence:.2f} of 1; {least} is required)",
                where=where,
                confidence=confidence[v.level],
                least=least,
            )
        elif sd.max() > LARGEST_POINT_SD_MM:
            worst = POINTS[int(np.argmax(sd))].replace("_", " ")
            found[v.level] = say(
                "its {worst} is only known within {max:.2f} mm ({largest_point_sd_mm:g} are allowed)",
                worst=worst,
                max=sd.max(),
                largest_point_sd_mm=LARGEST_POINT_SD_MM,
            )
    return found
