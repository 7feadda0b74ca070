"""A study in the registry: begun from its protocol, amended by a new version, found by its id."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.store import current
from ovcf.registry.tables import Enrolment, Patient, ProtocolVersion, Site, Study
from ovcf.study.protocol.read import parse_protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer
    from ovcf.study.protocol.model import Protocol

_NAMES = UUID("0f1c3a52-6f0e-4a53-9a4e-5d3c8f0b7c11")
"""Ids made from it are the same at every site that begins a study from the same protocol."""


def begin(writer: Writer, protocol: Protocol) -> Study:
    """A study from its first protocol.

    Raises:
        StudyError: there is a study of this id.
    """
    if writer.session.scalars(select(Study).where(Study.code == protocol.id)).first() is not None:
        raise StudyError(
            say("study {id}", id=protocol.id),
            "is in this registry already",
            "Amend it with a new version of its protocol, or give the new study another id.",
        )
    study = writer.add(Study(id=uuid5(_NAMES, protocol.id), code=protocol.id))
    writer.add(_version(study, protocol, ""))
    return study


def amend(writer: Writer, study: Study, protocol: Protocol, because: str) -> ProtocolVersion:
    """A new version of the protocol, in force from now on; who was screened under an older one stays so.

    Raises:
        StudyError: of another study, a version that is there, nothing changed, or no reason.
    """
    if protocol.id != study.code:
        raise StudyError(
            say("study {code}", code=study.code),
            say("the protocol is that of {id}", id=protocol.id),
            "Give this study's own.",
        )
    if not because.strip():
        raise StudyError(
            say("study {code}", code=study.code), "an amendment needs a reason", "Say why the protocol is changed."
        )
    versions = versions_of(writer.session, study)
    for row in versions:
        if row.digest == protocol.digest:
            raise StudyError(
                say("study {code}", code=study.code),
                say("says the same as version {version}", version=row.version),
                "There is nothing to amend.",
            )
        if row.version == protocol.version:
            raise StudyError(
                say("study {code}", code=study.code),
                say("version {version} is there, and says something else", version=row.version),
                "Give what you changed a version of its own.",
            )
    return writer.add(_version(study, protocol, because))


def study_named(session: Session, code: str | None = None) -> Study:
    """The study of an id, or the only one there is.

    Raises:
        StudyError: there is none, or several and no id.
    """
    studies = list(session.scalars(select(Study).order_by(Study.code)))
    found = [s for s in studies if code in (None, s.code)]
    if len(found) == 1:
        return found[0]
    if not studies:
        raise StudyError("study", "there is none in this registry", "Begin one: `ovcf study new protocol.toml`.")
    known = ", ".join(s.code for s in studies)
    raise StudyError(
        say("study {value}", value=code or "").strip(),
        "it is not clear which is meant",
        say("Name one of: {known}.", known=known),
    )


def versions_of(session: Session, study: Study) -> list[ProtocolVersion]:
    """Every version of the protocol, oldest first."""
    found = session.scalars(select(ProtocolVersion).where(ProtocolVersion.study_id == study.id))
    return sorted(found, key=lambda v: v.recorded_at)


def in_force(session: Session, study: Study) -> tuple[ProtocolVersion, Protocol]:
    """The newest version of the protocol."""
    row = versions_of(session, study)[-1]
    return row, protocol_in(row)


def protocol_in(row: ProtocolVersion) -> Protocol:
    """What a version says."""
    return _parsed(row.text, row.version)


def enrolments_of(session: Session, study: Study, *, site: UUID | None = None) -> list[Enrolment]:
    """Everybody enrolled, by number; of one site if it is named."""
    asked = current(Enrolment).where(Enrolment.study_id == study.id)
    if site is not None:
        asked = asked.join(Patient, Patient.id == Enrolment.patient_id).where(Patient.site_id == site)
    return sorted(session.scalars(asked), key=lambda e: e.number)


def enrolment_of(session: Session, study: Study, number: str) -> Enrolment:
    """The enrolment of a study number, or of a patient's pseudonym where that is of one patient only.

    Raises:
        StudyError: there is none.
    """
    everybody = enrolments_of(session, study)
    found = [e for e in everybody if e.number == number]
    if not found:
        codes = pairs_of(session, select(Patient.id, Patient.code).where(Patient.code == number))
        found = [e for e in everybody if e.patient_id in codes]
    if len(found) != 1:
        raise StudyError(
            say("patient {number}", number=number),
            say("is not enrolled in {code}", code=study.code),
            "Give the number of the study, such as S1-001, or enrol the patient first.",
        )
    return found[0]


def pairs_of(session: Session, asked: Any) -> dict[Any, Any]:
    """What selects two columns as a dictionary of the first to the second."""
    return {row[0]: row[1] for row in session.execute(asked)}


def site_codes(session: Session) -> dict[UUID, str]:
    """The code of every site, by id."""
    return pairs_of(session, select(Site.id, Site.code))


def _version(study: Study, protocol: Protocol, because: str) -> ProtocolVersion:
    return ProtocolVersion(
        id=uuid5(study.id, protocol.digest),
        study_id=study.id,
        version=protocol.version,
        digest=protocol.digest,
        text=protocol.text,
        because=because,
    )


@cache
def _parsed(text: str, version: str) -> Protocol:
    return parse_protocol(text, f"protocol {version}")
