"""Genant's grades from measured height loss: ``SQ_from_measurement``, named so because Genant's SQ is a visual reading.

Genant 1993 grades by the loss of anterior, middle or posterior height. Here the loss is that of Ha against Hp (wedge),
of Hm against Hp (biconcave), and of Hp against the neighbours' Hp (crush); the greatest decides grade and shape.

The rule ``plain`` (the default) takes the ratios as they are: Genant's limits were set for heights as they are seen.
Healthy bodies are not rectangles, though: in the thoracic spine Ha is 5-10 % lower than Hp, so a mild grade there may
be normal shape. The rule ``level-normalised`` takes each ratio relative
to the normal mean of its level, as vertebra-specific morphometry does (Eastell 1991); with the same limits it asks for
more deformity. Neither was fitted to any reader's grades.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say
from ovcf.measures.declare import FromLandmarks, Points
from ovcf.measures.from_landmarks import measured, usable_neighbours
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.shape.body_heights import biconcave_ratio_of, wedge_ratio_of
from ovcf.measures.shape.height import posterior_height
from ovcf.measures.shape.reference import BESIDE, EVIDENCE, has_reference, reference
from ovcf.measures.uncertainty import monte_carlo
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks

    Array = NDArray[np.float64]

Rule = Literal["plain", "level-normalised"]
#: Grade 1 from 20 % (included), 2 above 25 %, 3 above 40 %. Genant 1993 gives ranges that share their ends.
GRADE_LIMITS_PERCENT = (20.0, 25.0, 40.0)
_TOLERANCE = 1e-9
_DRAWS = 2000
_COMPARED = {"wedge": ("Ha", "Hp"), "biconcave": ("Hm", "Hp"), "crush": ("Hp", "mean Hp of the neighbours")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SemiquantitativeGrade:
    """A grade from measurement: 0 to 3, its shape (wedge, biconcave, crush, none), and what it rests on.

    ``boundary`` is True where the deciding loss is exactly a limit. ``probability`` of each grade under the landmark
    error is empty where that is unknown. ``rule`` is the one that was used: plain where the level has no reference.
    """

    level: Level
    grade: int
    shape: str
    boundary: bool
    rule: Rule
    losses: tuple[Measurement, ...]
    probability: tuple[tuple[int, float], ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ("genant-1993",)


def sq_grades(loss_percent: ArrayLike) -> NDArray[np.int64]:
    """Genant grade (0-3) of each height loss in percent: below 20, 20-25, above 25 to 40, above 40; any shape.

    Raises:
        MeasurementInputError: a loss is not a number, or is above 100 %.
    """
    loss = np.asarray(loss_percent, float)
    if not (loss <= 100).all():
        raise MeasurementInputError(
            "height loss", "a value is not a number up to 100 percent", "Give the loss in percent of the height."
        )
    mild, moderate, severe = GRADE_LIMITS_PERCENT
    grades = (
        (loss >= mild - _TOLERANCE).astype(np.int64) + (loss > moderate + _TOLERANCE) + (loss > severe + _TOLERANCE)
    )
    return np.asarray(grades)


def sq_from_loss_percent(loss: float) -> tuple[int, bool]:
    """Grade of one height loss in percent, and whether it lies exactly on a limit.

    Raises:
        MeasurementInputError: the loss is not a number, or is above 100 %.
    """
    return int(sq_grades(loss)), any(abs(loss - limit) <= _TOLERANCE for limit in GRADE_LIMITS_PERCENT)


def _method(shape: str, rule: Rule) -> Method:
    height, against = _COMPARED[shape]
    name = say("Loss of {height} against {against}", height=height, against=against)
    if rule == "plain":
        return Method(
            f"sq-loss-{shape}",
            name,
            say("100 (1 - {height} / {against})", height=height, against=against),
            ("genant-1993",),
        )
    return Method(
        f"sq-loss-{shape}-normalised",
        say("{name}, normal for the level allowed for", name=name),
        say("100 (1 - ({height} / {against}) / normal mean of that ratio)", height=height, against=against),
        ("genant-1993", "eastell-1991", EVIDENCE),
    )


MEASUREMENTS = tuple(
    FromLandmarks(
        method=_method(shape, rule),
        unit=Unit.PERCENT,
        middle=shape == "biconcave",
        finding="SQ grade",
        points=Points.ALL_THREE if shape == "crush" else Points.OWN,
    )
    for rule in get_args(Rule)
    for shape in _COMPARED
)


def _losses(
    vertebra: VertebraLandmarks, neighbours: dict[str, VertebraLandmarks], rule: Rule, sex: str | None
) -> dict[str, tuple[Callable[..., Array], tuple[VertebraLandmarks, ...]]]:
    """Each loss in percent as a function of points, with the vertebrae it takes."""
    normal = reference(vertebra.level, sex) if rule == "level-normalised" else {}

    def expected(ratio: str) -> float:
        return normal[ratio].mean if ratio in normal else 1.0

    def against_neighbours(points: Array, *others: Array) -> Array:
        predicted = [posterior_height(p) * expected(BESIDE[s]) for s, p in zip(neighbours, others, strict=True)]
        return np.asarray(100 * (1 - posterior_height(points) / np.mean(predicted, axis=0)))

    losses: dict[str, tuple[Callable[..., Array], tuple[VertebraLandmarks, ...]]] = {
        "wedge": (lambda p: 100 * (1 - wedge_ratio_of(p) / expected("Ha/Hp")), (vertebra,))
    }
    if vertebra.has_middle:
        losses["biconcave"] = (lambda p: 100 * (1 - biconcave_ratio_of(p) / expected("Hm/Hp")), (vertebra,))
    if neighbours:
        losses["crush"] = (against_neighbours, (vertebra, *neighbours.values()))
    return losses


def sq_from_measurement(
    spine: SpineLandmarks, level: Level, *, rule: Rule = "plain", sex: str | None = None
) -> SemiquantitativeGrade:
    """Genant's grade of ``level`` from its landmarks, with the probability of each grade.

    What cannot be measured (no middle points, no usable neighbour) is left out and noted: the grade may then be too
    low. ``sex`` None takes the normal ratios of both sexes.

    Raises:
        NeighbourError: the level has no landmarks.
        MeasurementInputError: the sex is unknown to the reference.
    """
    vertebra = spine[level]
    neighbours, notes = usable_neighbours(spine, level)
    if rule == "level-normalised" and not has_reference(level):
        rule, notes = "plain", (*notes, say("{level} has no normal reference: plain ratios were used", level=level))
    if not vertebra.has_middle:
        notes = (*notes, "no middle points: a biconcave deformity cannot be seen")
    losses = _losses(vertebra, neighbours, rule, sex)
    measurements = {
        shape: measured(
            _method(shape, rule),
            f,
            taken,
            Unit.PERCENT,
            levels=tuple(sorted((v.level for v in taken), key=lambda at: at.rank)) if len(taken) == 3 else None,
        )
        for shape, (f, taken) in losses.items()
    }
    shape, greatest = max(measurements.items(), key=lambda item: item[1].value)
    grade, boundary = sq_from_loss_percent(greatest.value)

    def greatest_of(points: Array, *others: Array) -> Array:
        return np.asarray(np.max([f(points, *others[: len(taken) - 1]) for f, taken in losses.values()], axis=0))

    drawn = monte_carlo(greatest_of, (vertebra, *neighbours.values()), draws=_DRAWS)
    probability = () if drawn is None else tuple(float(p) for p in np.bincount(sq_grades(drawn), minlength=4) / _DRAWS)
    return SemiquantitativeGrade(
        level=level,
        grade=grade,
        shape=shape if grade else "none",
        boundary=boundary,
        rule=rule,
        losses=tuple(measurements.values()),
        probability=tuple(enumerate(probability)),
        notes=notes,
        evidence=greatest.method.evidence,
    )
