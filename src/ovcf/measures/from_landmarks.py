"""What every landmark measurement shares: a function of points becomes a Measurement; neighbours become references."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import NeighbourError
from ovcf.language.worded import joined, say
from ovcf.measures.declare import TAKEN
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.uncertainty import covariance, standard_uncertainty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
    from ovcf.measures.declare import FromLandmarks
    from ovcf.measures.uncertainty import LandmarkFunction
    from ovcf.units import Unit


def measured(
    method: Method,
    function: LandmarkFunction,
    vertebrae: Sequence[VertebraLandmarks],
    unit: Unit,
    *,
    levels: tuple[Level, ...] | None = None,
) -> Measurement:
    """``function`` of the points of ``vertebrae``, which lie on one image, with their uncertainty and source."""
    return Measurement(
        method=method,
        value=float(function(*(v.array for v in vertebrae))),
        unit=unit,
        levels=tuple(v.level for v in vertebrae) if levels is None else levels,
        standard_uncertainty=standard_uncertainty(function, vertebrae),
        source=vertebrae[0].source,
    )


def measure(declared: FromLandmarks, spine: SpineLandmarks, level: Level) -> Measurement:
    """A declared measurement of ``level`` with the uncertainty of all landmarks it takes.

    Raises:
        NeighbourError: landmarks it needs are missing, or a neighbour is fractured, cemented or cut off.
        MeasurementInputError: it needs the middles of the endplates, and they are not known.
    """
    (made,) = measure_together((declared,), spine, level)
    return made


def measure_together(declared: Sequence[FromLandmarks], spine: SpineLandmarks, level: Level) -> tuple[Measurement, ...]:
    """Declared measurements of ``level`` that take the points of the same vertebrae: their errors are found at once.

    Raises:
        As :func:`measure`, for the first that cannot be made.
    """
    steps = TAKEN[declared[0].points]
    functions = []
    for one in declared:
        assert one.function is not None, f"{one.id} is measured with its finding"
        assert TAKEN[one.points] == steps, "they take different vertebrae"
        functions.append(one.function)
    at = {-1: spine.column.above(level), 0: level, 1: spine.column.below(level)}
    vertebrae = [
        spine[level] if step == 0 else spine.neighbour(level, "cranial" if step < 0 else "caudal") for step in steps
    ]
    levels = tuple(named for step in (steps if 0 in steps else (-1, 0, 1)) if (named := at[step]) is not None)
    points, source = [v.array for v in vertebrae], vertebrae[0].source
    values = [float(function(*points)) for function in functions]
    matrix = covariance(functions, vertebrae)
    return tuple(
        Measurement(
            method=one.method,
            value=value,
            unit=source.length_unit if one.unit is None else one.unit,
            levels=levels,
            standard_uncertainty=None if matrix is None else float(np.sqrt(matrix[k, k])),
            source=source,
            warnings=one.warns(value) if one.warns else (),
            details=one.details(vertebrae) if one.details else (),
        )
        for k, (one, value) in enumerate(zip(declared, values, strict=True))
    )


def measure_columns(declared: FromLandmarks, points: Mapping[int, ArrayLike]) -> NDArray[np.float64]:
    """A declared measurement of a whole cohort ``(n,)``.

    ``points`` holds the ``(n, 4 or 6, 2)`` landmarks of the vertebra (0), of the one above (-1) and of the one below
    (1), as far as it takes them; rows with NaN give NaN.
    """
    assert declared.function is not None, f"{declared.id} is measured with its finding"
    return np.asarray(declared.function(*(np.asarray(points[step], float) for step in TAKEN[declared.points])))


def measure_beside(
    declared: Mapping[str, FromLandmarks], spine: SpineLandmarks, level: Level
) -> tuple[Measurement, ...]:
    """A measurement against one neighbour, declared by side, against each that may serve: ``cranial``, ``caudal``.

    Raises:
        NeighbourError: the level has no landmarks, or neither neighbour may serve as a reference.
    """
    _ = spine[level]
    return tuple(measure(declared[side], spine, level) for side in any_usable_neighbours(spine, level))


def usable(spine: SpineLandmarks, level: Level | None) -> VertebraLandmarks | None:
    """The landmarks of a level where they may serve as a reference, or None."""
    return None if level is None or spine.why_unusable(level) is not None else spine.get(level)


def why_not(spine: SpineLandmarks, level: Level | None, place: str) -> str:
    """Why the vertebra at ``place`` ("cranial neighbour") cannot serve as a reference, in words."""
    if level is None:
        return say("{place}: none exists", place=place)
    why = spine.why_unusable(level)
    if why is None:
        return say("{place} {level} has no landmarks", place=place, level=level)
    return say("{place} {level} is {why}", place=place, level=level, why=why)


def usable_neighbours(spine: SpineLandmarks, level: Level) -> tuple[dict[str, VertebraLandmarks], tuple[str, ...]]:
    """The neighbours that may serve as a reference, by side (``cranial``, ``caudal``), and why the others may not."""
    sides = {"cranial": spine.column.above(level), "caudal": spine.column.below(level)}
    found = {side: v for side, n in sides.items() if (v := usable(spine, n)) is not None}
    return found, tuple(why_not(spine, n, f"{side} neighbour") for side, n in sides.items() if side not in found)


def any_usable_neighbours(spine: SpineLandmarks, level: Level) -> dict[str, VertebraLandmarks]:
    """The usable neighbours by side, at least one.

    Raises:
        NeighbourError: neither neighbour may serve.
    """
    found, missing = usable_neighbours(spine, level)
    if not found:
        raise NeighbourError(
            say("neighbours of {level}", level=level), joined("; ", missing), "Place landmarks on an intact neighbour."
        )
    return found
