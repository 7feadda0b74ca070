"""One panel: a part of an image in the grey levels that suit it, with as many marks as are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.errors import NeighbourError
from ovcf.measures.shape.kyphosis import local_kyphosis_angle
from ovcf.render.words.wording import quantity
from ovcf.report.figures import marks as mark
from ovcf.report.figures.bodies import bodies_of, discs, presumed_canal
from ovcf.report.figures.grey_levels import filled, grey_of, grid_of, mask_in, picture
from ovcf.report.figures.lettering import STRIP, TEXT, TEXT_SMALL
from ovcf.report.svg import Drawing
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.landmarks import SpineLandmarks
    from ovcf.report.figures.bodies import Body
    from ovcf.report.figures.grey_levels import Grid
    from ovcf.report.figures.window import Window
    from ovcf.workflow.slice_view import View

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

NEAR_MM, FAR_MM = 20.0, 50.0
"""Length of the scale bar on a panel of three vertebrae and on one of the whole spine."""
_BESIDE = 12.0
"""How far beside the walls the heights are drawn on a radiograph, in drawing units; on MRI the canal is there."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a panel shows besides the image: names of the bodies, the index's corners, what was measured or counted."""

    names: Literal["none", "levels", "numbers"] = "levels"
    corners: bool = False
    measured: bool = False
    counted: bool = False
    bar_mm: float = NEAR_MM
    only: tuple[Level, ...] = ()
    """The levels that are named, where not all are."""


NOTHING = Marks(names="none")


def sheet(*widths: float, height: float, gap: float = 10.0) -> Drawing:
    """An empty drawing for pictures of these widths side by side, with the strip under them."""
    return Drawing(sum(widths) + gap * (len(widths) - 1), height + STRIP)


def draw_panel(drawing: Drawing, window: Window, view: View, index: Level | None, marks: Marks) -> None:
    """The part of the view that ``window`` shows, at its place in the drawing."""
    bodies = bodies_of(view.spine, view.places)
    grid = grid_of(view)
    drawing.image(picture(grey_of(view, window, bodies, index), grid, window), *window.corner, *window.size)
    bones = taken_by(bodies, window)
    taken = bones | _canal(view, grid, bodies, window)
    if marks.counted and view.overlay is not None:
        mark.outline(drawing, list(_edges(view.overlay, grid, window)))
    radiograph = view.modality is Modality.RADIOGRAPH
    taken |= draw_marks(drawing, window, view.spine, bodies, index, marks, bones, radiograph=radiograph)
    mark.letters(drawing, window, taken)
    mark.scale(drawing, window, marks.bar_mm if view.calibrated else None)


def draw_marks(
    drawing: Drawing,
    window: Window,
    spine: SpineLandmarks | None,
    bodies: Sequence[Body],
    index: Level | None,
    marks: Marks,
    bones: Mask,
    *,
    radiograph: bool,
) -> Mask:
    """Names, corners, heights and kyphosis; ``bones`` are the units of the window that bodies and discs take.

    Gives the units that names take.
    """
    names = np.zeros_like(bones)
    body = next((b for b in bodies if b.level == index), None)
    aside = _BESIDE if radiograph else 0.0
    if marks.measured and index is not None and body is not None and body.measured and spine is not None:
        _measured(drawing, window, spine, bodies, index, radiograph=radiograph)
        mark.heights(drawing, window, body, aside)
    if marks.corners and body is not None and body.measured:
        mark.corner_dots(drawing, window, body)
    if marks.names != "none":
        size = TEXT if marks.bar_mm == NEAR_MM else TEXT_SMALL
        for b in sorted(bodies, key=lambda b: (b is not body, not b.measured)):  # the most important keep their place
            if marks.only and b.level not in marks.only:
                continue
            at_height = marks.measured and radiograph and b is body
            clear = mark.height_clearance(aside) if at_height else 5.0 * (b is body and marks.corners)
            words = name_of(b, index, numbers=marks.names == "numbers")
            mark.name_body(drawing, window, b, words, bones, names, size, marked=b is body, clear=clear)
    return names


def name_of(body: Body, index: Level | None, *, numbers: bool = False) -> str:
    """``L1``; ``L1 ?`` where it was not measured, ``L1 ×`` where it must not serve as a reference; or the number.

    The index vertebra is no reference for itself, so it bears no cross.
    """
    if numbers and body.number is not None:
        return str(body.number)
    if not body.measured:
        return f"{body.level} ?"
    return body.level.value if body.reference or body.level == index else f"{body.level} ×"


def taken_by(bodies: Sequence[Body], window: Window) -> Mask:
    """The units of the window that bodies and the discs between them take."""
    polygons = [window.place(p) - window.corner for p in (*(b.outline for b in bodies), *discs(bodies))]
    return filled(polygons, (max(1, round(window.size[1])), max(1, round(window.size[0]))))


def _canal(view: View, grid: Grid, bodies: Sequence[Body], window: Window) -> Mask:
    if view.canal is not None:
        return mask_in(view.canal, grid, window)
    shape = max(1, round(window.size[1])), max(1, round(window.size[0]))
    return filled([window.place(presumed_canal(bodies)) - window.corner] if bodies else [], shape)


def _measured(
    drawing: Drawing, window: Window, spine: SpineLandmarks, bodies: Sequence[Body], index: Level, *, radiograph: bool
) -> None:
    """The endplates of the local kyphosis angle; nothing where a neighbour cannot serve as a reference."""
    try:
        angle, neighbours = local_kyphosis_angle(spine, index), spine.neighbours(index)
    except NeighbourError:
        return
    if radiograph:
        shown = {index, *(v.level for v in neighbours)}
        behind = max(float(window.place(b.corners)[:, 0].max()) for b in bodies if b.level in shown)
        mark.kyphosis(drawing, window, neighbours, behind, quantity(angle.value, angle.unit))
    else:
        mark.endplates(drawing, window, neighbours)


def _edges(mask: Mask, grid: Grid, window: Window) -> Iterator[Array]:
    """The borders of the marked pixels as segments ``(2, 2)`` in drawing units, those inside the window."""
    size, low = np.asarray(grid.spacing[::-1]), grid.extent[0]
    padded = np.pad(mask, 1)
    for axis, step in ((0, [1, 0]), (1, [0, 1])):  # borders between rows run along x, those between columns along y
        starts = np.argwhere(np.diff(padded.astype(np.int8), axis=axis) != 0)
        for row, column in starts:
            corner = np.array([column - 1, row]) if axis == 0 else np.array([column, row - 1])
            ends = low + size * np.array([corner, corner + step])
            if all(window.shows(e) for e in ends):
                yield window.place(ends)
