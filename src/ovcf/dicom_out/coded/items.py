"""Content items of a structured report, in the few forms that ours have."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from highdicom.sr import (
    CodeContentItem,
    CodedConcept,
    ContentItem,
    ContentSequence,
    Measurement,
    NumContentItem,
    PnameContentItem,
    RelationshipTypeValues,
    TextContentItem,
    UIDRefContentItem,
)

from ovcf.dicom_out.coded.concept import concept
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterable


CONTAINS = RelationshipTypeValues.CONTAINS
PROPERTY = RelationshipTypeValues.HAS_PROPERTIES
CONTEXT = RelationshipTypeValues.HAS_OBS_CONTEXT

UNITS = {
    Unit.MM: CodedConcept("mm", "UCUM", "millimeter"),
    Unit.PIXEL: CodedConcept("{pixels}", "UCUM", "pixels"),
    Unit.DEGREE: CodedConcept("deg", "UCUM", "degree"),
    Unit.PERCENT: CodedConcept("%", "UCUM", "percent"),
    Unit.RATIO: CodedConcept("1", "UCUM", "no units"),
    Unit.STANDARD_DEVIATION: CodedConcept("{SD}", "UCUM", "standard deviations"),
    Unit.POINT: CodedConcept("{points}", "UCUM", "points"),
}
UPPER = CodedConcept("371886008", "SCT", "+, range of upper measurement uncertainty")
LOWER = CodedConcept("371885007", "SCT", "-, range of lower measurement uncertainty")
SERIES = CodedConcept("112002", "DCM", "Series Instance UID")
MAX_NAME = 64
"""Letters that a name may have; the caret behind it says that it is not divided into parts."""


def code(name: CodedConcept, value: CodedConcept, relation: RelationshipTypeValues = CONTAINS) -> ContentItem:
    """A coded answer."""
    return CodeContentItem(name=name, value=value, relationship_type=relation)


def text(name: CodedConcept, value: str, relation: RelationshipTypeValues = CONTAINS) -> ContentItem:
    """Words; "-" stands for none, since a text must not be empty."""
    return TextContentItem(name=name, value=value.strip() or "-", relationship_type=relation)


def number(
    name: CodedConcept, value: float, unit: Unit = Unit.RATIO, relation: RelationshipTypeValues = CONTAINS
) -> ContentItem:
    """A number and its unit."""
    return NumContentItem(name=name, value=float(value), unit=UNITS[unit], relationship_type=relation)


def uid(name: CodedConcept, value: str, relation: RelationshipTypeValues = CONTEXT) -> ContentItem:
    """A UID."""
    return UIDRefContentItem(name=name, value=value, relationship_type=relation)


def person(name: CodedConcept, value: str, relation: RelationshipTypeValues = PROPERTY) -> ContentItem:
    """Who."""
    return PnameContentItem(name=name, value=person_name(value), relationship_type=relation)


def with_properties(item: ContentItem, children: Iterable[ContentItem]) -> ContentItem:
    """The item with more below it."""
    more = list(children)
    if more:
        item.ContentSequence = ContentSequence([*item.get("ContentSequence", ()), *more])
    return item


def measured_with(made: Measurement, children: Iterable[ContentItem]) -> Measurement:
    """The measurement with more below its number."""
    with_properties(cast(ContentItem, made[0]), children)
    return made


def uncertainty(value: float, unit: Unit) -> list[ContentItem]:
    """One standard uncertainty to either side."""
    return [number(name, value, unit, PROPERTY) for name in (UPPER, LOWER)]


def person_name(reader: str) -> str:
    """A reader's name or initials as a PN of one component: what would divide it is left out."""
    plain = " ".join(reader.replace("\\", " ").replace("^", " ").replace("=", " ").split())
    return f"{plain[: MAX_NAME - 1] or 'unknown'}^"


def item_concept(id_: str) -> CodedConcept:
    """A concept of our own structure."""
    return concept("item", id_)
