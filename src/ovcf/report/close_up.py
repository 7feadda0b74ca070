"""Pictures of bodies that were found but not measured: one to look at with its neighbours, or all of them numbered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.report.figure import Figure, Pixels, side_by_side
from ovcf.report.spine_drawing import draw_orientation, draw_scale
from ovcf.report.svg import ORANGE, WHITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.segmentation.places import Place
    from ovcf.workflow.view import View

_SHARE = 0.33
_MARGIN = 0.35
_SIZE = 34


def close_up(view: View, level: Level, reason: str) -> Figure | None:
    """One body that could not be judged with its neighbours; None where the picture shows neither it nor both of those.

    Nothing is drawn over the bodies: their names stand in front of them.
    """
    near = [p for p in view.places if abs(p.level.rank - level.rank) <= 1]
    if not any(p.level == level for p in near) and len(near) < 2:
        return None
    names = [(p, f"{p.level} ?" if p.level == level else p.level.value, p.level == level) for p in near]
    return _picture(view, names, f"{level}: could not be judged, look here", f"{view.title}. {reason}")


def numbered(view: View) -> Figure:
    """The image with its bodies numbered cranial to caudal, for a reader to say which vertebra one of them is."""
    names = [(p, str(p.number), False) for p in view.places]
    figure = _picture(view, names, f"{view.title}: which vertebra is which?", "bodies are numbered from the head down")
    return replace(figure, place="question")


def _picture(view: View, names: Sequence[tuple[Place, str, bool]], title: str, caption: str) -> Figure:
    boxes = np.array([[p.low, p.high] for p, _, _ in names])
    width = float(np.median(boxes[:, 1, 0] - boxes[:, 0, 0]))
    around = np.array([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)]) + width * np.array(
        [[-1.0, -_MARGIN], [1.0, _MARGIN]]
    )
    drawing, (window,) = side_by_side([around])
    drawing.clip(*window.corner, *window.size)
    Pixels(view.pixels, view.origin, view.spacing).draw(drawing, window)
    drawing.unclip()
    draw_orientation(drawing, window)
    if view.calibrated:
        draw_scale(drawing, window)
    for p, name, marked in names:
        x, y = window.place(np.array([p.low[0] - 0.08 * width, (p.low[1] + p.high[1]) / 2]))
        drawing.text(
            float(x), float(y) + 10, name, size=_SIZE, colour=ORANGE if marked else WHITE, anchor="end",
            bold=True,
        )  # fmt: skip
    return Figure(title, caption, str(drawing), _SHARE)
