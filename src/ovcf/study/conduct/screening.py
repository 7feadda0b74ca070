"""Screening, enrolment, treatment and leaving: each a row that stays, a change of mind a row of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.anatomy import Level
from ovcf.errors import LevelError, StudyError
from ovcf.language.worded import say
from ovcf.registry import service
from ovcf.registry.store import current
from ovcf.registry.tables import Consent, Enrolment, Episode, Patient, Screening, Treatment, Withdrawal
from ovcf.registry.words import ConsentScope, Decision, TreatmentKind, WithdrawalKind
from ovcf.study.conduct.criteria import Judged, judge
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.studies import in_force, protocol_in, site_codes, versions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Person, Study
    from ovcf.study.protocol.model import Fact, Protocol


@dataclass(frozen=True, slots=True)
class Crossover:
    """A patient who was enrolled under one arm and got the treatment of another."""

    enrolment: Enrolment
    treatment: Treatment


def screen(
    writer: Writer, study: Study, person: Person, code: str, facts: Mapping[str, Fact], *, on: date, reason: str = ""
) -> tuple[Screening, Judged]:
    """Judge a candidate by the protocol in force and keep the judgement. The pseudonym is made known if it is new.

    Whoever was screened before is screened again with what is known now: the earlier judgement stays, and the new one
    needs a ``reason``.

    Raises:
        StudyError: enrolled already, a fact of the wrong kind, or no reason.
    """
    version, protocol = in_force(writer.session, study)
    patient = _patient(writer, person, code)
    if _enrolled(writer.session, study, patient.id) is not None:
        raise StudyError(say("patient {code}", code=code), "is enrolled already", "There is nothing to screen.")
    before = _screened(writer.session, study, patient.id)
    given = {**(before.facts if before else {}), **facts}
    judged = judge(protocol.criteria, given)
    told = {
        "study_id": study.id,
        "protocol_id": version.id,
        "on": on,
        "facts": given,
        "criteria": {name: answer.value for name, answer in judged.answers.items()},
        "decision": judged.decision,
        "because": "; ".join(c.text for c in judged.because),
    }
    if before is None:
        return writer.add(Screening(patient_id=patient.id, **told)), judged
    if not reason.strip():
        raise StudyError(
            say("patient {code}", code=code),
            say("was screened on {on}: {decision}", on=before.on, decision=before.decision),
            "Say why the candidate is screened again (a reason).",
        )
    return writer.replace(before, reason, **told), judged


def enrol(
    writer: Writer,
    study: Study,
    patient: Patient,
    *,
    on: date,
    arm: str | None = None,
    consent_on: date | None = None,
    fractured_on: date | None = None,
) -> Enrolment:
    """Take an eligible candidate into the study, with consent and arm.

    The fracture is the newest episode of the patient, or is made from the level of the screening.

    Raises:
        StudyError: not screened, not eligible, enrolled already, no consent, no such arm, or no fracture known.
    """
    session, where = writer.session, say("patient {code}", code=patient.code)
    version, protocol = in_force(session, study)
    screened = _screened(session, study, patient.id)
    if screened is None:
        raise StudyError(where, say("was not screened for {code}", code=study.code), "Screen the candidate first.")
    if screened.decision is not Decision.ELIGIBLE:
        raise StudyError(
            where,
            say("is {decision}: {because}", decision=screened.decision, because=screened.because),
            "Only eligible candidates are enrolled.",
        )
    if screened.protocol_id != version.id:
        old = next(v for v in versions_of(session, study) if v.id == screened.protocol_id)
        if protocol_in(old).criteria != protocol.criteria:
            raise StudyError(
                where,
                say("was screened under protocol {version}, whose criteria were others", version=old.version),
                say("Screen the candidate again under {version}.", version=version.version),
            )
    if (there := _enrolled(session, study, patient.id)) is not None:
        raise StudyError(where, say("is enrolled already, as {number}", number=there.number), "There is nothing to do.")
    if protocol.consent_required:
        _consent(writer, patient, consent_on, on)
    chosen = protocol.arm(arm) if arm else protocol.arms[0] if len(protocol.arms) == 1 else None
    if chosen is None:
        raise StudyError(
            where,
            say("the arm {arm!r} is not in the protocol", arm=arm) if arm else "which arm is not said",
            say("Choose: {id}.", id=", ".join(a.id for a in protocol.arms)),
        )
    episode = _episode(writer, patient, screened, fractured_on)
    enrolled = Enrolment(
        patient_id=patient.id,
        study_id=study.id,
        protocol_id=version.id,
        screening_id=screened.id,
        episode_id=episode.entity_id,
        number=_number(session, study, patient),
        arm=chosen.id,
        on=on,
    )
    return writer.add(enrolled)


def treat(
    writer: Writer, enrolment: Enrolment, kind: TreatmentKind, *, on: date, levels: tuple[str, ...] = ()
) -> Treatment:
    """A treatment that was begun. One that another arm stands for is a crossover: the arm stays as it was."""
    names = [Level.parse(level).value for level in levels]
    return writer.add(
        Treatment(
            patient_id=enrolment.patient_id, episode_id=enrolment.episode_id, kind=kind, started_on=on, levels=names
        )
    )


def withdraw(
    writer: Writer, enrolment: Enrolment, kind: WithdrawalKind, *, on: date, keep_data: bool = True, because: str = ""
) -> Withdrawal:
    """Let a patient go. What was recorded stays; ``keep_data`` says whether it may be analysed.

    Raises:
        StudyError: left already, or before the enrolment.
    """
    if (gone := withdrawal_of(writer.session, enrolment)) is not None:
        raise StudyError(
            say("patient {number}", number=enrolment.number),
            say("left on {on} ({kind})", on=gone.on, kind=gone.kind),
            "There is nothing to do.",
        )
    if on < enrolment.on:
        raise StudyError(
            say("patient {number}", number=enrolment.number),
            say("was enrolled on {on}, after {on_2}", on=enrolment.on, on_2=on),
            "Correct the day.",
        )
    return writer.add(
        Withdrawal(
            patient_id=enrolment.patient_id,
            study_id=enrolment.study_id,
            enrolment_id=enrolment.entity_id,
            kind=kind,
            on=on,
            keep_data=keep_data,
            because=because,
        )
    )


def take_back_withdrawal(writer: Writer, enrolment: Enrolment, reason: str) -> Withdrawal:
    """Say that a patient did not leave: it was recorded by mistake. What was recorded stands in the audit.

    Raises:
        StudyError: the patient never left.
    """
    gone = withdrawal_of(writer.session, enrolment)
    if gone is None:
        raise StudyError(
            say("patient {number}", number=enrolment.number), "has not left the study", "There is nothing to take back."
        )
    return writer.retract(gone, reason)


def withdrawal_of(session: Session, enrolment: Enrolment) -> Withdrawal | None:
    """How a patient left, if so."""
    return session.scalars(current(Withdrawal).where(Withdrawal.enrolment_id == enrolment.entity_id)).first()


def crossovers(
    session: Session, study: Study, enrolments: list[Enrolment], records: Records | None = None
) -> list[Crossover]:
    """Treatments that are not the arm's, from the day of enrolment on; drugs are none."""
    _, protocol = in_force(session, study)
    records, found = records or Records(session, enrolments), []
    for enrolment in enrolments:
        for treatment in records.treatments(enrolment):
            if is_crossover(protocol, enrolment, treatment):
                found.append(Crossover(enrolment, treatment))
                break
    return found


def is_crossover(protocol: Protocol, enrolment: Enrolment, treatment: Treatment) -> bool:
    """Whether a treatment is not the one that the patient's arm stands for; a drug, or one before enrolment, never."""
    arm = protocol.arm(enrolment.arm)
    other = arm is not None and treatment.kind not in (arm.treatment, TreatmentKind.DRUG)
    return other and treatment.started_on >= enrolment.on


def _patient(writer: Writer, person: Person, code: str) -> Patient:
    there = writer.session.scalars(
        select(Patient).where(Patient.code == code, Patient.site_id == person.site_id)
    ).first()
    return there or writer.add(Patient(site_id=person.site_id, code=code))


def _screened(session: Session, study: Study, patient: UUID) -> Screening | None:
    asked = current(Screening).where(Screening.study_id == study.id, Screening.patient_id == patient)
    return session.scalars(asked).first()


def _enrolled(session: Session, study: Study, patient: UUID) -> Enrolment | None:
    asked = current(Enrolment).where(Enrolment.study_id == study.id, Enrolment.patient_id == patient)
    return session.scalars(asked).first()


def _consent(writer: Writer, patient: Patient, consent_on: date | None, on: date) -> None:
    there = list(
        writer.session.scalars(
            current(Consent).where(Consent.patient_id == patient.id, Consent.scope == ConsentScope.RESEARCH)
        )
    )
    if there and max(there, key=lambda c: c.on).given:
        return
    if consent_on is None:
        raise StudyError(
            say("patient {code}", code=patient.code), "has not consented to research", "Give the day of consent."
        )
    if consent_on > on:
        raise StudyError(
            say("patient {code}", code=patient.code),
            say("consented on {consent_on}, after the enrolment on {on}", consent_on=consent_on, on=on),
            "Correct one of the days.",
        )
    writer.add(Consent(patient_id=patient.id, scope=ConsentScope.RESEARCH, given=True, on=consent_on))


def _episode(writer: Writer, patient: Patient, screened: Screening, fractured_on: date | None) -> Episode:
    there = service.episodes_of(writer.session, patient)
    if there and there[-1].levels:
        return there[-1]
    try:
        level = Level.parse(str(screened.facts.get("index_level", "")))
    except LevelError:
        raise StudyError(
            say("patient {code}", code=patient.code),
            "no fractured vertebra is known",
            "Screen with the fact index_level, such as L1.",
        ) from None
    if there:  # known, but nobody had said which vertebra
        return writer.replace(there[-1], "named at screening", levels=[level.value])
    return writer.add(Episode(patient_id=patient.id, levels=[level.value], fractured_on=fractured_on))


def _number(session: Session, study: Study, patient: Patient) -> str:
    """``S1-001``: the site's code, and the next number there; numbers are never given twice."""
    prefix = f"{site_codes(session)[patient.site_id]}-"
    taken = session.scalars(
        select(Enrolment.number).where(Enrolment.study_id == study.id, Enrolment.number.startswith(prefix))
    ).all()
    last = max((int(n.removeprefix(prefix)) for n in taken if n.removeprefix(prefix).isdigit()), default=0)
    return f"{prefix}{last + 1:03d}"
