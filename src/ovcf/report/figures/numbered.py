"""An image with its bodies numbered, for a reader to say which vertebra one of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.report.figure import Figure
from ovcf.report.figures.bodies import bodies_of
from ovcf.report.figures.captions import title_of
from ovcf.report.figures.grey_levels import grid_of
from ovcf.report.figures.panel import FAR_MM, Marks, draw_panel, sheet
from ovcf.report.figures.window import COLUMN, on_all

if TYPE_CHECKING:
    from ovcf.workflow.slice_view import View


def numbered(view: View) -> Figure:
    """The whole image; numbers stand in front of the bodies and count from the head down."""
    window = on_all(bodies_of(None, view.places), grid_of(view).extent, COLUMN)
    drawing = sheet(COLUMN[0], height=COLUMN[1])
    draw_panel(drawing, window, view, None, Marks(names="numbers", bar_mm=FAR_MM))
    return Figure(title_of(view), "Bodies are numbered from the head down.", str(drawing), 0.27, "question")
