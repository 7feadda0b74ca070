"""Which studies a person may know of, and who may have the whole of one.

A study is known at the site where it was begun, at every site with a candidate of its own, and to its readers. Rows of
patients are those of one's own site; what counts or gives out all of them is for those who may see all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import ForbiddenError, NotThereError, StudyError
from ovcf.registry.access import within
from ovcf.registry.tables import Enrolment, Patient, Person, ReaderStudy, ReadingTask, Screening, Study
from ovcf.study.conduct.studies import enrolment_of, enrolments_of
from ovcf.study.readers.rounds import round_named

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal


def studies_for(session: Session, who: Principal) -> list[Study]:
    """The studies that a person may know of, by code."""
    every = session.scalars(select(Study).order_by(Study.code))
    return [study for study in every if _known(session, who, study)]


def study_for(session: Session, who: Principal, code: str) -> Study:
    """A study by its code.

    Raises:
        NotThereError: there is none that this person may know of.
    """
    found = session.scalars(select(Study).where(Study.code == code)).first()
    if found is None or not _known(session, who, found):
        raise NotThereError("study", "is not there", "Choose one from the list of studies.")
    return found


def refuse_part(session: Session, who: Principal, study: Study) -> None:
    """Refuse what gives out the whole of a study to somebody who may see a part of it.

    Raises:
        ForbiddenError: it has patients of another site.
    """
    if who.all_sites:
        return
    others = select(Screening.id).join(Patient, Patient.id == Screening.patient_id)
    asked = others.where(Screening.study_id == study.id, Patient.site_id != who.site)
    if session.scalars(asked.limit(1)).first() is not None:
        raise ForbiddenError(
            f"study {study.code}", "has patients of another site", "Ask somebody who may see all sites."
        )


def own_enrolments(session: Session, who: Principal, study: Study) -> list[Enrolment]:
    """Everybody enrolled whom a person may know of, by number."""
    return enrolments_of(session, study, site=None if who.all_sites else who.site)


def round_for(session: Session, study: Study, code: str) -> ReaderStudy:
    """A round of readings.

    Raises:
        NotThereError: there is none.
    """
    try:
        return round_named(session, study, code)
    except StudyError as error:
        raise NotThereError("round", "is not there", "Choose one from the list of rounds.") from error


def enrolment_for(session: Session, who: Principal, study: Study, number: str) -> Enrolment:
    """An enrolled patient of one's own site, by number.

    Raises:
        NotThereError: there is none.
    """
    try:
        found = enrolment_of(session, study, number)
    except StudyError as error:
        raise NotThereError("patient", "is not there", "Choose one from the list of patients.") from error
    own = within(select(Patient.id).where(Patient.id == found.patient_id), who, Patient)
    if found.number != number or session.scalars(own).first() is None:
        raise NotThereError("patient", "is not there", "Choose one from the list of patients.")
    return found


def _known(session: Session, who: Principal, study: Study) -> bool:
    if who.all_sites:
        return True
    begun_at = session.scalar(select(Person.site_id).where(Person.id == study.recorded_by))
    if begun_at == who.site:
        return True
    candidates = within(select(Screening.id).where(Screening.study_id == study.id), who, Screening)
    if session.scalars(candidates.limit(1)).first() is not None:
        return True
    read = select(ReadingTask.id).where(ReadingTask.study_id == study.id, ReadingTask.reader_id == who.person)
    return session.scalars(read.limit(1)).first() is not None
