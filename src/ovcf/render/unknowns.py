"""What is not known of a patient, and what it would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.measures.outline.endplates_and_wall import BULGE_LIMIT_MM, WALL_BULGE
from ovcf.plain_text import either, listed
from ovcf.render.blocks import bold, cited, column, heading, said, table
from ovcf.render.seen import State
from ovcf.render.words.score_words import item_name
from ovcf.render.words.values import limits_of, near, value_text
from ovcf.render.words.wording import points
from ovcf.scores.prognosis.nasovcf import TOTALS, group_of
from ovcf.scores.result import Condition
from ovcf.vocabulary import FractureType, Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen
    from ovcf.scores.result import ScoreResult

    Cite = Callable[[Iterable[str]], list[str]]

_BURST_POINTS = 2.0


def unknowns(seen: Seen, cite: Cite) -> list[Block]:
    """The table, most serious first; nothing where all of it is recorded."""
    rows = [[said(bold(what)), said(then, _refs(cite, refs))] for what, then, refs in _rows(seen)]
    if not rows:
        return []
    columns = [column("What", width=1), column("What it would change", width=2)]
    return [heading("Not known, and what it would change"), table(columns, rows, style="plain")]


def _refs(cite: Cite, ids: tuple[str, ...]) -> Text:
    return said(cited(cite(ids))) if ids else []


def _rows(seen: Seen) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    case = seen.case
    if case.neurology.symptomatic is None and seen.state is not State.EMERGENCY:
        yield from _neurology(seen)
    if seen.state in (State.USUAL, State.NOT_CHOSEN, State.NOTHING_MEASURED):
        yield from _cause(seen)
    if seen.state is State.USUAL:
        yield from _items(seen)
        yield from _treatment(seen)


def _neurology(seen: Seen) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    n = seen.case.neurology
    names = {
        "bladder or bowel": n.bladder_or_bowel,
        "saddle area": n.saddle_anaesthesia,
        "leg strength": n.progressive_weakness,
        "gait": n.gait_change,
        "nerve roots": n.radiculopathy,
    }
    open_ = [name for name, answer in names.items() if answer is None]
    yield (
        say("Nerve function: {open}", open=listed(open_)),
        "Not recorded. Any deficit of cord or cauda equina is an emergency and comes before the score.",
        ("rule-neurology",),
    )


def _cause(seen: Seen) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    case = seen.case
    if case.aetiology is None and not case.red_flags.seen_on_mri:
        yield "Tumour or infection", "Signs not recorded. If suspected, the score does not apply.", ("rule-red-flags",)
    if case.secondary_osteoporosis is None and case.glucocorticoids is None and seen.state is State.USUAL:
        yield (
            "Secondary osteoporosis, corticosteroids",
            "Not recorded. Han 2025 excluded such patients.",
            ("han-2025",),
        )


def _items(seen: Seen) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    result, case = seen.score, seen.case
    if result is None or result.withheld:
        return
    for item in result.items:
        if item.name in result.missing:
            span = listed([points(p) for p in item.possible]).replace(" and ", " or ")
            yield item_name(item.name), say("Not recorded: {span} points.", span=span), ()
    bulge = seen.measured(WALL_BULGE.id)
    if case.fracture_type is FractureType.COMPRESSION and bulge is not None and near(limits_of(bulge), BULGE_LIMIT_MM):
        yield (
            "Posterior wall",
            say(
                "{bulge} behind its corners, limit {bulge_limit_mm:g}\u00a0mm.{if_burst}",
                bulge=value_text(bulge),
                bulge_limit_mm=BULGE_LIMIT_MM,
                if_burst=_if_burst(result),
            ),
            (),
        )
    if result.total_probability and result.group is not None:
        others = [
            say("{total} points, {group_words}", total=points(total), group_words=_group_words(total, result))
            for total, p in sorted(result.total_probability, key=lambda tp: -tp[1])
            if total != result.total and p >= 0.2
        ]
        if others:
            yield "Values near a limit", say("Measured a little differently: {others}.", others=either(others)), ()
    held = [s for s in seen.sources if s.modality is Modality.RADIOGRAPH and s.posture is Posture.UNKNOWN]
    if held and case.posture_radiograph is None:
        yield (
            "Posture of the radiograph",
            "Not recorded. Posture alone can move kyphosis by more than 10°.",
            ("posture-kyphosis",),
        )


def _if_burst(result: ScoreResult) -> str:
    if result.total is None or result.total + _BURST_POINTS > TOTALS[-1]:
        return ""
    total = result.total + _BURST_POINTS
    return say(
        " If you read a burst fracture: {total} points, {group_words}.",
        total=points(total),
        group_words=_group_words(total, result),
    )


def _group_words(total: float, result: ScoreResult) -> str:
    group = group_of(total)
    return "same group" if group == result.group else say("{group} group", group=group)


def _treatment(seen: Seen) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    case, result = seen.case, seen.score
    conditions = () if result is None else result.conditions
    if Condition.RECENT in conditions:
        yield (
            "Whether the fracture is recent",
            "Not recorded. Han 2025 scored recent fractures only (low T1 signal).",
            ("han-2025",),
        )
    facts = (("weeks since onset", case.weeks_since_onset), ("treatment so far", case.treatment))
    open_ = [word for word, value in facts if value is None]
    if open_ and Condition.UNTREATED in conditions:
        then = "Not recorded. Group rates and guidance on augmentation are withheld until it is."
        yield listed(open_).capitalize(), then, ("han-2025",)
    elif open_:
        yield listed(open_).capitalize(), "Not recorded. Needed before augmentation is discussed.", ()
