"""Whether the visits mean the same vertebrae by the same names.

A level that was named one too high at one visit would make every change wrong. Sizes and shapes of the bodies tell: if
they agree far better with one visit's names moved by one, the reader is asked.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.follow_up.visit import Visit
    from ovcf.landmarks import SpineLandmarks

LEAST_COMMON = 3
"""Bodies that two images must share to be compared."""
CLEARLY_BETTER = 0.5
"""Names moved by one must leave at most this part of the mean disagreement."""
NOISE = 0.03
"""Disagreement (logarithm, so about 3 %) that landmarks of the same bodies may show; below it nothing is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingQuestion:
    """The bodies of two visits agree better if the later one's names move by ``shift`` levels (caudal positive)."""

    earlier: str
    later: str
    shift: int
    disagreement: float
    moved: float


def pairing_questions(visits: Sequence[Visit]) -> tuple[PairingQuestion, ...]:
    """What must be asked before changes between visits mean anything."""
    found = []
    for one, other in combinations(visits, 2):
        question = _question(one, other)
        if question is not None:
            found.append(question)
    return tuple(found)


def _question(one: Visit, other: Visit) -> PairingQuestion | None:
    best: PairingQuestion | None = None
    for a in one.assessment.landmarks:
        for b in other.assessment.landmarks:
            if a.vertebrae[0].source.modality is not b.vertebrae[0].source.modality:
                continue
            same = disagreement(a, b, 0)
            moved = {shift: disagreement(a, b, shift) for shift in (-1, 1)}
            shift = min(moved, key=lambda s: moved[s])
            if same > NOISE and moved[shift] < CLEARLY_BETTER * same and (best is None or moved[shift] < best.moved):
                best = PairingQuestion(
                    earlier=one.name, later=other.name, shift=shift, disagreement=same, moved=moved[shift]
                )
    return best


def disagreement(a: SpineLandmarks, b: SpineLandmarks, shift: int) -> float:
    """Root mean square difference of the bodies' logarithmic sizes, one scale taken off; inf for too few in common."""
    names = a.column.levels
    pairs = []
    for vertebra in b:
        place = names.index(vertebra.level) + shift if vertebra.level in names else -1
        if 0 <= place < len(names) and names[place] in a:
            pairs.append((names[place], vertebra.level))
    if len(pairs) < LEAST_COMMON:
        return math.inf
    differences = np.array([_sizes(a, first) - _sizes(b, second) for first, second in pairs])
    differences -= differences.mean()  # magnification
    return float(np.sqrt(np.mean(differences**2)))


def _sizes(spine: SpineLandmarks, level: Level) -> NDArray[np.float64]:
    """Logarithms of the posterior height and of the depth at both endplates, which a fracture changes least."""
    sa, sp, ia, ip = spine[level].array[:4]
    return np.log([np.linalg.norm(sp - ip), np.linalg.norm(sa - sp), np.linalg.norm(ia - ip)])
