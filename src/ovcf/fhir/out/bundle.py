"""Bundles: a collection to keep or hand over, a transaction to send."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ovcf.errors import ReadingError
from ovcf.fhir.extra import need_fhir
from ovcf.fhir.out.named import named
from ovcf.fhir.out.report import resources
from ovcf.fhir.out.source import Known, Of, Whose
from ovcf.fhir.parts import PSEUDONYM
from ovcf.reading.editing.lay_over import edited
from ovcf.report.of_reading import assessment_of, pdf_of
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.fhir.parts import Json
    from ovcf.reading.file import ReadingFile

MEDIA_TYPE = "application/fhir+json"
SHARED = frozenset({"Patient", "Practitioner", "Device", "ImagingStudy"})
"""What a hospital may hold already: it is made where it is not there, and never changed."""
_TAKEN_BACK: dict[str, Json] = {
    "Observation": {"status": "entered-in-error"},
    "DiagnosticReport": {"status": "entered-in-error"},
    "QuestionnaireResponse": {"status": "entered-in-error"},
    "Flag": {"status": "entered-in-error"},
    "Condition": {
        "verificationStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}
            ]
        }
    },
}
"""What becomes of what an addendum says no more."""


def of_reading(
    file: ReadingFile, *, whose: Whose | None = None, draft: bool = False, pdf: bool = True
) -> dict[str, Json]:
    """The resources of the newest version of a reading, by their addresses within a bundle.

    ``whose`` is the patient as the bundle names them; without it the pseudonym of the reading, if somebody entered one.
    What an earlier signed version held and this one does not is there too, as entered in error: who receives both
    must not keep it.

    Raises:
        ReadingError: the reading is not signed and no draft is asked for.
        MissingExtraError: fhir.resources is not installed.
    """
    need_fhir()
    if file.reading.current.status is ReadingStatus.DRAFT and not draft:
        raise ReadingError(
            f"reading {file.reading.id}",
            "is a draft that nobody has signed",
            "Sign it first, or ask for a draft: everything in it is then preliminary.",
        )
    made = _resources(file, whose, pdf=pdf)
    for number, version in enumerate(file.reading.versions[:-1], 1):
        if version.status is not ReadingStatus.DRAFT:
            then = replace(file, reading=replace(file.reading, versions=file.reading.versions[:number]))
            for address, resource in _resources(then, whose, pdf=False).items():
                if address not in made and resource["resourceType"] in _TAKEN_BACK:
                    made[address] = _taken_back(resource)
    return made


def _resources(file: ReadingFile, whose: Whose | None, *, pdf: bool) -> dict[str, Json]:
    who = whose or whose_is(file)
    file = named(file, who.code, notes=bool(who.known))
    assessment = assessment_of(file)
    if who.sex is None:
        who = replace(who, sex=assessment.case.sex)
    return resources(Of(file=file, assessment=assessment, whose=who, pdf=pdf_of(file) if pdf else b""))


def whose_is(file: ReadingFile, *, identity: bool = False, system: str = PSEUDONYM) -> Whose:
    """The patient of a reading that lies in a file: by the pseudonym that somebody entered, of a ``system``.

    The number that the images hold is the hospital's, entered or not. It is told where the ``identity`` is asked for;
    else the reading's own name stands in its place.
    """
    entered, number = edited(file.current, file.reading.current.edits, file.reading.current.case).case.patient_id, ""
    if entered == (file.current.patient.id or ""):
        entered, number = "", entered
    known = (Known(number=number or entered),) if identity and (number or entered) else ()
    return Whose(code=entered or f"reading {file.reading.id}", system=system, known=known)


def _taken_back(resource: Json) -> Json:
    kept = {k: v for k, v in resource.items() if k != "clinicalStatus"}
    return kept | _TAKEN_BACK[resource["resourceType"]]


def collection(found: Mapping[str, Json]) -> Json:
    """Resources as one file, each with an id of its own.

    Raises:
        ValueError: one of them is not valid; that is an error of ours.
    """
    entries = [
        {"fullUrl": address, "resource": {"resourceType": one["resourceType"], "id": address[len("urn:uuid:") :]} | one}
        for address, one in found.items()
    ]
    return checked({"resourceType": "Bundle", "type": "collection", "entry": entries})


def transaction(found: Mapping[str, Json]) -> Json:
    """Resources to be sent to a server, any number of times, and nothing is doubled.

    Patient, reader, device and images are made where the server does not know their identifier. All else is of the
    reading: it takes the place of what was sent of it before.
    """
    return checked(
        {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(a, one) for a, one in found.items()]}
    )


def _entry(address: str, one: Json) -> Json:
    kind = one["resourceType"]
    first = one["identifier"] if isinstance(one["identifier"], dict) else one["identifier"][0]
    asked = f"identifier={quote(first['system'], safe=':/')}|{quote(first['value'], safe=':/')}"
    if kind in SHARED:
        request = {"method": "POST", "url": kind, "ifNoneExist": asked}
    else:
        request = {"method": "PUT", "url": f"{kind}?{asked}"}
    return {"fullUrl": address, "resource": one, "request": request}


def checked(bundle: Json) -> Json:
    """The bundle, if the models of FHIR R4B hold it."""
    from fhir.resources.R4B.bundle import Bundle

    Bundle.model_validate(bundle)
    return bundle


def to_bytes(bundle: Mapping[str, Any], *, for_people: bool = False) -> bytes:
    """The bundle as JSON; equal readings give equal bytes. ``for_people`` it has lines, and is twice as long."""
    if for_people:
        return (json.dumps(bundle, indent=1, ensure_ascii=False) + "\n").encode()
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
