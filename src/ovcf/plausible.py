"""What sizes, scales and dates are possible at all, each with its reason: beyond them an input is wrong, not unusual.

The ranges are wide on purpose. They catch a wrong unit or a damaged header, never an unusual patient.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovcf.errors import ImageValueError, SeriesGeometryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PIXEL_MM = (0.02, 10.0)
"""Radiographs have 0.1 mm, MRI and CT 0.2 to 2 mm, resampled volumes up to 5 mm."""
SLICE_MM = (0.02, 40.0)
"""Slices of the spine lie 0.5 to 5 mm apart; localizers and single planes up to 20 mm."""
IMAGE_MM = 3_000.0
"""No patient, and no bore, is longer."""

POSITION_MM = 100_000.0
"""How far from its zero an image can lie: scanners count from the middle of the bore."""

BODY_DEPTH_MM = (8.0, 80.0)
"""Front to back. Adults: about 14 mm in the neck to 36 mm at L5, up to 45; a radiograph magnifies up to 1.4 times."""
BODY_HEIGHT_MM = (0.5, 60.0)
"""From a vertebra plana to L5 of a tall person (about 32 mm), magnified."""
PITCH_MM = (5.0, 75.0)
"""Centre to centre of two neighbours: 14 mm in the neck to 45 mm above L5, magnified; two collapsed bodies less."""
LANDMARK_SD_MM = 15.0
"""A landmark known worse than that is not on its vertebra."""

SLOPE = (1e-7, 1e7)
"""Stored values times the slope are the signal: a slope of 0 or less would empty the image or turn bright and dark."""
CT_SLOPE = (0.05, 20.0)
"""CT is stored in Hounsfield units or in simple fractions of them."""
INTERCEPT = 1e7

MARROW_DAYS = 28
"""Edema fades, and T1 and T2 change, within weeks (VOORMOLEN 2006 follows it over months)."""
SHAPE_DAYS = 92
"""A fractured body loses height within weeks to months: an older image shows another shape."""

PATIENT: Mapping[str, tuple[float, float, str]] = {
    "age_years": (0.0, 120.0, "years"),
    "t_score": (-10.0, 10.0, ""),
    "bmi_kg_m2": (8.0, 100.0, "kg/m2"),
}
"""What a patient's figures can be, whatever they are measured with: lowest, highest, unit."""

_GEOMETRY = "Export or convert it again with the right unit: DICOM and NIfTI give millimetres."


def check_spacing(spacing_mm: Sequence[float], shape: Sequence[int], where: object) -> None:
    """Refuse voxels and images of impossible size; ``spacing_mm`` and ``shape`` go along the same axes.

    Raises:
        SeriesGeometryError: says what is possible.
    """
    finest, coarsest = PIXEL_MM[0], SLICE_MM[1]
    for mm in spacing_mm:
        if not math.isfinite(mm) or not finest <= mm <= coarsest:
            raise SeriesGeometryError(
                where, f"a spacing of {mm:g} mm is not possible ({finest:g} to {coarsest:g} mm are)", _GEOMETRY
            )
    if sum(mm > PIXEL_MM[1] for mm in spacing_mm) > 1:
        shown = " x ".join(f"{mm:g}" for mm in spacing_mm)
        raise SeriesGeometryError(
            where,
            f"voxels of {shown} mm are not possible (only slices lie more than {PIXEL_MM[1]:g} mm apart)",
            _GEOMETRY,
        )
    longest = max(mm * n for mm, n in zip(spacing_mm, shape, strict=True))
    if longest > IMAGE_MM:
        raise SeriesGeometryError(
            where, f"an image {longest:.0f} mm long is not possible (up to {IMAGE_MM:.0f} mm)", _GEOMETRY
        )


def check_scale(slope: float, intercept: float, where: object, *, ct: bool = False) -> None:
    """Refuse a rescaling that no scanner writes.

    Raises:
        ImageValueError: says what is possible.
    """
    low, high = CT_SLOPE if ct else SLOPE
    if not (math.isfinite(slope) and low <= slope <= high):
        raise ImageValueError(
            where,
            f"a rescale slope of {slope:g} is not possible ({low:g} to {high:g} are): bright and dark would "
            "mean nothing",
            "Export the original images from the scanner or archive again.",
        )
    if not (math.isfinite(intercept) and abs(intercept) <= INTERCEPT):
        raise ImageValueError(
            where,
            f"a rescale intercept of {intercept:g} is not possible (up to {INTERCEPT:g})",
            "Export the original images from the scanner or archive again.",
        )


def why_no_vertebra(points_mm: Sequence[Sequence[float]]) -> str | None:
    """Why four corners (superior anterior and posterior, inferior anterior and posterior) are of no vertebra."""
    sa, sp, ia, ip = (tuple(p) for p in points_mm[:4])
    sizes = (
        ("depth", max(math.dist(sa, sp), math.dist(ia, ip)), BODY_DEPTH_MM),
        ("height", max(math.dist(sa, ia), math.dist(sp, ip)), BODY_HEIGHT_MM),
    )
    for what, mm, (low, high) in sizes:
        if not low <= mm <= high:
            return f"a body of {mm:.4g} mm {what} is not possible ({low:g} to {high:g} mm are): a wrong unit?"
    return None


def why_no_pitch(upper_mm: Sequence[float], lower_mm: Sequence[float]) -> str | None:
    """Why two centres cannot be of neighbouring vertebrae."""
    mm, (low, high) = math.dist(tuple(upper_mm), tuple(lower_mm)), PITCH_MM
    if low <= mm <= high:
        return None
    return f"{mm:.4g} mm between the centres are not possible ({low:g} to {high:g} mm are)"
