"""What is kept of a CT: Hounsfield units in and around the bodies, some slices to either side of the landmarks."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import GridMismatchError, Remedy, RemedyCode
from ovcf.imaging.mid_sagittal import in_sagittal_order
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.reading.observing.labelled import labelled_for
from ovcf.reading.observing.marrow_samples import samples_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.imaging.study import Series
    from ovcf.reading.observations import MarrowSamples
    from ovcf.reading.observing.labelled import LabelledImage

BESIDE_MM = 15.0
"""Kept to either side of the plane of the landmarks: enough for a region in the middle of a body."""
_DRAWN_FOR_IT = Remedy("Give a label map of the bodies on this CT.", RemedyCode.GIVE_A_LABEL_MAP)


def read_ct(series: Series, images: Sequence[LabelledImage], own: Mapping[int, str]) -> MarrowSamples:
    """The attenuation around the bodies of a CT, in slices across the patient however it was acquired.

    Raises:
        GridMismatchError: no label map covers it.
    """
    assert isinstance(series.image, Volume)
    laid = labelled_for(series, images)
    if laid is None:
        raise GridMismatchError(
            "", say("no label map covers {description}", description=series.description), _DRAWN_FOR_IT
        )
    return samples_of(series.uid, _beside(in_sagittal_order(series.image), laid), laid, own[id(laid)])


def _beside(volume: Volume, laid: LabelledImage) -> Volume:
    """The slices near the plane of the landmarks."""
    labels, plane = laid.bodies.labels, laid.plane
    middle = labels.to_patient(np.argwhere(labels.voxels != 0).mean(axis=0))
    at = round(float(volume.to_index(plane.to_patient(plane.from_patient(middle)))[0]))
    reach = ceil(BESIDE_MM / volume.spacing_mm[0])
    first = int(np.clip(at - reach, 0, len(volume.voxels) - 1))
    last = int(np.clip(at + reach, first, len(volume.voxels) - 1))
    affine = volume.affine.copy()
    affine[:3, 3] = volume.to_patient([first, 0, 0])
    return Volume(volume.voxels[first : last + 1], affine)
