"""The six landmarks of every vertebral body of a label map, with how sure they are."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import LandmarkError
from ovcf.geometry import unit_vector
from ovcf.imaging.volume import Volume
from ovcf.landmarks import SpineLandmarks, VertebraLandmarks
from ovcf.language.worded import say
from ovcf.plausible import why_no_vertebra
from ovcf.segmentation.outline import outlines, pixel_mm
from ovcf.segmentation.points.corners import six_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.geometry import SagittalPlane
    from ovcf.landmarks import Source
    from ovcf.segmentation.label_map import VertebralBodies
    from ovcf.segmentation.network.landmark_maps import MappedPoints

    Array = NDArray[np.float64]

_OFFSETS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
"""Parallel planes on which each point is found, in mm, or in half slices where that is more, so that they span slices
drawn independently of each other; the median counts, their spread enters the SD.
"""
_CREDIBLE_MM = 4.0
"""A mapped point farther than this from the outline's is another's."""
_MAPPED_SHARE = 2 / 3
"""Weight of a mapped point beside the outline's: that mean errs least (docs/decisions/006)."""
_SHARED_ERROR = 0.75
"""Correlation of a landmark's errors in two contrasts of one patient (docs/decisions/006)."""
_VOXEL_SD = np.array([0.33, 0.33, 0.33, 0.33, 0.2, 0.2])
"""SD of one coordinate that voxels alone cause, in voxels: drawn shapes of known corners (tests/segmentation)."""
_REMEMBERED = 256
"""Bodies whose points are remembered: one study asks for the same ones three times. A thousand numbers in all."""
_known: OrderedDict[bytes, tuple[Array, Array]] = OrderedDict()
_known_lock = Lock()


def landmarks_from_bodies(
    bodies: VertebralBodies, plane: SagittalPlane, source: Source
) -> tuple[SpineLandmarks, tuple[tuple[Level, str], ...]]:
    """Six points per vertebral body in the millimetres of ``plane``, and the levels withheld with the reason.

    Each body is cut by ``plane``; where that misses the middle of the body (:func:`off_plane`) by the parallel plane
    through it. A body that the border of the volume cuts off gives no landmarks and is marked as unusable: its heights
    would be those of the image, not of the vertebra. The SD covers voxels, the straightness of endplates and walls,
    and the choice of the plane; an error of whoever drew the label only where an engine states it.
    """
    withheld = [(level, why) for level, why in bodies.unfit.items()]
    crops = cropped_bodies(bodies)
    caudal = _directions(crops, plane)
    found = []
    for level, body in crops.items():
        if level in bodies.unfit:
            continue
        try:
            points, sd = _six_points_once(body, plane, caudal[level])
            if level in bodies.mapped:
                points, sd = _with_mapped(points, sd, bodies.mapped[level], plane)
            if bodies.bias is not None:
                points = bodies.bias.taken_off(points)
            if level in bodies.second_contrast:
                points, sd = _with_second_contrast(
                    points, sd, bodies.second_contrast[level], bodies.second_share, plane
                )
            if why := why_no_vertebra(points.tolist()):
                raise LandmarkError(level, why, "Check the label map, and the voxel size of its image.")
            found.append(VertebraLandmarks.from_array(level, points, sd=sd.tolist(), source=source))
        except LandmarkError as error:
            withheld.append((level, say("{problem}. {remedy}", problem=error.problem, remedy=error.remedy)))
    kept, disordered = _in_order(found)
    spine = SpineLandmarks(vertebrae=tuple(kept), column=bodies.column).marked(bodies.unfit.items())
    return spine, tuple(sorted([*withheld, *disordered], key=lambda item: item[0].rank))


def off_plane(bodies: VertebralBodies, plane: SagittalPlane) -> tuple[tuple[Level, str], ...]:
    """The bodies whose middle the plane misses by more than a quarter of their width (scoliosis, an oblique stack)."""
    measured = ((level, *shift_mm(body, plane)) for level, body in cropped_bodies(bodies).items())
    return tuple(
        (
            level,
            say(
                "its middle lies {away:.0f} mm off the mid-sagittal plane; measured in the parallel plane there",
                away=abs(away),
            ),
        )
        for level, shift, away in measured
        if shift
    )


def cropped_bodies(bodies: VertebralBodies) -> dict[Level, Volume]:
    """Each body as a binary volume with three voxels around it, cranial to caudal."""
    from scipy.ndimage import find_objects

    labels, boxes = bodies.labels, find_objects(bodies.labels.voxels)
    crops = {}
    for label, level in sorted(bodies.levels.items(), key=lambda item: item[1].rank):
        affine = labels.affine.copy()
        affine[:3, 3] = labels.to_patient(np.array([s.start for s in boxes[label - 1]]) - 3)
        crops[level] = Volume(np.pad(labels.voxels[boxes[label - 1]] == label, 3), affine)
    return crops


def shift_mm(body: Volume, plane: SagittalPlane) -> tuple[float, float]:
    """How far to move the plane to cut the body in its middle quarters (0 if it does), and how far off that is."""
    off = plane.distance_off_plane(body.to_patient(np.argwhere(body.voxels)))
    away = float(off.mean())
    return (away if abs(away) > float(np.ptp(off)) / 4 else 0.0), away


def _directions(crops: dict[Level, Volume], plane: SagittalPlane) -> dict[Level, Array]:
    """Direction of the spine at each level, in the plane: from the vertebra above to the one below."""
    centres = [plane.from_patient(b.to_patient(np.argwhere(b.voxels).mean(axis=0))) for b in crops.values()]
    if len(centres) < 2:
        return dict.fromkeys(crops, np.array([0.0, 1.0]))
    ends = [centres[0], *centres, centres[-1]]
    return {level: unit_vector(ends[i + 2] - ends[i]) for i, level in enumerate(crops)}


def _six_points_once(body: Volume, plane: SagittalPlane, caudal: Array) -> tuple[Array, Array]:
    """:func:`_six_points`, which takes most of the time here, remembered by all that it depends on."""
    told = (body.voxels.shape, body.voxels.dtype.str, plane)
    total = hashlib.blake2b(repr(told).encode(), digest_size=16)
    for array in (body.voxels, body.affine, caudal):
        total.update(np.ascontiguousarray(array).tobytes())
    key = total.digest()
    with _known_lock:
        if key in _known:
            _known.move_to_end(key)
            points, sd = _known[key]
            return points.copy(), sd.copy()
    points, sd = _six_points(body, plane, caudal)
    with _known_lock:
        _known[key] = points.copy(), sd.copy()
        while len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    return points, sd


def _six_points(body: Volume, plane: SagittalPlane, caudal: Array) -> tuple[Array, Array]:
    """Points ``(6, 2)`` and the SD of one coordinate of each, plane millimetres."""
    size = pixel_mm(body, plane)
    across = body.spacing_mm[body.axis_towards(plane.normal)[0]]
    rings = outlines(body, plane, shift_mm(body, plane)[0] + _OFFSETS * max(1.0, across / 2))
    if rings[len(rings) // 2] is None:
        raise LandmarkError("body", "does not meet the mid-sagittal plane", "Check the label map at this level.")
    found = [six_points(ring, size, caudal) for ring in rings if ring is not None]
    points = np.stack([f.points for f in found])
    misfit = np.stack([f.misfit_mm for f in found]).mean(axis=0)
    spread = points.std(axis=0).mean(axis=1)
    return np.median(points, axis=0), np.sqrt((_VOXEL_SD * size) ** 2 + (misfit / 2) ** 2 + spread**2)


def _with_mapped(points: Array, sd: Array, mapped: MappedPoints, plane: SagittalPlane) -> tuple[Array, Array]:
    """Points of the outline and those an engine mapped, averaged; how far they differ enters the SD.

    The two come from one network, so their SDs are not taken for independent.
    """
    other, share = plane.from_patient(mapped.points), _MAPPED_SHARE
    apart = other - points
    spread = share * (1 - share) * (apart**2).sum(axis=1) / 2
    both = np.sqrt((1 - share) * sd**2 + share * mapped.sd_mm**2 + spread)
    seen = np.isfinite(both)
    near = seen & (np.linalg.norm(apart, axis=1) <= _CREDIBLE_MM)
    return np.where(near[:, None], points + share * apart, points), np.where(seen, both, sd)


def _with_second_contrast(
    points: Array, sd: Array, again: MappedPoints, share: float, plane: SagittalPlane
) -> tuple[Array, Array]:
    """Points averaged with those of a second contrast, whose weight is ``share``, where both agree; of the two SDs the
    part that is theirs alone averages out."""
    other = plane.from_patient(again.points)
    near = np.linalg.norm(other - points, axis=1) <= _CREDIBLE_MM
    one, two = (1 - share) * sd, share * again.sd_mm
    both = np.sqrt(one**2 + two**2 + 2 * _SHARED_ERROR * one * two)
    return np.where(near[:, None], points + share * (other - points), points), np.where(near, both, sd)


def _in_order(found: list[VertebraLandmarks]) -> tuple[list[VertebraLandmarks], list[tuple[Level, str]]]:
    """Without the vertebrae that lie above their cranial neighbour in the plane."""
    kept = list(found)
    out: list[tuple[Level, str]] = []
    while True:
        heights = [float(v.array[:4, 1].mean()) for v in kept]
        wrong = next((i for i, (a, b) in enumerate(pairwise(heights)) if a >= b), None)
        if wrong is None:
            return kept, out
        out.append((kept.pop(wrong + 1).level, "lies above the vertebra it should lie below"))
