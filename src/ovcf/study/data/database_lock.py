"""The database lock: a digest over everything the study rests on, made once, found again, or what changed named."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.audit import digest
from ovcf.registry.columns import OfPatient
from ovcf.registry.safekeeping.locks import episode_of
from ovcf.registry.store import current
from ovcf.registry.tables import (
    Base,
    Enrolment,
    Erasure,
    Identity,
    Patient,
    ProtocolVersion,
    ReaderStudy,
    ReaderStudyClosed,
    Screening,
    Site,
    Study,
    StudyFile,
    StudyLock,
)
from ovcf.registry.words import LockState
from ovcf.study.conduct.queries import OPEN, queries_of
from ovcf.study.readers.adjudicate import Stage, judgements

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer

_KEY = b"ovcf study lock"
_STUDY = "study"
Digests = dict[str, dict[str, str]]
"""By patient (or the study itself), by table: the digest of all its rows."""


def state(session: Session, study: Study) -> StudyLock | None:
    """The newest lock or unlocking; None where the study was never locked."""
    asked = select(StudyLock).where(StudyLock.study_id == study.id).order_by(StudyLock.place.desc()).limit(1)
    return session.scalars(asked).first()


def unsettled(session: Session, study: Study) -> list[str]:
    """What should be done before the data are locked, in words."""
    found = [
        say(
            "query {number} is open: {what}" if q.state == OPEN else "query {number} is answered: {what}",
            number=q.row.number,
            what=q.text,
        )
        for q in queries_of(session, study)
        if q.state != "closed"
    ]
    found += [
        say("{number}: {id} is {stage}", number=j.enrolment.number, id=j.outcome.id, stage=j.stage)
        for j in judgements(session, study)
        if j.stage is not Stage.SETTLED
    ]
    return found


def lock(writer: Writer, study: Study, because: str = "") -> StudyLock:
    """Lock the data. With queries or judgements open it needs a reason.

    Raises:
        StudyError: locked already, or something is open and no reason is given.
    """
    session = writer.session
    before = state(session, study)
    if before is not None and before.state is LockState.LOCKED:
        raise StudyError(say("study {code}", code=study.code), "is locked already", "There is nothing to do.")
    left = unsettled(session, study)
    if left and not because.strip():
        raise StudyError(
            say("study {code}", code=study.code),
            say("{left} matters are open, first: {left_2}", left=len(left), left_2=left[0]),
            "Settle them, or say why the data are locked all the same (a reason).",
        )
    found = digests_of(session, study)
    return writer.add(
        StudyLock(
            study_id=study.id,
            place=before.place + 1 if before else 1,
            state=LockState.LOCKED,
            because=because,
            digest=total(found),
            digests=found,
        )
    )


def unlock(writer: Writer, study: Study, because: str) -> StudyLock:
    """Open the data again; the reason stays.

    Raises:
        StudyError: not locked, or no reason.
    """
    before = state(writer.session, study)
    if before is None or before.state is not LockState.LOCKED:
        raise StudyError(say("study {code}", code=study.code), "is not locked", "There is nothing to unlock.")
    if not because.strip():
        raise StudyError(
            say("study {code}", code=study.code), "unlocking needs a reason", "Say why the data must be changed."
        )
    return writer.add(StudyLock(study_id=study.id, place=before.place + 1, state=LockState.OPEN, because=because))


def verify(session: Session, study: Study) -> list[str]:
    """What is not as it was when the data were locked, in words; empty where all is the same.

    Raises:
        StudyError: the data are not locked.
    """
    last = state(session, study)
    if last is None or last.state is not LockState.LOCKED:
        raise StudyError(say("study {code}", code=study.code), "is not locked", "Lock it first.")
    now, then = digests_of(session, study), last.digests
    found = [] if total(then) == last.digest else ["the lock itself was changed"]
    names, erased = _names(session), {str(e.patient_id): e for e in session.scalars(select(Erasure))}
    for who in sorted({*now, *then}):
        name = names.get(who, who)
        if who in erased:
            found.append(
                say(
                    "a patient of the lock was erased on {date}: {reason}",
                    date=erased[who].at.date(),
                    reason=erased[who].reason,
                )
            )
        elif who not in now:
            found.append(say("{name}: is gone", name=name))
        elif who not in then:
            found.append(say("{name}: was added after the lock", name=name))
        else:
            tables = [t for t in sorted({*now[who], *then[who]}) if now[who].get(t) != then[who].get(t)]
            found += [
                say("{name}: {replace} was changed, added or removed", name=name, replace=table.replace("_", " "))
                for table in tables
            ]
    return found


def total(found: Digests) -> str:
    """One digest of all."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def digests_of(session: Session, study: Study) -> Digests:
    """The digests of every row that the study rests on: its own, and all of its patients, identities left out."""
    rows: dict[str, dict[str, list[str]]] = {}
    for who, row in _rows(session, study):
        rows.setdefault(who, {}).setdefault(row.__tablename__, []).append(digest(row, _KEY))
    return {
        who: {table: hashlib.sha256("".join(sorted(all_)).encode()).hexdigest() for table, all_ in tables.items()}
        for who, tables in rows.items()
    }


def patient_tables() -> list[type[OfPatient]]:
    """Every kind of row about a patient that a study may rest on; identities are none."""
    kinds = [m.class_ for m in Base.registry.mappers if issubclass(m.class_, OfPatient) and m.class_ is not Identity]
    return sorted(kinds, key=lambda k: k.__tablename__)


def patient_rows(session: Session, study: Study, *, site: UUID | None = None) -> Iterator[tuple[UUID, Base]]:
    """Patient and row, of everybody screened: the patient and the screening; of the enrolled fracture everything else.

    What another study recorded, and other fractures of the same patient, are left out. ``site`` names one.
    """
    screened = set(session.scalars(select(Screening.patient_id).where(Screening.study_id == study.id)))
    asked = select(Patient).where(Patient.id.in_(screened))
    patients = session.scalars(asked if site is None else asked.where(Patient.site_id == site)).all()
    theirs = {p.id for p in patients}
    enrolled = {
        e.patient_id: e.episode_id
        for e in session.scalars(current(Enrolment).where(Enrolment.study_id == study.id))
        if e.patient_id in theirs
    }
    yield from ((p.id, p) for p in patients)
    for kind in patient_tables():
        of_study = hasattr(kind, "study_id") and kind is not StudyFile
        for row in session.scalars(select(kind).where(kind.patient_id.in_(theirs))):
            if of_study:
                belongs = getattr(row, "study_id", None) == study.id
            else:
                episode = episode_of(session, row)
                belongs = row.patient_id in enrolled and episode in (None, enrolled[row.patient_id])
            if belongs:
                yield row.patient_id, row


def _rows(session: Session, study: Study) -> Iterator[tuple[str, Base]]:
    yield _STUDY, study
    for own in (ProtocolVersion, ReaderStudy, ReaderStudyClosed):
        for row in session.scalars(select(own).where(own.study_id == study.id)):
            yield _STUDY, row
    for patient, fact in patient_rows(session, study):
        yield str(patient), fact


def _names(session: Session) -> dict[str, str]:
    found = session.execute(select(Patient.id, Patient.code, Site.code).join(Site, Site.id == Patient.site_id))
    return {str(id_): say("patient {code} of {site}", code=code, site=site) for id_, code, site in found} | {
        _STUDY: "the study"
    }
