"""Nagao's level of a measured edema percentage, and the probability of each level under its uncertainty.

A reader who sees no edema writes 0 %; a measurement never comes to 0, for noise and the basivertebral vein are bright,
too. Below the limit of the blank nothing can be told from them, and the level is "none".
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from ovcf.measures.signal.edema import bme_level
from ovcf.vocabulary import BmeLevel

if TYPE_CHECKING:
    from ovcf.measures.measurement import Measurement

LIMIT_OF_BLANK_PERCENT = 3.0
"""95 of 100 bodies without edema measure less. A choice of this project, since no source gives a limit for a program
(docs/decisions/004)."""
_LIMITS = (LIMIT_OF_BLANK_PERCENT, 25.0, 75.0)


def level_of_measured(measured: Measurement) -> tuple[BmeLevel, tuple[tuple[BmeLevel, float], ...]]:
    """The level of a measured percentage, and the probability of each; none where the error is not known."""
    level = BmeLevel.NONE if measured.value < LIMIT_OF_BLANK_PERCENT else bme_level(measured.value)
    sd = measured.standard_uncertainty
    if not sd:
        return level, ()
    below = [NormalDist(measured.value, sd).cdf(limit) for limit in _LIMITS]
    shares = [high - low for low, high in zip((0.0, *below), (*below, 1.0), strict=True)]
    return level, tuple(zip(BmeLevel, shares, strict=True))
