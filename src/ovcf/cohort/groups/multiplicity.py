"""P values of several comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

Correction = Literal["none", "bonferroni", "holm"]


def adjusted_by(correction: Correction) -> str:
    """In print: ``adjusted by Holm``."""
    return (
        "not adjusted" if correction == "none" else say("adjusted by {correction}", correction=correction.capitalize())
    )


def adjust(p_values: Sequence[float], correction: Correction) -> list[float]:
    """Adjusted P in the order given; Holm (1979) is never larger than Bonferroni and as safe.

    Raises:
        CohortDataError: an unknown correction.
    """
    p = np.asarray(p_values, float)
    if correction == "none":
        return [float(v) for v in p]
    if correction == "bonferroni":
        return [float(v) for v in np.minimum(1, p * len(p))]
    if correction != "holm":
        raise CohortDataError(
            "correction",
            say("{correction!r} is unknown", correction=correction),
            "Give 'none', 'bonferroni' or 'holm'.",
        )
    order = np.argsort(p)
    rising = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, rising)
    return [float(v) for v in adjusted]
