"""The figures of one draft: each series that was read, landmarks without an image, and the probabilities of a score."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.assessment.finding import Ungraded
from ovcf.report.close_up import close_up, numbered
from ovcf.report.figure import Figure, image_figure, landmark_figure, probability_figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks
    from ovcf.workflow.draft import Draft
    from ovcf.workflow.view import View

_ONE_WINDOW_SHARE = 0.33


def figures_of(draft: Draft) -> tuple[Figure, ...]:
    """Pictures in reading order: reader's landmarks first, the series with landmarks, the others, then the scores."""
    assessment = draft.assessment
    index = assessment.index_level
    shown = [view.spine for view in draft.views if view.spine is not None]
    figures = [numbered(view) for view in draft.views if view.asked]
    figures += [
        _sized(
            landmark_figure(
                spine, index, title=f"Landmarks: {spine.vertebrae[0].source.image}", caption="drawn without their image"
            ),
            spine,
            index,
        )
        for spine in assessment.landmarks
        if not any(s.vertebrae == spine.vertebrae for s in shown)
    ]
    figures += [_picture(view, index) for view in sorted(draft.views, key=lambda v: v.spine is None) if not view.asked]
    figures += _to_look_at(draft)
    return (*figures, *(probability_figure(s, caption=s.condition) for s in assessment.scores if s.total_probability))


def _to_look_at(draft: Draft) -> Iterator[Figure]:
    """A close-up of every vertebra that could not be judged, on the image that says so where it shows it."""
    for finding in draft.assessment.suggested_fractures:
        if isinstance(finding.data, Ungraded) and finding.level is not None:
            views = sorted((v for v in draft.views if not v.asked), key=lambda v: v.image != finding.image)
            made = (close_up(view, finding.level, finding.data.reason) for view in views)
            figure = next((f for f in made if f is not None), None)
            if figure is not None:
                yield figure


def _picture(view: View, index: Level | None) -> Figure:
    figure = image_figure(
        view.pixels, view.origin, view.spacing, landmarks=view.spine, index_level=index,
        overlays={"counted as edema": view.overlay} if view.overlay is not None else None,
        calibrated=view.calibrated, title=view.title, caption=view.caption,
    )  # fmt: skip
    return _sized(figure, view.spine, index)


def _sized(figure: Figure, spine: SpineLandmarks | None, index: Level | None) -> Figure:
    """A figure without a close-up of the index vertebra is one tall window: kept small enough for a page."""
    return figure if spine is not None and index in spine else replace(figure, share=_ONE_WINDOW_SHARE)
