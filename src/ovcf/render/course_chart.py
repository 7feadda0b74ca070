"""One quantity over the visits as SVG in the colours of the page: dots with their 95% intervals, limits, treatments.

It holds attributes only, no styles: a page whose policy forbids inline styles shows it as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from ovcf.language.spoken import tr
from ovcf.render.label_places import SIZE, Box, Places, Spot
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

    places = Places(Box(_LEFT, 0.0, WIDTH, HEIGHT - _BOTTOM))
    parts = []
    for tick in _ticks(low, high):
        label = decimal(tick, 0 if tick == int(tick) else 1)
        parts += [
            _line(_LEFT, y(tick), WIDTH - _RIGHT, y(tick), "line"),
            _text(Spot(_LEFT - 5, y(tick) + 3.2, "end"), label),
        ]
    for limit, _ in limits:
        parts.append(_line(_LEFT, y(limit), WIDTH - _RIGHT, y(limit), "hold", 1.2, dash="4 3"))
        places.take([Box(_LEFT, y(limit) - 0.6, WIDTH - _RIGHT, y(limit) + 0.6)])
    shown = [m for m in marks if m.at <= last and (m.at if m.until is None else m.until) >= first]
    for mark in shown:
        begin, end = max(mark.at, first), None if mark.until is None else min(mark.until, last)
        if end is not None and end > begin:
            parts.insert(0, _area(x(begin), x(end)))
        if begin == mark.at:
            parts.append(_line(x(begin), _TOP, x(begin), HEIGHT - _BOTTOM, "soft", 1, dash="1 3"))
    joined = [d for d in dots if not d.open_]
    for a, b in pairwise(joined):
        parts.append(_line(x(a.at), y(a.value), x(b.at), y(b.value), "patient", 1.4))
        places.take(_along(x(a.at), y(a.value), x(b.at), y(b.value)))
    for dot in dots:
        at, centre = x(dot.at), y(dot.value)
        places.take([Box(at - 5, centre - 5, at + 5, centre + 5)])
        if dot.sd is not None:
            ends = y(dot.value + 1.96 * dot.sd), y(dot.value - 1.96 * dot.sd)
            parts.append(_line(at, ends[1], at, ends[0], "patient", 2.2))
            places.take([Box(at - 1.5, ends[0], at + 1.5, ends[1])])
        fill = "paper" if dot.open_ else "patient"
        parts.append(
            f'<circle cx="{at:.1f}" cy="{centre:.1f}" r="4" fill="var(--{fill})" stroke="var(--patient)" '
            'stroke-width="1.6"/>'
        )
    for dot in dots:
        figure = decimal(dot.value, digits)
        spot = places.put(figure, _beside(x(dot.at), y(dot.value)), bold=True)
        parts.append(_text(spot, figure, "ink", bold=True))
    for mark in shown:
        spot = places.put(mark.words, _at_the_top(x(max(mark.at, first))))
        parts.append(_text(spot, mark.words))
    for limit, words in limits:
        parts.append(_text(places.put(words, _on_the_line(y(limit))), words, "hold"))
    for place, dot in enumerate(dots):
        anchor = "start" if place == 0 else "end" if place == len(dots) - 1 else "middle"
        spot = Spot(x(dot.at) + {"start": -6, "end": 6}.get(anchor, 0), HEIGHT - 14, anchor)
        parts.append(_text(spot, dot.label))
    size = f'width="{WIDTH:g}" height="{HEIGHT:g}" viewBox="0 0 {WIDTH:g} {HEIGHT:g}"'
    font = 'font-family="Inter,system-ui,sans-serif"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{"".join(parts)}</svg>'


def _beside(x: float, y: float) -> list[Spot]:
    """Where the figure of a dot may stand: beside it, above or below."""
    sides = [(7.0, "start"), (-7.0, "end")]
    heights = (-6.0, 12.0, 3.2, -14.0, 20.0)
    return [
        *(Spot(x + dx, y + dy, anchor) for dy in heights for dx, anchor in sides),
        Spot(x, y - 10, "middle"),
        Spot(x, y + 16, "middle"),
    ]


def _at_the_top(x: float) -> list[Spot]:
    """Where the name of a treatment may stand: at its line, in one of some rows below the top."""
    sides = [(3.0, "start"), (-3.0, "end")]
    return [Spot(x + dx, _TOP + 8 + 10 * row, anchor) for row in range(10) for dx, anchor in sides]


def _on_the_line(y: float) -> list[Spot]:
    """Where the words of a limit may stand: over or under its line, anywhere along it, the middle first."""
    room = WIDTH - _LEFT - _RIGHT
    along = sorted(range(21), key=lambda step: abs(step - 10))
    return [Spot(_LEFT + room * step / 20, y + dy, "middle") for dy in (-3.0, 10.0) for step in along]


def _along(x1: float, y1: float, x2: float, y2: float) -> list[Box]:
    """A line in small boxes."""
    steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 4))
    ends = [(x1 + (x2 - x1) * k / steps, y1 + (y2 - y1) * k / steps) for k in range(steps + 1)]
    return [Box(min(a, c), min(b, d), max(a, c), max(b, d) + 0.5) for (a, b), (c, d) in pairwise(ends)]


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


def _text(spot: Spot, text: str, colour: str = "soft", *, bold: bool = False) -> str:
    look = f'fill="var(--{colour})" font-size="{SIZE}"' + (' font-weight="600"' if bold else "")
    return f'<text x="{spot.x:.1f}" y="{spot.y:.1f}" text-anchor="{spot.anchor}" {look}>{escape(tr(text))}</text>'
