"""Page one, to be read in half a minute: urgent band, impression, pictures, the five items, what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.render.blocks import band, bold, figures, heading, paragraph, said, soft, split
from ovcf.render.impression import impression
from ovcf.render.rows.score_rows import rates_of_groups, score_table
from ovcf.render.rows.withheld_rows import look_here
from ovcf.render.seen import State
from ovcf.render.unknowns import unknowns
from ovcf.render.words.score_words import conditions_words
from ovcf.render.words.wording import plain, sentence, spans
from ovcf.report.pages import front_open, front_urgent
from ovcf.scores.result import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.render.blocks import Block
    from ovcf.render.seen import Seen
    from ovcf.render.sources import Sources
    from ovcf.report.figure import Figure

MAX_ON_FRONT = 3


def front_page(seen: Seen, pictures: Sequence[Figure], sources: Sources) -> list[Block]:
    """The blocks of page one, for every state."""
    cite = sources.cite
    blocks: list[Block] = [_check(warning) for warning in seen.assessment.warnings]
    blocks += front_urgent.urgent_bands(seen, cite)
    if seen.assessment.questions:
        blocks += front_open.level_question(seen, pictures)
    blocks.append(
        {"kind": "impression", "sentences": [said(bold(s.lead), s.rest) for s in impression(seen.assessment)]}
    )
    if seen.state is State.HELD:
        blocks += front_urgent.held_band(seen, cite)
    if seen.state is State.NOT_CHOSEN and front_open.is_to_choose(seen):
        blocks += front_open.choose_band(seen)
    if front := on_front(pictures):
        blocks.append(figures(front, len(front)))
    blocks += _body(seen, sources)
    return blocks


def on_front(pictures: Sequence[Figure]) -> list[int]:
    """The pictures of page one by their places: those meant for it, else the first ones."""
    meant = [i for i, f in enumerate(pictures) if f.place == "front"]
    return (meant or [i for i, f in enumerate(pictures) if f.place == "detail"])[:MAX_ON_FRONT]


def _body(seen: Seen, sources: Sources) -> list[Block]:
    cite = sources.cite
    if seen.state is State.EMERGENCY:
        return front_urgent.emergency(seen, cite)
    if seen.state is State.CAUSE:
        return front_urgent.cause(seen, cite)
    if seen.state is State.LEVEL_UNSURE:
        return front_open.depends(cite)
    if seen.state is State.HELD:
        return [*front_urgent.measured(seen, "95% interval, no points"), *look_here(seen), *unknowns(seen, cite)]
    if seen.state is State.NOT_CHOSEN:
        return [*look_here(seen), *front_open.levels_table(seen), *unknowns(seen, cite)]
    if seen.state is State.NOTHING_FRACTURED:
        return [*front_open.levels_table(seen), *front_open.not_excluded(seen), *look_here(seen)]
    if seen.state is State.NOTHING_MEASURED:
        return [*front_open.needed(seen), *unknowns(seen, cite)]
    return [*_score(seen, sources), *unknowns(seen, cite)]


def _score(seen: Seen, sources: Sources) -> list[Block]:
    left = score_table(seen, sources.cite)
    if not left:
        return _no_number(seen)
    right = rates_of_groups(seen, sources.cite) or _no_rates(seen)
    return [split(left, right, (1.75, 1.0))] if right else left


def _no_number(seen: Seen) -> list[Block]:
    result = seen.score
    if result is None:
        return []
    reasons = [said(sentence(plain(reason))) for reason in result.reasons]
    if len(seen.case.fractured) > 1:
        reasons.append(
            said(
                say(
                    "Named as recently fractured: {fractured}. Assessed here: {index}.",
                    fractured=spans(seen.case.fractured),
                    index=seen.index,
                )
            )
        )
    return [
        band("hold", say("{score} gives no number", score=result.score), *reasons),
        *front_urgent.measured(seen, "95% interval, no points"),
    ]


def _no_rates(seen: Seen) -> list[Block]:
    """Why the rates of such patients are not shown."""
    result = seen.score
    if result is None:
        return []
    if result.conditions:
        why = say(
            "Han 2025 followed fractures that were {conditions_words}. That is not recorded here.",
            conditions_words=conditions_words(result),
        )
    elif result.status is Status.INCOMPLETE:
        why = "Rates follow from the group, and the group is open until the missing items are recorded."
    else:
        return []
    return [heading("What happened to such patients"), paragraph(soft(say("Not shown. {why}", why=why)), small=True)]


def _check(warning: str) -> Block:
    return band("hold", "Check the input", said(sentence(plain(warning))))
