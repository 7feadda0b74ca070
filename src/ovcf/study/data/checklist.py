"""Reporting checklists of a study, filled with what its protocol says and the registry counts.

STARD 2015 for the accuracy of the score, TRIPOD+AI 2024 for its evaluation as a prediction model, CONSORT 2025 where
arms of treatment are compared. Nothing is answered that protocol and registry do not hold: whether patients were
consecutive, how they were allocated, or whether ethics approved, they do not know.
"""

from __future__ import annotations

import csv
import io
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.cohort.checklists import AUTHORS, consort, stard, tripod_ai
from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.store import current
from ovcf.registry.tables import Patient, Screening, Site
from ovcf.study.conduct.flow import flow_of
from ovcf.study.conduct.studies import enrolments_of, in_force, versions_of
from ovcf.study.readers.blinded_outcome import blinding_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from ovcf.registry.tables import Study
    from ovcf.study.conduct.flow import ArmFlow, Flow
    from ovcf.study.protocol.model import Protocol


class Checklist(StrEnum):
    """What may be filled."""

    STARD = "stard"
    TRIPOD_AI = "tripod-ai"
    CONSORT = "consort"


_TABLES = {Checklist.STARD: stard, Checklist.TRIPOD_AI: tripod_ai, Checklist.CONSORT: consort}
_WHERE_AND_KEPT = {Checklist.STARD: ("8", "29"), Checklist.TRIPOD_AI: ("6a", "18c"), Checklist.CONSORT: ("11", "3")}
"""The items of the sites and days, and of the protocol."""


def checklist(session: Session, study: Study, which: Checklist) -> str:
    """A checklist as CSV: item, what it asks for, what is so here.

    Raises:
        StudyError: CONSORT of a study that compares no arms.
    """
    row, protocol = in_force(session, study)
    flow = flow_of(session, study)
    where = _where(session, study)
    kept = f"{protocol.id} {protocol.version} of {row.recorded_at:%d %b %Y}, SHA-256 {protocol.digest}"
    filled = _filled(session, study, which, protocol, flow)
    places = _WHERE_AND_KEPT[which]
    answers = {**filled, places[0]: where, places[1]: kept}
    table = _TABLES[which]({item: text for item, text in answers.items() if text})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in table.columns])
    writer.writerows(table.rows)
    return out.getvalue()


def _filled(session: Session, study: Study, which: Checklist, protocol: Protocol, flow: Flow) -> dict[str, str]:
    if which is Checklist.STARD:
        return {**_stard(protocol, flow), "13b": _judges_knew(session, study, protocol)}
    if which is Checklist.TRIPOD_AI:
        return {**_tripod(protocol, flow), "8c": _judges_knew(session, study, protocol)}
    if len(protocol.arms) < _COMPARED:
        raise StudyError(
            say("study {code}", code=study.code),
            "compares no arms of treatment, and CONSORT is of studies that do",
            "Take STARD or TRIPOD+AI, or amend the protocol by a second arm.",
        )
    return {**_consort(protocol, flow), "10": _amended(session, study), "23a": _enrolled(session, study)}


_COMPARED = 2


def _stard(protocol: Protocol, flow: Flow) -> dict[str, str]:
    unjudged = sum(n for _, answer, n in flow.crossed_table if answer == "not known")
    unscored = sum(n for group, _, n in flow.crossed_table if group == "not known")
    return {
        "6": _eligibility(protocol),
        "10a": f"NASOVCF before treatment{_pinned(protocol)}",
        "10b": _outcome(protocol),
        "13a": _blinded(protocol),
        "16": f"score not known in {unscored}, outcome not known in {unjudged} of {flow.enrolled} enrolled",
        "18": _size(protocol),
        "19": f"{_flow(flow)}; the diagram is the study's flow chart",
        "23": _cross(flow),
    }


def _tripod(protocol: Protocol, flow: Flow) -> dict[str, str]:
    judged = sum(n for _, answer, n in flow.crossed_table if answer != "not known")
    events = sum(n for _, answer, n in flow.crossed_table if answer == "yes")
    return {
        "6b": _eligibility(protocol),
        "6c": _treated(flow),
        "8a": _outcome(protocol),
        "8b": _judges(protocol),
        "9b": f"NASOVCF before treatment{_pinned(protocol)}",
        "9c": _blinded(protocol),
        "10": _size(protocol),
        "20a": f"{_flow(flow)}; {judged} with the outcome judged, {events} of them with it",
    }


def _consort(protocol: Protocol, flow: Flow) -> dict[str, str]:
    each = _by_arm(flow)
    return {
        "9": f"{len(protocol.arms)} arms: {'; '.join(arm.title for arm in protocol.arms)}. Ratio and aim: {AUTHORS}",
        "12a": _eligibility(protocol),
        "13": "; ".join(f"{arm.title} ({arm.treatment})" for arm in protocol.arms),
        "14": _outcome(protocol),
        "16a": _size(protocol),
        "20a": f"of those who read the images: {told}" if (told := _blinded(protocol)) else "",
        "22a": f"{_flow(flow)}. Enrolled under each arm, by whatever allocation: "
        + each(
            lambda arm: (
                f"{arm.enrolled} enrolled, {arm.enrolled - sum(n for _, n in arm.crossed)} without the treatment of "
                f"another arm, {_judged(arm)} with the primary outcome judged"
            )
        )
        + "; the diagram is the study's flow chart",
        "22b": each(lambda arm: ", ".join(f"{why} {n}" for why, n in arm.left) or "none left"),
        "24a": each(lambda arm: ", ".join(f"got {kind} {n}" for kind, n in arm.crossed) or "none got another's"),
        "26": f"{flow.outcome}: "
        + each(lambda arm: ", ".join(f"{answer} {n}" for answer, n in arm.outcome))
        + f". Effect and interval: {AUTHORS}",
    }


def _by_arm(flow: Flow) -> Callable[[Callable[[ArmFlow], str]], str]:
    return lambda say: "; ".join(f"{arm.title}: {say(arm)}" for arm in flow.arms)


def _judged(arm: ArmFlow) -> int:
    return sum(n for answer, n in arm.outcome if answer != "not known")


def _amended(session: Session, study: Study) -> str:
    """The versions of the protocol after the first, each with its reason."""
    later = sorted(versions_of(session, study), key=lambda v: v.recorded_at)[1:]
    return "; ".join(f"version {v.version} of {v.recorded_at:%d %b %Y}: {v.because}" for v in later)


def _enrolled(session: Session, study: Study) -> str:
    days = [e.on for e in enrolments_of(session, study)]
    return f"enrolled from {min(days):%d %b %Y} to {max(days):%d %b %Y}" if days else ""


def _where(session: Session, study: Study) -> str:
    """The sites, and the days between which candidates were screened."""
    rows = session.execute(
        select(Site.code, Screening.on)
        .join(Patient, Patient.site_id == Site.id)
        .join(Screening, Screening.patient_id == Patient.id)
        .where(Screening.id.in_(select(current(Screening).subquery().c.id)), Screening.study_id == study.id)
    ).all()
    if not rows:
        return ""
    codes, days = sorted({code for code, _ in rows}), [day for _, day in rows]
    sites = f"{len(codes)} {'site' if len(codes) == 1 else 'sites'} ({', '.join(codes)})"
    return f"{sites}; candidates screened from {min(days):%d %b %Y} to {max(days):%d %b %Y}"


def _eligibility(protocol: Protocol) -> str:
    taken = [c.text for c in protocol.criteria if not c.exclusion]
    left = [c.text for c in protocol.criteria if c.exclusion]
    return " ".join(
        [*([f"Included: {'; '.join(taken)}."] if taken else []), *([f"Excluded: {'; '.join(left)}."] if left else [])]
    )


def _outcome(protocol: Protocol) -> str:
    told = [f"{o.title}, at {o.window}{' (primary)' if o.primary else ''}" for o in protocol.outcomes]
    return "; ".join(told)


def _judges(protocol: Protocol) -> str:
    count = protocol.primary.adjudicators
    return f"{count} readers judge it alone, one more where they differ" if count > 1 else ""


def _judges_knew(session: Session, study: Study, protocol: Protocol) -> str:
    """What is known of those who judged the primary outcome: by counts of judgements, not by what was planned."""
    found = blinding_of(session, study, protocol.primary)
    told = [
        (
            found.blinded,
            (
                "by judges who were offered images under the study number, without name, day, score, measurements, "
                "what the software found or another's answer, who declared to know neither the patient nor the "
                "score, and who had recorded nothing else of the patient"
            ),
        ),
        (found.not_blinded, "where one of these was not so, and so not blinded"),
        (found.unknown, "where what the judge knew was not recorded"),
    ]
    parts = [f"{count} {words}" for count, words in told if count]
    return f"judgements of the primary outcome: {'; '.join(parts)}" if parts else ""


def _blinded(protocol: Protocol) -> str:
    plan = protocol.readers
    return "" if plan is None else f"{plan.readers} readers, in rounds of blinded readings"


def _pinned(protocol: Protocol) -> str:
    pins = [*filter(None, [protocol.pins.software]), *protocol.pins.models]
    return f", read with {'; '.join(pins)}" if pins else ""


def _size(protocol: Protocol) -> str:
    if protocol.sample_size is None:
        return ""
    return f"{protocol.sample_size} patients{f': {protocol.sample_size_reason}' if protocol.sample_size_reason else ''}"


def _flow(flow: Flow) -> str:
    against = sum(n for _, n in flow.not_eligible)
    return (
        f"{flow.screened} screened, {against} not eligible, {flow.pending} with something not known yet, "
        f"{flow.not_enrolled} eligible and not enrolled, {flow.enrolled} enrolled"
    )


def _treated(flow: Flow) -> str:
    told = []
    for arm in flow.arms:
        crossed = "".join(f", crossed over to {kind} {n}" for kind, n in arm.crossed)
        told.append(f"{arm.title}: {arm.enrolled} enrolled{crossed}")
    return "; ".join(told)


def _cross(flow: Flow) -> str:
    groups = dict.fromkeys(group for group, _, _ in flow.crossed_table)
    told = []
    for group in groups:
        counts = {answer: n for g, answer, n in flow.crossed_table if g == group}
        if any(counts.values()):
            told.append(f"{group}: {', '.join(f'{answer} {n}' for answer, n in counts.items())}")
    return f"{flow.outcome} by group of the score: {'; '.join(told)}" if told else ""
