"""The regions that bone quality, and the attenuation of L1 on CT, are read from: outlines to be looked at and moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import csf_region
from ovcf.errors import OvcfError
from ovcf.imaging.study import Role
from ovcf.kept import kept
from ovcf.landmarks import Point
from ovcf.measures.signal.attenuation import Attenuation
from ovcf.measures.signal.bone_quality import VBQ_LEVELS, csf_signals
from ovcf.measures.signal.marrow import trabecular_roi
from ovcf.reading.editing.edits import RegionName
from ovcf.reading.l1_on_ct import l1_region
from ovcf.reading.marrow import affected_levels, prepared_marrow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ovcf.assessment.measured.marrow_series import MarrowSeries
    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume
    from ovcf.reading.editing.edited import Edited, EditedSet

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region as it is: ``outline`` is closed, in the frame of the vertebra's landmark set, on ``slice`` of
    ``series``. ``signal`` is what is read in it, the coil's sensitivity divided out; on CT the mean in Hounsfield
    units, with all that is told of it in ``on_ct``.
    """

    vertebra: str
    level: Level
    region: RegionName
    series: str
    role: Role
    slice: int
    outline: tuple[Point, ...]
    signal: float
    by_reader: bool
    outside: float = 0.0
    """Share of a region that a reader placed which lies outside of its body, or of the canal."""
    on_ct: Attenuation | None = None


def regions_of(now: Edited) -> tuple[Region, ...]:
    """The regions of the bodies L1-L4 and of the CSF that they are compared with, on T1 and on T2; and that of L1 on
    CT."""
    prepared = prepared_marrow(now, affected_levels(now.case), Ledger())
    found: list[Region] = []
    for role in (Role.T1, Role.T2):
        if role in prepared:
            found += _of_series(now, prepared[role], role)
    return (*found, *_on_ct(now))


def _on_ct(now: Edited) -> Iterator[Region]:
    if (here := l1_region(now)) is None:
        return
    samples, placed = here.samples, here.placed
    plane = next(s.seen.plane for s in now.sets if s.seen.id == samples.landmark_set)
    assert plane is not None
    yield Region(
        vertebra=here.vertebra,
        level=Level.L1,
        region="attenuation",
        series=samples.series,
        role=Role.CT,
        slice=here.slice,
        outline=placed.outline if placed else around(samples.volume, plane, here.slice, here.mask),
        signal=here.found.mean_hu,
        by_reader=placed is not None,
        outside=here.outside if placed else 0.0,
        on_ct=here.found,
    )


def _of_series(now: Edited, series: MarrowSeries, role: Role) -> Iterator[Region]:
    samples = next(m for m in now.observations.marrow if m.series == series.uid)
    s = next(s for s in now.sets if s.seen.id == samples.landmark_set)
    if s.seen.plane is None:
        return
    placed = {(s.levels[r.vertebra], r.region): r for r in now.regions if r.series == series.uid}
    for level in VBQ_LEVELS:
        if (level, "body") in placed:
            edit = placed[level, "body"]
            yield _region(s, series, role, level, "body", (edit.slice, series.regions[level, "body"][1]), edit.outline)
        elif level in series.bodies:
            body = series.bodies[level][series.middle]
            mask = trabecular_roi(body[None], (1.0, *series.spacing[1:]))[0] if body.any() else body
            if mask.any():
                yield _region(s, series, role, level, "body", (series.middle, mask))
    try:
        (level,) = csf_signals(series)
    except OvcfError:
        return
    if (level, "csf") in placed:
        edit = placed[level, "csf"]
        yield _region(s, series, role, level, "csf", (edit.slice, series.regions[level, "csf"][1]), edit.outline)
    else:
        yield _region(s, series, role, level, "csf", csf_region(series, level))


def _region(
    s: EditedSet,
    series: MarrowSeries,
    role: Role,
    level: Level,
    region: RegionName,
    where: tuple[int, Mask],
    outline: tuple[Point, ...] = (),
) -> Region:
    at, mask = where
    vertebra = s.id_of(level)
    assert vertebra is not None
    assert s.seen.plane is not None
    middle = region == "csf" and not outline
    return Region(
        vertebra=vertebra,
        level=level,
        region=region,
        series=series.uid,
        role=role,
        slice=at,
        signal=_signal(series, at, mask, middle=middle),
        outline=outline or around(series.volume, s.seen.plane, at, mask),
        by_reader=bool(outline),
        outside=series.outside.get((level, region), 0.0) if outline else 0.0,
    )


@kept
def _signal(series: MarrowSeries, at: int, mask: Mask, *, middle: bool) -> float:
    """What is read in a region: the mean, or for CSF that was found the ``middle`` one of its values."""
    values = series.flat(at)[mask]
    return float(np.median(values) if middle else values.mean())


@kept
def around(volume: Volume, plane: SagittalPlane, at: int, mask: Mask) -> tuple[Point, ...]:
    """The closed outline of the largest part of a mask on one slice, half-way to the pixels beside it."""
    ring = _ring(mask)
    index = np.column_stack([np.full(len(ring), float(at)), ring])
    points = plane.from_patient(volume.to_patient(index))
    return tuple((x, y) for x, y in points.tolist())  # plain numbers at once: one by one takes ten times as long


@kept
def _ring(mask: Mask) -> NDArray[np.float64]:
    """The longest contour of a mask, (n, 2) in its pixels."""
    from skimage.measure import find_contours

    rings = find_contours(np.pad(mask, 1).astype(float), 0.5)  # type: ignore[no-untyped-call]  # no types
    longest: NDArray[np.float64] = max(rings, key=len) - 1
    return longest
