"""Two images of one spine, a radiograph and an MRI: which body of the one is which of the other, by their shapes.

A vertebra keeps its proportions from image to image, while its neighbours have others: anterior and middle height over
the posterior height. The bodies of the two images are laid against each other at every offset, and each offset is
weighed by how well the shapes agree. Sizes are not compared, since a radiograph magnifies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks

MIN_BODIES = 4
"""Shown by both, and measured on both."""
SURE = 0.98
"""Probability at which the names of one image are taken for the other. Real images may differ more than those it was
set on, hence the margin (docs/decisions/007)."""
WORTH_A_WARNING = 0.8
"""From here on names that contradict the shapes are doubted."""
_SAME_SD, _FREEDOM = 0.05, 3.0
"""Of the logarithm of a ratio between radiograph and MRI of one body. A fractured body opens when its owner lies down,
which the heavy tails of Student's t allow for (docs/decisions/007)."""
_OTHER_SD = 0.16
"""The same of two bodies that are not one, neighbours included."""
_INDEPENDENT = 0.7
"""Worth of each of the two ratios: they share the posterior height."""
_FARTHEST = 12


@dataclass(frozen=True, slots=True)
class Match:
    """The best offset: the level of a body on the ``one`` image is ``offset`` ranks above that on the ``other``.

    ``probability`` is among all offsets; ``bodies`` are shown by both.
    """

    offset: int
    probability: float
    bodies: int

    @property
    def sure(self) -> bool:
        """Whether names may be taken over without asking."""
        return self.bodies >= MIN_BODIES and self.probability >= SURE

    @property
    def contradicts(self) -> bool:
        """Whether the names that the bodies bear are in doubt."""
        return self.offset != 0 and self.bodies >= MIN_BODIES and self.probability >= WORTH_A_WARNING


def match(one: SpineLandmarks, other: SpineLandmarks) -> Match | None:
    """How the bodies of two images of one person belong together; None where no shape can be compared.

    The levels that landmarks bear count as running numbers only: any may be wrong by the same number throughout.
    """
    here, there = ({v.level.rank: _shape(v) for v in spine} for spine in (one, other))
    weights: dict[int, float] = {}
    shared: dict[int, int] = {}
    for offset in range(-_FARTHEST, _FARTHEST + 1):
        pairs = [(shape, there[rank - offset]) for rank, shape in here.items() if rank - offset in there]
        differences = np.array([a - b for a, b in pairs]).reshape(-1)
        weights[offset] = _INDEPENDENT * float(_evidence(differences[np.isfinite(differences)]).sum())
        shared[offset] = len(pairs)
    if not any(shared.values()):
        return None
    best = max(weights, key=lambda k: weights[k])
    total = sum(float(np.exp(w - weights[best])) for w in weights.values())
    return Match(best, 1 / total, shared[best])


def _shape(v: VertebraLandmarks) -> NDArray[np.float64]:
    """Logarithms of anterior and of middle over posterior height; NaN where a height is not known."""
    p = v.array
    anterior, posterior = np.linalg.norm(p[2] - p[0]), np.linalg.norm(p[3] - p[1])
    middle = np.linalg.norm(p[5] - p[4]) if len(p) == 6 else np.nan  # six points have a middle
    return np.asarray(np.log(np.array([anterior, middle]) / posterior))


def _evidence(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much more likely each difference is for one body than for two."""
    same, other = (_log_density(differences, sd) for sd in (_SAME_SD, _OTHER_SD))
    return np.asarray(same - other)


def _log_density(differences: NDArray[np.float64], sd: float) -> NDArray[np.float64]:
    """Of Student's t with this scale; importing ``scipy.stats`` for it would take longer than all else here."""
    from scipy.special import poch

    x, df = differences / sd, _FREEDOM
    top = np.log(poch(0.5 * df, 0.5)) - 0.5 * (np.log(df) + np.log(np.pi))
    return np.asarray(top - (df + 1) / 2 * np.log1p(x * x / df) - np.log(sd))
