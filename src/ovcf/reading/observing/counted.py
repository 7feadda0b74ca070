"""The voxels of a body that count as edema, or as low and high on T2, and the signal that the threshold looks at.

For a reader who moves the threshold: where the automatic one lies in the signal of this body and of the bodies that
serve as the reference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.assessment.measured.by_signal import edema_map
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import MarrowSeries, fluid_of
from ovcf.errors import MeasurementInputError, OvcfError, ReadingError
from ovcf.imaging.study import Role
from ovcf.language.worded import say
from ovcf.measures.signal.edema import edema_signal
from ovcf.measures.signal.t2_pattern import t2_areas
from ovcf.reading.marrow import affected_levels, prepared_marrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume
    from ovcf.reading.editing.edited import Edited

    Mask = NDArray[np.bool_]
    Array = NDArray[np.float64]

Threshold = Literal["edema", "t2"]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What one threshold does in one body.

    ``areas`` are masks ``(slices, rows, cols)`` on ``volume`` by their name ("edema", or "low" and "high"), empty where
    ``refused`` says why nothing can be counted; ``body`` the mask of the body, on T2 of the one slice that is read.
    ``signal`` and ``healthy`` ``(n,)`` are those of the body and of the reference bodies in SD of the reference, and
    ``reference`` their levels. ``plane`` is the frame in which the body is shown.
    """

    series: MarrowSeries
    level: Level
    volume: Volume
    plane: SagittalPlane
    areas: Mapping[str, Mask]
    body: Mask
    signal: Array
    healthy: Array
    reference: tuple[Level, ...]
    refused: OvcfError | None = None


def counted(now: Edited, vertebra: str, name: Threshold, sd: float | None = None) -> Counted:
    """What the threshold of a name does in a body; ``sd`` in place of the one in force.

    Raises:
        ReadingError: there is no such vertebra, or its marrow is not read on such a series.
    """
    home = next((s for s in now.sets if vertebra in s.vertebrae), None)
    if home is None:
        raise ReadingError(
            say("vertebra {vertebra}", vertebra=vertebra), "is not in this reading", "Choose one that is."
        )
    level = home.levels[vertebra]
    ledger = Ledger()
    prepared = prepared_marrow(now, affected_levels(now.case), ledger)
    series = fluid_of(prepared) if name == "edema" else prepared.get(Role.T2)
    image = "STIR" if name == "edema" else "T2"
    if series is None or level not in series.bodies:
        raise ReadingError(
            say("{image} of {level}", image=image, level=level),
            "is not read" if not ledger.withheld else say("is not read: {reason}", reason=ledger.withheld[0].reason),
            "See what each series is read for, and whether this body is outlined on it.",
        )
    samples = next(m for m in now.observations.marrow if m.series == series.uid)
    plane = next(s.seen.plane for s in now.sets if s.seen.id == samples.landmark_set)
    assert plane is not None
    if sd is not None:
        series = replace(series, threshold_sd=sd)
    read = _edema if name == "edema" else _t2
    return read(series, level, plane)


def _edema(series: MarrowSeries, level: Level, plane: SagittalPlane) -> Counted:
    refused: OvcfError | None = None
    areas: dict[str, Mask] = {}
    try:
        areas["edema"] = np.asarray(edema_map(series, level).voxels, bool)
    except OvcfError as error:
        refused = error

    def signal(of: Level) -> Array:
        return edema_signal(
            series.voxels,
            series.bodies[of],
            series.reference,
            level=of,
            voxel_mm=series.spacing,
            outline=series.outline,
        )

    healthy = [signal(of) for of in series.reference.levels]
    return Counted(
        series=series,
        level=level,
        volume=series.volume,
        plane=plane,
        areas=areas,
        body=series.bodies[level],
        signal=signal(level),
        healthy=np.concatenate(healthy),
        reference=series.reference.levels,
        refused=refused,
    )


def _t2(series: MarrowSeries, level: Level, plane: SagittalPlane) -> Counted:
    def of(one: Level) -> tuple[int, Mask, Mask, Array]:
        at = series.slice_of(one)
        found = t2_areas(
            series.voxels[at],
            series.bodies[one][at],
            series.reference,
            level=one,
            sd=series.threshold_sd,
            pixel_mm=series.spacing[1:],
        )
        return at, found.low, found.high, found.signal

    def on_all(at: int, mask: Mask) -> Mask:
        whole = np.zeros(series.voxels.shape, bool)
        whole[at] = mask
        return whole

    healthy = []
    for one in series.reference.levels:
        try:
            healthy.append(of(one)[3])
        except MeasurementInputError:  # not on its own middle slice: it says nothing here
            continue
    try:
        at, low, high, signal = of(level)
    except MeasurementInputError as error:
        raise ReadingError(say("T2 of {level}", level=level), error.problem, "Judge the pattern by eye.") from error
    return Counted(
        series=series,
        level=level,
        volume=series.volume,
        plane=plane,
        areas={"low": on_all(at, low), "high": on_all(at, high)},
        body=on_all(at, np.asarray(series.bodies[level][at], bool)),
        signal=signal,
        healthy=np.concatenate(healthy) if healthy else np.zeros(0),
        reference=series.reference.levels,
    )
