"""The panels of page one: the images that decide, the index vertebra in the middle of each, one beside the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.statement import Urgency
from ovcf.imaging.study import Role
from ovcf.report.figure import Figure
from ovcf.report.figures.bodies import bodies_of
from ovcf.report.figures.captions import fact_of, measured_words, title_of
from ovcf.report.figures.panel import FAR_MM, NOTHING, Marks, draw_panel, sheet
from ovcf.report.figures.raster import grid_of
from ovcf.report.figures.window import COLUMN, PORTRAIT, Window, on_all, on_index, widths_across
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.workflow.draft import Draft
    from ovcf.workflow.view import View

_MOST = 3
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
    if _is_emergency(assessment):
        return unmarked + [_panel(v, index, assessment, size, widths) for v in views[len(clean) :]]
    return [_panel(v, index, assessment, size, widths) for v in views] + unmarked


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
    if _is_emergency(draft.assessment):
        return [v for v in views[:1] if v.modality is Modality.MR]
    return [v for v in views if v.modality is not Modality.RADIOGRAPH] if len(views) == 1 else []


def _views_of(draft: Draft) -> list[View]:
    return _chosen(draft.views, emergency=_is_emergency(draft.assessment))


def _shows(view: View, level: Level) -> bool:
    return any(b.level == level for b in bodies_of(view.spine, view.places))


def middle_of(assessment: Assessment) -> Level | None:
    """The vertebra the panels are centred on: the index vertebra, else the most conspicuous suggested fracture."""
    suggested = (f.level for f in assessment.suggested_fractures if f.data is None or f.data.kind != "ungraded")
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
    return picked[:_MOST]


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
    view: View, index: Level | None, assessment: Assessment, size: tuple[float, float], widths: float, *,
    unmarked: bool = False,
) -> Figure:  # fmt: skip
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
    """A radiograph alone: the whole film, and the index vertebra with its neighbours beside it."""
    bodies = bodies_of(view.spine, view.places)
    gap, left = 10.0, COLUMN
    near = index is not None and _shows(view, index)
    right = (760.0, left[1])
    drawing = sheet(left[0], right[0], height=left[1], gap=gap) if near else sheet(left[0], height=left[1])
    draw_panel(drawing, on_all(bodies, grid_of(view).extent, left), view, index, Marks(bar_mm=FAR_MM))
    caption = fact_of(view, index, assessment.measurements)
    if near and index is not None:
        widths = widths_across(bodies, index, PORTRAIT) * right[0] / PORTRAIT[0]
        window = on_index(bodies, index, widths, right, (left[0] + gap, 0.0))
        marked = index == assessment.index_level
        draw_panel(drawing, window, view, index, Marks(corners=True, measured=marked))
        if marked:
            caption += " " + measured_words(view, index, assessment.measurements, radiograph=True)
    share = 1.0 if near else 0.32
    return Figure(title_of(view, assessment.measurements), caption.strip(), str(drawing), share, "front")
