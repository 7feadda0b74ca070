"""The table of codes that stand for facts, and the codes of a resource in its words."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ovcf.fhir.parts import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ovcf.fhir.parts import Json

_SYSTEMS = {
    "http://loinc.org": "LN",
    "http://snomed.info/sct": "SCT",
    "http://hl7.org/fhir/sid/icd-10": "I10",
    "http://hl7.org/fhir/sid/icd-10-cm": "I10",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm": "I10",
    "http://fhir.de/CodeSystem/dimdi/icd-10-gm": "I10",
    "http://www.whocc.no/atc": "ATC",
    "http://fhir.de/CodeSystem/bfarm/atc": "ATC",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RX",
    OWN: "OWN",
}
SYSTEMS = {
    "LN": "LOINC",
    "SCT": "SNOMED CT",
    "I10": "ICD-10 (WHO, CM, GM)",
    "ATC": "ATC",
    "RX": "RxNorm",
    "OWN": "our own",
}
"""What the short names of the table stand for."""


@cache
def table() -> dict[str, list[dict[str, Any]]]:
    """The table of codes, by section."""
    return tomllib.loads(files("ovcf.fhir.incoming").joinpath("facts.toml").read_text("utf-8"))


def codes_of(concept: Json | None) -> tuple[str, ...]:
    """The codings of a CodeableConcept as the table writes them: system, code. What qualifies a code is left out."""
    found = []
    for coding in (concept or {}).get("coding", ()):
        system, code = str(coding.get("system", "")).rstrip("/"), str(coding.get("code", ""))
        short = "SCT" if system.startswith("http://snomed.info/sct") else _SYSTEMS.get(system)
        if short and code:
            found.append(f"{short} {code.split(':')[0]}")
    return tuple(found)


def row_of(section: str, codes: Iterable[str], key: str = "codes") -> dict[str, Any] | None:
    """The first row of a section that one of the codes stands for."""
    known = tuple(codes)
    return next((row for row in table().get(section, ()) if matches(row[key], known)), None)


def matches(wanted: Sequence[str], codes: Sequence[str]) -> bool:
    """Whether one of the codes is wanted; one that ends in ``*`` wants all that begin so."""
    return any(code.startswith(w[:-1]) if w.endswith("*") else code == w for w in wanted for code in codes)


def called(concept: Json | None) -> str:
    """What a concept is called, for people: its text, else a display, else a code."""
    concept = concept or {}
    if concept.get("text"):
        return str(concept["text"])
    for coding in concept.get("coding", ()):
        if coding.get("display") or coding.get("code"):
            return str(coding.get("display") or coding["code"])
    return "no code"
