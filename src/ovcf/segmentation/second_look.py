"""A second contrast of the same patient: does it show the same bodies at the same places, and where exactly?

Nothing is labelled again: a body there takes the level of the body of the first look that it lies nearest to. Only the
slices around the middle of the spine are read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.imaging.mid_sagittal import mid_sagittal_plane, sagittal_volume
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.segmentation.label_map import VertebralBodies, cut_off
from ovcf.segmentation.network.closer_look import read_twice
from ovcf.segmentation.network.fusion import on_grid_of
from ovcf.segmentation.network.landmark_maps import MappedPoints, mapped_points
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.segmentation.quality_gate import Agreement, agreement, uncertain_bodies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.geometry import SagittalPlane
    from ovcf.landmarks import VertebraLandmarks
    from ovcf.segmentation.network.inference import Network

    Array = NDArray[np.float64]

_HALF_WIDTH_MM = 9.0
"""To either side of the plane: five slices of 4 mm, which hold all that landmarks are found on."""
_MIN_SEEN = 3
_SINGLE_PITCH_MM = 30.0


class SecondLook(NamedTuple):
    """How two contrasts agree, and the landmarks of the second, without the motion between both, of each body."""

    agreement: Agreement
    landmarks: Mapping[Level, MappedPoints]


def second_look(bodies: VertebralBodies, volume: Volume, other: Volume, network: Network) -> SecondLook | None:
    """How the bodies found in ``volume`` agree with those that the network sees in ``other``.

    An agreement on no body says that ``other`` shows a spine, but elsewhere; None that it shows too little to tell.

    Raises:
        SeriesGeometryError: no sagittal planes can be read from ``other``.
    """
    from scipy.ndimage import find_objects

    plane = mid_sagittal_plane(volume, bodies.labels)
    first = _landmarks(bodies, plane)
    if not first:
        return None
    near = _around(other, plane)
    spine = read_twice(near, network)
    mapped = mapped_points(spine)
    unsure = uncertain_bodies(spine.certainty.tolist(), spine.canal.tolist(), mapped)
    if len(spine) - len(unsure) < _MIN_SEEN:
        return None
    labels, _ = on_grid_of(spine, near)
    whole = {number for number, box in enumerate(find_objects(labels.voxels), 1) if box and not cut_off(labels, box)}
    sure = sorted(whole - unsure.keys())
    centres = plane.from_patient(spine.centres)
    here = {level: v.array[:4].mean(axis=0) for level, v in first.items()}
    levels = _matched(here, {number: centres[number - 1] for number in sure})
    seen = VertebralBodies(
        name="second look",
        labels=labels,
        levels=levels,
        column=bodies.column,
        truncated={},
        mapped={level: mapped[number - 1] for number, level in levels.items()},
        bias=bodies.bias,
    )
    top, bottom = (f(centre[1] for centre in here.values()) for f in (min, max))
    elsewhere = sum(bool(top < centres[number - 1][1] < bottom) for number in sure if number not in levels)
    second = _landmarks(seen, plane)
    found = replace(agreement(_arrays(first), _arrays(second)), elsewhere=elsewhere)
    return SecondLook(
        found,
        {
            level: MappedPoints(plane.to_patient(points), np.array(second[level].sd, float))
            for level, points in found.second.items()
            if level not in found.apart
        },
    )


def _landmarks(bodies: VertebralBodies, plane: SagittalPlane) -> dict[Level, VertebraLandmarks]:
    return {v.level: v for v in landmarks_from_bodies(bodies, plane, Source())[0]}


def _arrays(landmarks: Mapping[Level, VertebraLandmarks]) -> dict[Level, Array]:
    return {level: v.array for level, v in landmarks.items()}


def _around(volume: Volume, plane: SagittalPlane) -> Volume:
    """The slices of a volume that lie near a plane."""
    turned = sagittal_volume(volume)
    count, *rest = turned.voxels.shape
    middles = np.array([[k, *((n - 1) / 2 for n in rest)] for k in range(count)])
    away = np.abs(plane.distance_off_plane(turned.to_patient(middles)))
    kept = np.flatnonzero(away <= max(_HALF_WIDTH_MM, float(away.min())))
    affine = turned.affine.copy()
    affine[:3, 3] = turned.to_patient([kept[0], 0, 0])
    return Volume(turned.voxels[kept[0] : kept[-1] + 1], affine)


def _matched(first: dict[Level, Array], second: dict[int, Array]) -> dict[int, Level]:
    """The level of each body of the second look: that of the first look's body nearest to it (centres, plane mm).

    None where another body lies nearer to that one, or where it is no nearer than half way to the next.
    """
    levels, numbers = sorted(first, key=lambda level: level.rank), list(second)
    here, there = (np.array(list(centres)).reshape(-1, 2) for centres in (map(first.get, levels), second.values()))
    if not len(there):
        return {}
    pitch = float(np.median(np.linalg.norm(np.diff(here, axis=0), axis=1))) if len(here) > 1 else _SINGLE_PITCH_MM
    away = np.linalg.norm(here[:, None] - there[None], axis=-1)
    return {
        numbers[j]: levels[i]
        for j, i in enumerate(away.argmin(axis=0).tolist())
        if away[i].argmin() == j and away[i, j] < pitch / 2
    }
