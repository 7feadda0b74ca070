"""Adjudication: two readers judge an outcome alone; where they differ, a third decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.tables import Adjudication, Event, JudgementBlinding, Person
from ovcf.registry.words import EventKind, EventSource
from ovcf.study.conduct.form_values import level_of, visit_of
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.studies import enrolments_of, in_force, pairs_of
from ovcf.study.readers.blinded_outcome import worked_on_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Enrolment, Study
    from ovcf.study.protocol.model import StudyOutcome

_TIE_BREAKER = 3
_OPPOSITE = {EventKind.NON_UNION: EventKind.UNION}


class Stage(StrEnum):
    """How far the judgement of one outcome of one patient is."""

    WAITING = "waiting for readers"
    DIFFER = "the two differ: a third decides"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a judge was given: so many bare pictures; and the judge's word to know neither the patient nor the score."""

    pictures: int
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An outcome of a patient with who has judged it. ``answer`` is None while open, and where it cannot be told."""

    enrolment: Enrolment
    outcome: StudyOutcome
    stage: Stage
    answer: bool | None
    readers: tuple[str, ...]


def adjudicate(
    writer: Writer,
    study: Study,
    enrolment: Enrolment,
    outcome_id: str,
    reader: Person,
    answer: bool | None,
    because: str,
    blinding: Given | None = None,
) -> Judgement:
    """Keep one reader's judgement; once it is settled, the outcome becomes an event of the patient.

    ``answer`` None says that it cannot be told from what there is. ``blinding`` None says that nothing is known of
    what the judge saw; otherwise it is kept with the judgement, and whether this judge had worked on the record.

    Raises:
        StudyError: no such outcome, not held, judged by this reader before, nothing left to judge, or no reason.
    """
    session, where = writer.session, f"{enrolment.number}, {outcome_id}"
    _, protocol = in_force(session, study)
    outcome = protocol.outcome(outcome_id)
    adjudicated = [o.id for o in protocol.outcomes if o.adjudicators]
    if outcome is None or not outcome.adjudicators:
        raise StudyError(
            where,
            "is not adjudicated",
            say("Adjudicated: {adjudicated}.", adjudicated=", ".join(adjudicated) or "none"),
        )
    if not because.strip():
        raise StudyError(where, "a judgement needs its reason", "Say what it rests on.")
    visit = visit_of(session, enrolment, outcome.window)
    if visit is None or visit.held_on is None:
        raise StudyError(
            where, say("the visit at {window} was not held", window=outcome.window), "There is nothing to judge yet."
        )
    given = _given(session, enrolment, outcome)
    if any(a.reader_id == reader.id for a in given):
        raise StudyError(where, say("{code} has judged it already", code=reader.code), "Let another reader judge.")
    if _stage(given) is Stage.SETTLED:
        raise StudyError(where, "is settled", "There is nothing to judge.")
    worked = blinding is not None and worked_on_record(session, reader.id, enrolment.patient_id)
    given.append(
        writer.add(
            Adjudication(
                patient_id=enrolment.patient_id,
                study_id=study.id,
                enrolment_id=enrolment.entity_id,
                outcome=outcome.id,
                place=len(given) + 1,
                reader_id=reader.id,
                answer=answer,
                because=because,
            )
        )
    )
    if blinding is not None:
        writer.add(
            JudgementBlinding(
                patient_id=enrolment.patient_id,
                study_id=study.id,
                adjudication_id=given[-1].id,
                pictures=blinding.pictures,
                declared=blinding.declared,
                worked_on_record=worked,
            )
        )
    stage, settled = _stage(given), _answer(given)
    if stage is Stage.SETTLED and settled is not None:
        kind = outcome.event if settled else _OPPOSITE.get(outcome.event)
        if kind is not None:
            writer.add(
                Event(
                    patient_id=enrolment.patient_id,
                    episode_id=enrolment.episode_id,
                    kind=kind,
                    on=visit.held_on,
                    level=level_of(session, enrolment),
                    source=EventSource.ADJUDICATED,
                )
            )
    return _judgement(pairs_of(session, select(Person.id, Person.code)), enrolment, outcome, given)


def judgements(session: Session, study: Study) -> list[Judgement]:
    """Every outcome that is to be judged, of every patient whose visit was held."""
    _, protocol = in_force(session, study)
    enrolments, found = enrolments_of(session, study), []
    records, people = Records(session, enrolments), pairs_of(session, select(Person.id, Person.code))
    for enrolment in enrolments:
        gone = records.withdrawal(enrolment)
        for outcome in protocol.outcomes:
            if outcome.adjudicators and records.visit(enrolment, outcome.window) is not None:
                given = records.judged(enrolment, outcome.id)
                if given or gone is None or gone.keep_data:
                    found.append(_judgement(people, enrolment, outcome, given))
    return found


def settled_answer(given: Sequence[Adjudication]) -> tuple[bool, bool | None]:
    """Whether an outcome is settled by these judgements, and what came out."""
    return _stage(given) is Stage.SETTLED, _answer(given)


def _given(session: Session, enrolment: Enrolment, outcome: StudyOutcome) -> list[Adjudication]:
    return list(
        session.scalars(
            select(Adjudication)
            .where(Adjudication.enrolment_id == enrolment.entity_id, Adjudication.outcome == outcome.id)
            .order_by(Adjudication.place)
        )
    )


def _stage(given: Sequence[Adjudication]) -> Stage:
    if len(given) < _TIE_BREAKER - 1:
        return Stage.WAITING
    if len(given) < _TIE_BREAKER and given[0].answer is not given[1].answer:
        return Stage.DIFFER
    return Stage.SETTLED


def _answer(given: Sequence[Adjudication]) -> bool | None:
    """What two agree on; where all three differ (yes, no, cannot be told) it cannot be told."""
    if _stage(given) is not Stage.SETTLED:
        return None
    answers = [a.answer for a in given]
    return next((a for a in answers if answers.count(a) > 1), None)


def _judgement(
    people: dict[UUID, str], enrolment: Enrolment, outcome: StudyOutcome, given: Sequence[Adjudication]
) -> Judgement:
    return Judgement(
        enrolment=enrolment,
        outcome=outcome,
        stage=_stage(given),
        answer=_answer(given),
        readers=tuple(people[a.reader_id] for a in given),
    )
