"""Pages two to four: measurements, findings, change, guidance, what was not measured, and the signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.outcomes import happened
from ovcf.language.worded import joined, say
from ovcf.render.advice import guidance_blocks
from ovcf.render.blocks import bold, cited, column, figures, heading, hold, paragraph, said, sheet, soft, table
from ovcf.render.rows.change_rows import change_table
from ovcf.render.rows.finding_rows import findings_table
from ovcf.render.rows.measured_rows import measurement_table
from ovcf.render.rows.withheld_rows import look_here, withheld_table
from ovcf.render.seen import State
from ovcf.render.words.score_words import outcome, score_probability
from ovcf.render.words.wording import plain, points, sentence, typeset
from ovcf.report.pages.front import on_front
from ovcf.scores.registry import by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.render.blocks import Block
    from ovcf.render.seen import Seen
    from ovcf.render.sources import Sources
    from ovcf.report.figure import Figure
    from ovcf.scores.result import ScoreItem, ScoreResult

_MAX_DETAIL = 4
_MANY_ITEMS = 10
"""More of them are not all printed."""
_FILLS_A_SHEET = 14
"""Measurements that fill a sheet, with the pictures above them."""
_LOOKED_AT_IN_FRONT = (State.HELD, State.NOT_CHOSEN, State.NOTHING_FRACTURED)


def inside_pages(seen: Seen, pictures: Sequence[Figure], sources: Sources) -> list[Block]:
    """The blocks behind page one and before the appendix."""
    return [
        *_measurements(seen, pictures),
        *_findings(seen, sources),
        *guidance_blocks(seen, sources.cite),
        *([] if seen.state is State.NOTHING_MEASURED else withheld_table(seen)),
        {"kind": "sign"},
    ]


def details(pictures: Sequence[Figure]) -> tuple[list[int], list[int]]:
    """The pictures beside the measurements by their places, and those for which there is room in the appendix only."""
    front = on_front(pictures)
    own = [i for i, f in enumerate(pictures) if f.place == "detail" and i not in front]
    return own[:_MAX_DETAIL], own[_MAX_DETAIL:]


def _measurements(seen: Seen, pictures: Sequence[Figure]) -> list[Block]:
    tables = measurement_table(seen)
    shown, _ = details(pictures)
    row = [figures(shown, len(shown))] if shown else []
    if not tables:
        return row
    title = say("Measurements of {index}", index=seen.index) if seen.index else "Measurements of the spine"
    return [sheet("measurements", full=True), heading(title), *row, *tables]


def _findings(seen: Seen, sources: Sources) -> list[Block]:
    found = findings_table(seen, sources.cite)
    title = say("Findings at {index}", index=seen.index) if seen.index else "Findings"
    measured = len({m.method.id for m in seen.of_index})
    before = sheet("findings", full=measured >= _FILLS_A_SHEET)
    blocks = [before, heading(title), *found] if found else []
    if seen.state not in _LOOKED_AT_IN_FRONT:
        blocks += look_here(seen)
    blocks += change_table(seen, sources.cite)
    for score in seen.assessment.scores:
        if score is not seen.score:
            blocks += _other_score(score, sources)
    return blocks


def told_items(result: ScoreResult) -> tuple[ScoreItem, ...]:
    """The items to print: of a long list those that are not known or not 0."""
    if len(result.items) <= _MANY_ITEMS:
        return result.items
    return tuple(item for item in result.items if item.points != 0)


def _other_score(result: ScoreResult, sources: Sources) -> list[Block]:
    refs = cited(sources.cite(result.evidence))
    blocks = [
        heading(say("{score}", score=result.score), soft(result.version), refs),
        paragraph(bold(typeset(outcome(result)))),
    ]
    if probability := score_probability(result):
        blocks.append(paragraph(soft(probability), small=True))
    shown = told_items(result)
    rows = [
        [
            said(item.name),
            said(hold("not recorded") if item.points is None else typeset(item.finding)),
            said(soft(plain(item.note))),
            said(hold("missing") if item.points is None else bold(points(item.points))),
        ]
        for item in shown
    ]
    if len(shown) < len(result.items):
        rows.append([said("All other items"), said(), said(), said(points(0))])
    if rows:
        columns = [
            column("Item", width=1),
            column("Found", width=1),
            column("", width=1),
            column("Points", align="right"),
        ]
        blocks.append(table(columns, rows, style="plain"))
    said_too = [plain(text) for text in (*result.reasons, *result.advisories)]
    if (declared := by_name(result.score)) is not None:
        said_too += [plain(text) for text in happened(declared, result.group)]
        said_too += [
            say("Derived on, or meant for: {population}", population=plain(declared.population)),
            say("Not for: {not_for}", not_for=plain(declared.not_for)),
        ]
    if said_too:
        blocks.append(paragraph(soft(joined(" ", (sentence(text) for text in said_too))), small=True))
    return blocks
