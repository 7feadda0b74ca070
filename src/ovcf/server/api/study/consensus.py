"""The consensus of the readers of a closed round: one draft of each case, beside the readings that were there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from sqlalchemy import select

from ovcf.errors import ReadingError, StudyError
from ovcf.language.worded import joined, say
from ovcf.registry.access import Act, require
from ovcf.registry.clinic.readings import keep_reading, newest_row
from ovcf.registry.tables import Reading, Visit
from ovcf.server.api.here import Here, Who
from ovcf.server.api.study.reader_shapes import ConsensusLine
from ovcf.server.api.study.shapes import RoundCode, StudyCode
from ovcf.server.api.study.visible_studies import own_enrolments, refuse_part, round_for, study_for
from ovcf.study.readers import results, rounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from ovcf.registry.access import Principal
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import ReaderStudy, Study

router = APIRouter(tags=["reader studies"], prefix="/clinical-studies/{clinical_study}/rounds/{round}")


@router.get("/consensus")
def list_(here: Here, who: Who, clinical_study: StudyCode, round: RoundCode) -> list[ConsensusLine]:  # noqa: A002
    """Every case of a round that has ended: the consensus reading that was made, or why there can be none."""
    require(who, Act.READ_CASES)
    with here.registry.reading() as session:
        study = study_for(session, who, clinical_study)
        one = round_for(session, study, round)
        if not rounds.is_closed(session, one):
            raise StudyError(
                say("round {code}", code=one.code), "is still open", "Close it first; until then nobody sees results."
            )
        return list(_lines(session, here.registry, who, study, one))


@router.post("/consensus", status_code=201)
def make(here: Here, who: Who, clinical_study: StudyCode, round: RoundCode) -> list[ConsensusLine]:  # noqa: A002
    """Average the readers of every case into a draft of the visit, to be looked at and signed. Made once."""
    require(who, Act.MANAGE_STUDY)
    with here.registry.writing(who.person) as writer:
        session = writer.session
        study = study_for(session, who, clinical_study)
        refuse_part(session, who, study)
        one = round_for(session, study, round)
        for visit in _visits(session, one):
            try:
                file, _ = results.consensus_reading(
                    session, here.registry, one, visit, at=datetime.now(UTC).isoformat(timespec="seconds")
                )
            except (StudyError, ReadingError):
                if not rounds.is_closed(session, one):
                    raise
                continue  # the list says why
            if newest_row(session, file.reading.id) is None:
                keep_reading(writer, here.registry, visit, file)
    return list_(here, who, clinical_study, round)


def _visits(session: Session, one: ReaderStudy) -> list[Visit]:
    ids = dict.fromkeys(t.visit_id for t in rounds.tasks_of(session, one))
    return [session.get_one(Visit, id_) for id_ in ids]


def _lines(
    session: Session, registry: Registry, who: Principal, study: Study, one: ReaderStudy
) -> Iterator[ConsensusLine]:
    numbers = {e.patient_id: e.number for e in own_enrolments(session, who, study)}
    for visit in _visits(session, one):
        if visit.patient_id not in numbers:
            continue
        why, open_ = "", []
        try:
            file, told = results.consensus_reading(session, registry, one, visit, at="1970-01-01T00:00:00+00:00")
            open_ = [say("{what}: {words}", what=what, words=joined(" or ", words)) for what, words in told.open]
            made = session.scalars(select(Reading.reading).where(Reading.reading == file.reading.id).limit(1)).first()
        except (StudyError, ReadingError) as error:
            made, why = None, error.problem
        yield ConsensusLine(
            patient=numbers[visit.patient_id], window=visit.window.value, reading=made, why=why, not_agreed=open_
        )
