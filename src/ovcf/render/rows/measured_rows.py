"""Measurements of a vertebra as one table: a measurement a row, the images as its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import capital, joined, say
from ovcf.plain_text import listed
from ovcf.render.blocks import bold, column, hold, paragraph, run, said, soft, table
from ovcf.render.seen import image_words
from ovcf.render.words.names import GROUPS, LEFT_OUT, Name, name_of
from ovcf.render.words.values import interval_text, of_whole_spine, value_text
from ovcf.render.words.wording import plain
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.landmarks import Source
    from ovcf.measures.measurement import Measurement
    from ovcf.render.blocks import Block, Text
    from ovcf.render.seen import Seen

_MAX_COLUMNS = 3


def measurement_table(seen: Seen) -> list[Block]:
    """All of the index vertebra and of the whole spine, the scored ones first; nothing where nothing was measured."""
    whole = [m for m in seen.assessment.measurements if of_whole_spine(m)]
    every = [m for m in (*seen.of_index, *whole) if m.method.id not in LEFT_OUT]
    if not every:
        return []
    kinds = _columns(every)
    rows: list[list[Text]] = []
    for group in GROUPS:
        own = [row for row in _by_method(every) if name_of(row[0], seen.index).group == group]
        if own:
            rows.append([said(bold(group))])
            rows += [_row(same, kinds, seen) for same in sorted(own, key=lambda s: name_of(s[0], seen.index).order)]
    heads = [column(say("{head} (95% interval)", head=_head(kind)), align="right") for kind in kinds]
    blocks = [table([column("Measurement", width=1), *heads], rows, style="measured")]
    return [*blocks, *_below(every)]


def _columns(measurements: Sequence[Measurement]) -> list[Source]:
    """One column for each way of taking pictures, radiograph first: MR series of one posture share theirs."""
    kinds: dict[tuple[str, str], Source] = {}
    for m in measurements:
        kinds.setdefault(_key(m.source), m.source)
    return list(kinds.values())[:_MAX_COLUMNS]


def _key(source: Source) -> tuple[str, str]:
    return source.modality.value, source.posture.value


def _head(source: Source) -> str:
    return capital(image_words(source))


def _by_method(measurements: Sequence[Measurement]) -> list[list[Measurement]]:
    rows: dict[str, list[Measurement]] = {}
    for m in measurements:
        rows.setdefault(m.method.id, []).append(m)
    return list(rows.values())


def _row(same: Sequence[Measurement], kinds: Sequence[Source], seen: Seen) -> list[Text]:
    name: Name = name_of(same[0], seen.index)
    cells = []
    for kind in kinds:
        m = next((m for m in same if _key(m.source) == _key(kind)), None)
        if m is None:
            cells.append(said(run("v", "–"), run("iv", "")))
        elif m.unit is Unit.PIXEL:
            cells.append(said(soft("not calibrated")))
        else:
            cells.append(said(run("v", value_text(m)), run("iv", interval_text(m))))
    return [
        said(bold(name.label), soft(say(" {definition}", definition=name.definition)) if name.definition else ""),
        *cells,
    ]


def _below(every: Sequence[Measurement]) -> list[Block]:
    lines: list[str] = []
    placed = list(dict.fromkeys(plain(m.source.placed_by) for m in every))
    lines.append(say("Points and outlines by: {placed}.", placed=listed(placed)))
    if any(m.source.modality.value == "radiograph" for m in every) and len({_key(m.source) for m in every}) > 1:
        lines.append("Radiograph first: Han 2025 measured on lateral radiographs.")
    warned = list(dict.fromkeys(plain(w) for m in every for w in m.warnings))
    blocks = [paragraph(soft(joined(" ", [*lines, "All levels: appendix A. Definitions: appendix B."])), small=True)]
    if warned:
        blocks.insert(0, paragraph(hold("To mind: "), joined("; ", warned), ".", small=True))
    return blocks
