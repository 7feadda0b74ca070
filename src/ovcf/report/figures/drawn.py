"""Landmarks without their image, drawn as bodies on a neutral ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.language.worded import say
from ovcf.report.figure import Figure
from ovcf.report.figures import marks as mark
from ovcf.report.figures.bodies import bodies_of
from ovcf.report.figures.panel import FAR_MM, NEAR_MM, Marks, draw_marks, sheet, taken_by
from ovcf.report.figures.window import COLUMN, PORTRAIT, on_all, on_index, widths_across
from ovcf.report.svg import Drawing
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks
    from ovcf.report.figures.window import Window

_GROUND, _BONE = "#1c2026", "#39424e"


def landmark_panel(spine: SpineLandmarks, index: Level | None, *, front: bool) -> Figure:
    """The index vertebra with its neighbours and what was measured; without one all bodies. Lines may run beyond."""
    bodies = bodies_of(spine)
    source = spine.vertebrae[0].source
    centred = index is not None and index in spine
    size = PORTRAIT if centred else COLUMN
    if centred and index is not None:
        window = on_index(bodies, index, widths_across(bodies, index, size), size)
    else:
        window = on_all(bodies, None, size)
    drawing = sheet(size[0], height=size[1])
    _ground(drawing, window, spine)
    marks = Marks(corners=centred, measured=centred, bar_mm=NEAR_MM if centred else FAR_MM)
    bones = taken_by(bodies, window)
    bones |= draw_marks(drawing, window, spine, bodies, index, marks, bones, radiograph=True)
    mark.letters(drawing, window, bones)
    mark.scale(drawing, window, marks.bar_mm if source.calibrated else None)
    image = source.image or "image not named"
    posture = "" if source.posture is Posture.UNKNOWN else say(", {posture}", posture=source.posture.value)
    what = (
        ""
        if source.modality is Modality.UNKNOWN
        else say(" ({modality}{posture})", modality=source.modality.value, posture=posture)
    )
    return Figure(
        say("Landmarks of {image}{what}", image=image, what=what),
        "Drawn without their image.",
        str(drawing),
        0.32,
        "front" if front else "detail",
    )


def _ground(drawing: Drawing, window: Window, spine: SpineLandmarks) -> None:
    drawing.clip(*window.corner, *window.size)
    drawing.rect(*window.corner, *window.size, fill=_GROUND)
    for body in bodies_of(spine):
        drawing.polygon(window.place(body.outline), _BONE, "#a8b3bf", 1.5)
    drawing.unclip()
