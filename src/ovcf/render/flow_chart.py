"""A flow of patients as SVG: boxes from top to bottom, what leaves beside them, arms side by side."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMN, _GAP, _PAD, _LINE, _DOWN = 270.0, 34.0, 10.0, 16.0, 26.0
_CHARACTERS = 40
"""That fit a line of a box in the font of the page."""
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
    heading: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]

    @property
    def height(self) -> float:
        """In pixels."""
        return 2 * _PAD + _LINE * (len(self.heading) + len(self.lines))


def flow_chart(top: Sequence[tuple[Box, Box | None]], arms: Sequence[Sequence[Box]], *, title: str) -> str:
    """``top`` are boxes one below the other, each with what leaves beside it; below stands a column for each arm."""
    columns = max(len(arms), 2)
    width = columns * _COLUMN + (columns + 1) * _GAP
    parts: list[str] = []
    y = _GAP
    centre = _GAP + _COLUMN / 2 if len(arms) < 2 else width / 2
    beside = centre + _COLUMN / 2 + _GAP
    width = max(width, beside + _COLUMN + _GAP)
    before: float | None = None
    for box, out in top:
        drawn = _broken(box)
        side = None if out is None else _broken(out)
        parts.append(_box(centre - _COLUMN / 2, y, drawn))
        if before is not None:
            parts.append(_arrow(centre, before, centre, y))
        before = y + drawn.height
        if side is not None:
            # What leaves stands lower, off the line that goes on.
            at = before + _DOWN / 2
            parts += [_box(beside, at, side), _arrow(centre, at + side.height / 2, beside, at + side.height / 2)]
            y = max(before, at + side.height) + _DOWN
        else:
            y = before + _DOWN
    starts = [centre] if len(arms) == 1 else [_GAP + _COLUMN / 2 + i * (_COLUMN + _GAP) for i in range(len(arms))]
    if len(arms) > 1 and before is not None:
        parts += [_line(centre, before, centre, y), _line(starts[0], y, starts[-1], y)]
        before, y = y, y + _DOWN
    bottom = y
    for at, boxes in zip(starts, arms, strict=True):
        top_of, last = y, before
        for box in boxes:
            drawn = _broken(box)
            parts.append(_box(at - _COLUMN / 2, top_of, drawn))
            if last is not None:
                parts.append(_arrow(at, last, at, top_of))
            last = top_of + drawn.height
            top_of = last + _DOWN
        bottom = max(bottom, last or y)
    height = bottom + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img"><title>{escape(title)}</title><style>{_STYLE}</style>'
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0.6 8 4 0 7.4z" style="fill:var(--line)"/></marker></defs>'
        f'<rect width="100%" height="100%" style="fill:var(--paper)"/>{"".join(parts)}</svg>\n'
    )


def _broken(box: Box) -> Drawn:
    lines: list[tuple[str, str]] = []
    for what, count in box.lines:
        rows = wrap(what, _CHARACTERS - 6) or [""]
        lines += [(rows[0], f"{count}"), *((row, "") for row in rows[1:])]
    return Drawn(box, tuple(wrap(box.heading, _CHARACTERS - 4)), tuple(lines))


def _box(x: float, y: float, drawn: Drawn) -> str:
    edge = "mark" if drawn.box.marked else "line"
    parts = [
        (
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{_COLUMN:.1f}" height="{drawn.height:.1f}" rx="5" '
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
            parts.append(f'<text x="{x + _COLUMN - _PAD:.1f}" y="{at:.1f}" text-anchor="end">{count}</text>')
        at += _LINE
    return "".join(parts)


def _line(x1: float, y1: float, x2: float, y2: float, more: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="stroke:var(--line);stroke-width:1.2"'
        f"{more}/>"
    )


def _arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return _line(x1, y1, x2, y2, ' marker-end="url(#a)"')
