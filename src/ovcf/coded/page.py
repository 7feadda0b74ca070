"""The dictionary of codes as a page of the documentation, made from the codes themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.coded.codes import SCHEME, SCHEME_UID, concepts
from ovcf.measures.registry import published

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ovcf.coded.codes import Concept

_SECTIONS = {
    "measurement": "Measurements",
    "score": "Scores",
    "finding": "Findings",
    "field": "What a finding says besides",
    "word": "Answers",
    "landmark": "Landmarks",
    "level": "Vertebrae",
    "item": "Structure of the report",
    "outcome": "What became of a fracture (FHIR)",
    "instrument": "What patients answer (FHIR)",
}


def page() -> str:
    """Markdown: one table for each section, each code with what it stands for."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Codes in our DICOM objects and FHIR resources"
    yield ""
    yield "`ovcf dicom codes` makes this page from the codes themselves. Where pydicom's dictionaries of DICOM and"
    yield f"SNOMED CT have a code of just this meaning, it is used. All others are of the private scheme `{SCHEME}`"
    yield f"(coding scheme UID `{SCHEME_UID}`). A code is never given another meaning. In FHIR the private scheme is"
    yield f"the code system `urn:oid:{SCHEME_UID}`; `ovcf fhir codes` also gives it as a CodeSystem."
    yield ""
    yield "One more private code is made for each vertebra of each reading: `B-` and twelve hexadecimal digits."
    yield "It stands as a second finding site beside the name of the vertebra. With it a report that a viewer saved is"
    yield "matched with the vertebra it speaks of, whatever that vertebra is called by then."
    defined = {id_: one.definition for id_, one in published().items()}
    for section, title in _SECTIONS.items():
        yield from ("", f"## {title}", "", "| code | scheme | meaning | definition |", "|---|---|---|---|")
        for one in concepts()[section].values():
            yield _row(one, defined if section == "measurement" else {})


def _row(one: Concept, more: Mapping[str, str]) -> str:
    cells = (f"`{one.value}`", one.scheme, one.meaning, more.get(one.id, ""))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells).rstrip() + " |"
