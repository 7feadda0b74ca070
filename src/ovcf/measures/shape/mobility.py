"""Change of the anterior height of a fractured body between a standing and a supine lateral radiograph of one visit.

HAN calls a fracture not united where it changes (Sci Rep 2025;15:16791). Two radiographs are seldom of one
magnification, so the height is taken in units of intact neighbours, which do not change, and turned back into
millimetres by their height.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say
from ovcf.measures.from_landmarks import usable
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.shape.height import anterior_height
from ovcf.measures.uncertainty import standard_uncertainty
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks

    Array = NDArray[np.float64]

ANTERIOR_HEIGHT_CHANGE = Method(
    "anterior-height-change",
    "Change of anterior height, standing less supine",
    "difference of anterior height in units of the anterior heights of intact neighbours, times their height",
    ("han-2025", "hashidate-2006"),
)

SAME_MAGNIFICATION = 0.05
"""Neighbours' heights that differ by less between two radiographs may do so by the error of their landmarks."""


def standing_and_supine(spines: Sequence[SpineLandmarks], level: Level) -> tuple[SpineLandmarks, SpineLandmarks] | None:
    """The radiographs of one visit that show ``level`` standing and supine; None where there are no two such."""
    found: dict[Posture, SpineLandmarks] = {}
    for spine in spines:
        source = spine.vertebrae[0].source
        if source.modality is Modality.RADIOGRAPH and level in spine:
            found.setdefault(source.posture, spine)
    standing, supine = found.get(Posture.STANDING), found.get(Posture.SUPINE)
    if standing is None or supine is None or not _of_one_day(standing, supine):
        return None
    return standing, supine


def _of_one_day(standing: SpineLandmarks, supine: SpineLandmarks) -> bool:
    """Whether both are of one day; where a date is not known, both were given as one visit."""
    first, second = (spine.vertebrae[0].source.acquired_on for spine in (standing, supine))
    return not first or not second or first[:10] == second[:10]


def anterior_height_change(standing: SpineLandmarks, supine: SpineLandmarks, level: Level) -> Measurement:
    """Ha standing less Ha supine of ``level``: negative where the body is lower when loaded.

    In millimetres where a radiograph is calibrated (at its detector, unless corrected for magnification), else in
    percent of the neighbours' anterior height. Without a neighbour on both, the heights themselves are compared.

    Raises:
        MeasurementInputError: there is neither a common intact neighbour nor a calibration of both.
        NeighbourError: a radiograph does not show the level.
    """
    sides = (standing.column.above(level), standing.column.below(level))
    common = [n for n in sides if usable(standing, n) and usable(supine, n)]
    if not common:
        return _by_heights(standing, supine, level)
    ratios = [_ratio(spine, level, common) for spine in (standing, supine)]
    calibrated = [spine for spine in (standing, supine) if spine.vertebrae[0].source.calibrated]
    neighbours = [
        float(np.mean([anterior_height(spine[n].array) for n in common if n is not None])) for spine in calibrated
    ]
    # A projection enlarges and never reduces: the smaller of two is nearer to the truth.
    scale, unit = (min(neighbours), Unit.MM) if neighbours else (100.0, Unit.PERCENT)
    enlarged = max(neighbours) / min(neighbours) - 1 if neighbours else 0.0
    warnings = [] if neighbours else ["no radiograph is calibrated: percent of the neighbours' anterior height"]
    if enlarged > SAME_MAGNIFICATION:
        warnings.append(
            say("one radiograph is enlarged by {enlarged:.0f}% against the other: taken out", enlarged=100 * enlarged)
        )
    (first, sd), (second, other) = ratios
    return Measurement(
        method=ANTERIOR_HEIGHT_CHANGE,
        value=scale * (first - second),
        unit=unit,
        levels=(level,),
        standard_uncertainty=None if sd is None or other is None else scale * math.hypot(sd, other),
        source=_of_both(standing, supine, level),
        warnings=tuple(warnings),
        details=(
            ("Ha / Ha of neighbours, standing", first),
            ("Ha / Ha of neighbours, supine", second),
            *((("Ha of neighbours [mm]", scale),) if neighbours else ()),
        ),
    )


def _ratio(spine: SpineLandmarks, level: Level, neighbours: Sequence[Level | None]) -> tuple[float, float | None]:
    bodies = [spine[level], *(spine[n] for n in neighbours if n is not None)]

    def ratio(own: Array, *others: Array) -> Array:
        return np.asarray(anterior_height(own) / np.mean([anterior_height(o) for o in others], axis=0))

    return float(ratio(*(b.array for b in bodies))), standard_uncertainty(ratio, bodies)


def _by_heights(standing: SpineLandmarks, supine: SpineLandmarks, level: Level) -> Measurement:
    bodies: list[VertebraLandmarks] = [standing[level], supine[level]]
    if not all(b.source.calibrated for b in bodies):
        raise MeasurementInputError(
            say("change of anterior height of {level}", level=level),
            "the two radiographs share no intact neighbour, and not both are calibrated",
            "Place the six points of a neighbour on both.",
        )
    first, second = (float(anterior_height(b.array)) for b in bodies)
    sd = [standard_uncertainty(anterior_height, [b]) for b in bodies]
    return Measurement(
        method=ANTERIOR_HEIGHT_CHANGE,
        value=first - second,
        unit=Unit.MM,
        levels=(level,),
        standard_uncertainty=None if None in sd else math.hypot(*(s for s in sd if s is not None)),
        source=_of_both(standing, supine, level),
        warnings=("no intact neighbour on both radiographs: a difference of magnification is not taken out",),
        details=(("Ha standing [mm]", first), ("Ha supine [mm]", second)),
    )


def _of_both(standing: SpineLandmarks, supine: SpineLandmarks, level: Level) -> Source:
    one, other = standing[level].source, supine[level].source
    return replace(
        one, image=say("{image} and {image_2}", image=one.image, image_2=other.image), posture=Posture.UNKNOWN
    )
