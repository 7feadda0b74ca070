"""Our own codes as a CodeSystem, and the forms as Questionnaires: for a server that is to show what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.coded.codes import SCHEME, SCHEME_NAME, concepts
from ovcf.fhir.form import questionnaire
from ovcf.fhir.out.bundle import checked
from ovcf.fhir.parts import OWN
from ovcf.measures.registry import published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.fhir.parts import Json


def code_system() -> Json:
    """Every private code with what it stands for: the same dictionary as that of our DICOM objects."""
    return {
        "resourceType": "CodeSystem",
        "url": OWN,
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": OWN}],
        "name": "OvcfCodes",
        "title": SCHEME_NAME,
        "status": "active",
        "publisher": "ovcf project",
        "caseSensitive": True,
        "content": "complete",
        "concept": list(_concepts()),
    }


def _concepts() -> Iterator[Json]:
    defined = {id_: one.definition for id_, one in published().items()}
    for section, named in concepts().items():
        for one in named.values():
            if one.scheme == SCHEME:
                definition = defined.get(one.id, "") if section == "measurement" else ""
                yield {"code": one.value, "display": one.meaning, **({"definition": definition} if definition else {})}


def definitions() -> Json:
    """Code system and clinical form in one bundle."""
    found = (code_system(), questionnaire())
    entries = [{"fullUrl": one["url"], "resource": one} for one in found]
    return checked({"resourceType": "Bundle", "type": "collection", "entry": entries})
