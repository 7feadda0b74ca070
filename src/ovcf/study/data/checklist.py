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
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say
from ovcf.plain_text import for_spreadsheet
from ovcf.registry.store import current
from ovcf.registry.tables import Patient, Screening, Site
from ovcf.study.conduct.flow import flow_of
from ovcf.study.conduct.studies import enrolments_of, in_force, versions_of
from ovcf.study.readers.blinded_outcome import blinding_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

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
    """A checklist as CSV, in the language that is spoken: item, what it asks for, what is so here.

    Raises:
        StudyError: CONSORT of a study that compares no arms.
    """
    row, protocol = in_force(session, study)
    flow = flow_of(session, study)
    where = _where(session, study)
    kept = say(
        "{protocol} {version} of {day}, SHA-256 {digest}",
        protocol=protocol.id,
        version=protocol.version,
        day=_day(row.recorded_at),
        digest=protocol.digest,
    )
    filled = _filled(session, study, which, protocol, flow)
    places = _WHERE_AND_KEPT[which]
    answers = {**filled, places[0]: where, places[1]: kept}
    table = _TABLES[which]({item: text for item, text in answers.items() if text})
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([tr(column.label) for column in table.columns])
    writer.writerows([for_spreadsheet(tr(cell)) for cell in row] for row in table.rows)
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
    return {
        "6": _eligibility(protocol),
        "10a": _index_test(protocol),
        "10b": _outcome(protocol),
        "13a": _blinded(protocol),
        "16": say(
            "score not known in {unscored}, outcome not known in {unjudged} of {enrolled} enrolled",
            unscored=sum(n for group, _, n in flow.crossed_table if group == "not known"),
            unjudged=sum(n for _, answer, n in flow.crossed_table if answer == "not known"),
            enrolled=flow.enrolled,
        ),
        "18": _size(protocol),
        "19": say("{flow}; the diagram is the study's flow chart", flow=_flow(flow)),
        "23": _cross(flow),
    }


def _tripod(protocol: Protocol, flow: Flow) -> dict[str, str]:
    return {
        "6b": _eligibility(protocol),
        "6c": _treated(flow),
        "8a": _outcome(protocol),
        "8b": _judges(protocol),
        "9b": _index_test(protocol),
        "9c": _blinded(protocol),
        "10": _size(protocol),
        "20a": say(
            "{flow}; {judged} with the outcome judged, {events} of them with it",
            flow=_flow(flow),
            judged=sum(n for _, answer, n in flow.crossed_table if answer != "not known"),
            events=sum(n for _, answer, n in flow.crossed_table if answer == "yes"),
        ),
    }


def _consort(protocol: Protocol, flow: Flow) -> dict[str, str]:
    told = _blinded(protocol)
    return {
        "9": say(
            "{count} arms: {titles}. Ratio and aim: {authors}",
            count=len(protocol.arms),
            titles=joined("; ", [arm.title for arm in protocol.arms]),
            authors=AUTHORS,
        ),
        "12a": _eligibility(protocol),
        "13": joined("; ", [say("{title} ({what})", title=arm.title, what=arm.treatment) for arm in protocol.arms]),
        "14": _outcome(protocol),
        "16a": _size(protocol),
        "20a": say("of those who read the images: {told}", told=told) if told else "",
        "22a": say(
            "{flow}. Enrolled under each arm, by whatever allocation: {arms}; the diagram is the study's flow chart",
            flow=_flow(flow),
            arms=_by_arm(flow, _enrolled_in),
        ),
        "22b": _by_arm(flow, lambda arm: joined(", ", _counted(arm.left)) or "none left"),
        "24a": _by_arm(
            flow,
            lambda arm: (
                joined(", ", [say("got {kind} {number}", kind=kind, number=n) for kind, n in arm.crossed])
                or "none got another's"
            ),
        ),
        "26": say(
            "{outcome}: {arms}. Effect and interval: {authors}",
            outcome=flow.outcome,
            arms=_by_arm(flow, lambda arm: joined(", ", _counted(arm.outcome))),
            authors=AUTHORS,
        ),
    }


def _by_arm(flow: Flow, told: Callable[[ArmFlow], str]) -> str:
    return joined("; ", [say("{title}: {told}", title=arm.title, told=told(arm)) for arm in flow.arms])


def _counted(counts: Iterable[tuple[str, int]]) -> list[str]:
    return [say("{what} {number}", what=what, number=number) for what, number in counts]


def _enrolled_in(arm: ArmFlow) -> str:
    return say(
        "{enrolled} enrolled, {kept} without the treatment of another arm, {judged} with the primary outcome judged",
        enrolled=arm.enrolled,
        kept=arm.enrolled - sum(n for _, n in arm.crossed),
        judged=sum(n for answer, n in arm.outcome if answer != "not known"),
    )


def _day(when: date) -> str:
    """``09 Feb 2026``."""
    return say("{day:02d} {month} {year}", day=when.day, month=f"{when:%b}", year=when.year)


def _amended(session: Session, study: Study) -> str:
    """The versions of the protocol after the first, each with its reason."""
    later = sorted(versions_of(session, study), key=lambda v: v.recorded_at)[1:]
    return joined(
        "; ",
        [
            say("version {version} of {day}: {reason}", version=v.version, day=_day(v.recorded_at), reason=v.because)
            for v in later
        ],
    )


def _enrolled(session: Session, study: Study) -> str:
    days = [e.on for e in enrolments_of(session, study)]
    return say("enrolled from {first} to {last}", first=_day(min(days)), last=_day(max(days))) if days else ""


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
    listed = joined(", ", codes)
    return say(
        "{sites}; candidates screened from {first} to {last}",
        sites=say("1 site ({codes})", codes=listed)
        if len(codes) == 1
        else say("{count} sites ({codes})", count=len(codes), codes=listed),
        first=_day(min(days)),
        last=_day(max(days)),
    )


def _eligibility(protocol: Protocol) -> str:
    taken = [c.text for c in protocol.criteria if not c.exclusion]
    left = [c.text for c in protocol.criteria if c.exclusion]
    told = [say("Included: {what}.", what=joined("; ", taken))] if taken else []
    return joined(" ", [*told, *([say("Excluded: {what}.", what=joined("; ", left))] if left else [])])


def _outcome(protocol: Protocol) -> str:
    told = [
        say("{title}, at {window}{primary}", title=o.title, window=o.window, primary=" (primary)" if o.primary else "")
        for o in protocol.outcomes
    ]
    return joined("; ", told)


def _judges(protocol: Protocol) -> str:
    count = protocol.primary.adjudicators
    return say("{count} readers judge it alone, one more where they differ", count=count) if count > 1 else ""


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
    parts = [say("{number} {what}", number=count, what=words) for count, words in told if count]
    return say("judgements of the primary outcome: {parts}", parts=joined("; ", parts)) if parts else ""


def _blinded(protocol: Protocol) -> str:
    plan = protocol.readers
    return "" if plan is None else say("{readers} readers, in rounds of blinded readings", readers=plan.readers)


def _index_test(protocol: Protocol) -> str:
    pins = [*filter(None, [protocol.pins.software]), *protocol.pins.models]
    return say(
        "NASOVCF before treatment{pins}", pins=say(", read with {what}", what=joined("; ", pins)) if pins else ""
    )


def _size(protocol: Protocol) -> str:
    size, reason = protocol.sample_size, protocol.sample_size_reason
    if size is None:
        return ""
    return say("{size} patients: {reason}", size=size, reason=reason) if reason else say("{size} patients", size=size)


def _flow(flow: Flow) -> str:
    return say(
        "{screened} screened, {against} not eligible, {pending} with something not known yet, "
        "{left} eligible and not enrolled, {enrolled} enrolled",
        screened=flow.screened,
        against=sum(n for _, n in flow.not_eligible),
        pending=flow.pending,
        left=flow.not_enrolled,
        enrolled=flow.enrolled,
    )


def _treated(flow: Flow) -> str:
    told = []
    for arm in flow.arms:
        crossed = [say(", crossed over to {kind} {number}", kind=kind, number=n) for kind, n in arm.crossed]
        enrolled = say("{title}: {enrolled} enrolled", title=arm.title, enrolled=arm.enrolled)
        told.append(joined("", [enrolled, *crossed]))
    return joined("; ", told)


def _cross(flow: Flow) -> str:
    told = []
    for group in dict.fromkeys(group for group, _, _ in flow.crossed_table):
        counts = [(answer, n) for g, answer, n in flow.crossed_table if g == group]
        if any(n for _, n in counts):
            told.append(say("{group}: {counts}", group=group, counts=joined(", ", _counted(counts))))
    if not told:
        return ""
    return say("{outcome} by group of the score: {groups}", outcome=flow.outcome, groups=joined("; ", told))
