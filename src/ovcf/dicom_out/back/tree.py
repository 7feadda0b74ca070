"""The content tree of any structured report, looked into without trust in who wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.coded.codes import id_of
from ovcf.dicom_out.images.point_on_image import OnImage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom import Dataset

GROUP, MEASUREMENTS, DERIVED = ("DCM", "125007"), ("DCM", "126010"), ("DCM", "126011")
EVALUATIONS = ("UMLS", "C0034375")
TRACKING_IDENTIFIER, TRACKING_UID = ("DCM", "112039"), ("DCM", "112040")
FINDING, FINDING_SITE, SERIES = ("DCM", "121071"), ("SCT", "363698007"), ("DCM", "112002")
OBSERVER_NAME = ("DCM", "121008")

Code = tuple[str, str]


def children(item: Dataset) -> list[Dataset]:
    """The items below an item."""
    return list(item.get("ContentSequence", None) or ())


def name_of(item: Dataset) -> Code:
    """Scheme and value of an item's name; empty where it has none."""
    return _code(item, "ConceptNameCodeSequence")


def code_of(item: Dataset) -> Code:
    """Scheme and value of a coded answer."""
    return _code(item, "ConceptCodeSequence")


def meaning_of(item: Dataset) -> str:
    """What a coded answer, a text or a name says in words."""
    for keyword in ("ConceptCodeSequence", "ConceptNameCodeSequence"):
        if item.get(keyword):
            return str(item[keyword][0].get("CodeMeaning", ""))
    return ""


def named(items: list[Dataset], name: Code) -> Iterator[Dataset]:
    """The items of a name."""
    return (item for item in items if name_of(item) == name)


def text_of(items: list[Dataset], name: Code) -> str:
    """The text or UID of the first item of a name; empty where there is none."""
    for item in named(items, name):
        return str(item.get("TextValue", item.get("UID", item.get("PersonName", ""))))
    return ""


def own_texts(items: list[Dataset], id_: str) -> list[str]:
    """The texts of one of our own concepts."""
    return [str(i.TextValue) for i in items if id_of("item", *name_of(i)) == id_ and "TextValue" in i]


def number_of(item: Dataset) -> float | None:
    """The number of a measurement."""
    measured = item.get("MeasuredValueSequence")
    if not measured:
        return None
    return float(measured[0].get("FloatingPointValue", measured[0].NumericValue))


def unit_of(item: Dataset) -> str:
    """Its unit, a UCUM code."""
    return str(item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue)


def drawn(item: Dataset) -> Iterator[tuple[Dataset, OnImage]]:
    """The points that a measurement was inferred from, with their images; those in three dimensions are left out."""
    for below in children(item):
        if below.get("ValueType") != "SCOORD":
            continue
        flat = [float(x) for x in below.GraphicData]
        points = tuple(zip(flat[::2], flat[1::2], strict=True))
        for image in children(below):
            for reference in image.get("ReferencedSOPSequence", ()):
                frame = reference.get("ReferencedFrameNumber")
                number = None if frame is None else int(frame if isinstance(frame, int) else frame[0])
                yield below, OnImage(str(reference.ReferencedSOPInstanceUID), number, points)


def _code(item: Dataset, keyword: str) -> Code:
    found = item.get(keyword)
    if not found:
        return "", ""
    return str(found[0].get("CodingSchemeDesignator", "")), str(found[0].get("CodeValue", ""))
