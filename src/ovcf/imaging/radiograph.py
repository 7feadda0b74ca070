"""A radiograph as an image plane: turned to face one way, with what is known of its scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.classify import view_of
from ovcf.imaging.files.multiframe import number_in
from ovcf.imaging.stored import AS_STORED, Row, flipped_along, transposed
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.language.worded import say
from ovcf.plausible import PIXEL_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.imaging.files.multiframe import FrameTags


def image_plane(tags: FrameTags, pixels: NDArray[np.generic], text: str) -> tuple[ImagePlane, Role, tuple[str, ...]]:
    """The image plane of one radiograph, its role, and why.

    ``pixels`` ``(rows, columns)`` as stored; ``text`` its description as plain words. Columns come out running
    anterior to posterior and rows cranial to caudal where PatientOrientation says how they were stored.
    """
    role, reasons = _view(tags, text)
    spacing, calibration, scale = _scale(tags)
    pixels, spacing, turned, facing = as_stated(tags, pixels, spacing)
    oriented = _stated_sagittal(tags) is not None
    plane = ImagePlane(np.ascontiguousarray(pixels), spacing, calibration, oriented, turned)
    return plane, role, (*reasons, scale, facing)


def _orientation(tags: FrameTags) -> tuple[str, str] | None:
    """Where rising columns and rising rows lead: one of A P H F L R each."""
    words = tags.words("PatientOrientation")
    if len(words) != 2 or not all(word[:1] in tuple("APHFLR") and word for word in words):
        return None
    return words[0][0], words[1][0]


def _view(tags: FrameTags, text: str) -> tuple[Role, tuple[str, ...]]:
    lateral, why = is_lateral(tags, text)
    if lateral is None:
        return Role.OTHER, ("a radiograph whose view is not stated; name its role",)
    return (
        (Role.RADIOGRAPH, (say("lateral: {why}", why=why),))
        if lateral
        else (Role.OTHER, (say("not a lateral view: {why}", why=why),))
    )


def is_lateral(tags: FrameTags, text: str) -> tuple[bool | None, str]:
    """Whether a radiograph is a lateral view, and what says so; None where nothing says. ``text`` as plain words."""
    orientation = _orientation(tags)
    position = "".join(tags.words("ViewPosition"))
    if orientation is not None:
        return bool({"A", "P"} & set(orientation)), say(
            "PatientOrientation {orientation}\\{orientation_2}",
            orientation=orientation[0],
            orientation_2=orientation[1],
        )
    if position:
        return position in ("LL", "RL", "LLD", "RLD", "LAT", "LATERAL"), say(
            "ViewPosition {position}", position=position
        )
    if (view := view_of(text)) is not None:
        return view == "lateral", say("named {view}", view=view)
    return None, ""


def _scale(tags: FrameTags) -> tuple[tuple[float, float] | None, Calibration, str]:
    """Pixel spacing, what it means (DICOM PS3.3 10.7), and why."""
    at_patient, at_detector = (_pair(tags.get(k)) for k in ("PixelSpacing", "ImagerPixelSpacing"))
    kind = "".join(tags.words("PixelSpacingCalibrationType"))
    if at_patient is None:
        if at_detector is None:
            return None, Calibration.NONE, "no pixel spacing that is possible: lengths are in pixels"
        return at_detector, Calibration.DETECTOR, "spacing at the detector, magnification unknown"
    if kind in ("GEOMETRY", "FIDUCIAL"):
        return at_patient, Calibration.CALIBRATED, say("spacing calibrated by {kind}", kind=kind.lower())
    if at_detector is not None and not np.allclose(at_patient, at_detector, rtol=1e-3):
        return at_patient, Calibration.CALIBRATED, "spacing corrected for magnification"
    return at_patient, Calibration.DETECTOR, "pixel spacing without calibration: magnification unknown"


def _pair(value: object) -> tuple[float, float] | None:
    try:
        row, column = (number_in(x) for x in value)  # type: ignore[attr-defined]  # a tag value of any kind
    except (TypeError, ValueError):
        return None
    low, high = PIXEL_MM
    return (row, column) if row and column and low <= min(row, column) and max(row, column) <= high else None


def _stated_sagittal(tags: FrameTags) -> tuple[str, str] | None:
    """PatientOrientation where it says which way a lateral view faces and where the head is."""
    orientation = _orientation(tags)
    stated = set(orientation or ())
    return orientation if stated & {"A", "P"} and stated & {"H", "F"} else None


def as_stated(
    tags: FrameTags, pixels: NDArray[np.generic], spacing: tuple[float, float] | None = None
) -> tuple[NDArray[np.generic], tuple[float, float] | None, tuple[Row, ...], str]:
    """Pixels ``(rows, columns)`` as stored, turned as the tags say, their (row, column) spacing, how and in words."""
    orientation, turned = _stated_sagittal(tags), AS_STORED
    if orientation is None:
        why = "orientation not stated: taken as stored, anterior at the left and cranial at the top"
        return pixels, spacing, turned, why
    along_columns, along_rows = orientation
    if along_columns in "HF":
        pixels, along_columns, along_rows = pixels.T, along_rows, along_columns
        turned = transposed(turned)
        spacing = None if spacing is None else (spacing[1], spacing[0])
    if along_columns == "A":
        pixels, turned = pixels[:, ::-1], flipped_along(turned, 1, pixels.shape[1])
    if along_rows == "H":
        pixels, turned = pixels[::-1], flipped_along(turned, 0, pixels.shape[0])
    return (
        pixels,
        spacing,
        turned,
        say(
            "turned by PatientOrientation {orientation}\\{orientation_2}",
            orientation=orientation[0],
            orientation_2=orientation[1],
        ),
    )
