"""Which label map belongs to which image, and the landmarks it gives there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import GridMismatchError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.segmentation.quality_gate import bulging, merged, misshapen, near_border, uncertain_landmarks, unsharp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.geometry import SagittalPlane
    from ovcf.landmarks import SpineLandmarks
    from ovcf.segmentation.label_map import VertebralBodies

_ANATOMY = (Role.T2, Role.T1, Role.CT, Role.FS_T2, Role.STIR, Role.RADIOGRAPH, Role.OTHER)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """A label map, the image it was drawn on (None if that was not given), and the landmarks in its plane.

    ``drawn`` holds those of every body that gave any, ``spine`` those of them that may be measured. ``withheld`` names
    the levels that gave no landmarks to measure, with the reason; of those in
    ``vague`` only corners are unsure.
    """

    bodies: VertebralBodies
    series: Series | None
    plane: SagittalPlane
    spine: SpineLandmarks | None
    withheld: tuple[tuple[Level, str], ...]
    source: Source
    drawn: SpineLandmarks | None = None
    vague: frozenset[Level] = frozenset()


def label_image(bodies: VertebralBodies, study: Study) -> LabelledImage:
    """Find the image of a label map and derive the landmarks in its mid-sagittal plane.

    Raises:
        GridMismatchError: the study has volumes, and the label map lies on none of them.
    """
    series = image_of(bodies, study)
    plane = mid_sagittal_plane(bodies.labels if series is None else _volume(series), bodies.labels)
    name = PurePath(bodies.name).name
    source = series.source(bodies.made_by) if series else Source(placed_by=bodies.made_by, image=name)
    if bodies.discs_only:
        return LabelledImage(bodies, series, plane, None, (), source)
    if not bodies.engine:  # what a reader drew is the reader's
        spine, withheld = landmarks_from_bodies(bodies, plane, source)
        return LabelledImage(bodies, series, plane, spine, withheld, source, spine)
    if bodies.bias is not None:
        source = replace(source, height_sd_mm=bodies.bias.height_sd_mm)
    bodies = replace(bodies, truncated={**bodies.truncated, **near_border(bodies)})
    drawn, withheld = landmarks_from_bodies(bodies, plane, source)
    unsure = {**unsharp(drawn), **uncertain_landmarks(drawn)}
    refused = {**unsure, **bulging(drawn), **merged(drawn), **misshapen(drawn)}
    kept = tuple(v for v in drawn if v.level not in refused)
    return LabelledImage(
        bodies,
        series,
        plane,
        replace(drawn, vertebrae=kept).marked(refused.items()),
        (*withheld, *refused.items()),
        source,
        drawn,
        frozenset(level for level in unsure if refused[level] == unsure[level]),
    )


def image_of(bodies: VertebralBodies, study: Study) -> Series | None:
    """The volume a label map was drawn on: the same grid (the likest name, if several), else the largest overlap.

    Among equals the one with the sharpest edge of the body: T2, T1, CT before the fat-suppressed ones.
    """
    volumes = [s for s in study.series if isinstance(s.image, Volume)]
    if not volumes:
        return None
    same = [s for s in volumes if bodies.labels.same_grid(_volume(s))]
    if same:
        return max(same, key=lambda s: (_likeness(bodies.name, s), -_ANATOMY.index(s.role)))
    shares = {id(s): share_inside(bodies.labels, _volume(s)) for s in volumes}
    best = max(volumes, key=lambda s: (shares[id(s)], s.role is not Role.OTHER))
    if shares[id(best)] < 0.5:
        raise GridMismatchError(
            bodies.name,
            "does not lie on any image of this study: less than half of its bodies fall inside the best one",
            "Give the label map of this study, saved with the image's own position and orientation.",
        )
    return best


def labelled_for(series: Series, labelled: Sequence[LabelledImage]) -> LabelledImage | None:
    """The label map to use on an image: its own, else the one that covers it best through patient coordinates."""
    own = [x for x in labelled if x.series is series and not x.bodies.discs_only]
    if own:
        return own[0]
    usable = [x for x in labelled if not x.bodies.discs_only]
    shares = [share_inside(x.bodies.labels, _volume(series)) for x in usable]
    return usable[int(np.argmax(shares))] if shares and max(shares) >= 0.5 else None


def _volume(series: Series) -> Volume:
    assert isinstance(series.image, Volume)
    return series.image


def _likeness(name: str, series: Series) -> int:
    """How many leading characters a label map's file name shares with those of a series."""

    def shared(file: str) -> int:
        pairs = zip(PurePath(name).name, PurePath(file).name, strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    return max(map(shared, series.files), default=0)


def share_inside(labels: Volume, image: Volume) -> float:
    """The share of labelled voxels whose centres lie inside an image."""
    where = np.argwhere(labels.voxels != 0)
    index = image.to_index(labels.to_patient(where[:: max(1, len(where) // 5000)]))
    inside = (index > -0.5) & (index < np.array(image.voxels.shape) - 0.5)
    return float(inside.all(axis=1).mean()) if len(index) else 0.0
