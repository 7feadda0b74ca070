"""The impression: one assessment in at most two sentences, as a radiologist would close a report.

Pure: nothing is decided here that the assessment does not hold. The first sentence says what the vertebra is, the
second what follows for the score; where something urgent or open goes before, they say that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import PosteriorWall, SuggestedFracture
from ovcf.guidance.evidence import evidence
from ovcf.guidance.statement import Urgency
from ovcf.guidance.wilson import wilson
from ovcf.language.worded import Words, in_clauses, joined, say
from ovcf.measures.outline.endplates_and_wall import BULGE_LIMIT_MM, WALL_BULGE
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA, bme_level
from ovcf.plain_text import either, listed
from ovcf.render.seen import AGE_BY_SIGNAL, Seen, State, modality_words, posture_words
from ovcf.render.words.score_words import (
    conditions_words,
    item_name,
    maximum,
    reasons_of,
    so_made,
    span_of,
    why_withheld,
    with_probability,
)
from ovcf.render.words.values import limits_of, near, value_text
from ovcf.render.words.wording import decimal, points, share, spans
from ovcf.scores.prognosis.close_call import KYPHOSIS, VHL, on_the_other_side
from ovcf.scores.prognosis.nasovcf import KYPHOSIS_LIMIT_DEG, VHL_LIMIT_PERCENT
from ovcf.scores.result import Status, Withholding
from ovcf.vocabulary import Aetiology, BmeLevel, FractureShape, FractureType, Posture, Recency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment, LevelQuestion
    from ovcf.scores.result import ScoreResult


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its bold beginning, and the rest."""

    lead: Words
    rest: Words = ""

    @property
    def text(self) -> str:
        """The whole sentence."""
        return self.lead + self.rest


def impression(assessment: Assessment) -> tuple[Sentence, ...]:
    """One or two sentences, of the image that is scored."""
    seen = Seen(assessment)
    if seen.state is State.EMERGENCY:
        return _emergency(seen)
    if seen.state is State.CAUSE:
        return _cause(seen)
    if seen.state is State.LEVEL_UNSURE:
        return _level_unsure(assessment.questions)
    if seen.state is State.NOT_CHOSEN:
        return (*_not_chosen(seen), *_not_told(seen))
    if seen.state is State.NOTHING_FRACTURED:
        return (*_nothing_fractured(seen), *_not_told(seen))
    if seen.state is State.NOTHING_MEASURED:
        return _nothing_measured(seen)
    second = () if seen.score is None else (_score(seen.score, _near_a_limit(seen, seen.score)),)
    return (_vertebra(seen, seen.index), *second)


def _vertebra(seen: Seen, level: Level | None) -> Sentence:
    """``Recent wedge fracture of L1, Genant grade 2 (probability 81%): height loss 20.0%, ...``."""
    grade = seen.grade_of(level)
    lead = say("{kind} of {level}", kind=_kind(seen, level), level=level)
    said = ""
    if level in seen.case.refractured_levels:
        lead += ", cemented and broken again"
    elif any(s.id == "not-united" for s in seen.assessment.guidance):
        lead += ", not united"
    if grade is not None:
        by_name = {say("grade {g}", g=g): p for g, p in grade.probability}
        said = ", Genant " + with_probability(
            say("grade {grade}", grade=grade.grade), say("grade {grade}", grade=grade.grade), by_name
        )
    parts = (_middle, _height, _kyphosis, _edema)
    facts = [part for part in (*(said_of(seen, level) for said_of in parts), _wall(seen)) if part]
    return Sentence(lead, said + (": " + in_clauses(facts) if facts else "") + ".")


def _kind(seen: Seen, level: Level | None) -> str:
    """``Recent wedge fracture``: age and shape; neither is said where it is not known."""
    case = seen.case
    treated = seen.applicability.treated
    age = "Treated" if treated else {Recency.RECENT: "Recent", Recency.NOT_RECENT: "Old"}.get(seen.recency, "")
    grade = seen.grade_of(level)
    shape = grade.shape.value if grade is not None and grade.shape is not None else ""
    if case.fracture_type is FractureType.BURST:
        shape = "burst"
    elif not shape and case.fracture_type is not None:
        shape = case.fracture_type.value
    return joined(" ", (part for part in (age, shape, "fracture") if part)).capitalize()


def _height(seen: Seen, level: Level | None) -> str:
    if level == seen.index and seen.case.vhl_percent is not None:
        return say("height loss {vhl_percent}% (entered)", vhl_percent=decimal(seen.case.vhl_percent, 1))
    m = seen.measured(VERTEBRAL_HEIGHT_LOSS.id, level)
    return "" if m is None else say("height loss {m}", m=value_text(m))


def _deformity(seen: Seen, level: Level | None) -> str:
    """What makes its shape that of a fracture: the height loss of HAN where that counts, else the height that the grade
    rests on. A biconcave body keeps its anterior and posterior height, so that HAN's height loss tells nothing of it.
    """
    whole = seen.measured(VERTEBRAL_HEIGHT_LOSS.id, level)
    if whole is not None and whole.value >= VHL_LIMIT_PERCENT:
        return _height(seen, level)
    lost = seen.loss_graded(level)
    match lost:
        case (FractureShape.WEDGE, loss):
            return say("anterior height {m} below the posterior", m=value_text(loss))
        case (FractureShape.BICONCAVE, loss):
            return say("middle height {m} below the posterior", m=value_text(loss))
        case (FractureShape.CRUSH, loss):
            return say("posterior height {m} below that of its neighbours", m=value_text(loss))
    return "" if whole is None or whole.value < 0 else _height(seen, level)


def _middle(seen: Seen, level: Level | None) -> str:
    """The middle height of a biconcave body, where HAN's height loss does not show the fracture."""
    whole, lost = seen.measured(VERTEBRAL_HEIGHT_LOSS.id, level), seen.loss_graded(level)
    if lost is None or lost[0] is not FractureShape.BICONCAVE:
        return ""
    return "" if whole is not None and whole.value >= VHL_LIMIT_PERCENT else _deformity(seen, level)


def _kyphosis(seen: Seen, level: Level | None) -> str:
    if level == seen.index and seen.case.local_kyphosis_deg is not None:
        return say(
            "local kyphosis {local_kyphosis_deg}° (entered)",
            local_kyphosis_deg=decimal(seen.case.local_kyphosis_deg, 1),
        )
    m = seen.measured(LOCAL_KYPHOSIS_ANGLE.id, level)
    if m is None:
        return ""
    said = posture_words(m.source)
    return say("local kyphosis {m} ", m=value_text(m)) + (
        said if m.source.posture is not Posture.UNKNOWN else say("({said})", said=said)
    )


def _edema(seen: Seen, level: Level | None) -> str:
    m = seen.measured(BONE_MARROW_EDEMA.id, level)
    if m is None:
        return ""
    if bme_level(m.value) is BmeLevel.NONE:
        return "no edema measured"
    return say("edema in {m} of the body", m=value_text(m))


def _wall(seen: Seen) -> str:
    """Only what is not clearly as it should be; a burst fracture says it by its name."""
    if seen.case.fracture_type is FractureType.BURST:
        return ""
    if seen.wall is None:
        return ""
    bulge = seen.measured(WALL_BULGE.id)
    if bulge is not None and near(limits_of(bulge), BULGE_LIMIT_MM):
        return "posterior wall not clearly intact"
    involved = isinstance(seen.wall.data, PosteriorWall) and seen.wall.data.involved
    return "posterior wall involved" if involved else ""


_CLOSE = (
    ("close-call-vhl", VHL, say("height loss lies near its limit of {at:g}%", at=VHL_LIMIT_PERCENT)),
    ("close-call-kyphosis", KYPHOSIS, say("local kyphosis lies near its limit of {at:g}°", at=KYPHOSIS_LIMIT_DEG)),
)


def _near_a_limit(seen: Seen, result: ScoreResult) -> Words:
    """The group on the other side of a limit that is too near to call; empty where the group would stay."""
    doubtful = {s.id for s in seen.assessment.guidance if s.urgency is Urgency.ADVICE}
    found = [
        say(
            " Another reader could have given {total:g} points, {group} group: {why}.",
            total=other[0],
            group=other[1],
            why=why,
        )
        for id_, limit, why in _CLOSE
        if id_ in doubtful and (other := on_the_other_side(result, limit)) is not None
    ]
    return joined("", found)


def _score(result: ScoreResult, near_a_limit: Words = "") -> Sentence:
    """The total, its group and what happened to such patients; or what is missing, or why it is withheld."""
    if result.withheld:
        return Sentence(
            say("{score} withheld: {why_withheld}.", score=result.score, why_withheld=why_withheld(result)),
            say(" {so_made}", so_made=so_made(result)),
        )
    if result.status is Status.INCOMPLETE and result.attainable is not None:
        groups = (
            say(", {attainable_groups} group", attainable_groups=either(result.attainable_groups))
            if result.attainable_groups
            else ""
        )
        lead = say(
            "{score} {span_of}{of} still possible{groups}",
            score=result.score,
            span_of=span_of(result),
            of=_of(result),
            groups=groups,
        )
        open_ = (
            say("; holds only if the fracture is {conditions_words}", conditions_words=conditions_words(result))
            if result.conditions
            else ""
        )
        return Sentence(
            lead,
            say(
                ": {item_name} not recorded{open}.", item_name=listed(list(map(item_name, result.missing))), open=open_
            ),
        )
    if result.status is not Status.COMPLETE or result.total is None:
        return Sentence(
            say("{score} gives no number: ", score=result.score),
            say("{value}.", value=reasons_of(result) or result.status.value),
        )
    lead = say(
        "{score} {total}{of}, {group} group",
        score=result.score,
        total=points(result.total),
        of=_of(result),
        group=result.group,
    )
    by_group = {say("{name} group", name=name): p for name, p in result.group_probability}
    sure = with_probability("", say("{group} group", group=result.group), by_group)
    if result.conditions:
        return Sentence(
            lead,
            say(
                "{sure}; holds only if the fracture is {conditions_words}: not recorded.",
                sure=sure,
                conditions_words=conditions_words(result),
            ),
        )
    return Sentence(lead, say("{sure}. {rate}", sure=sure, rate=_rate(result.group or "")) + near_a_limit)


def _of(result: ScoreResult) -> str:
    most = maximum(result)
    return "" if most is None else say(" of {most}", most=points(most))


def _rate(group: str) -> str:
    rate = wilson(*evidence("han-2025-outcomes").counts(f"non_union_{group}"))
    return say(
        "In Han 2025, {events} of {n} such patients had no bony union after 6 months without "
        "surgery: {share} (95% interval {low} to {high}%).",
        events=rate.events,
        n=rate.n,
        share=share(rate.share),
        low=decimal(100 * rate.low, 0),
        high=decimal(100 * rate.high, 0),
    )


def _emergency(seen: Seen) -> tuple[Sentence, ...]:
    present = seen.case.neurology.urgent
    with_ = say(" with {present}", present=listed(present)) if present else ""
    lead = (
        say("{kind} of {index}", kind=_kind(seen, seen.index), index=seen.index)
        if seen.index
        else "Possible compression of cord or cauda equina"
    )
    if seen.case.neurology.cord_or_cauda_compression:
        return (Sentence(lead, say("{with_}.", with_=with_)),)
    return (Sentence(lead, say("{with_}.", with_=with_)), Sentence("The canal was not measured: ", "read it first."))


def _cause(seen: Seen) -> tuple[Sentence, ...]:
    """The cause is not known: no shape, no grade, nothing of the score but that it is withheld."""
    age = {Recency.RECENT: "Recent fracture", Recency.NOT_RECENT: "Old fracture"}.get(seen.recency, "Fracture")
    lead = say("{age} of {index}", age=age, index=seen.index) if seen.index else "Fracture"
    decided = seen.case.aetiology
    tumour = Withholding.TUMOUR in seen.applicability.kinds
    infection = Withholding.INFECTION in seen.applicability.kinds
    what = listed([word for word, here in (("a tumour", tumour), ("an infection", infection)) if here])
    recorded = decided in (Aetiology.METASTASIS, Aetiology.MYELOMA, Aetiology.INFECTION)
    cause = say(", recorded cause {decided}", decided=decided) if recorded else ", cause not known"
    height = _height(seen, seen.index)
    signs = "" if recorded or not what else say("signs that suggest {what}", what=what)
    facts = joined(" with ", (part for part in (height, signs) if part)) if height else signs
    rest = say(": {facts}.", facts=facts) if facts else "."
    if seen.score is None or not seen.score.withheld:
        return (Sentence(lead + cause, rest),)
    return Sentence(lead + cause, rest), Sentence(say("NASOVCF withheld {until}.", until=_until(seen)))


def _until(seen: Seen) -> str:
    if seen.case.aetiology in (Aetiology.METASTASIS, Aetiology.MYELOMA, Aetiology.INFECTION):
        return say("for a fracture from {aetiology}", aetiology=seen.case.aetiology)
    kinds = seen.applicability.kinds
    doubts = [w for k, w in ((Withholding.TUMOUR, "tumour"), (Withholding.INFECTION, "infection")) if k in kinds]
    return say(
        "until {value} {value_2} ruled out",
        value=joined(" and ", doubts) or "the cause",
        value_2="are" if len(doubts) > 1 else "is",
    )


def _level_unsure(questions: tuple[LevelQuestion, ...]) -> tuple[Sentence, ...]:
    bodies = sum(len(q.bodies) for q in questions[:1])
    return (
        Sentence(
            say("{bodies} vertebral bodies were found, and their names are not sure", bodies=bodies),
            ": no vertebra is graded yet.",
        ),
        Sentence("NASOVCF withheld until the level is confirmed."),
    )


def _not_chosen(seen: Seen) -> tuple[Sentence, ...]:
    levels = [f.level for f in seen.looks_fractured if f.level is not None]
    unclear = spans([f.level for f in seen.unclear if f.level is not None])
    if not levels:
        lead = say("Marrow signal of {unclear} is not clear", unclear=unclear)
        return Sentence(lead, ": for the reader to judge."), _why_no_score(seen)
    signs = [f.data.recent for f in seen.looks_fractured if isinstance(f.data, SuggestedFracture)]
    recent = signs[0] if signs else None
    facts = [part for said in (_deformity, _kyphosis, _edema) if (part := said(seen, levels[0]))]
    also = say("; marrow signal of {unclear} not clear, for the reader to judge", unclear=unclear) if unclear else ""
    first = say("{levels} {value} fractured", levels=spans(levels), value="looks" if len(levels) == 1 else "look")
    if len(levels) > 1:
        rest = say(", {levels} most of all", levels=levels[0]) + _after_colon(facts, also)
    else:
        rest = say(" ({age_by_signal})", age_by_signal=AGE_BY_SIGNAL[recent]) + _after_colon(facts, also)
    return Sentence(first, rest), _why_no_score(seen)


def _after_colon(facts: Sequence[str], also: str) -> str:
    return (say(": {join}", join=in_clauses(facts)) if facts else "") + also + "."


def _not_told(seen: Seen) -> tuple[Sentence, ...]:
    """Vertebrae that the reader could not judge: they are named, and are neither fractured nor sound."""
    levels = spans(seen.assessment.undecided)
    if not levels:
        return ()
    lead = say("Whether {levels} is fractured could not be told, by the reader", levels=levels)
    return (Sentence(lead, ": it does not count as sound."),)


def _why_no_score(seen: Seen) -> Sentence:
    if seen.assessment.declined:
        return Sentence("No recent fracture to assess, by the reader: ", "NASOVCF withheld.")
    return Sentence("NASOVCF withheld until a reader names the fractured vertebra.")


def _nothing_fractured(seen: Seen) -> tuple[Sentence, ...]:
    assert seen.grades is not None
    graded = [level for level, _ in seen.grades.graded]
    on = listed(list(dict.fromkeys(modality_words(s) for s in seen.sources)))
    many = "the vertebra" if len(graded) == 1 else say("the {graded} vertebrae", graded=len(graded))
    lead = say("No fracture found in {many} that could be graded", many=many)
    not_graded = [str(u.level) for u in seen.grades.ungraded if u.level is not None]
    nameless = any(u.level is None for u in seen.grades.ungraded)
    also = listed(not_graded + (["bodies without a name"] if nameless else []))
    second = Sentence(say("Not graded: {also}.", also=also), " ") if also else Sentence("")
    mild = spans(seen.mild_not_excluded)
    third = (Sentence(say("A mild fracture of {mild} is not excluded by its heights.", mild=mild)),) if mild else ()
    return (
        Sentence(lead, say(" ({graded}), on {on}.", graded=spans(graded), on=on)),
        *third,
        Sentence(second.lead, say("{rest}Vertebrae outside the picture were not seen.", rest=second.rest)),
    )


def _nothing_measured(seen: Seen) -> tuple[Sentence, ...]:
    at = say(" of {index}", index=seen.index) if seen.index else ""
    first = Sentence(say("Nothing could be measured{at}", at=at), ": a fracture is neither shown nor excluded.")
    score = seen.score
    if score is None or score.withheld or score.attainable is None:
        return (first,)
    return first, Sentence(
        "NASOVCF withheld: ", say("{missing} of its items are not recorded.", missing=len(score.missing))
    )
