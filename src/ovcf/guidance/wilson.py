"""Wilson's score interval of a proportion, so that a rate never stands without its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from ovcf.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Rate:
    """``events`` of ``n`` with Wilson's interval; all three shares lie from 0 to 1."""

    events: int
    n: int
    share: float
    low: float
    high: float

    def __str__(self) -> str:
        """For example 1/47, 2.1% (95% interval 0.4 to 11.1%)."""
        percent = f"{100 * self.share:.1f}%"
        return f"{self.events}/{self.n}, {percent} (95% interval {100 * self.low:.1f} to {100 * self.high:.1f}%)"


def wilson(events: int, n: int, *, coverage: float = 0.95) -> Rate:
    """Wilson 1927, without continuity correction.

    Raises:
        EvidenceError: the counts are not those of a proportion.
    """
    if n < 1 or not 0 <= events <= n:
        raise EvidenceError("proportion", f"{events} of {n} is none", "Give 0 <= events <= n and n >= 1.")
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    p = events / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Rate(events, n, p, max(0.0, centre - half), min(1.0, centre + half))
