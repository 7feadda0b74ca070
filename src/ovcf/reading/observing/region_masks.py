"""Which voxels a region is that a reader placed, and whether its signal was kept.

Observations hold the signal near bodies and canal alone. A region that reaches beyond is refused: what was not kept
must not be taken for no signal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import ReadingError
from ovcf.geometry import polygon_area
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.measures.signal.attenuation import attenuation
from ovcf.reading.observations import kept_area

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.volume import Volume
    from ovcf.landmarks import Point
    from ovcf.reading.editing.edits import PlaceRegion, RedrawOutline
    from ovcf.reading.observations import LandmarkSet, MarrowSamples, Observations

    Mask = NDArray[np.bool_]

_ROUNDING = 1e-3
_SAME_SLICE = 0.51
"""How far a place may lie from the middle of a slice, in slice distances, and still belong to it."""


def checked_slice(observations: Observations, series: str, at: int) -> MarrowSamples:
    """The samples of a series that has this slice.

    Raises:
        ReadingError: no series is named, no marrow is kept of it, or it has no such slice.
    """
    samples = next((m for m in observations.marrow if m.series == series), None)
    if samples is None:
        there = ", ".join(m.series for m in observations.marrow) or "none"
        raise ReadingError(
            say("slice {at}", at=at),
            say("belongs to no MR or CT series that was read ({series!r})", series=series),
            say("Name its series: {there}.", there=there),
        )
    if not 0 <= at < len(samples.voxels):
        raise ReadingError(
            say("slice {at}", at=at),
            "is not in the series",
            say("It has slices 0 to {voxels}.", voxels=len(samples.voxels) - 1),
        )
    return samples


def checked_offset(observations: Observations, landmarks: LandmarkSet, edit: RedrawOutline) -> None:
    """See whether an outline beside the plane of the points lies on a slice.

    Raises:
        ReadingError: an image without depth, or no MR series with a slice there.
    """
    where = say("outline of {vertebra}", vertebra=edit.vertebra)
    if landmarks.plane is None:
        raise ReadingError(where, "lies on a radiograph, which has no slices", "Leave the slice out.")
    assert edit.offset_mm is not None
    own = [m for m in observations.marrow if m.landmark_set == landmarks.id]
    if all(slice_at(m.volume, landmarks.plane, edit.outline, edit.offset_mm) is None for m in own):
        raise ReadingError(
            where,
            say("lies {offset_mm:g} mm aside, where no slice is", offset_mm=edit.offset_mm),
            "Draw it on a slice.",
        )


def slice_at(volume: Volume, plane: SagittalPlane, outline: tuple[Point, ...], offset_mm: float) -> int | None:
    """The slice of a series that lies so far beside the plane where an outline lies; None where there is none."""
    middle = plane.to_patient(np.asarray(outline, float).mean(axis=0))
    at = float(volume.to_index(middle + offset_mm * plane.normal)[0])
    nearest = round(at)
    return nearest if 0 <= nearest < len(volume.voxels) and abs(at - nearest) <= _SAME_SLICE else None


def unkept(samples: MarrowSamples, plane: SagittalPlane, mask: Mask, outlines: Iterable[tuple[Point, ...]]) -> bool:
    """Whether a body ``(slices, rows, columns)`` that was drawn so reaches to where the signal was not kept."""
    near = kept_area(samples.labels > 0, samples.canal, samples.volume.spacing_mm)
    if (mask & ~near & (samples.voxels == 0)).any():
        return True
    last = np.array(samples.voxels.shape[1:]) - 0.5
    drawn = (samples.volume.to_index(plane.to_patient(np.asarray(o, float)))[:, 1:] for o in outlines if o)
    return any(bool(((at < -0.5 - _ROUNDING) | (at > last + _ROUNDING)).any()) for at in drawn)


def checked_region(
    observations: Observations, landmarks: LandmarkSet, edit: PlaceRegion, *, redrawn: bool = False
) -> None:
    """See whether a region can be read. ``redrawn`` says that a reader drew the body anew: where it ends, they know.

    Raises:
        ReadingError: no such series or slice, an image without depth, an outline that is none, or one that holds no
            voxel, reaches to where no signal was kept, or lies outside of its body or the canal for the most part.
        MeasurementInputError: too few voxels of a CT.
    """
    samples = checked_slice(observations, edit.series, edit.slice)
    if (edit.region == "attenuation") is not observations.is_ct(edit.series):
        raise ReadingError(
            say("region of {vertebra}", vertebra=edit.vertebra),
            "is of attenuation, which CT alone has" if edit.region == "attenuation" else "is of MRI, and lies on CT",
            "Place it on the other image.",
        )
    if landmarks.plane is None:
        raise ReadingError(
            say("region of {vertebra}", vertebra=edit.vertebra),
            "lies on a radiograph, which has no marrow signal",
            "Place it on MRI.",
        )
    mask = region_mask(samples, landmarks.plane, edit.slice, edit.outline)
    csf = edit.region == "csf"
    within = samples.canal if csf else None if redrawn else samples.masks.get(edit.vertebra)
    if within is not None and (mask & within[edit.slice]).sum() < mask.sum() / 2:
        what, where = ("CSF", "the canal") if csf else ("bone", "the body")
        raise ReadingError(
            say("region of {what}", what=what),
            say("lies outside of {where} for the most part", where=where),
            say("Move it back into {where}.", where=where),
        )
    if edit.region == "attenuation":
        attenuation(np.asarray(samples.voxels[edit.slice][mask], float), samples.volume.voxel_volume_mm3)


@kept
def region_mask(samples: MarrowSamples, plane: SagittalPlane, at: int, outline: tuple[Point, ...]) -> Mask:
    """The pixels ``(rows, columns)`` of slice ``at`` whose centres lie inside a closed outline of plane millimetres.

    Raises:
        ReadingError: fewer than three points, none or no finite area, no pixel, or signal that was not kept.
    """
    ring = np.asarray(outline, float).reshape(-1, 2)
    if len(ring) < 3 or not np.isfinite(ring).all() or polygon_area(ring) == 0:
        raise ReadingError("region", "is no outline of an area", "Draw it around what it is to hold.")
    volume = samples.volume
    mask = filled(volume, plane, at, ring)
    if not mask.any():
        raise ReadingError("region", "holds no pixel of this series", "Draw it on the slice, and larger than a pixel.")
    near = kept_area(samples.labels > 0, samples.canal, volume.spacing_mm)[at]
    if (mask & ~near & (samples.voxels[at] == 0)).any():
        raise ReadingError(
            "region", "reaches to where no signal was kept", "Stay within some millimetres of the bodies or the canal."
        )
    return mask


def filled(volume: Volume, plane: SagittalPlane, at: int, ring: NDArray[np.float64]) -> Mask:
    """The pixels inside an outline that is carried onto a slice along the normal of the plane."""
    from skimage.draw import polygon2mask

    on_plane = plane.to_patient(ring)
    index = volume.to_index(on_plane)
    step = volume.to_index(on_plane + plane.normal) - index
    there = index + ((at - index[:, :1]) / step[:, :1]) * step
    return np.asarray(polygon2mask(volume.voxels.shape[1:], there[:, 1:]))  # type: ignore[no-untyped-call]  # no types
