"""Six-point morphometry: fractured or not by the SD from normal shape, after Eastell 1991 and by two criteria.

Both compare ratios with the mean and SD of normal vertebrae of the same level and sex
(:mod:`ovcf.measures.shape.reference`). Eastell calls a fracture where one ratio lies more than 3 SD below the mean.
Two criteria is this project's rule: two ratios at once, the second one against the posterior height predicted from up
to four neighbours, which takes away false positives. McCloskey 1993 is credited with the idea; the paper was not read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.landmarks import POINTS
from ovcf.language.worded import say
from ovcf.measures.from_landmarks import usable, why_not
from ovcf.measures.shape.body_heights import middle_height
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.measures.shape.reference import EVIDENCE, reference
from ovcf.measures.uncertainty import monte_carlo
from ovcf.vocabulary import Modality, MorphometricAlgorithm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn
    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
    from ovcf.measures.shape.reference import Normal

    Array = NDArray[np.float64]

FRACTURE_SD = 3.0
GRADE_2_SD = 4.0
_TOLERANCE = 1e-9
_DRAWS = 2000
#: Type of deformity: the ratios that must all be low.
_EASTELL = (("wedge", ("Ha/Hp",)), ("biconcave", ("Hm/Hp",)), ("crush", ("Hp/Hp-1",)), ("crush", ("Hp/Hp+1",)))
_TWO_CRITERIA = (
    ("wedge", ("Ha/Hp", "Ha/Hpred")),
    ("biconcave", ("Hm/Hp", "Hm/Hpred")),
    ("crush", ("Hp/Hpred", "Ha/Hpred")),
)
_STEPS = {-1: "cranial", 1: "caudal", -2: "second cranial", 2: "second caudal"}


@dataclass(frozen=True, slots=True)
class RatioResult:
    """One ratio against normal: its value, the normal mean, SD and n, and how many SD it lies from that mean."""

    name: str
    ratio: float
    mean: float
    sd: float
    n: int
    z: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion: the deformity it stands for, the ratios it takes, and whether all of them are low enough."""

    type: str
    ratios: tuple[RatioResult, ...]
    met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MorphometricResult:
    """Fractured or not by shape; None where no criterion is met but some type of deformity could not be judged.

    ``grade`` (0 none, 1 from 3 to 4 SD, 2 from 4 SD: this project's limits) goes with Eastell's call alone.
    ``probability`` that some
    criterion is met under the landmark error, None where that is unknown. ``missing`` says what could not be compared,
    ``notes`` what else limits the comparison.
    """

    algorithm: MorphometricAlgorithm
    level: Level
    fractured: bool | None
    grade: int | None
    type: str
    criteria: tuple[Criterion, ...]
    missing: tuple[str, ...]
    probability: float | None
    evidence: tuple[str, ...]
    notes: tuple[str, ...] = ()


class _Ratios:
    """Each ratio that can be taken of ``(..., n, 2)`` points of a vertebra and of its neighbours at ``steps``.

    A height that several ratios share is measured once.
    """

    def __init__(self, points: Sequence[Array], steps: tuple[int, ...], normal: dict[str, Normal]) -> None:
        self._body, *self._others = points
        self._steps, self._normal = steps, normal

    def names(self) -> set[str]:
        """What can be taken."""
        heights = ("Ha", "Hm") if self._body.shape[-2] == len(POINTS) else ("Ha",)
        against = [f"{h}/Hpred" for h in (*heights, "Hp")] if self._steps else []
        return {*(f"{h}/Hp" for h in heights), *against, *(f"Hp/Hp{s:+d}" for s in self._steps)}

    def taken(self, name: str) -> Array:
        """The values of one of them."""
        height, _, reference = name.partition("/")
        of_body = {"Ha": lambda: self._anterior, "Hm": lambda: self._middle, "Hp": lambda: self._posterior}[height]()
        if reference == "Hp":
            return np.asarray(of_body / self._posterior)
        if reference == "Hpred":
            return np.asarray(of_body / self._predicted)
        return np.asarray(of_body / self._beside[self._steps.index(int(reference.removeprefix("Hp")))])

    @cached_property
    def _anterior(self) -> Array:
        return anterior_height(self._body)

    @cached_property
    def _middle(self) -> Array:
        return middle_height(self._body)

    @cached_property
    def _posterior(self) -> Array:
        return posterior_height(self._body)

    @cached_property
    def _beside(self) -> list[Array]:
        return [posterior_height(other) for other in self._others]

    @cached_property
    def _predicted(self) -> Array:
        known = [h * self._normal[f"Hp/Hp{s:+d}"].mean for s, h in zip(self._steps, self._beside, strict=True)]
        return np.asarray(np.mean(known, axis=0))


def _at(column: VertebralColumn, level: Level, step: int) -> Level | None:
    index = column.levels.index(level) + step
    return column.levels[index] if 0 <= index < len(column.levels) else None


def _neighbours(
    spine: SpineLandmarks, level: Level, steps: tuple[int, ...], normal: dict[str, Normal]
) -> tuple[dict[int, VertebraLandmarks], list[str]]:
    """Usable neighbours of which the reference knows the ratio, by step, and why the others are missing."""
    found, missing = {}, []
    for step in steps:
        neighbour, usual = (_at(column, level, step) for column in (spine.column, STANDARD_COLUMN))
        landmarks = usable(spine, neighbour)
        if neighbour is not None and (neighbour != usual or f"Hp/Hp{step:+d}" not in normal):
            missing.append(
                say(
                    "{steps} neighbour {neighbour}: the reference has no ratio of {level} to it",
                    steps=_STEPS[step],
                    neighbour=neighbour,
                    level=level,
                )
            )
        elif landmarks is None:
            missing.append(why_not(spine, neighbour, say("{steps} neighbour", steps=_STEPS[step])))
        else:
            found[step] = landmarks
    return found, missing


def _judge(
    algorithm: MorphometricAlgorithm,
    rules: tuple[tuple[str, tuple[str, ...]], ...],
    steps: tuple[int, ...],
    spine: SpineLandmarks,
    level: Level,
    normal: dict[str, Normal],
    evidence: str,
) -> MorphometricResult:
    vertebra = spine[level]
    modality = vertebra.source.modality
    neighbours, missing = _neighbours(spine, level, steps, normal)
    taken = (vertebra, *neighbours.values())
    own = _Ratios([v.array for v in taken], tuple(neighbours), normal)
    if not vertebra.has_middle:
        missing.append("no middle points: the biconcave criterion")
    rules_taken = tuple((kind, names) for kind, names in rules if own.names().issuperset(names))
    names_taken = {name for _, names in rules_taken for name in names}

    def low(ratios: _Ratios) -> dict[str, Array]:
        return {name: np.asarray((ratios.taken(name) - normal[name].mean) / normal[name].sd) for name in names_taken}

    z = {name: float(value) for name, value in low(own).items()}
    criteria = tuple(
        Criterion(
            kind,
            tuple(
                RatioResult(name, normal[name].mean + z[name] * normal[name].sd, *normal[name], z[name])
                for name in names
            ),
            all(z[name] < -FRACTURE_SD - _TOLERANCE for name in names),
        )
        for kind, names in rules_taken
    )

    def some_met(*points: Array) -> Array:
        found = low(_Ratios(points, tuple(neighbours), normal))
        each = [np.max([found[name] for name in names], axis=0) for _, names in rules_taken]
        return np.asarray(np.min(each, axis=0) < -FRACTURE_SD)

    drawn = monte_carlo(some_met, taken, draws=_DRAWS) if rules_taken else None
    met = [c for c in criteria if c.met]
    worst = min(met, key=lambda c: max(r.z for r in c.ratios), default=None)
    complete = {kind for kind, _ in rules_taken} == {kind for kind, _ in rules}
    return MorphometricResult(
        algorithm=algorithm,
        level=level,
        fractured=True if met else False if complete else None,
        grade=None,
        type=worst.type if worst else "none",
        criteria=criteria,
        missing=tuple(missing),
        probability=None if drawn is None else float(np.mean(drawn)),
        evidence=(evidence, EVIDENCE),
        notes=()
        if modality is Modality.DXA
        else (say("the reference is of lateral DXA, the image is {modality}", modality=modality),),
    )


def eastell(
    spine: SpineLandmarks, level: Level, *, sex: str | None, age_years: float | None = None
) -> MorphometricResult:
    """Eastell: fractured where Ha/Hp, Hm/Hp, or Hp against the vertebra above or below lies below mean - 3 SD.

    Grade 1 below 3 SD, grade 2 from 4 SD. ``sex`` None uses both; ``age_years`` None uses everyone of 40 and over.

    Raises:
        NeighbourError: the level has no landmarks.
        MeasurementInputError: the reference has no such level, sex or age.
    """
    normal = reference(level, sex, age_years)
    result = _judge(MorphometricAlgorithm.EASTELL, _EASTELL, (-1, 1), spine, level, normal, "eastell-1991")
    deepest = min((r.z for c in result.criteria if c.met for r in c.ratios), default=0.0)
    if result.fractured is None:
        return result
    return replace(result, grade=int(result.fractured) + (deepest <= -GRADE_2_SD + _TOLERANCE))


def two_criteria(
    spine: SpineLandmarks, level: Level, *, sex: str | None, age_years: float | None = None
) -> MorphometricResult:
    """Two criteria: fractured where a ratio and its like against the predicted Hp both lie below mean - 3 SD.

    The prediction is the mean over up to four usable neighbours (two above, two below) of their posterior height times
    the normal ratio. Crush asks for Hp and Ha against the prediction.

    Raises:
        NeighbourError: the level has no landmarks.
        MeasurementInputError: the reference has no such level, sex or age.
    """
    normal = reference(level, sex, age_years)
    return _judge(
        MorphometricAlgorithm.TWO_CRITERIA, _TWO_CRITERIA, (-1, 1, -2, 2), spine, level, normal, "rule-two-criteria"
    )
