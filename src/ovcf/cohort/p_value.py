"""P of a normal deviate, also where it is so small that one minus the distribution is zero."""

from __future__ import annotations

import math


def two_sided_p(z: float) -> float:
    """Two-sided P; exact down to the smallest number that a computer knows (about |z| = 38)."""
    return math.erfc(abs(z) / math.sqrt(2))
