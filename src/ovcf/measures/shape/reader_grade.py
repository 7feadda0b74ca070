"""How likely each Genant grade is to be given by a reader, beside the rule's grade and never instead of it.

Learned on the readings of NHANES 2013-2014 (``training/evidence/reader_grade.py``): an ordinal regression on five
height losses of a vertebra, those of the person's other vertebrae, level, age and sex. More loss never makes a grade
less likely. The readers saw people of the population, of whose vertebrae one in 145 was graded 1 to 3: where a fracture
is suspected it is likelier than said. The error of placing landmarks is not in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.errors import MeasurementInputError, NeighbourError
from ovcf.language.worded import say
from ovcf.measures.from_landmarks import any_usable_neighbours
from ovcf.measures.shape.body_heights import middle_height
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.measures.shape.reference import BESIDE, EVIDENCE, has_reference, reference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks

    Array = NDArray[np.float64]

TABLE = "reader_grade.json"
LOSSES = (
    "Ha against Hp",
    "Hm against Hp",
    "Hp against the neighbours",
    "Ha against the neighbours",
    "Hm against the neighbours",
)
"""Each in percent of what is normal for the level."""
STEPS_PERCENT = (5.0, 12.0, 20.0, 30.0, 45.0)
"""Between two of these a further percent of loss is worth alike; below the first and above the last, nothing."""
GRADES = 4
PRIOR = (
    "learned on readings of lateral DXA of the population, where 1 vertebra in 145 was graded 1 to 3: likelier where a "
    "fracture is suspected; the error of landmarks is not in it"
)
_ELSEWHERE_FROM, _ELSEWHERE_TO, _YOUNGEST, _OLDEST = 10.0, 45.0, 40.0, 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderGrade:
    """The probability of grade 0 to 3, and what speaks most for a fracture: a loss and its share of the score."""

    level: Level
    probability: tuple[float, ...]
    reasons: tuple[str, ...]
    evidence: tuple[str, ...] = (EVIDENCE,)


@cache
def table() -> dict[str, Any]:
    """The fitted weights."""
    found: dict[str, Any] = json.loads(files("ovcf.measures").joinpath("tables", TABLE).read_text(encoding="utf-8"))
    return found


def losses_of(spine: SpineLandmarks, level: Level) -> Array:
    """The five :data:`LOSSES` in percent.

    Raises:
        NeighbourError: no neighbour may serve. MeasurementInputError: no normal reference, or no middle points.
    """
    vertebra, where = spine[level], say("reader's grade of {level}", level=level)
    if not has_reference(level):
        raise MeasurementInputError(where, "the survey read T4 to L4 only", "Judge this level by eye.")
    if not vertebra.has_middle:
        raise MeasurementInputError(where, "there are no middle points", "Place the middles of both endplates.")
    normal = reference(level, None)
    near = any_usable_neighbours(spine, level)
    usual = [
        float(posterior_height(v.array)) * normal[BESIDE[side]].mean
        for side, v in near.items()
        if BESIDE[side] in normal
    ]
    if not usual:
        raise MeasurementInputError(where, "the neighbour has no normal reference", "Judge this level by eye.")
    points = vertebra.array
    ha, hm, hp = (float(f(points)) for f in (anterior_height, middle_height, posterior_height))
    back, wedge, waist = float(np.mean(usual)), normal["Ha/Hp"].mean, normal["Hm/Hp"].mean
    kept = np.array([ha / hp / wedge, hm / hp / waist, hp / back, ha / back / wedge, hm / back / waist])
    return np.asarray(100 * (1 - kept))


def regressors(
    losses: Array, elsewhere: float, age_years: float | None, level: Level, sex: str | None
) -> tuple[Array, Array]:
    """What never lowers a grade (losses by step, the greatest loss elsewhere, age), and level and sex."""
    low, high = np.array(STEPS_PERCENT[:-1]), np.array(STEPS_PERCENT[1:])
    beyond = np.clip(losses[:, None] - low, 0, high - low).ravel()
    more = float(np.clip(elsewhere, _ELSEWHERE_FROM, _ELSEWHERE_TO)) - _ELSEWHERE_FROM
    years = 60.0 if age_years is None else float(np.clip(age_years, _YOUNGEST, _OLDEST))
    levels = [float(name == level.value) for name in table()["levels"]]
    return np.array([*beyond, more / 10, (years - _YOUNGEST) / 10]), np.array(
        [*levels, {"female": 1.0, "male": 0.0}.get(sex or "", 0.5)]
    )


def probabilities(score: float, limits: Array) -> Array:
    """Of each grade, from the score and the limits between grades."""
    at_least = 1 / (1 + np.exp(-(score - limits)))
    return np.asarray(-np.diff(np.concatenate([[1.0], at_least, [0.0]])))


def reader_grade(
    spine: SpineLandmarks,
    level: Level,
    *,
    sex: str | None = None,
    age_years: float | None = None,
    elsewhere: float | None = None,
) -> ReaderGrade:
    """How a reader of the survey would likely have graded ``level``.

    ``elsewhere`` is the greatest loss of the person's other vertebrae (percent); None takes those of ``spine``.

    Raises:
        NeighbourError, MeasurementInputError: as :func:`losses_of`.
    """
    losses = losses_of(spine, level)
    if elsewhere is None:
        elsewhere = max((greatest_loss(spine, v.level) for v in spine if v.level != level), default=0.0)
    rising, other = regressors(losses, elsewhere, age_years, level, sex)
    fitted = table()
    worth = rising * np.array(fitted["rising"])
    chance = probabilities(float(worth.sum() + other @ np.array(fitted["other"])), np.array(fitted["limits"]))
    return ReaderGrade(level=level, probability=tuple(float(p) for p in chance), reasons=_reasons(losses, worth[:-2]))


def greatest_loss(spine: SpineLandmarks, level: Level) -> float:
    """The greatest loss of one vertebra in percent; 0 where none can be measured."""
    try:
        return float(losses_of(spine, level).max())
    except (MeasurementInputError, NeighbourError):
        return 0.0


def _reasons(losses: Array, worth: Array) -> tuple[str, ...]:
    share = worth.reshape(len(LOSSES), -1).sum(axis=1)
    order = [int(k) for k in np.argsort(-share) if share[k] > 0][:2]
    return tuple(
        say("{losses}: {losses_2:.0f} % lower than normal", losses=LOSSES[k], losses_2=losses[k]) for k in order
    )
