"""The clinical form as a Questionnaire of ours, made from the fields of the clinical file: its words are ours alone.

Of ODI, JOABPEQ and other instruments there are answers and totals, and no wording: that belongs to their owners.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.facts import NOT_KEPT, facts_of
from ovcf.fhir.parts import CLINICAL_FORM, SYSTEMS, Json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_LOINC = {
    "odi": ("97909-6", "Oswestry disability index score ODI"),
    "frax_mof_percent": (
        "90265-0",
        "Major osteoporotic fracture 10-year probability [Likelihood] Fracture Risk Assessment",
    ),
    "frax_hip_percent": ("90266-8", "Hip fracture 10-year probability [Likelihood] Fracture Risk Assessment"),
}
"""Codes of just this meaning, by their long common names (loinc.org)."""


def loinc(field: str) -> Json:
    """The LOINC code of a field that has one."""
    code, display = _LOINC[field]
    return {"system": SYSTEMS["LN"], "code": code, "display": display}


def questionnaire() -> Json:
    """The form, for a server that is to show its answers."""
    return {
        "resourceType": "Questionnaire",
        "url": CLINICAL_FORM,
        "name": "OvcfClinicalForm",
        "title": "Clinical facts of a vertebral fracture",
        "status": "active",
        "subjectType": ["Patient"],
        "publisher": "ovcf project",
        "item": [_question(name, about, kind) for name, about, kind in _fields(ClinicalCase)],
    }


def _fields(record: type, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Name, description and type of every fact; those of a section behind its name and a point."""
    hints = get_type_hints(record)
    for f in fields(record):
        hint = hints[f.name]
        if not before and f.name in NOT_KEPT:
            continue
        if isinstance(hint, type) and is_dataclass(hint):
            yield from _fields(hint, f"{f.name}.")
        elif "description" in f.metadata:
            yield f"{before}{f.name}", str(f.metadata["description"]), hint


def _question(name: str, about: str, hint: Any) -> Json:
    kind = _kind(hint)
    several = {"repeats": True} if getattr(hint, "__origin__", None) is tuple else {}
    code = {"code": [loinc(name)]} if name in _LOINC else {}
    return {"linkId": name, **code, "text": about, "type": kind, **several}


def _kind(hint: Any) -> str:
    kinds = [k for part in (hint, *get_args(hint)) for k in (part, *get_args(part))]
    if bool in kinds:
        return "boolean"
    if float in kinds:
        return "decimal"
    if int in kinds:
        return "integer"
    return "string"


def answers(case: ClinicalCase) -> list[Json]:
    """Every fact that is known, by the name of its field. What is not known has no answer."""
    return [{"linkId": name, "text": about()[name], "answer": _answers(name, v)} for name, v in _flat(facts_of(case))]


def _flat(facts: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif f"{before}{name}" in about():
            yield f"{before}{name}", value


@cache
def about() -> dict[str, str]:
    """What each field of the form is, in the words of the clinical file."""
    return {name: about for name, about, _ in _fields(ClinicalCase)}


def _answers(name: str, value: Any) -> list[Json]:
    kind = kinds()[name]
    several = value if isinstance(value, list) else [value]
    return [{f"value{kind[0].upper()}{kind[1:]}": _plain(one, kind)} for one in several]


@cache
def kinds() -> dict[str, str]:
    """How FHIR types the answer to each field."""
    return {name: _kind(hint) for name, _, hint in _fields(ClinicalCase)}


def _plain(value: Any, kind: str) -> Any:
    if kind in ("boolean", "integer", "decimal"):
        return value
    return value.value if isinstance(value, StrEnum) else str(value)
