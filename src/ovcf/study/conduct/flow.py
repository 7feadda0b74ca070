"""The flow of patients as CONSORT and STARD draw it, counted from the registry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.registry.store import current
from ovcf.registry.tables import Enrolment, Screening
from ovcf.registry.words import Decision
from ovcf.study.conduct.criteria import Answer
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.screening import crossovers
from ovcf.study.conduct.studies import enrolments_of, in_force, protocol_in, versions_of
from ovcf.study.data.data_set import Row, data_set

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Study
    from ovcf.study.protocol.model import Criterion, Protocol

Counted = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmFlow:
    """The patients of one arm. ``crossed`` counts who got the treatment of another, and stay in this arm."""

    id: str
    title: str
    enrolled: int
    crossed: Counted
    left: Counted
    visits: Counted
    index_test: Counted
    """NASOVCF before treatment: by group, and not known."""
    outcome: Counted
    """The primary outcome: yes, no, not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Everybody from the first look on. ``not_eligible`` counts each candidate once, by the first criterion against."""

    title: str
    outcome: str
    screened: int
    not_eligible: Counted
    pending: int
    not_enrolled: int
    enrolled: int
    planned: int | None
    arms: tuple[ArmFlow, ...]
    crossed_table: tuple[tuple[str, str, int], ...]
    """NASOVCF group, primary outcome, patients."""


def flow_of(session: Session, study: Study) -> Flow:
    """Count a study as it stands."""
    _, protocol = in_force(session, study)
    screenings = list(session.scalars(current(Screening).where(Screening.study_id == study.id)))
    enrolments = enrolments_of(session, study)
    records = Records(session, enrolments)
    taken = {e.patient_id for e in enrolments}
    texts = {c.id: (c, n) for v in versions_of(session, study) for n, c in enumerate(protocol_in(v).criteria)}
    against: Counter[str] = Counter()
    for s in screenings:
        if s.decision is Decision.NOT_ELIGIBLE:
            failed = [
                (texts[id_][1], _reason(texts[id_][0]))
                for id_, answer in s.criteria.items()
                if id_ in texts and answer == (Answer.MET if texts[id_][0].exclusion else Answer.NOT_MET)
            ]
            against[min(failed)[1] if failed else s.because] += 1
    rows = {str(r["patient_id"]): r for r in data_set(session, study)}
    crossed = {c.enrolment.entity_id: c.treatment.kind.value for c in crossovers(session, study, enrolments, records)}
    name = protocol.primary.id.replace("-", "_")
    cross = Counter((str(r["nasovcf_group"] or "not known"), _said(r[name])) for r in rows.values())
    return Flow(
        title=protocol.title,
        outcome=protocol.primary.title,
        screened=len(screenings),
        not_eligible=tuple(against.most_common()),
        pending=sum(s.decision is Decision.PENDING for s in screenings),
        not_enrolled=sum(s.decision is Decision.ELIGIBLE and s.patient_id not in taken for s in screenings),
        enrolled=len(enrolments),
        planned=protocol.sample_size,
        arms=tuple(
            _arm(protocol, records, a.id, a.title, [e for e in enrolments if e.arm == a.id], crossed, rows)
            for a in protocol.arms
        ),
        crossed_table=tuple((g, said, cross[g, said]) for g in (*_GROUPS, "not known") for said in _ANSWERS),
    )


_GROUPS, _ANSWERS = ("low", "medium", "high"), ("yes", "no", "not known")


def _arm(
    protocol: Protocol,
    records: Records,
    id_: str,
    title: str,
    enrolments: list[Enrolment],
    crossed: dict[UUID, str],
    everybody: dict[str, Row],
) -> ArmFlow:
    left = Counter(gone.kind.value for e in enrolments if (gone := records.withdrawal(e)) is not None)
    rows = [everybody[e.number] for e in enrolments if e.number in everybody]
    name = protocol.primary.id.replace("-", "_")
    index = Counter(str(r["nasovcf_group"] or "not known") for r in rows)
    outcome = Counter(_said(r[name]) for r in rows)
    return ArmFlow(
        id=id_,
        title=title,
        enrolled=len(enrolments),
        crossed=tuple(Counter(crossed[e.entity_id] for e in enrolments if e.entity_id in crossed).most_common()),
        left=tuple(left.most_common()),
        visits=tuple(
            (v.window.value, sum(records.visit(e, v.window) is not None for e in enrolments)) for v in protocol.visits
        ),
        index_test=tuple((g, index[g]) for g in (*_GROUPS, "not known")),
        outcome=tuple((a, outcome[a]) for a in _ANSWERS),
    )


def _reason(criterion: Criterion) -> str:
    return criterion.text if criterion.exclusion else say("Not met: {what}", what=criterion.text)


def _said(answer: object) -> str:
    return "yes" if answer is True else "no" if answer is False else "not known"
