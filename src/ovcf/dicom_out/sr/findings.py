"""A finding as a content item, and back. What it says stands in codes and numbers; words beside it are for people."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import FindingData, OfSuggestion
from ovcf.coded.codes import concepts, id_of
from ovcf.coded.findings import ANSWER, HEADLINE, LISTS_OF_WORDS, NOT_HELD, PLAIN_WORDS, SUGGESTED, UNCLEAR, coded_as
from ovcf.dicom_out.coded.concept import concept
from ovcf.dicom_out.coded.items import CONTAINS, PROPERTY, code, item_concept, number, text, with_properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from highdicom.sr import CodedConcept, ContentItem, RelationshipTypeValues
    from pydantic import TypeAdapter
    from pydicom import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFinding:
    """A finding as a report gives it back; ``data`` is None where it holds its ``words`` alone."""

    kind: str
    data: FindingData | None
    by_reader: bool
    words: str


def finding_item(finding: Finding) -> ContentItem:
    """One finding."""
    data = finding.data
    kind = coded_as(data)
    name, head = concept("finding", kind), HEADLINE.get(kind, "")
    said = f"{finding.name}: {finding.value}"
    if kind in ANSWER:
        item = _item(name, ANSWER[kind])
    else:
        item = _item(name, getattr(data, head)) if head else text(name, said)
    children = [text(item_concept("said"), said, PROPERTY)]
    if finding.by_reader:
        children.append(code(item_concept("by reader"), concept("word", "yes"), PROPERTY))
    for field in fields(data):
        if field.name in ("kind", "probability", head, *NOT_HELD.get(kind, ())):
            continue
        value = getattr(data, field.name)
        several = value if field.name in LISTS_OF_WORDS else (value,)
        named = concept("field", field.name)
        unknown = kind in ANSWER  # whether it is recent is said even where nobody can tell
        children += [_item(named, one, PROPERTY) for one in several if unknown or (one is not None and one != "")]
    children += _probabilities(getattr(data, "probability", None))
    return with_properties(item, children)


def read_finding(item: Dataset) -> ReadFinding | None:
    """What :func:`finding_item` wrote; None for any other item."""
    kind = _id(item, "finding")
    if kind is None:
        return None
    given: dict[str, Any] = {"kind": kind}
    words, by_reader, head = "", False, HEADLINE.get(kind, "")
    probability: list[tuple[Any, float]] = []
    if head:
        given[head] = _value(item)
    for child in item.get("ContentSequence", ()):
        field = _id(child, "field")
        own = _id(child, "item")
        if field in LISTS_OF_WORDS:
            given[field] = (*given.get(field, ()), _value(child))
        elif field is not None:
            given[field] = _value(child)
        elif own == "said":
            words = str(child.TextValue)
        elif own == "by reader":
            by_reader = True
        elif own == "probability":
            categories = [_value(c) for c in child.get("ContentSequence", ()) if _id(c, "item") == "category"]
            probability.append((categories, _value(child)))
    if kind in ANSWER:
        given["kind"] = SUGGESTED
        given["unclear"] = kind == UNCLEAR
        given.setdefault("recent", _value(item))  # ovcf 0.2 had it as the value
    elif kind in NOT_HELD:
        return ReadFinding(kind=kind, data=None, by_reader=by_reader, words=words)
    if probability:
        given["probability"] = _shares(kind, probability)
    return ReadFinding(kind=given["kind"], data=_adapter().validate_python(given), by_reader=by_reader, words=words)


def _item(name: CodedConcept, value: object, relation: RelationshipTypeValues = CONTAINS) -> ContentItem:
    if value is None:
        return code(name, item_concept("indeterminate"), relation)
    if isinstance(value, bool):
        return code(name, concept("word", "yes" if value else "no"), relation)
    if isinstance(value, int | float):
        return number(name, value, relation=relation)
    word = str(value)
    if word in concepts()["level"]:
        return code(name, concept("level", word), relation)
    if word in concepts()["word"] and (isinstance(value, StrEnum) or word in PLAIN_WORDS):
        return code(name, concept("word", word), relation)
    return text(name, word, relation)


def _probabilities(shares: Any) -> Iterator[ContentItem]:
    """The probability of each category, or the one of the answer."""
    if shares is None or shares == ():
        return
    if isinstance(shares, float):
        yield number(item_concept("probability"), shares, relation=PROPERTY)
        return
    for category, share in shares:
        several = category if isinstance(category, tuple) else (category,)
        yield with_properties(
            number(item_concept("probability"), share, relation=PROPERTY),
            [_item(item_concept("category"), one, PROPERTY) for one in several],
        )


def _shares(kind: str, read: list[tuple[Any, float]]) -> object:
    """Probabilities as the data of a finding have them."""
    if len(read) == 1 and not read[0][0]:
        return read[0][1]
    if kind == next(f.default for f in fields(OfSuggestion) if f.name == "kind"):
        return tuple((tuple(categories), share) for categories, share in read)
    if kind in _WHOLE:
        return tuple((int(categories[0]), share) for categories, share in read)
    return tuple((categories[0], share) for categories, share in read)


_WHOLE = ("SQ grade", "grade of readers")
"""Findings whose categories are whole numbers."""


def _value(item: Dataset) -> Any:
    """The value of an item in our own words."""
    if item.ValueType == "NUM":
        measured = item.MeasuredValueSequence[0]
        value = float(measured.get("FloatingPointValue", measured.NumericValue))
        return int(value) if value.is_integer() else value
    if item.ValueType == "CODE":
        scheme, value = item.ConceptCodeSequence[0].CodingSchemeDesignator, item.ConceptCodeSequence[0].CodeValue
        if id_of("item", scheme, value) == "indeterminate":
            return None
        level, word = id_of("level", scheme, value), id_of("word", scheme, value)
        return level or {"yes": True, "no": False}.get(word or "", word)
    return str(item.TextValue)


def _id(item: Dataset, section: str) -> str | None:
    name: Iterable[Any] = item.get("ConceptNameCodeSequence", ())
    return next((id_of(section, n.CodingSchemeDesignator, n.CodeValue) for n in name), None)


@cache
def _adapter() -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(FindingData)
