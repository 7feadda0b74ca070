"""The signal of one MR series around its vertebral bodies, as observations keep it."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import GridMismatchError, Remedy, RemedyCode
from ovcf.imaging.mid_sagittal import sagittal_volume
from ovcf.imaging.resample import resample_labels
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.reading.observations import BEHIND_MM, KEPT_MM, MarrowSamples, kept_area
from ovcf.reading.observing.labelled import labelled_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.errors import OvcfError
    from ovcf.imaging.study import Series
    from ovcf.reading.observing.labelled import LabelledImage
    from ovcf.segmentation.placement import Misplaced

_DRAWN_FOR_IT = Remedy(
    "Give a label map for it, or for another series of the same position.", RemedyCode.GIVE_A_LABEL_MAP
)
_ITS_OWN_MAP = Remedy(
    "Give the label map of this patient and image, with the image's own position.", RemedyCode.GIVE_A_LABEL_MAP
)


def read_marrow(
    series: Series,
    images: Sequence[LabelledImage],
    elsewhere: Misplaced | None,
    own: Mapping[int, str],
    engine_error: OvcfError | None,
) -> MarrowSamples:
    """The marrow signal of one series; ``engine_error`` is why no bodies were found on any.

    Raises:
        OvcfError: no label map covers it, it does not fit there, or the series is not sagittal.
    """
    laid = labelled_for(series, images)
    if laid is None and engine_error is not None:
        raise GridMismatchError(
            "",
            say(
                "no vertebral bodies were found for it: {where} {problem}",
                where=engine_error.where,
                problem=engine_error.problem,
            ),
            engine_error.remedy,
        )
    if laid is None:
        raise GridMismatchError(
            "", say("no label map covers {description}", description=series.description), _DRAWN_FOR_IT
        )
    if elsewhere is not None and elsewhere.sure:
        raise GridMismatchError("", elsewhere.why, _ITS_OWN_MAP)
    assert isinstance(series.image, Volume)
    return samples_of(series.uid, sagittal_volume(series.image), laid, own[id(laid)])


def samples_of(series: str, volume: Volume, image: LabelledImage, letter: str) -> MarrowSamples:
    """The signal around the bodies in a volume with slices right to left; ``letter`` is the landmark set of the map.

    Raises:
        OvcfError: the label map lies elsewhere.
    """
    drawn = resample_labels(image.bodies.labels, volume).voxels
    named = sorted(image.bodies.levels.items(), key=lambda item: item[1].rank)
    levels = sorted({*image.bodies.levels.values(), *(level for level, _ in image.withheld)}, key=lambda at: at.rank)
    ids = {level: f"{letter}{n}" for n, level in enumerate(levels, 1)}
    there = [(label, level) for label, level in named if level.region != "sacral" and (drawn == label).any()]
    labels = np.zeros(drawn.shape, np.uint8)
    for k, (label, _) in enumerate(there, 1):
        labels[drawn == label] = k
    canal = image.bodies.canal
    where = None if canal is None else resample_labels(canal, volume).voxels != 0
    box = _box(labels > 0, where, volume.spacing_mm)
    affine = volume.affine.copy()
    affine[:3, 3] = volume.to_patient([side.start for side in box])
    return MarrowSamples(
        series=series,
        landmark_set=letter,
        voxels=_compact(_near(volume.voxels[box], labels[box] > 0, None if where is None else where[box], volume)),
        affine=affine,
        labels=labels[box].copy(),
        bodies=tuple(ids[level] for _, level in there),
        canal=None if where is None else where[box].copy(),
        middle=_middle(image, volume, drawn) - int(box[0].start),
        by_program=bool(image.bodies.engine),
        apart={ids[level]: why for level, why in image.bodies.apart.items() if level in ids},
    )


def _middle(image: LabelledImage, volume: Volume, labels: NDArray[np.generic]) -> int:
    """The slice that the plane of the landmarks runs through."""
    plane = image.plane
    centre = volume.to_patient(np.argwhere(labels != 0).mean(axis=0))
    at = float(volume.to_index(plane.to_patient(plane.from_patient(centre)))[0])
    return int(np.clip(round(at), 0, volume.voxels.shape[0] - 1))


def _box(
    bodies: NDArray[np.bool_], canal: NDArray[np.bool_] | None, spacing_mm: tuple[float, float, float]
) -> tuple[slice, slice, slice]:
    """All slices; rows and columns of the bodies, and of the canal behind them, with a margin."""
    rows = np.flatnonzero(bodies.any(axis=(0, 2)))
    behind = bodies if canal is None else bodies | canal
    columns = np.flatnonzero(behind[:, rows[0] : rows[-1] + 1].any(axis=(0, 1)))
    sides = []
    for at, mm, size, beyond in zip(
        (rows, columns), spacing_mm[1:], bodies.shape[1:], (0.0, BEHIND_MM if canal is None else 0.0), strict=True
    ):
        margin = ceil(KEPT_MM / mm)
        last = int(at[-1]) + 1 + max(margin, ceil(beyond / mm))
        sides.append(slice(max(0, int(at[0]) - margin), min(size, last)))
    return slice(0, bodies.shape[0]), sides[0], sides[1]


def _near(
    voxels: NDArray[np.generic], bodies: NDArray[np.bool_], canal: NDArray[np.bool_] | None, volume: Volume
) -> NDArray[np.generic]:
    """The signal in and around bodies and canal; 0 farther away, which nothing is concluded from."""
    return np.where(kept_area(bodies, canal, volume.spacing_mm), voxels, np.zeros((), voxels.dtype))


def _compact(voxels: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same values in the smallest type that holds them exactly."""
    values = np.asarray(voxels)
    if values.dtype.kind in "iu" and values.dtype.itemsize <= 2:
        return values.copy()
    for kind in (np.int16, np.uint16, np.float32):
        with np.errstate(invalid="ignore"):
            smaller = values.astype(kind)
        if np.array_equal(smaller, values, equal_nan=True):
            return smaller
    return values.copy()
