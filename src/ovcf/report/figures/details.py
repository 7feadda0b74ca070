"""The pictures of the following pages: every image from end to end, and a clean copy beside each that was marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import Ungraded
from ovcf.language.worded import capital, say
from ovcf.measures.shape.body_heights import ANTERIOR_HEIGHT
from ovcf.report.figure import Figure
from ovcf.report.figures.bodies import bodies_of, near
from ovcf.report.figures.captions import fact_of, image_name, measured_words, signs_words, title_of
from ovcf.report.figures.front import shown_clean, shown_whole
from ovcf.report.figures.grey_levels import grid_of
from ovcf.report.figures.lettering import TEXT
from ovcf.report.figures.panel import FAR_MM, NOTHING, Marks, draw_panel, sheet
from ovcf.report.figures.window import COLUMN, PORTRAIT, on_all, on_index, widths_across, within
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.anatomy import Level
    from ovcf.assessment.result import Assessment
    from ovcf.report.figures.window import Window
    from ovcf.workflow.draft import Draft
    from ovcf.workflow.slice_view import View

_COLUMN_SHARE, _PANEL_SHARE = 0.22, 0.32
_COUNTED = "Orange: the pixels counted as edema."


def detail_panels(draft: Draft) -> Iterator[Figure]:
    """Overviews, then of each MRI that shows the index vertebra a clean and a marked panel, then where to look.

    An image whose numbered bodies stand beside a question is not shown again.
    """
    index, a = draft.assessment.index_level, draft.assessment
    asked = {v.image for v in draft.views if v.asked}
    views = [v for v in draft.views if v.image not in asked]
    clean = {v.image for v in shown_clean(draft)}
    whole = {v.image for v in shown_whole(draft)}
    for view in views:
        if view.image not in whole:
            yield _overview(view, index, a)
    for view in views:
        bodies = bodies_of(view.spine, view.places)
        if index is None or view.modality is Modality.RADIOGRAPH or all(b.level != index for b in bodies):
            continue
        window = on_index(bodies, index, widths_across(bodies, index, PORTRAIT), PORTRAIT)
        if view.image not in clean:
            yield _of(
                view,
                window,
                index,
                NOTHING,
                say("{image_name}, without marks", image_name=image_name(view)),
                fact_of(view, index, a.measurements),
            )
        on_it = [m for m in a.measurements if m.source.image == view.image and m.index_level == index]
        if view.overlay is not None:
            yield _of(
                view,
                window,
                index,
                Marks(counted=True),
                say("{image_name}, edema", image_name=image_name(view)),
                _COUNTED,
            )
        elif view.spine is not None and any(m.method.id == ANTERIOR_HEIGHT.id for m in on_it):
            words = measured_words(view, index, a.measurements, radiograph=False)
            marks = Marks(corners=True, measured=True)
            yield _of(view, window, index, marks, say("{image_name}, measured", image_name=image_name(view)), words)
    yield from _to_look_at(draft)


def _overview(view: View, index: Level | None, a: Assessment) -> Figure:
    window = on_all(bodies_of(view.spine, view.places), grid_of(view).extent, COLUMN)
    named = view.spine is not None or bool(view.places)
    words = signs_words(view) if named else "Levels were not found here."
    made = _of(view, window, index, Marks(bar_mm=FAR_MM), title_of(view, a.measurements), words, COLUMN)
    return made if named else replace(made, place="appendix")


def _of(
    view: View,
    window: Window,
    index: Level | None,
    marks: Marks,
    title: str,
    caption: str,
    size: tuple[float, float] = PORTRAIT,
) -> Figure:
    drawing = sheet(size[0], height=size[1])
    draw_panel(drawing, window, view, index, marks)
    return Figure(title, caption, str(drawing), _COLUMN_SHARE if size is COLUMN else _PANEL_SHARE)


def _to_look_at(draft: Draft) -> Iterator[Figure]:
    """A picture of every vertebra that could not be judged, on the image that says so where it shows it."""
    for finding in draft.assessment.suggested_fractures:
        told, level = finding.data, finding.level
        if not isinstance(told, Ungraded) or level is None:
            continue
        views = [v for v in draft.views if not v.asked]
        ordered = [*(v for v in views if v.image == told.image), *(v for v in views if v.image != told.image)]
        figure = next((f for f in (close_up(v, level, told.reason) for v in ordered) if f is not None), None)
        if figure is not None:
            yield figure


def close_up(view: View, level: Level, reason: str) -> Figure | None:
    """A body that could not be judged with its neighbours; None where the picture shows neither it nor both of those.

    Nothing is drawn over the bodies: their names stand in front of them.
    """
    bodies = bodies_of(None, view.places)
    shown = near(bodies, level)
    if not shown:
        shown = tuple(b for b in bodies if abs(b.level.rank - level.rank) <= 1)
        if len(shown) < 2:
            return None
    window = within(on_all(shown, None, PORTRAIT, TEXT), grid_of(view).extent)
    drawing = sheet(PORTRAIT[0], height=PORTRAIT[1])
    draw_panel(drawing, window, view, level, Marks(only=tuple(b.level for b in shown)))
    title = say("{level}: could not be judged, look here", level=level)
    return Figure(
        title,
        say("{title_of}. {capital}.", title_of=title_of(view), capital=capital(reason)),
        str(drawing),
        _PANEL_SHARE,
    )
