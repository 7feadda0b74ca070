"""Patient, Practitioner, Device and ImagingStudy: who, with what, on which images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.fhir.parts import SYSTEMS, URI, Json, dicom_identifier, own_identifier, urn
from ovcf.reading.uids import uid_of
from ovcf.vocabulary import Modality, Sex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.assessment.result import SeriesSummary
    from ovcf.fhir.out.source import Known, Of, Whose
    from ovcf.reading.observations import ObservedSeries

MAKER = "ovcf project"
_GENDER = {Sex.FEMALE: "female", Sex.MALE: "male"}
_MODALITY = {Modality.MR: "MR", Modality.CT: "CT", Modality.DXA: "BMD"}
_RADIOGRAPHS = {
    "1.2.840.10008.5.1.4.1.1.1": "CR",
    "1.2.840.10008.5.1.4.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.1.1.1": "DX",
    "1.2.840.10008.5.1.4.1.1.7": "OT",
}
"""The modality that images of a storage class are of; a radiograph may be of any."""


def patient(whose: Whose) -> Json:
    """The patient: a pseudonym and the sex, and more only where ``whose`` holds it."""
    made: Json = {"resourceType": "Patient", "identifier": whose.identifiers}
    if names := [_name(one.name) for one in whose.known if one.name]:
        made["name"] = names
    if whose.sex is not None:
        made["gender"] = _GENDER[whose.sex]
    if born := next((day for one in whose.known if (day := _day(one))), ""):
        made["birthDate"] = born
    return made


def _name(dicom: str) -> Json:
    """A DICOM PN: family, given, middle, prefix, suffix, apart by carets."""
    family, given, middle, prefix, suffix = (*dicom.split("=")[0].split("^"), "", "", "", "", "")[:5]
    name: Json = {"use": "official", "text": " ".join(p for p in (prefix, given, middle, family, suffix) if p)}
    parts = {"family": family, "given": [p for p in (given, middle) if p], "prefix": prefix, "suffix": suffix}
    for key, part in parts.items():
        if part:
            name[key] = part if key in ("family", "given") else [part]
    return name


def _day(known: Known) -> str:
    """YYYYMMDD as FHIR writes it; empty where it is no day."""
    born = known.born.strip()
    return f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 and born.isdigit() else ""


def practitioner(of: Of) -> Json:
    """The reader, by the name that stands in the reading."""
    return {
        "resourceType": "Practitioner",
        "identifier": [own_identifier(of.reader_address)],
        "name": [{"text": of.version.reader}],
    }


def devices(of: Of) -> Iterator[tuple[str, Json]]:
    """The program, and below it each model that looked at the images."""
    yield (
        of.device_address,
        {
            "resourceType": "Device",
            "identifier": [own_identifier(of.device_address), dicom_identifier(uid_of("device", of.version.software))],
            "manufacturer": MAKER,
            "deviceName": [{"name": "ovcf", "type": "model-name"}],
            "version": [{"value": of.software}],
            "type": {"text": "software that measures vertebral fractures; research software, no medical device"},
        },
    )
    for name, digest in of.assessment.provenance.models:
        address = urn("model", name, digest)
        yield (
            address,
            {
                "resourceType": "Device",
                "identifier": [own_identifier(address)],
                "deviceName": [{"name": name, "type": "model-name"}],
                "version": [{"type": {"text": "SHA-256"}, "value": digest}],
                "type": {"text": "model that looked at the images"},
                "parent": of.device,
            },
        )


def studies(of: Of) -> Iterator[tuple[str, Json]]:
    """Each DICOM study with the series and instances that the reading was made on."""
    seen = {s.uid: s for s in of.file.current.series}
    for uid in of.studies:
        series = [s for s in of.assessment.series if s.study_uid == uid]
        days = [s.acquired_on for s in series if s.acquired_on]
        listed = list(_series(series, seen))
        made: Json = {
            "resourceType": "ImagingStudy",
            "identifier": [dicom_identifier(uid)],
            "status": "available",
            "subject": of.subject,
            **({"started": min(days)} if days else {}),
            "numberOfSeries": len(listed),
            "numberOfInstances": sum(s.get("numberOfInstances", 0) for s in listed),
            "series": listed,
        }
        yield of.study(uid)["reference"], made


def _series(series: list[SeriesSummary], seen: dict[str, ObservedSeries]) -> Iterator[Json]:
    """The series of a study; what was split for reading is one again."""
    by_uid: dict[str, list[SeriesSummary]] = {}
    for one in series:
        known = seen.get(one.uid)
        stored = None if known is None else known.stored
        by_uid.setdefault(one.uid if stored is None else stored.series_uid, []).append(one)
    for uid, parts in by_uid.items():
        first = parts[0]
        known = seen.get(first.uid)
        sop_class = known.stored.sop_class if known is not None and known.stored is not None else ""
        instances = list(dict.fromkeys(i for part in parts for i in part.instances))
        code = _MODALITY.get(first.modality) or _RADIOGRAPHS.get(sop_class, "OT")
        made: Json = {
            "uid": uid,
            "modality": {"system": SYSTEMS["DCM"], "code": code},
            **({"description": first.description} if first.description else {}),
            "numberOfInstances": len(instances),
        }
        if sop_class:
            # FHIR wants the class of each instance: where it is not known, only their number is told.
            what = {"system": URI, "code": f"urn:oid:{sop_class}"}
            made["instance"] = [{"uid": one, "sopClass": what} for one in instances]
        yield made
