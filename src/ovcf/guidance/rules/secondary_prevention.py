"""What is done against the next fracture: the IOF's timers, NOGG's adjustment of FRAX, a panel's early review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Answer, Criterion, Statement, Urgency
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.evaluate import classify
from ovcf.scores.prevention.indicators import Reached, timers
from ovcf.scores.prevention.nogg_ls_fn import NOGG_LS_FN
from ovcf.scores.tally import at_least

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput
    from ovcf.scores.prevention.indicators import Timer

RULE = Rule(
    what="Timers of the IOF, NOGG's adjustment of FRAX, an early review",
    whom="from 50 years, a named fracture whose cause is not in doubt; the indicators measure services",
    not_for="what one patient needs",
)
_TOPIC = "Prevention of the next fracture"
_ANSWERS = {Reached.YES: Answer.MET, Reached.LATE: Answer.NOT_MET, Reached.NO: Answer.NOT_MET}
_OPEN = (Reached.OVERDUE, Reached.NO)
_FROM_YEARS = 50.0
"""Of whom the IOF's indicators and NOGG speak."""


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """Only where a fracture is named and its cause is not in doubt; nothing while cord or cauda equina come first."""
    found = findings.applicability
    if findings.level is None or found.urgent or found.cause_in_doubt:
        return
    age = findings.case.age_years
    if age is None or at_least(age, _FROM_YEARS):
        yield from _timers(findings)
        yield from _nogg(findings)
    if found.holds:
        yield Statement(
            id="prevention-early-review",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("rand-ucla-2018",),
            text="A RAND/UCLA panel (2018, twelve experts, paid for by Medtronic, which sells kyphoplasty; abstract "
            "and the sponsor's page) would see a patient with such a fracture again after 2 to 4 weeks, with bone "
            "density and treatment of osteoporosis as part of it.",
        )


def _timers(findings: AdviceInput) -> Iterator[Statement]:
    weeks = findings.case.weeks_since_onset
    of_patient = timers(findings.case.prevention, weeks)
    open_ = [t.indicator.value for t in of_patient if t.reached in _OPEN]
    late = [
        say("{indicator} ({done_weeks:g} weeks)", indicator=t.indicator.value, done_weeks=t.done_weeks)
        for t in of_patient
        if t.reached is Reached.LATE
    ]
    when = (
        "how many weeks ago is not recorded"
        if weeks is None
        else say("{weeks:g} weeks ago by the onset of pain", weeks=weeks)
    )
    text = say(
        "Indicators of the IOF for services after a fracture (2020, abstract): risk and DXA "
        "within 12 weeks, exercise, follow-up and drug within 16, a drug still prescribed at 52. "
        "This fracture: {when}. ",
        when=when,
    )
    if late:
        text += say("Done late: {late}. ", late=listed(late))
    if open_:
        text += say("Consider what is not recorded as done: {open}.", open=listed(open_))
    else:
        text += "They measure services, and say nothing of what this patient needs."
    yield Statement(
        id="prevention-timers",
        topic=_TOPIC,
        urgency=Urgency.ADVICE if open_ else Urgency.INFORMATION,
        evidence=("iof-kpi-2020",),
        text=text,
        criteria=tuple(map(_criterion, of_patient)),
    )


def _criterion(timer: Timer) -> Criterion:
    within = (
        say(" within {within_weeks:g} weeks", within_weeks=timer.within_weeks)
        if timer.within_weeks and "52" not in timer.indicator
        else ""
    )
    done = "" if timer.done_weeks is None else say(", after {done_weeks:g} weeks", done_weeks=timer.done_weeks)
    return Criterion(
        say("{indicator}{within}", indicator=timer.indicator.value, within=within),
        _ANSWERS.get(timer.reached, Answer.UNKNOWN),
        say("{reached}{done}", reached=timer.reached.value, done=done),
    )


def _nogg(findings: AdviceInput) -> Iterator[Statement]:
    case, own = findings.case, findings.case.prevention
    if case.frax_mof_percent is None or own.t_score_lumbar_spine is None or own.t_score_femoral_neck is None:
        return
    judged = classify(
        NOGG_LS_FN,
        frax_mof_percent=case.frax_mof_percent,
        t_lumbar_spine=own.t_score_lumbar_spine,
        t_femoral_neck=own.t_score_femoral_neck,
    )
    yield Statement(
        id="prevention-nogg",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=("nogg-2024", "ls-fn-2014"),
        text=say(
            "FRAX for major fractures by NOGG 2024 (United Kingdom; a conditional recommendation): "
            "{meaning}. It takes 10% for each SD, unrounded here.",
            meaning=judged.meaning,
        ),
    )
