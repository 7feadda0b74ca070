"""The words of follow-up: what a change, an outcome, an obstacle and a planned visit are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.follow_up.change import Change, ErrorOf, Obstacle, Verdict
from ovcf.follow_up.outcomes import OutcomeKind
from ovcf.follow_up.planned import Due
from ovcf.follow_up.visit import Quantity
from ovcf.guidance.statement import Urgency
from ovcf.language.worded import joined, say
from ovcf.plain_text import clean, listed
from ovcf.render.words.wording import day, decimal, estimate, sentence
from ovcf.scores.prevention.indicators import Indicator
from ovcf.units import Unit
from ovcf.vocabulary import Posture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.follow_up.alerts import Alert
    from ovcf.follow_up.outcomes import Outcome
    from ovcf.follow_up.pairing import PairingQuestion
    from ovcf.follow_up.reliability import Reliability
    from ovcf.follow_up.timeline import Course, Timeline
    from ovcf.follow_up.visit import Value, Visit
    from ovcf.scores.prevention.indicators import Timer

TITLES = {
    Quantity.HEIGHT_LOSS: "Vertebral height loss",
    Quantity.KYPHOSIS: "Local kyphosis angle",
    Quantity.ANTERIOR_HEIGHT: "Anterior height",
    Quantity.MIDDLE_HEIGHT: "Middle height",
    Quantity.POSTERIOR_HEIGHT: "Posterior height",
    Quantity.WEDGE_RATIO: "Wedge ratio Ha/Hp",
    Quantity.EDEMA: "Bone marrow edema",
    Quantity.GRADE: "Semiquantitative grade",
    Quantity.VBQ: "Vertebral bone quality",
    Quantity.PAIN: "Pain (VAS)",
    Quantity.DISABILITY: "Disability (ODI)",
    Quantity.ANALGESICS: "Analgesic class",
}
OBSTACLES = {
    Obstacle.POSTURE_DIFFERS: "posture differs",
    Obstacle.POSTURE_UNKNOWN: "posture not recorded",
    Obstacle.MODALITY_DIFFERS: "radiograph and MRI or CT",
    Obstacle.UNCALIBRATED: "no scale",
}
OUTCOMES = {
    OutcomeKind.PROGRESSIVE_KYPHOSIS: "Progressive kyphosis (more than 10° since the first visit, Han)",
    OutcomeKind.CLEFT: "Intravertebral cleft, a sign of non-union (Han)",
    OutcomeKind.NON_UNION: "Non-union (cleft, or anterior height that moves between standing and supine; Han)",
    OutcomeKind.SEVERE_COLLAPSE: "Severe collapse (grade 3 at 1 year, Nagao)",
    OutcomeKind.SEVERE_EDEMA_3_MONTHS: "Severe edema at 3 months (Nagao)",
    OutcomeKind.EDEMA_RETURNED: "Edema returned",
    OutcomeKind.SECONDARY_FRACTURE: "New fracture",
}
DUE = {Due.HELD: "held", Due.OPEN: "due now", Due.OVERDUE: "overdue", Due.MISSED: "missed", Due.COMING: "to come"}
_DIGITS = {
    Quantity.WEDGE_RATIO: 2,
    Quantity.VBQ: 2,
    Quantity.GRADE: 0,
    Quantity.PAIN: 0,
    Quantity.DISABILITY: 0,
    Quantity.ANALGESICS: 0,
    Quantity.EDEMA: 0,
}


def alert_title(of_visit: Sequence[Alert]) -> str:
    """``Emergency at v3, the last visit: neurology``; ``Emergency at v1: neurology``."""
    kinds = {a.urgency for a in of_visit}
    kind = "Emergency" if Urgency.EMERGENCY in kinds else "Urgent" if Urgency.URGENT in kinds else "Alert"
    topics = listed(list(dict.fromkeys(a.topic for a in of_visit))).lower()
    visit = clean(of_visit[0].visit)
    if of_visit[0].now:
        return say("{kind} at {visit}, the last visit: {topics}", kind=kind, visit=visit, topics=topics)
    return say("{kind} at {visit}: {topics}", kind=kind, visit=visit, topics=topics)


def timer_name(timer: Timer) -> str:
    """``DXA done, within 12 weeks``."""
    within = "" if timer.within_weeks is None or timer.indicator is Indicator.ON_DRUG else timer.within_weeks
    return say(
        "{indicator}{value}",
        indicator=timer.indicator.value,
        value=say(", within {within:g} weeks", within=within) if within else "",
    )


def timer_state(timer: Timer) -> str:
    """What became of it, and after how many weeks."""
    return timer.reached.value + (
        "" if timer.done_weeks is None else say(", after {done_weeks:g} weeks", done_weeks=timer.done_weeks)
    )


def title_of(course: Course) -> str:
    """``Local kyphosis angle of L1``."""
    title = TITLES[course.quantity]
    return say("{title} of {level}", title=title, level=course.level) if course.level else title


def verdict_words(change: Change) -> str:
    """A change in a few words: ``Worse``, ``Less``, ``Within the error of measurement``, ``Not compared``."""
    if change.verdict in (Verdict.MORE, Verdict.LESS) and change.quantity in _WORSE_WHEN_MORE:
        return "Worse" if change.verdict is Verdict.MORE else "Better"
    return {
        Verdict.MORE: "More",
        Verdict.LESS: "Less",
        Verdict.WITHIN_ERROR: "Within the error of measurement",
        Verdict.NOT_COMPARABLE: "Not compared",
        Verdict.ERROR_UNKNOWN: "As before"
        if change.difference == 0
        else "Higher"
        if change.difference > 0
        else "Lower",
    }[change.verdict]


def verdict_reason(change: Change) -> str:
    """What a verdict rests on: the difference with the smallest that can be detected, or why it is not compared."""
    if change.verdict is Verdict.NOT_COMPARABLE:
        return say("{listed}", listed=listed([OBSTACLES[o] for o in change.obstacles])).capitalize()
    if change.verdict is Verdict.ERROR_UNKNOWN:
        return say("{difference}; the error of measurement is not known", difference=_difference(change))
    return say("{difference}; {smallest}", difference=_difference(change), smallest=_smallest(change))


_WORSE_WHEN_MORE = frozenset({Quantity.HEIGHT_LOSS, Quantity.KYPHOSIS, Quantity.PAIN, Quantity.DISABILITY})


def value_words(value: Value | None) -> str:
    """``17.8%`` with its interval, or a dash."""
    if value is None:
        return "–"
    digits = _DIGITS.get(value.quantity, 1)
    unit = "" if value.unit in (Unit.POINT, Unit.RATIO) else value.unit.symbol
    told = decimal(value.value, digits) + unit
    if value.sd is None:
        return told
    ends = [decimal(value.value + sign * 1.96 * value.sd, digits) for sign in (-1, 1)]
    return say("{told} ({join})", told=told, join=say("{low} to {high}", low=ends[0], high=ends[1]))


def change_words(change: Change | None) -> str:
    """``+6.4°, more than the error of measurement (±3.1°)``, or why it is not judged."""
    if change is None:
        return ""
    told = _difference(change)
    if change.verdict is Verdict.NOT_COMPARABLE:
        return say("not compared: {listed}", listed=listed([OBSTACLES[o] for o in change.obstacles]))
    if change.verdict is Verdict.ERROR_UNKNOWN:
        return told
    word = "within the error of measurement" if change.verdict is Verdict.WITHIN_ERROR else "a change"
    return say("{told}, {word} ({smallest})", told=told, word=word, smallest=_smallest(change))


def _smallest(change: Change) -> str:
    told = say(
        "smallest detectable {get}{unit}",
        get=decimal(change.smallest or 0.0, _DIGITS.get(change.quantity, 1)),
        unit=_unit(change),
    )
    return told + (" by your own readers" if change.error_of is ErrorOf.SITE else "")


def site_words(site: Reliability) -> str:
    """``local kyphosis angle: SEM 1.5°, smallest detectable change 4.2° (two readers at AKH, 2025)``."""
    digits = _DIGITS.get(site.quantity, 1) or 1
    sem, sdc = (decimal(v, digits) + site.unit.symbol for v in (site.sem, site.sdc))
    return say(
        "{quantity}: SEM {sem}, smallest detectable change {sdc} ({source})",
        quantity=site.quantity.value,
        sem=sem,
        sdc=sdc,
        source=site.source,
    )


def _difference(change: Change) -> str:
    return say("{figure}{unit}", figure=_figure(change.difference, change), unit=_unit(change))


def _figure(difference: float, change: Change) -> str:
    return ("+" if difference > 0 else "") + decimal(difference, _DIGITS.get(change.quantity, 1))


def _unit(change: Change) -> str:
    """A difference of percentages is in points."""
    unit = change.before.unit
    return " points" if unit is Unit.PERCENT else "" if unit in (Unit.POINT, Unit.RATIO) else unit.symbol


def held_words(value: Value | None) -> str:
    """How the image was taken, for one line under a value."""
    if value is None or value.quantity not in _OF_IMAGES:
        return ""
    posture = "posture not recorded" if value.posture is Posture.UNKNOWN else value.posture.value
    return say("{modality}, {posture}", modality="entered" if value.by_hand else value.modality.value, posture=posture)


_OF_IMAGES = frozenset(Quantity) - {
    Quantity.PAIN,
    Quantity.DISABILITY,
    Quantity.ANALGESICS,
    Quantity.GRADE,
    Quantity.EDEMA,
    Quantity.VBQ,
}


def answer_words(outcome: Outcome) -> str:
    """Yes, no, or open; with the probability where there is one."""
    word = {True: "yes", False: "no", None: "open"}[outcome.answer]
    if outcome.probability is None:
        return word
    return say("{word} (probability {probability})", word=word, probability=estimate(outcome.probability))


def question_words(question: PairingQuestion) -> str:
    """Why the names of the vertebrae are in doubt."""
    way = "one level further caudal" if question.shift < 0 else "one level further cranial"
    if question.fracture is not None:
        return say(
            "{fracture} is fractured at {earlier} and sound at {later}, where its neighbour is "
            "fractured: the names at {later} may stand {way} than those at {earlier}",
            fracture=question.fracture,
            earlier=question.earlier,
            later=question.later,
            way=way,
        )
    return say(
        "the bodies of {later} fit those of {earlier} better if its names are taken to stand "
        "{way} (they then differ by {moved}%, not by {disagreement}%)",
        later=question.later,
        earlier=question.earlier,
        way=way,
        moved=decimal(100 * question.moved, 1),
        disagreement=decimal(100 * question.disagreement, 1),
    )


def summary(timeline: Timeline) -> list[str]:
    """At most two sentences: what changed by more than its error, and which outcomes there are."""
    if timeline.questions:
        return [
            "The visits may mean different vertebrae by the same names. Nothing is compared before that is settled."
        ]
    headline = {c.quantity: c.changes[-1] for c in timeline.courses if c.quantity in _HEADLINES}
    by_verdict: dict[Verdict | None, list[str]] = {}
    for quantity, change in headline.items():
        if change is not None:
            kept = change.verdict is Verdict.ERROR_UNKNOWN and change.difference == 0
            by_verdict.setdefault(None if kept else change.verdict, []).append(_headline(quantity, change))
    changed = [*by_verdict.get(Verdict.MORE, ()), *by_verdict.get(Verdict.LESS, ())]
    parts = [listed(changed)] if changed else []
    if same_word := by_verdict.pop(None, None):
        parts.append(listed(same_word))
    if unsure := by_verdict.get(Verdict.ERROR_UNKNOWN):
        parts.append(say("{unsure} (error of measurement not known)", unsure=listed(unsure)))
    if same := by_verdict.get(Verdict.WITHIN_ERROR):
        parts.append(say("{same}, within the error of measurement", same=listed(same)))
    if apart := by_verdict.get(Verdict.NOT_COMPARABLE):
        parts.append(say("{apart} not compared", apart=listed(apart)))
    first, last = timeline.visits[0], timeline.visits[-1]
    course = say(
        "{level} from {first} to {last}: {value}.",
        level=timeline.level,
        first=first.name,
        last=last.name,
        value=joined("; ", parts) or "nothing to compare",
    )
    names = list(dict.fromkeys(_outcome(o) for o in timeline.outcomes if o.answer or _not_ruled_out(o)))
    return [course, sentence(listed(names))] if names else [course]


def _headline(quantity: Quantity, change: Change) -> str:
    if change.verdict is Verdict.NOT_COMPARABLE:
        return say(
            "{titles} ({listed})",
            titles=TITLES[quantity].lower(),
            listed=listed([OBSTACLES[o] for o in change.obstacles]),
        )
    if change.verdict is Verdict.ERROR_UNKNOWN and change.difference == 0:
        return say("{titles} as before", titles=TITLES[quantity].lower())
    told = say("{titles} {difference}", titles=TITLES[quantity].lower(), difference=_difference(change))
    if change.smallest is None or change.verdict is Verdict.WITHIN_ERROR:
        return told
    ends = [_figure(change.difference + sign * change.smallest, change) for sign in (-1, 1)]
    return say(
        "{told} (95% interval {ends} to {ends_2}{unit})", told=told, ends=ends[0], ends_2=ends[1], unit=_unit(change)
    )


_POSSIBLE = 0.03
"""A probability from which on an outcome that is answered no is told all the same."""


def _not_ruled_out(outcome: Outcome) -> bool:
    return outcome.answer is False and outcome.probability is not None and outcome.probability >= _POSSIBLE


def _outcome(outcome: Outcome) -> str:
    """An outcome with its doubt: how probable it is, or that its error is not known."""
    told = say("{kind} at {visit}", kind=outcome.kind.value, visit=outcome.visit)
    if _not_ruled_out(outcome):
        told += " not ruled out"
    if outcome.probability is not None:
        return say("{told} (probability {probability})", told=told, probability=estimate(outcome.probability))
    return say("{told} (error of measurement not known)", told=told) if outcome.kind in _MEASURED else told


_MEASURED = (OutcomeKind.PROGRESSIVE_KYPHOSIS,)
"""Outcomes that are a measurement beyond a limit, and nothing else."""


_HEADLINES = (Quantity.HEIGHT_LOSS, Quantity.KYPHOSIS, Quantity.EDEMA, Quantity.GRADE)


def names_of(visits: Sequence[Visit]) -> list[str]:
    """Column headings: the name and the day of each visit."""
    return [say("{v}, {isoformat}", v=v.name, isoformat=day(v.on.isoformat())) if v.on else v.name for v in visits]
