"""The scale of a radiograph that bears none: stated by the reader, or from an object of known length on it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.clinical.number import parse_decimal
from ovcf.errors import MeasurementInputError, SeriesChoiceError
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.language.worded import joined, say
from ovcf.plausible import IMAGE_MM, PIXEL_MM

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLICK_PX = 1.0
"""SD of a point that a person marks on a screen (a rounded choice)."""
_SHORTEST = 20
"""Pixels. Marked to a pixel, a shorter object gives the scale to no better than 7 %."""


def scaled(study: Study, pixel_mm: str | float | None, ruler: str | Sequence[float] | None) -> Study:
    """The study with its radiograph calibrated as the reader says.

    ``pixel_mm`` is the height of a pixel at the spine in millimetres. ``ruler`` is X1, Y1, X2, Y2, MM: two points in
    pixels of the picture, the centre of the first pixel at 0, and their true distance at the depth of the spine.

    Raises:
        MeasurementInputError, ClinicalDataError: a number that cannot be. SeriesChoiceError: no radiograph without a
            scale, or several.
    """
    if pixel_mm is None and ruler is None:
        return study
    if pixel_mm is not None and ruler is not None:
        raise MeasurementInputError(
            "scale of the radiograph", "is given twice", "Give the pixel size or the length of an object, not both."
        )
    film = _film_of(study)
    image = film.image
    assert isinstance(image, ImagePlane)
    if ruler is None:
        mm = parse_decimal(pixel_mm or 0, field="pixel size of the radiograph, mm", low=PIXEL_MM[0], high=PIXEL_MM[1])
        how = say("{mm:g} mm per pixel, as the reader states", mm=mm)
    else:
        mm, how = _by_ruler(image, ruler)
    ratio = image.spacing_mm[1] / image.spacing_mm[0] if image.spacing_mm else 1.0
    known = replace(image, spacing_mm=(mm, mm * ratio), calibration=Calibration.CALIBRATED)
    reasons = tuple(reason for reason in film.reasons if not reason.startswith("no scale:"))
    made = replace(film, image=known, reasons=(*reasons, say("scale: {how}", how=how)))
    return replace(study, series=tuple(made if s is film else s for s in study.series))


def _film_of(study: Study) -> Series:
    """The one radiograph whose scale is not known."""
    films = [s for s in study.series if s.role is Role.RADIOGRAPH and isinstance(s.image, ImagePlane)]
    unknown = [
        s for s in films if isinstance(s.image, ImagePlane) and s.image.calibration is not Calibration.CALIBRATED
    ]
    if not unknown:
        problem = "is in its tags already" if films else "has no radiograph to belong to"
        raise SeriesChoiceError("scale of the radiograph", problem, "Leave it out, or give the radiograph it is for.")
    if len(unknown) > 1:
        names = joined(", ", (s.description or s.uid for s in unknown))
        raise SeriesChoiceError(
            "scale of the radiograph",
            say("could be that of several: {names}", names=names),
            "Assess one of them at a time.",
        )
    return unknown[0]


def _by_ruler(image: ImagePlane, ruler: str | Sequence[float]) -> tuple[float, str]:
    """Millimetres per pixel row, and how they were found."""
    where = "calibration object"
    parts: list[str | float] = [*ruler.split(",")] if isinstance(ruler, str) else list(ruler)
    if len(parts) != 5:
        raise MeasurementInputError(
            where,
            say("takes five numbers X1,Y1,X2,Y2,MM, not {parts}", parts=len(parts)),
            "Give two points in pixels (column,row) and their distance in millimetres, as 120,80,120,780,100.",
        )
    rows, columns = image.pixels.shape
    sides = (("X1", columns), ("Y1", rows), ("X2", columns), ("Y2", rows))
    x1, y1, x2, y2 = (
        parse_decimal(text, field=say("{where}, {name}", where=where, name=name), low=0, high=size)
        for text, (name, size) in zip(parts, sides, strict=False)
    )
    length = parse_decimal(parts[4], field=say("{where}, length in mm", where=where), low=1, high=IMAGE_MM)
    ratio = image.spacing_mm[1] / image.spacing_mm[0] if image.spacing_mm else 1.0
    px = math.hypot((x2 - x1) * ratio, y2 - y1)
    if px < _SHORTEST:
        raise MeasurementInputError(
            where,
            say("is {px:.0f} pixels long on the picture, too short to give a scale", px=px),
            say("Mark two points at least {shortest} pixels apart.", shortest=_SHORTEST),
        )
    mm = length / px
    if not PIXEL_MM[0] <= mm <= PIXEL_MM[1]:
        raise MeasurementInputError(
            where,
            say(
                "would make a pixel {mm:.3g} mm high ({pixel_mm:g} to {pixel_mm_2:g} are possible)",
                mm=mm,
                pixel_mm=PIXEL_MM[0],
                pixel_mm_2=PIXEL_MM[1],
            ),
            "Check the points, and that the length is in millimetres.",
        )
    error = math.sqrt(2) * _CLICK_PX / px
    return mm, (
        say(
            "{mm:.4g} mm per pixel (± {error:.1%} for marking it), from an object of {length:g} mm "
            "that spans {px:.0f} pixels; it holds at the depth where the object lay",
            mm=mm,
            error=error,
            length=length,
            px=px,
        )
    )
