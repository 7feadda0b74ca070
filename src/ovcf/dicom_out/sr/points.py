"""Points on images as content items: single landmarks, and the lines that OHIF lets a reader edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from highdicom.sr import CodedConcept, CoordinatesForMeasurement, Measurement, SourceImageForRegion

from ovcf.dicom_out.coded.concept import concept
from ovcf.dicom_out.coded.items import UNITS, item_concept, measured_with
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from highdicom.sr import ContentItem

    from ovcf.dicom_out.images.point_on_image import OnImage
    from ovcf.dicom_out.images.source_images import Sources

OHIF = "Cornerstone3DTools@^0.1.0"
"""Before the colon of a tracking identifier it makes a group editable in OHIF; behind it stands the tool."""
_SOURCE = CodedConcept("260753009", "SCT", "Source")


def landmark_measurement(landmark: str, on: OnImage, sources: Sources, more: Sequence[ContentItem] = ()) -> Measurement:
    """One landmark: its distance from the slice it is shown on, and where it is on that."""
    made = Measurement(
        name=item_concept("landmark"),
        value=on.distance_mm,
        unit=UNITS[Unit.MM],
        referenced_coordinates=[coordinates("POINT", on, sources, concept("landmark", landmark))],
    )
    measured_with(made, more)
    return made


def coordinates(kind: str, on: OnImage, sources: Sources, purpose: CodedConcept = _SOURCE) -> CoordinatesForMeasurement:
    """Points on one image."""
    image = sources.images[on.instance]
    return CoordinatesForMeasurement(
        graphic_type=kind,
        graphic_data=np.asarray(on.points, float),
        purpose=purpose,
        source_image=SourceImageForRegion(
            image.SOPClassUID, image.SOPInstanceUID, None if on.frame is None else [on.frame]
        ),
    )
