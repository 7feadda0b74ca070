"""The outline of one body on every slice of every series: what its marrow is read inside of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.landmarks import Point
from ovcf.reading.marrow import bodies_now
from ovcf.reading.observing.region_masks import slice_at
from ovcf.reading.observing.regions import around

if TYPE_CHECKING:
    from ovcf.reading.editing.edited import Edited, EditedVertebra
    from ovcf.reading.observations import MarrowSamples


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceOutline:
    """A closed ``outline`` on ``slice`` of ``series``, counted from 0 at the patient's right, in the frame of the
    vertebra's landmark set; ``by_reader`` where a reader drew it on this very slice.
    """

    series: str
    slice: int
    outline: tuple[Point, ...]
    by_reader: bool


def outlines_on_slices(now: Edited, vertebra: str) -> tuple[SliceOutline, ...]:
    """The outlines of a vertebra, by series, from the patient's right; empty where no marrow is read of it."""
    s = next((s for s in now.sets if vertebra in s.vertebrae), None)
    if s is None or s.seen.plane is None:
        return ()
    found = []
    for samples in now.observations.marrow:
        body = bodies_now(samples, s).get(vertebra) if samples.landmark_set == s.seen.id else None
        if body is None:
            continue
        own = _drawn_here(samples, s.vertebrae[vertebra], now)
        found += [
            SliceOutline(
                series=samples.series,
                slice=at,
                outline=own.get(at) or around(samples.volume, s.seen.plane, at, body[at]),
                by_reader=at in own,
            )
            for at in np.flatnonzero(body.any(axis=(1, 2))).tolist()
        ]
    return tuple(found)


def _drawn_here(samples: MarrowSamples, v: EditedVertebra, now: Edited) -> dict[int, tuple[Point, ...]]:
    """What a reader drew beside the plane of the points, by the slice of a series that it lies on."""
    plane = next(s.seen.plane for s in now.sets if v.id in s.vertebrae)
    assert plane is not None
    at = {slice_at(samples.volume, plane, outline, mm): outline for mm, outline in v.on_slices}
    return {k: outline for k, outline in at.items() if k is not None}
