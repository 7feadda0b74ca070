"""A flow of patients as SVG: boxes from top to bottom, what leaves beside them, arms side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from ovcf.language.spoken import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDE, _NARROW, _GAP, _PAD, _LINE, _DOWN = 290.0, 168.0, 30.0, 10.0, 17.0, 26.0
_STYLE = (
    "svg{--ink:#18202b;--soft:#5b6675;--paper:#ffffff;--box:#f4f6f9;--line:#7c8796;--mark:#9a5b00}"
    "@media (prefers-color-scheme:dark){svg{--ink:#e8ecf2;--soft:#a7b1bf;--paper:#12161c;--box:#1c232c;--line:#8390a0;"
    "--mark:#f0b45a}}"
    "text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:var(--ink)}"
    ".b{font-weight:600}.s{fill:var(--soft)}.m{fill:var(--mark)}"
)


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its heading, and lines of (what, how many). ``marked`` draws it as something to notice."""

    heading: str
    lines: tuple[tuple[str, int], ...] = ()
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box with its text broken into lines, and its height."""

    box: Box
    width: float
    heading: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]

    @property
    def height(self) -> float:
        """In pixels."""
        return 2 * _PAD + _LINE * (len(self.heading) + len(self.lines))


def flow_chart(top: Sequence[tuple[Box, Box | None]], columns: Sequence[Sequence[Box]], *, title: str) -> str:
    """``top`` are boxes one below the other, each with what leaves beside it; below stand columns side by side."""
    count = max(len(columns), 1)
    narrow = _NARROW if count > 2 else _WIDE
    width = max(count * narrow + (count + 1) * _GAP, 2 * _WIDE + 3 * _GAP)
    starts = [width / 2 + (i - (count - 1) / 2) * (narrow + _GAP) for i in range(count)]
    centre = _GAP + _WIDE / 2
    parts: list[str] = []
    y, before = _GAP, None
    for box, out in top:
        drawn = _broken(box, _WIDE)
        parts.append(_box(centre - _WIDE / 2, y, drawn))
        if before is not None:
            parts.append(_arrow(centre, before, centre, y))
        before = y + drawn.height
        y = before + _DOWN
        if out is not None:  # what leaves stands lower, off the line that goes on
            side, at = _broken(out, _WIDE), before + _DOWN / 2
            middle = at + side.height / 2
            parts += [
                _box(centre + _WIDE / 2 + _GAP, at, side),
                _arrow(centre, middle, centre + _WIDE / 2 + _GAP, middle),
            ]
            y = at + side.height + _DOWN
    bottom = before or y
    if columns and before is not None:
        parts += [_line(centre, before, centre, y), _line(min(centre, starts[0]), y, max(centre, starts[-1]), y)]
        for at, boxes in zip(starts, columns, strict=True):
            last, upper = y, y + _DOWN
            for box in boxes:
                drawn = _broken(box, narrow)
                parts += [_box(at - narrow / 2, upper, drawn), _arrow(at, last, at, upper)]
                last = upper + drawn.height
                upper = last + _DOWN
            bottom = max(bottom, last)
    height = bottom + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img"><title>{escape(tr(title))}</title><style>{_STYLE}</style>'
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0.6 8 4 0 7.4z" style="fill:var(--line)"/></marker></defs>'
        f'<rect width="100%" height="100%" style="fill:var(--paper)"/>{"".join(parts)}</svg>\n'
    )


def _broken(box: Box, width: float) -> Drawn:
    """Text in the language that is spoken, and that fits: seven pixels a letter, eight of a heading, twice as many for
    one that is as wide as high."""
    lines: list[tuple[str, str]] = []
    for what, count in box.lines:
        rows = _rows(tr(what), int((width - 2 * _PAD - 30) / 6.9)) or [""]
        lines += [(rows[0], str(count)), *((row, "") for row in rows[1:])]
    return Drawn(box, width, tuple(_rows(tr(box.heading), int((width - 2 * _PAD) / 8))), tuple(lines))


def _rows(text: str, letters: int) -> list[str]:
    """Text in rows of so many letters; between wide ones, as those of Chinese, a row may end anywhere."""
    if not any(map(_wide, text)):
        return wrap(text, letters)
    rows, row, used = [], "", 0
    for piece in re.findall(r"[!-~]+|.", text):
        size = sum(1 + _wide(letter) for letter in piece)
        if row and used + size > letters:
            rows.append(row.strip())
            row, used = "", 0
        row, used = row + piece, used + size
    return [*rows, row.strip()] if row.strip() else rows


def _wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def _box(x: float, y: float, drawn: Drawn) -> str:
    edge = "mark" if drawn.box.marked else "line"
    parts = [
        (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{drawn.width:.1f}" height="{drawn.height:.1f}" rx="5" '
            f'style="fill:var(--box);stroke:var(--{edge});stroke-width:{1.6 if drawn.box.marked else 1.1}"/>'
        )
    ]
    at = y + _PAD + 12
    for text in drawn.heading:
        parts.append(f'<text class="b" x="{x + _PAD:.1f}" y="{at:.1f}">{escape(text)}</text>')
        at += _LINE
    for what, count in drawn.lines:
        tone = "m" if drawn.box.marked else "s"
        parts.append(f'<text class="{tone}" x="{x + _PAD:.1f}" y="{at:.1f}">{escape(what)}</text>')
        if count:
            parts.append(f'<text x="{x + drawn.width - _PAD:.1f}" y="{at:.1f}" text-anchor="end">{count}</text>')
        at += _LINE
    return "".join(parts)


def _line(x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="stroke:var(--line);stroke-width:1.2"'
        f"{more}/>"
    )


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return _line(x1, y1, x2, y2, ' marker-end="url(#a)"')
