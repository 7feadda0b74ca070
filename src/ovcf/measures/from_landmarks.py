"""What every landmark measurement shares: a function of points becomes a Measurement; neighbours become references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import NeighbourError
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.uncertainty import standard_uncertainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
    from ovcf.measures.uncertainty import LandmarkFunction
    from ovcf.units import Unit


def measured(
    method: Method,
    function: LandmarkFunction,
    vertebrae: Sequence[VertebraLandmarks],
    unit: Unit,
    *,
    levels: tuple[Level, ...] | None = None,
    index: int = 0,
    warnings: tuple[str, ...] = (),
    details: tuple[tuple[str, float], ...] = (),
) -> Measurement:
    """``function`` of the points of ``vertebrae``, with their uncertainty and the source of ``vertebrae[index]``."""
    return Measurement(
        method=method,
        value=float(function(*(v.array for v in vertebrae))),
        unit=unit,
        levels=tuple(v.level for v in vertebrae) if levels is None else levels,
        standard_uncertainty=standard_uncertainty(function, vertebrae),
        source=vertebrae[index].source,
        warnings=warnings,
        details=details,
    )


def usable(spine: SpineLandmarks, level: Level | None) -> VertebraLandmarks | None:
    """The landmarks of a level where they may serve as a reference, or None."""
    return None if level is None or spine.why_unusable(level) is not None else spine.get(level)


def why_not(spine: SpineLandmarks, level: Level | None, place: str) -> str:
    """Why the vertebra at ``place`` ("cranial neighbour") cannot serve as a reference, in words."""
    if level is None:
        return f"{place}: none exists"
    why = spine.why_unusable(level)
    return f"{place} {level} " + ("has no landmarks" if why is None else f"is {why}")


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
        raise NeighbourError(f"neighbours of {level}", "; ".join(missing), "Place landmarks on an intact neighbour.")
    return found
