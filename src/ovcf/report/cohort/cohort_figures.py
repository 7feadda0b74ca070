"""The figures of a cohort report: every analysis that can be drawn, as SVG for print and PNG for slides."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import

if TYPE_CHECKING:
    from ovcf.cohort.recipes.study_report import StudyReport

_STYLE = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.hashsalt": "ovcf",  # else every run names its parts anew
    "text.parse_math": False,  # a dollar in a label is a dollar
    "svg.fonttype": "path",  # the same look without the font
}
_MIN_WIDTH = 2.6
"""Inches across the axes."""
_MM_PER_PT = 25.4 / 72


@dataclass(frozen=True, slots=True)
class CohortFigure:
    """One figure, twice, with its natural size."""

    svg: str
    png: bytes
    width_mm: float
    height_mm: float


def draw(study: StudyReport) -> dict[str, CohortFigure]:
    """A figure for each analysis that can draw itself, by the id of its item, in the language that is spoken; equal
    input gives equal bytes.
    """
    found = {}
    with optional_import("matplotlib").rc_context(_STYLE | {"font.family": ["DejaVu Sans", *_chinese()]}):
        for item in study.items:
            plot = getattr(item.result, "plot", None)
            if plot is not None:
                figure = _roomy(plot())
                svg = _saved(figure, "svg", metadata={"Date": None, "Creator": "ovcf"}).decode()
                png = _saved(figure, "png", dpi=300, metadata={"Software": "ovcf"})
                found[item.id] = CohortFigure(svg, png, _size(svg, "width"), _size(svg, "height"))
    return found


@cache
def _chinese() -> tuple[str, ...]:
    """The family that draws letters which the font of the figures has not: a column's own heading may be Chinese."""
    manager = optional_import("matplotlib.font_manager")
    with as_file(files("ovcf.report").joinpath("fonts", "NotoSansSC-Regular.otf")) as font:
        manager.fontManager.addfont(font)
        return (str(manager.FontProperties(fname=font).get_name()),)


def _size(svg: str, side: str) -> float:
    """Width or height in mm, as the drawing itself says."""
    found = re.search(rf'<svg[^>]*?{side}="([\d.]+)pt"', svg)
    return float(found[1]) * _MM_PER_PT if found else 120.0


def _roomy(axes: Any) -> Any:
    """The figure of an axes, widened where long labels beside it would leave too little to draw in."""
    figure, place = axes.figure, axes.get_subplotspec()
    if place is not None and place.get_gridspec().ncols > 1:  # panels side by side are as wide as a page already
        return figure
    for _ in range(3):  # labels keep their size, so each widening goes to the axes
        figure.draw_without_rendering()
        lacking = _MIN_WIDTH - axes.get_position().width * figure.get_figwidth()
        if lacking < 0.05:
            break
        figure.set_figwidth(figure.get_figwidth() + lacking)
    return figure


def _saved(figure: Any, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format=kind, bbox_inches="tight", **options)
    return out.getvalue()
