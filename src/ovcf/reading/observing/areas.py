"""Areas that a reader leaves out of the marrow of a body, carried from the slice they were drawn on to where they hold.

What is left out is no part of the body: it counts neither as edema nor as sound marrow, and is no yardstick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.assessment.measured.marrow_series import AreaOut
from ovcf.errors import ReadingError
from ovcf.geometry import polygon_area
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.reading.observing.region_masks import checked_slice, filled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.reading.editing.edited import Edited, EditedSet
    from ovcf.reading.editing.edits import LeaveOut
    from ovcf.reading.observations import LandmarkSet, MarrowSamples, Observations

    Mask = NDArray[np.bool_]

MAX_SHARE = 0.5
"""A body of which more is left out is not read: the rule for one that the series covers so little of."""
TOO_MUCH = ("more than half of the body is left out by the reader", "Leave out less, or judge the marrow by eye.")
"""Why the marrow of a body is not read, and what to do."""


def checked_area(observations: Observations, landmarks: LandmarkSet, edit: LeaveOut) -> None:
    """See whether an area can be left out.

    Raises:
        ReadingError: no such series or slice, an image without depth, an outline that is none or holds no voxel, or
            another reason that is not named.
    """
    where = say("area of {vertebra}", vertebra=edit.vertebra)
    samples = checked_slice(observations, edit.series, edit.slice)
    if landmarks.plane is None or samples.landmark_set != landmarks.id:
        raise ReadingError(where, "lies on an image without marrow signal of it", "Draw it on MRI.")
    ring = np.asarray(edit.outline, float).reshape(-1, 2)
    if len(ring) < 3 or not np.isfinite(ring).all() or polygon_area(ring) == 0:
        raise ReadingError(where, "is no outline of an area", "Draw it around what is to be left out.")
    if not filled(samples.volume, landmarks.plane, edit.slice, ring).any():
        raise ReadingError(where, "holds no pixel of this series", "Draw it on the slice, and larger than a pixel.")
    if edit.reason == "other" and not edit.note.strip():
        raise ReadingError(where, "says not why it is left out", "Write what it is.")


def without_areas(
    now: Edited, s: EditedSet, samples: MarrowSamples, bodies: Mapping[str, Mask]
) -> tuple[dict[str, Mask], dict[str, tuple[AreaOut, ...]]]:
    """The bodies of a series without what is left out of them, and what that was, by identity of the vertebra."""
    left, told = dict(bodies), dict[str, tuple[AreaOut, ...]]()
    plane = s.seen.plane
    for edit in now.areas:
        if plane is None or edit.vertebra not in left or (edit.of == "series" and edit.series != samples.series):
            continue
        drawn = next(m for m in now.observations.marrow if m.series == edit.series)
        area = _area(samples, drawn, plane, edit.slice, edit.outline, edit.through == "body")
        whole, body = bodies[edit.vertebra], left[edit.vertebra]
        out = body & area
        if out.any():
            one = AreaOut(
                reason=edit.note or edit.reason, reader=edit.reader, share=float(out.sum() / max(1, whole.sum()))
            )
            told[edit.vertebra] = (*told.get(edit.vertebra, ()), one)
            left[edit.vertebra] = _apart(body, area)
    return left, told


@kept
def _area(
    samples: MarrowSamples,
    drawn: MarrowSamples,
    plane: SagittalPlane,
    at: int,
    outline: tuple[tuple[float, float], ...],
    through: bool,
) -> Mask:
    """The voxels ``(slices, rows, columns)`` of a series that an area of slice ``at`` of another, or its own, holds."""
    ring = np.asarray(outline, float)
    area = np.zeros(samples.voxels.shape, bool)
    here = _same_place(samples, drawn, plane, at, ring)
    for one in range(len(area)) if through else [here]:
        if 0 <= one < len(area):
            area[one] = filled(samples.volume, plane, one, ring)
    return area


def _same_place(
    samples: MarrowSamples, drawn: MarrowSamples, plane: SagittalPlane, at: int, ring: NDArray[np.float64]
) -> int:
    """The slice of a series nearest to where slice ``at`` of another lies at the middle of an outline; -1 beside it."""
    if samples.series == drawn.series:
        return at
    middle = plane.to_patient(ring.mean(axis=0))
    index = drawn.volume.to_index(middle)
    step = drawn.volume.to_index(middle + plane.normal) - index
    there = middle + (at - index[0]) / step[0] * plane.normal
    nearest = float(samples.volume.to_index(there)[0])
    return round(nearest) if -0.5 <= nearest < len(samples.voxels) - 0.5 else -1


@kept
def _apart(body: Mask, area: Mask) -> Mask:
    return body & ~area
