"""The panels of page one: the images that decide, the index vertebra in the middle of each, one beside the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import Ungraded
from ovcf.guidance.statement import Urgency
from ovcf.imaging.study import Role
from ovcf.report.figure import Figure
from ovcf.report.figures.bodies import bodies_of
from ovcf.report.figures.captions import fact_of, measured_words, title_of
from ovcf.report.figures.grey_levels import grid_of
from ovcf.report.figures.lettering import TEXT
from ovcf.report.figures.panel import FAR_MM, NOTHING, Marks, draw_panel, sheet
from ovcf.report.figures.window import COLUMN, PORTRAIT, Window, on_all, on_index, widths_across, within
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.report.figures.bodies import Body
    from ovcf.report.svg import Drawing
    from ovcf.workflow.draft import Draft
    from ovcf.workflow.slice_view import View

MAX_PANELS = 3
"""Panels on page one."""
_ORDER = (Role.RADIOGRAPH, Role.T1, Role.STIR, Role.FS_T2, Role.T2, Role.CT, Role.OTHER)
_CANAL_FIRST = (Role.T2, Role.STIR, Role.FS_T2, Role.RADIOGRAPH, Role.T1, Role.CT, Role.OTHER)
_FLUID = (Role.STIR, Role.FS_T2)
_FIRST_LOOK = "Look here first: canal, cord and roots. No marks are drawn."


def front_panels(draft: Draft) -> list[Figure]:
    """One to three panels of equal size; in an emergency the MRI of the canal first, without marks.

    While a level is asked, only images whose levels are known are shown here: the others stand beside the question.
    """
    assessment = draft.assessment
    index = middle_of(assessment)
    views, clean = _views_of(draft), shown_clean(draft)
    if not views:
        return []
    if len(views) == 1 and views[0].modality is Modality.RADIOGRAPH:
        return [_wide(views[0], index, assessment)]
    size, widths = PORTRAIT, _matched(views, index)
    if index is None or not widths:
        size = COLUMN
    unmarked = [_panel(v, index, assessment, size, widths, unmarked=True) for v in clean]
    marked = [_panel(v, index, assessment, size, widths) for v in views if v not in clean or len(views) == 1]
    return unmarked + marked if _is_emergency(assessment) else marked + unmarked


def shown_whole(draft: Draft) -> list[View]:
    """The images that page one shows from end to end: they need no overview."""
    index, views = middle_of(draft.assessment), _views_of(draft)
    if len(views) == 1 and views[0].modality is Modality.RADIOGRAPH:
        return views
    widths = _matched(views, index)
    return [v for v in views if index is None or not widths or not _shows(v, index)]


def shown_clean(draft: Draft) -> list[View]:
    """The images of which page one has a copy without marks."""
    views = _views_of(draft)
    first = views[0] if views and views[0].modality is not Modality.RADIOGRAPH else None
    return [first] if first is not None and (len(views) == 1 or _is_emergency(draft.assessment)) else []


def _views_of(draft: Draft) -> list[View]:
    return _chosen(draft.views, emergency=_is_emergency(draft.assessment))


def shown_first(draft: Draft) -> View | None:
    """The image to look at first: of those with the vertebra that page one is centred on, else of all.

    While a level is asked it is the image of the question, unless another image shows a vertebra that looks fractured.
    """
    views, level = _views_of(draft), middle_of(draft.assessment)
    showing = [v for v in views if level is not None and _shows(v, level)]
    asked = [v for v in draft.views if v.asked]
    return next(iter([*showing, *asked, *views]), None)


def _shows(view: View, level: Level) -> bool:
    return any(b.level == level for b in bodies_of(view.spine, view.places))


def middle_of(assessment: Assessment) -> Level | None:
    """The vertebra the panels are centred on: the index vertebra, else the most conspicuous suggested fracture."""
    suggested = (f.level for f in assessment.suggested_fractures if not isinstance(f.data, Ungraded))
    return assessment.index_level or next((level for level in suggested if level is not None), None)


def _chosen(views: Sequence[View], *, emergency: bool) -> list[View]:
    """The best three: one of each kind, and of the fluid-sensitive images one."""
    asked = any(v.asked for v in views)
    open_ = [v for v in views if not v.asked and (v.spine is not None or not asked)]
    order = _CANAL_FIRST if emergency else _ORDER
    picked: list[View] = []
    for view in sorted(open_, key=lambda v: order.index(v.role)):
        kinds = _FLUID if view.role in _FLUID else (view.role,)
        if not any(p.role in kinds for p in picked):
            picked.append(view)
    return picked[:MAX_PANELS]


def _matched(views: Sequence[View], index: Level | None) -> float:
    """Body widths across every panel, so that bodies are equally large; 0 where no panel shows the vertebra."""
    if index is None:
        return 0.0
    shown = [bodies_of(v.spine, v.places) for v in views]
    return max((widths_across(b, index, PORTRAIT) for b in shown if any(x.level == index for x in b)), default=0.0)


def window_of(view: View, index: Level | None, widths: float, size: tuple[float, float]) -> Window:
    """Around the index vertebra where the view shows it, else all that the image shows."""
    bodies = bodies_of(view.spine, view.places)
    if index is not None and widths and _shows(view, index):
        return on_index(bodies, index, widths, size)
    return on_all(bodies, grid_of(view).extent, size)


def _panel(
    view: View,
    index: Level | None,
    assessment: Assessment,
    size: tuple[float, float],
    widths: float,
    *,
    unmarked: bool = False,
) -> Figure:
    window = window_of(view, index, widths, size)
    centred = index is not None and widths > 0 and _shows(view, index)
    radiograph = view.modality is Modality.RADIOGRAPH
    measured = radiograph and centred and index == assessment.index_level
    bar = Marks().bar_mm if centred else FAR_MM
    marks = Marks(corners=centred, measured=measured, bar_mm=bar)
    drawing = sheet(size[0], height=size[1])
    draw_panel(drawing, window, view, index, NOTHING if unmarked else marks)
    caption = fact_of(view, index, assessment.measurements)
    if unmarked:
        caption = _FIRST_LOOK if _is_emergency(assessment) else "Without marks."
    elif measured and index is not None:
        caption = measured_words(view, index, assessment.measurements, radiograph=True)
    return Figure(title_of(view, assessment.measurements), caption, str(drawing), 0.32, "front")


def _is_emergency(assessment: Assessment) -> bool:
    return any(s.urgency is Urgency.EMERGENCY for s in assessment.guidance)


def _wide(view: View, index: Level | None, assessment: Assessment) -> Figure:
    """A radiograph alone: the whole film, and beside it the index vertebra with its neighbours.

    Without an index vertebra the upper and the lower half of the spine stand beside it.
    """
    bodies = bodies_of(view.spine, view.places)
    if not bodies:
        drawing = sheet(COLUMN[0], height=COLUMN[1])
        draw_panel(drawing, on_all((), grid_of(view).extent, COLUMN), view, None, Marks())
        caption = fact_of(view, index, assessment.measurements)
        return Figure(title_of(view, assessment.measurements), caption, str(drawing), 0.32, "front")
    left, right, gap = COLUMN, (760.0, COLUMN[1]), 10.0
    drawing = sheet(left[0], right[0], height=left[1], gap=gap)
    draw_panel(drawing, on_all(bodies, grid_of(view).extent, left), view, index, Marks(bar_mm=FAR_MM))
    caption = fact_of(view, index, assessment.measurements)
    if index is not None and _shows(view, index):
        widths = widths_across(bodies, index, PORTRAIT) * right[0] / PORTRAIT[0]
        window = on_index(bodies, index, widths, right, (left[0] + gap, 0.0))
        marked = index == assessment.index_level
        draw_panel(drawing, window, view, index, Marks(corners=True, measured=marked))
        if marked:
            caption += " " + measured_words(view, index, assessment.measurements, radiograph=True)
    else:
        _halves(drawing, view, bodies, ((right[0] - gap) / 2, right[1]), left[0] + gap, gap)
    return Figure(title_of(view, assessment.measurements), caption.strip(), str(drawing), 1.0, "front")


def _halves(
    drawing: Drawing, view: View, bodies: Sequence[Body], size: tuple[float, float], left: float, gap: float
) -> None:
    """The upper and the lower half of the bodies, one panel each; an odd one in the middle stands in both."""
    middle = len(bodies) // 2
    for number, half in enumerate((bodies[: len(bodies) - middle], bodies[middle:])):
        window = within(on_all(half, None, size, TEXT), grid_of(view).extent)
        shifted = replace(window, corner=(left + number * (size[0] + gap), 0.0))
        draw_panel(drawing, shifted, view, None, Marks(only=tuple(b.level for b in half)))
