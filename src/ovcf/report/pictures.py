"""The figures of one draft: questions, the panels of page one, the details, and the charts of the scores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.report.figures.details import detail_panels
from ovcf.report.figures.drawn import landmark_panel
from ovcf.report.figures.front import MAX_PANELS, front_panels
from ovcf.report.figures.numbered import numbered

if TYPE_CHECKING:
    from ovcf.report.figure import Figure
    from ovcf.workflow.draft import Draft


def figures_of(draft: Draft) -> tuple[Figure, ...]:
    """Pictures in reading order; each says where the report shows it."""
    shown = [view.spine.vertebrae for view in draft.views if view.spine is not None]
    drawn = [s for s in draft.assessment.landmarks if s.vertebrae and s.vertebrae not in shown]
    panels = front_panels(draft)
    # Points without their image come first only where no image bears any.
    landmarks = [landmark_panel(spine, draft.assessment.index_level, front=not shown) for spine in drawn]
    front = [f for f in (*landmarks, *panels) if f.place == "front"]
    return (
        *(numbered(view) for view in draft.views if view.asked),
        *front[:MAX_PANELS],
        *(replace(f, place="detail") for f in front[MAX_PANELS:]),
        *(f for f in landmarks if f.place != "front"),
        *detail_panels(draft),
    )
