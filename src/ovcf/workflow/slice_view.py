"""What a reader wants to look at: a slice of the study in the plane frame, with what was drawn on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.plane_cut import cut
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Calibration, ImagePlane, Volume
from ovcf.segmentation.places import places_of
from ovcf.vocabulary import Modality, Posture
from ovcf.workflow.on_radiograph import spacing_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.geometry import SagittalPlane
    from ovcf.imaging.study import Series
    from ovcf.landmarks import SpineLandmarks
    from ovcf.reading.observing.labelled import LabelledImage
    from ovcf.segmentation.places import Place


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A sagittal picture in the plane frame.

    ``pixels`` is (rows cranial to caudal, columns anterior to posterior); the centre of pixel [0, 0] lies at
    ``origin`` (x, y), pixels are ``spacing`` (row, column) apart, both in the unit of ``spine``. ``overlay`` marks
    pixels that were counted (edema), on the same grid. ``places`` are those of all bodies found, measured or not,
    ``image`` is what landmarks and findings call it, ``role``, ``modality`` and ``posture`` are those of its series.
    ``canal`` marks the pixels of cord and canal, None where nobody drew them. ``asked``: the levels of its bodies are
    not sure, their numbers count.
    """

    title: str
    caption: str
    pixels: NDArray[np.float64]
    origin: tuple[float, float]
    spacing: tuple[float, float]
    spine: SpineLandmarks | None
    overlay: NDArray[np.bool_] | None = None
    calibrated: bool = True
    places: tuple[Place, ...] = ()
    image: str = ""
    asked: bool = False
    role: Role = Role.OTHER
    modality: Modality = Modality.UNKNOWN
    posture: Posture = Posture.UNKNOWN
    canal: NDArray[np.bool_] | None = None


def view_of(
    series: Series,
    labelled: LabelledImage | None,
    overlay: Volume | None = None,
    placed: SpineLandmarks | None = None,
    places: tuple[Place, ...] = (),
) -> View:
    """The picture of one series: the radiograph with landmarks ``placed`` on it, or the volume cut mid-sagittally.

    ``places`` are those of the bodies found on a radiograph.
    """
    where = f"{series.role.value}: {series.description}"
    if isinstance(series.image, ImagePlane):
        image, calibrated = series.image, series.image.calibration is Calibration.CALIBRATED
        if placed is not None:
            calibrated = placed.vertebrae[0].source.calibrated
        return View(
            title=where,
            caption=image.calibration.value,
            pixels=np.asarray(image.pixels, float),
            origin=(0.0, 0.0),
            spacing=spacing_of(image, calibrated=calibrated),
            spine=placed,
            calibrated=calibrated,
            places=places,
            image=series.source("").image,
            role=series.role,
            modality=series.modality,
            posture=series.posture,
        )
    plane, spine = (labelled.plane, labelled.spine) if labelled else (_middle(series.image), None)
    pixels, origin, spacing = cut(series.image, plane, order=1)
    canal = labelled.bodies.canal if labelled else None
    marked, narrow = (
        None if mask is None else cut(mask, plane, order=0, like=(pixels.shape, origin, spacing))[0] > 0.5
        for mask in (overlay, canal)
    )
    return View(
        title=where,
        caption="mid-sagittal plane",
        pixels=pixels,
        origin=origin,
        spacing=(spacing, spacing),
        spine=spine,
        overlay=marked,
        places=places_of(labelled.bodies, plane) if labelled else (),
        image=series.source("").image,
        role=series.role,
        modality=series.modality,
        posture=series.posture,
        canal=narrow,
    )


def _middle(volume: Volume) -> SagittalPlane:
    from ovcf.imaging.mid_sagittal import mid_sagittal_plane

    return mid_sagittal_plane(volume)
