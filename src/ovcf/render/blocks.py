"""What a report is made of, without HTML or PDF: blocks of text, tables, bands and charts as plain nested data.

A text is a list of runs; a run is a dict with its words and its kind: plain, ``b`` bold, ``soft`` grey, ``hold`` amber,
``urgent`` red, ``v`` and ``iv`` a value and its interval in columns of fixed width, ``refs`` numbers of sources.
Both surfaces take the same data, so that they cannot say different things.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.language.spoken import tr
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Block = dict[str, Any]
    Run = dict[str, Any]
    Text = list[Run]
    Said = str | Run | Sequence[str | Run]


def said(*parts: Said) -> Text:
    """Runs of words, runs and lists of runs; empty ones are left out."""
    runs: Text = []
    for part in parts:
        if isinstance(part, str):
            runs += [run("", part)] if part else []
        elif isinstance(part, dict):
            kept = part.get("t") or part.get("refs") or part.get("svg") or part.get("k") in ("v", "iv")
            runs += [part] if kept else []
        else:
            runs += said(*part)
    return runs


def in_words(text: str) -> str:
    """Text in the language that is spoken, without what could steer a page or a terminal."""
    return clean(tr(text))


def run(kind: str, text: str) -> Run:
    """Words of one kind, in the language that is spoken."""
    return {"t": in_words(text), "k": kind}


def bold(text: str) -> Run:
    """Bold words."""
    return run("b", text)


def soft(text: str) -> Run:
    """Grey words."""
    return run("soft", text)


def hold(text: str) -> Run:
    """Amber words: withheld, near a limit, asked of the reader."""
    return run("hold", text)


def chart(svg: str, width_mm: float, alt: str) -> Run:
    """A small drawing among words."""
    return {"t": "", "k": "", "svg": svg, "w": width_mm, "alt": in_words(alt)}


def cited(numbers: Sequence[str]) -> Run:
    """Numbers of sources behind a statement."""
    return {"t": "", "k": "", "refs": list(numbers)}


def heading(text: str, *sub: Said, level: int = 2, tone: str = "") -> Block:
    """A heading with smaller words behind it; level 2 or 3."""
    return {"kind": "heading", "level": level, "text": in_words(text), "sub": said(*sub), "tone": tone}


def paragraph(*parts: Said, small: bool = False) -> Block:
    """A paragraph."""
    return {"kind": "text", "text": said(*parts), "small": small}


def listing(items: Iterable[Text], *, numbered: bool = False, small: bool = False) -> Block:
    """A list."""
    return {"kind": "list", "items": list(items), "numbered": numbered, "small": small}


def band(tone: str, title: str, *lines: Text) -> Block:
    """A coloured band: ``urgent``, ``hold``, or ``note``."""
    return {"kind": "band", "tone": tone, "title": in_words(title), "lines": list(lines)}


def column(label: str, *, width: float = 0.0, align: str = "left") -> Run:
    """A column of a table; a width of 0 is as wide as its words."""
    return {"label": in_words(label), "w": width, "align": align}


def table(
    columns: Sequence[Run], rows: Iterable[Sequence[Text]], *, style: str = "", group: Sequence[Run] = ()
) -> Block:
    """A table with rules between its rows; ``group`` are headings over several columns (label, span).

    A row of one cell is a heading within the table.
    """
    return {
        "kind": "table",
        "columns": list(columns),
        "rows": [list(r) for r in rows],
        "style": style,
        "group": list(group),
    }


def split(left: Sequence[Block], right: Sequence[Block], ratio: tuple[float, float] = (1.0, 1.0)) -> Block:
    """Two stacks of blocks side by side, one below the other where there is no room."""
    return {"kind": "split", "left": list(left), "right": list(right), "ratio": list(ratio)}


def figures(numbers: Sequence[int], columns: int) -> Block:
    """Pictures side by side, named by their places among the figures of the report."""
    return {"kind": "figures", "figures": list(numbers), "columns": columns}


def sheet(name: str, *, full: bool) -> Block:
    """What follows begins on a new sheet of paper, where the one before is not left half empty by it.

    ``full`` says that what stands before fills its sheet, for who cannot measure it.
    """
    return {"kind": "sheet", "name": name, "full": full}


def keep(*blocks: Block) -> Block:
    """Blocks that stay together on one sheet."""
    return {"kind": "keep", "blocks": list(blocks)}
