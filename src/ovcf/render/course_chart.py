"""One quantity over the visits as SVG in the colours of the page: dots with their 95% intervals, limits, treatments.

It holds attributes only, no styles: a page whose policy forbids inline styles shows it as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from ovcf.language.spoken import tr
from ovcf.render.words.wording import decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 300.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 12.0, 12.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A visit on the chart: ``at`` in months, ``open_`` where it must not be compared with the first."""

    at: float
    label: str
    value: float
    sd: float | None = None
    open_: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A treatment on the chart, from a month ``at`` to ``until``; None for what is done once, or goes on."""

    at: float
    words: str
    until: float | None = None


def course_chart(
    dots: Sequence[Dot],
    *,
    limits: Sequence[tuple[float, str]] = (),
    marks: Sequence[Mark] = (),
    span: tuple[float, float] | None = None,
    digits: int = 0,
) -> str:
    """Values over months; ``limits`` are horizontal lines with words, ``marks`` treatments at their months.

    ``span`` is the range that the axis shows at least.
    """
    low, high = _span(dots, [limit for limit, _ in limits], span)
    months = [d.at for d in dots]
    first, last = min(months), max(*months, min(months) + 1)

    def x(month: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (0.04 + 0.92 * (month - first) / (last - first))

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * (value - low) / (high - low)

    parts = []
    for tick in _ticks(low, high):
        label = decimal(tick, 0 if tick == int(tick) else 1)
        parts += [
            _line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), "line"),
            _text(_LEFT - 5, y(tick) + 3.2, label, anchor="end"),
        ]
    shown = [m for m in marks if m.at <= last and (m.at if m.until is None else m.until) >= first]
    named = _TOP + 14 + 10 * len(shown)
    for limit, words in limits:
        parts += [
            _line(_LEFT, y(limit), WIDTH - _RIGHT, y(limit), "hold", 1.2, dash="4 3"),
            _text(
                _free([x(d.at) for d in dots] + ([x(m.at) + 55 for m in shown] if y(limit) < named else [])),
                y(limit) + (10 if any(0 <= d.value - limit < 0.12 * (high - low) for d in dots) else -3),
                words,
                "hold",
                anchor="middle",
            ),
        ]
    for place, mark in enumerate(shown):
        begin, end = max(mark.at, first), None if mark.until is None else min(mark.until, last)
        if end is not None and end > begin:
            parts.insert(0, _area(x(begin), x(end)))
        if begin == mark.at:
            parts.append(_line(x(begin), _TOP, x(begin), HEIGHT - _BOTTOM, "soft", 1, dash="1 3"))
        over = x(begin) > WIDTH * 0.62
        words = _text(
            x(begin) + (-3 if over else 3), _TOP + 8 + 10 * place, mark.words, anchor="end" if over else "start"
        )
        parts.append(words)
    joined = [d for d in dots if not d.open_]
    for a, b in pairwise(joined):
        parts.append(_line(x(a.at), y(a.value), x(b.at), y(b.value), "patient", 1.4))
    for place, dot in enumerate(dots):
        at, centre = x(dot.at), y(dot.value)
        if dot.sd is not None:
            parts.append(_line(at, y(dot.value - 1.96 * dot.sd), at, y(dot.value + 1.96 * dot.sd), "patient", 2.2))
        fill = "paper" if dot.open_ else "patient"
        parts.append(
            f'<circle cx="{at:.1f}" cy="{centre:.1f}" r="4" fill="var(--{fill})" stroke="var(--patient)" '
            'stroke-width="1.6"/>'
        )
        beside = at + 7 if at < WIDTH - 60 else at - 7
        anchor = "start" if at < WIDTH - 60 else "end"
        # Where the line rises to the next dot, the figure stands below it.
        rises = place + 1 < len(dots) and dots[place + 1].value > dot.value
        parts.append(
            _text(beside, centre + (12 if rises else -6), decimal(dot.value, digits), "ink", anchor=anchor, bold=True)
        )
    for place, dot in enumerate(dots):
        anchor = "start" if place == 0 else "end" if place == len(dots) - 1 else "middle"
        parts.append(_text(x(dot.at) + {"start": -6, "end": 6}.get(anchor, 0), HEIGHT - 14, dot.label, anchor=anchor))
    size = f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    font = 'font-family="Inter,system-ui,sans-serif"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{"".join(parts)}</svg>'


def _free(taken: Sequence[float]) -> float:
    """Where along the axis words stand farthest from every dot."""
    room = WIDTH - _LEFT - _RIGHT
    places = [_LEFT + room * share for share in (0.5, 0.36, 0.64, 0.26, 0.74, 0.8)]
    return max(places, key=lambda at: min(abs(at - other) for other in taken))


def _span(dots: Sequence[Dot], limits: Sequence[float], span: tuple[float, float] | None) -> tuple[float, float]:
    ends = [*limits, *(span or ())]
    for dot in dots:
        ends += [dot.value - 1.96 * (dot.sd or 0), dot.value + 1.96 * (dot.sd or 0)]
    low, high = min(ends), max(ends)
    room = 0.06 * (high - low) or 1.0
    return (low if span and low == span[0] else low - room), (high if span and high == span[1] else high + room)


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round figures."""
    for step in (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100):
        first = -(-low // step)
        count = int(high // step - first) + 1
        if count <= 6:
            return [(first + k) * step for k in range(max(count, 0))]
    return [low, high]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0, *, dash: str = "") -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    broken = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line {ends} stroke="var(--{colour})" stroke-width="{width:g}"{broken}/>'


def _area(left: float, right: float) -> str:
    size = f'width="{right - left:.1f}" height="{HEIGHT - _BOTTOM - _TOP:.1f}"'
    return f'<rect x="{left:.1f}" y="{_TOP:.1f}" {size} fill="var(--line)" fill-opacity="0.45"/>'


def _text(x: float, y: float, text: str, colour: str = "soft", *, anchor: str = "start", bold: bool = False) -> str:
    look = f'fill="var(--{colour})" font-size="9.5"' + (' font-weight="600"' if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {look}>{escape(tr(text))}</text>'
