"""What the resources of one reading are made of, and what all of them say alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ovcf.fhir.parts import (
    HOSPITAL_NUMBER,
    PSEUDONYM,
    Json,
    coded,
    dicom_identifier,
    hl7,
    identifier,
    own_identifier,
    reference,
    urn,
)
from ovcf.reading.version import moment_of
from ovcf.vocabulary import ReadingStatus, Sex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.assessment.result import Assessment
    from ovcf.landmarks import Source
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.version import Reading, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who the patient is, for whoever may know: as DICOM writes a name and a date; what is not known is empty."""

    number: str
    issuer: str = ""
    name: str = ""
    born: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The patient as a bundle names them: a pseudonym of a ``system``, and who that is only where it was asked for."""

    code: str
    system: str = PSEUDONYM
    sex: Sex | None = None
    known: tuple[Known, ...] = ()

    @property
    def address(self) -> str:
        """Of the Patient within a bundle."""
        return urn("patient", self.system, self.code)

    @property
    def identifiers(self) -> list[Json]:
        """Pseudonym, and hospital numbers where they are told; the first is the one a server is asked for."""
        numbers = [
            identifier(
                one.number,
                _issuer(one.issuer),
                use="official",
                **({"assigner": {"display": one.issuer}} if one.issuer and ":" not in one.issuer else {}),
            )
            for one in self.known
            if one.number
        ]
        return [*numbers, identifier(self.code, self.system, use="secondary")]


def _issuer(issuer: str) -> str:
    """The system of a hospital's numbers: its URI where the hospital goes by one."""
    return issuer if ":" in issuer else urn("issuer", issuer) if issuer else HOSPITAL_NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Of:
    """One version of a reading, what follows from it, and whose it is. ``version`` is the newest of ``file``."""

    file: ReadingFile
    assessment: Assessment
    whose: Whose
    pdf: bytes = field(default=b"", repr=False)

    @property
    def reading(self) -> Reading:
        """The whole chain."""
        return self.file.reading

    @property
    def version(self) -> Version:
        """The newest version."""
        return self.file.reading.current

    @property
    def signed(self) -> bool:
        """Whether a reader answers for it."""
        return self.version.status is not ReadingStatus.DRAFT

    @property
    def status(self) -> str:
        """As reports and observations say how far they are."""
        if not self.signed:
            return "preliminary"
        return "amended" if self.version.addendum else "final"

    @property
    def issued(self) -> str | None:
        """When it became what it is; None where the reading does not say."""
        version = self.version
        if not (version.confirmed_at or version.edits or version.begun_at):
            return None
        return moment_of(version).isoformat(timespec="seconds")

    @property
    def day(self) -> str | None:
        """Of the visit, else of the newest image."""
        days = (s.acquired_on for s in self.assessment.series if s.acquired_on)
        return self.assessment.case.visit_date or max(days, default=None)

    @property
    def software(self) -> str:
        """What made it."""
        return self.version.software or self.assessment.provenance.software or "ovcf"

    def address(self, *what: str) -> str:
        """Of a resource of this reading: the same in every version of it."""
        return urn("reading", self.reading.id, *what)

    @property
    def subject(self) -> Json:
        """The patient."""
        return reference(self.whose.address, "Patient")

    @property
    def device(self) -> Json:
        """The program."""
        return reference(self.device_address, "Device")

    @property
    def device_address(self) -> str:
        """Of the program, the same for every reading that it made."""
        return urn("device", self.software)

    @property
    def reader(self) -> list[Json]:
        """Who signed, where somebody did."""
        return [reference(self.reader_address, "Practitioner")] if self.signed and self.version.reader else []

    @property
    def reader_address(self) -> str:
        """Of the reader. Initials in a file may be anybody's: only a registry's names are one person over readings."""
        where = self.reading.id if self.whose.system == PSEUDONYM else ""
        return urn("reader", self.whose.system, where, self.version.reader)

    @property
    def studies(self) -> tuple[str, ...]:
        """The UIDs of the DICOM studies, in the order of the series."""
        return tuple(dict.fromkeys(s.study_uid for s in self.assessment.series if s.study_uid))

    def study(self, uid: str) -> Json:
        """A study, by its UID too: a server may hold it already."""
        return reference(urn("study", self.whose.address, uid), "ImagingStudy") | {"identifier": dicom_identifier(uid)}

    def seen_on(self, sources: Iterable[Source]) -> list[Json]:
        """The studies that something was read on; empty where the images are no DICOM."""
        known = dict.fromkeys(s.study_uid for s in sources if s.study_uid in self.studies)
        return [self.study(uid) for uid in known]


@dataclass(slots=True)
class Resources:
    """Resources by address; what would stand there twice gets an address of its own."""

    of: Of
    found: dict[str, Json] = field(default_factory=dict)

    def add(self, resource: Json, *what: str) -> str:
        """Keep a resource of this reading under what it is; its address."""
        address, number = self.of.address(*what), 1
        while address in self.found:
            number += 1
            address = self.of.address(*what, f"{number}")
        key = "identifier"
        one = own_identifier(address)
        alone = resource["resourceType"] == "QuestionnaireResponse"
        self.found[address] = resource | {key: one if alone else [one, *resource.get(key, ())]}
        return address

    def observation(self, resource: Json, *what: str, category: tuple[Json, ...] = ()) -> Json:
        """Keep an observation of this reading; a reference to it."""
        of = self.of
        whole: Json = {
            "resourceType": "Observation",
            "status": of.status,
            "category": [hl7("observation-category", "imaging"), *category],
            "subject": of.subject,
            "issued": of.issued,
            "effectiveDateTime": of.day,
            "performer": of.reader,
            "device": of.device,
        }
        return reference(self.add(filled(whole | filled(resource)), *what), "Observation")


def filled(resource: Json) -> Json:
    """The resource without elements that hold nothing."""
    return {key: value for key, value in resource.items() if value not in (None, [], "", {})}


def component(section: str, id_: str, value: Json, text: str = "") -> Json:
    """One component of an observation."""
    return {"code": coded(section, id_, text), **value}


def notes(texts: Iterable[str]) -> list[Json]:
    """Sentences for people."""
    return [{"text": text} for text in dict.fromkeys(texts) if text.strip()]
