"""Conditions: each vertebra that a reading calls fractured, or that looks so, and no surer than the reading is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import looks_fractured
from ovcf.fhir.out.source import filled, notes
from ovcf.fhir.parts import Json, coded, dcm, hl7
from ovcf.vocabulary import Aetiology, FractureType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.fhir.out.source import Of, Resources

_FRACTURE = ("125605004", "Fracture of bone")
_COMPRESSION = ("42942008", "Compression fracture of vertebral column")
_CAUSES = {
    Aetiology.OSTEOPOROSIS: ("64859006", "Osteoporosis"),
    Aetiology.MYELOMA: ("109989006", "Multiple myeloma"),
    Aetiology.METASTASIS: ("128462008", "Secondary malignant neoplastic disease"),
}
"""What SNOMED CT calls a cause; for others there are words."""
_DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"


def fractures(into: Resources, evidence: Mapping[Level | None, Sequence[Json]]) -> list[Level]:
    """Keep one condition for each fractured vertebra; ``evidence`` are the groups of each level.

    Who signs a reading answers for the vertebrae that it names: those are confirmed. In a draft they are provisional.
    What only looks fractured is unconfirmed, signed or not: no reader has named it.
    """
    of = into.of
    case = of.assessment.case
    named = dict.fromkeys(case.other_fractures, "recent")
    named |= dict.fromkeys(case.old_fractures, "old")
    named |= dict.fromkeys(case.refractured_levels, "broken again")
    if of.assessment.index_level is not None:
        named[of.assessment.index_level] = "index"
    for level, how in named.items():
        _condition(into, level, "confirmed" if of.signed else "provisional", how, evidence.get(level, ()))
    looks = [f for f in of.assessment.suggested_fractures if looks_fractured(f.data)]
    suggested = [f.level for f in looks if f.level is not None and f.level not in named]
    for level in dict.fromkeys(suggested):
        _condition(into, level, "unconfirmed", "looks fractured", evidence.get(level, ()))
    return [*named, *dict.fromkeys(suggested)]


def _condition(into: Resources, level: Level, how_sure: str, how: str, evidence: Sequence[Json]) -> None:
    of, case = into.of, into.of.assessment.case
    index = how == "index"
    code = _COMPRESSION if index and case.fracture_type is FractureType.COMPRESSION else _FRACTURE
    made: Json = {
        "resourceType": "Condition",
        **_active(of, how),
        "verificationStatus": hl7("condition-ver-status", how_sure),
        "category": [hl7("condition-category", "encounter-diagnosis")],
        "code": dcm(*code, scheme="SCT", text=_words(level, how)),
        "bodySite": [coded("level", level, str(level))],
        "subject": of.subject,
        "recordedDate": of.issued,
        "asserter": of.reader[0] if of.reader and how_sure == "confirmed" else None,
        "evidence": [{"detail": list(evidence)}] if evidence else None,
        "note": notes(["suggested by the images; no reader has named it"] if how_sure == "unconfirmed" else []),
    }
    if index and case.aetiology is not None:
        made["extension"] = [{"url": _DUE_TO, "valueCodeableConcept": _cause(case.aetiology)}]
    into.add(filled(made), "condition", str(level))


def _active(of: Of, how: str) -> Json:
    """Whether it is recent, where that is known."""
    recent = {"recent": True, "broken again": True, "old": False}.get(how)
    if how == "index":
        recent = of.assessment.case.recent_fracture
    if recent is None:
        return {}
    return {"clinicalStatus": hl7("condition-clinical", "active" if recent else "inactive")}


def _words(level: Level, how: str) -> str:
    return {
        "index": f"Fracture of {level}",
        "recent": f"Recent fracture of {level}",
        "old": f"Old, healed fracture of {level}",
        "broken again": f"Cemented {level} that broke again",
        "looks fractured": f"{level} looks fractured",
    }[how]


def _cause(aetiology: Aetiology) -> Json:
    known = _CAUSES.get(aetiology)
    return {"text": aetiology.value} if known is None else dcm(*known, scheme="SCT", text=aetiology.value)
