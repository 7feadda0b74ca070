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

from ovcf.assessment.findings.kinds import SqGrade

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.follow_up.visit import Visit
    from ovcf.landmarks import SpineLandmarks

MIN_COMMON = 3
"""Bodies that two images must share to be compared."""
CLEARLY_BETTER = 0.75
"""Names moved by one must leave at most this part of the disagreement. On simulated columns of seven bodies whose
landmarks err by 0.5 mm this asks in 0.3 % where the names are right, and in 67 % where they are one off; by 0.3 mm in
94 %. A fracture that seems to have moved to a neighbour is asked about whatever the sizes say."""
_FRACTURED, _SOUND = 2, 0
"""Grades between which no body goes from one visit to the next, unless it is another body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingQuestion:
    """The bodies of two visits agree better if the later one's names move by ``shift`` levels (caudal positive).

    ``disagreement`` is that of their sizes by the names as they are, ``moved`` with the names moved. ``fracture`` is a
    vertebra that was fractured at the earlier visit and is sound at the later one, where its neighbour is not.
    """

    earlier: str
    later: str
    shift: int
    disagreement: float = math.nan
    moved: float = math.nan
    fracture: Level | None = None


def pairing_questions(visits: Sequence[Visit]) -> tuple[PairingQuestion, ...]:
    """What must be asked before changes between visits mean anything."""
    found = []
    for one, other in combinations(visits, 2):
        question = _moved_fracture(one, other) or _question(one, other)
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
            if moved[shift] < CLEARLY_BETTER * same and (best is None or moved[shift] < best.moved):
                best = PairingQuestion(
                    earlier=one.name, later=other.name, shift=shift, disagreement=same, moved=moved[shift]
                )
    return best


def _moved_fracture(one: Visit, other: Visit) -> PairingQuestion | None:
    """A body does not grow back: if the fracture is gone and a neighbour has it, the names are in doubt."""
    before, after = _grades(one), _grades(other)
    names = one.assessment.column.levels
    for level, grade in before.items():
        if grade < _FRACTURED or after.get(level) != _SOUND:
            continue
        for shift in (-1, 1):
            place = names.index(level) - shift
            if (
                0 <= place < len(names)
                and after.get(names[place], 0) >= _FRACTURED
                and before.get(names[place]) == _SOUND
            ):
                return PairingQuestion(earlier=one.name, later=other.name, shift=shift, fracture=level)
    return None


def _grades(visit: Visit) -> dict[Level, int]:
    found = visit.assessment.findings
    return {f.level: f.data.grade for f in found if f.level is not None and isinstance(f.data, SqGrade)}


def disagreement(a: SpineLandmarks, b: SpineLandmarks, shift: int) -> float:
    """Root mean square difference of the bodies' logarithmic sizes, one scale taken off; inf for too few in common."""
    names = a.column.levels
    pairs = []
    for vertebra in b:
        place = names.index(vertebra.level) + shift if vertebra.level in names else -1
        if 0 <= place < len(names) and names[place] in a:
            pairs.append((names[place], vertebra.level))
    if len(pairs) < MIN_COMMON:
        return math.inf
    differences = np.array([_sizes(a, first) - _sizes(b, second) for first, second in pairs])
    differences -= differences.mean()  # magnification
    return float(np.sqrt(np.mean(differences**2)))


def _sizes(spine: SpineLandmarks, level: Level) -> NDArray[np.float64]:
    """Logarithms of the posterior height and of the depth at both endplates, which a fracture changes least."""
    sa, sp, ia, ip = spine[level].array[:4]
    return np.log([np.linalg.norm(sp - ip), np.linalg.norm(sa - sp), np.linalg.norm(ia - ip)])
