"""Small charts as SVG in the colours of the page: a value against its limits, rates of groups, shares of a bar.

Colours are named (``var(--patient)``), so that a page shows them in its own light or dark palette;
:func:`printed` puts in those of paper. Never colour alone: every chart stands beside its figures.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say
from ovcf.render.words.wording import decimal, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.guidance.wilson import Rate

LIGHT = {
    "paper": "#ffffff",
    "ink": "#17202a",
    "soft": "#50606e",
    "line": "#ccd4db",
    "patient": "#0b5a8f",
    "mute": "#7f8d99",
    "urgent": "#9b1c12",
    "urgent-bg": "#fdeceb",
    "hold": "#7a4a00",
    "hold-bg": "#fff5e0",
}
DARK = {
    "paper": "#14181c",
    "ink": "#e8ecef",
    "soft": "#a6b2bc",
    "line": "#39434c",
    "patient": "#7cbdec",
    "mute": "#6d7a85",
    "urgent": "#ff9f95",
    "urgent-bg": "#3a1713",
    "hold": "#f1c069",
    "hold-bg": "#33260d",
}


def printed(svg: str) -> str:
    """A chart in the colours of paper, for a program that knows no named colours."""
    return re.sub(r"var\(--([a-z-]+)\)", lambda m: LIGHT[m[1]], svg)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    # Characters that need no font of their own: the page's font on the page, a plain sans in print.
    style = "font-family:Inter,system-ui,sans-serif"
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}'
    return f'{head} style="{style}">{"".join(parts)}</svg>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0) -> str:
    style = f"stroke:var(--{colour});stroke-width:{width:g}"
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" style="{style}"/>'


def _dot(x: float, y: float, colour: str, radius: float = 4.0) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" style="fill:var(--{colour})"/>'


def _text(
    x: float, y: float, text: str, colour: str = "soft", *, anchor: str = "start", size: float = 10, bold: bool = False
) -> str:
    style = f"fill:var(--{colour});font-size:{size:g}px" + (";font-weight:600" if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{style}">{escape(tr(text))}</text>'


def against_limits(
    value: float, ends: tuple[float, float] | None, limits: Sequence[tuple[float, str]], span: tuple[float, float]
) -> str:
    """A value as a dot with its 95% interval, the limits as ticks with their figures."""
    width, left, right, y = 138.0, 6.0, 132.0, 9.0

    def at(v: float) -> float:
        return left + (right - left) * min(max((v - span[0]) / (span[1] - span[0]), 0.0), 1.0)

    parts = [_line(left, y, right, y, "mute")]
    for limit, label in limits:
        parts += [_line(at(limit), 2, at(limit), 16, "ink", 1.4), _text(at(limit), 25, label, anchor="middle")]
    if ends is not None:
        parts.append(_line(at(ends[0]), y, at(ends[1]), y, "patient", 2.4))
    parts.append(_dot(at(value), y, "patient"))
    return _svg(width, 27, parts)


def rates(groups: Sequence[tuple[str, Rate]], own: str | None) -> str:
    """Rates of groups with their 95% intervals from 0 to 100%; the patient's own in blue and bold."""
    left, right, row, top = 112.0, 256.0, 17.0, 4.0
    bottom = top + row * len(groups)

    def at(p: float) -> float:
        return left + (right - left) * p

    parts = [_line(at(p), top, at(p), bottom, "line") for p in (0, 0.25, 0.5, 0.75, 1)]
    for i, (name, rate) in enumerate(groups):
        y, mine = top + row * (i + 0.5), name == own
        ink, mark = ("ink", "patient") if mine else ("soft", "mute")
        percent = say("{share}%", share=decimal(100 * rate.share, 0))
        parts += [
            _text(0, y + 3.6, name, ink, size=10.5, bold=mine),
            _text(
                left - 8,
                y + 3.6,
                say("{events} of {n}", events=rate.events, n=rate.n),
                ink,
                anchor="end",
                size=10.5,
                bold=mine,
            ),
            _line(at(rate.low), y, at(rate.high), y, mark, 2.6 if mine else 1.8),
            _dot(at(rate.share), y, mark, 4 if mine else 3.2),
            _text(right + 8, y + 3.6, percent, ink, size=10.5, bold=mine),
        ]
    parts += [_text(at(p), bottom + 11, f"{100 * p:.0f}%", size=9, anchor="middle") for p in (0, 0.5, 1)]
    return _svg(296, bottom + 14, parts)


def shares_bar(parts_of_one: Sequence[tuple[str, float]]) -> str:
    """Probabilities as parts of one bar, the most probable in blue; the figures stand below it in words."""
    width, x, drawn = 130.0, 0.0, []
    for i, (_, p) in enumerate(sorted(parts_of_one, key=lambda part: -part[1])):
        colour = ("patient", "mute", "line", "soft")[min(i, 3)]
        drawn.append(
            f'<rect x="{x:.1f}" y="0" width="{max(0.0, width * p):.1f}" height="8" '
            f'style="fill:var(--{colour});stroke:var(--paper);stroke-width:1"/>'
        )
        x += width * p
    return _svg(width, 8, drawn)


def alt_of_rates(groups: Sequence[tuple[str, Rate]]) -> str:
    """The chart in words, for who cannot see it."""
    return joined(
        "; ",
        (
            say("{name} {events} of {n}, {share}", name=name, events=rate.events, n=rate.n, share=share(rate.share))
            for name, rate in groups
        ),
    )
