"""What is drawn on a panel: names in front of the bodies, corners, heights, kyphosis, letters and the scale bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.geometry import unit_vector
from ovcf.report.figures.lettering import EDGE, EM, GAP, INDEX_SIZE, SMALL, STRIP, TEXT, TEXT_SMALL, label_box
from ovcf.report.svg import ANGLE, BLACK, INDEX, WHITE, Drawing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.landmarks import VertebraLandmarks
    from ovcf.report.figures.bodies import Body
    from ovcf.report.figures.lettering import Box
    from ovcf.report.figures.window import Window

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

_BEYOND = 0.62
"""How far behind the bodies the lines of the kyphosis run on a radiograph, in widths of an endplate."""


def name_body(
    drawing: Drawing,
    window: Window,
    body: Body,
    words: str,
    taken: Mask,
    names: Mask,
    size: float = TEXT,
    *,
    marked: bool,
    clear: float = 0.0,
) -> None:
    """The name of a body in front of it, where ``taken`` (units of the window) is free; ``clear`` units further off.

    ``names`` holds the other names: this one is moved up or down where it would touch them, and is added to it. A body
    of which the window shows no more than an edge, or no room in front, gets none.
    """
    (left, top), (width, height) = window.corner, window.size
    size *= INDEX_SIZE if marked else 1.0
    corners = window.place(body.corners) - window.corner
    at = float(corners[[0, 2], 1].mean())
    boxes = []
    for shift in (0.0, -0.3, 0.3, -0.6, 0.6, -1.0, 1.0):
        middle = at + shift * size
        _, upper, _, lower = label_box(words, 0, middle, size)
        if upper < 0 or lower > height:
            continue
        columns = np.flatnonzero(taken[int(upper) : int(np.ceil(lower)) + 1].any(axis=0))
        front = min(float(columns.min()) if columns.size else width, float(corners[:, 0].min()))
        box = label_box(words, min(front - GAP - clear, width - EDGE), middle, size)
        if box[0] > 0:
            boxes.append(box)
    if not boxes:
        return
    box = next((b for b in boxes if not covers(b, names)), boxes[0])
    cover(names, box)
    drawing.text(
        left + box[2],
        top + (box[1] + box[3]) / 2 + 0.36 * size,
        words,
        size=size,
        colour=INDEX if marked else WHITE,
        anchor="end",
        bold=True,
    )


def corner_dots(drawing: Drawing, window: Window, body: Body) -> None:
    """The four corners of the index vertebra."""
    drawing.dots(window.place(body.corners), INDEX, 5)


def heights(drawing: Drawing, window: Window, body: Body, aside: float) -> None:
    """Anterior and posterior height of a body as white lines, ``aside`` units beside its walls."""
    points = window.place(body.corners)
    for (top, bottom), side in (((0, 2), -1), ((1, 3), +1)):
        wall = points[[top, bottom]]
        along = unit_vector(wall[1] - wall[0])
        across = side * np.array([along[1], -along[0]])  # away from the body
        wall = wall + aside * across
        drawing.line(wall, WHITE, 2)
        for end in wall:
            drawing.line([end - 6 * across, end + 6 * across], WHITE, 2)


def height_clearance(aside: float) -> float:
    """Units that the line of the anterior height and its ticks take in front of the body."""
    return aside + 8


def endplates(drawing: Drawing, window: Window, neighbours: tuple[VertebraLandmarks, VertebraLandmarks]) -> None:
    """The two endplates that the local kyphosis angle lies between, no longer than they are."""
    cranial, caudal = (window.place(v.array) for v in neighbours)
    for endplate in (cranial[2:4], caudal[0:2]):
        drawing.line(endplate, ANGLE, 2.5)


def kyphosis(
    drawing: Drawing, window: Window, neighbours: tuple[VertebraLandmarks, VertebraLandmarks], behind: float, words: str
) -> None:
    """The same endplates drawn on beyond ``behind``, the hindmost of the bodies (drawing units), with the angle."""
    cranial, caudal = (window.place(v.array) for v in neighbours)
    width = float(np.linalg.norm(cranial[3] - cranial[2]))
    end = min(behind + _BEYOND * width, window.corner[0] + window.size[0] - EDGE)
    tips = []
    for anterior, posterior in (cranial[2:4], caudal[0:2]):
        along = unit_vector(posterior - anterior)
        tip = anterior + along * (end - anterior[0]) / max(float(along[0]), 0.2)
        drawing.line([anterior - 0.12 * width * along, tip], ANGLE, 2.5)
        tips.append(tip)
    drawing.line(tips, ANGLE, 1.5, dash="2 6")
    middle = np.mean(tips, axis=0)
    drawing.text(
        float(middle[0]) - 7, float(middle[1]) + 0.36 * TEXT, words, size=TEXT, colour=ANGLE, anchor="end", bold=True
    )


def letters(drawing: Drawing, window: Window, taken: Mask) -> None:
    """A and P in the upper corners, lower where something is there; ``taken`` is filled where they stand."""
    (left, top), (width, height) = window.corner, window.size
    for letter, right, anchor in (("A", EDGE + EM * SMALL, "start"), ("P", width - EDGE, "end")):
        boxes = [label_box(letter, right, 22.0 + 12 * n, SMALL) for n in range(max(1, int(height / 12) - 2))]
        box = next((b for b in boxes if not covers((b[0] - 4, b[1], b[2] + 4, b[3]), taken)), boxes[0])
        cover(taken, box)
        x = box[0] if anchor == "start" else box[2]
        y = (box[1] + box[3]) / 2 + 0.36 * SMALL
        drawing.text(left + x, top + y, letter, size=SMALL, anchor=anchor, bold=True)


def scale(drawing: Drawing, window: Window, mm: float | None) -> None:
    """A strip under the picture with a bar of ``mm`` at its right end, or the words that there is no scale (None).

    It stands under the picture because the canal often runs through the lower right corner.
    """
    (left, top), (width, height) = window.corner, window.size
    drawing.rect(left, top + height, width, STRIP, fill=BLACK)
    right, middle = left + width - EDGE, top + height + STRIP / 2
    if mm is None:
        drawing.text(right, middle + 0.36 * TEXT_SMALL, "not calibrated", size=TEXT_SMALL, anchor="end", bold=True)
        return
    bar = np.array([[right - mm * window.scale, middle], [right, middle]])
    drawing.line(bar, WHITE, 3, halo=False)
    for end in bar:
        drawing.line([end - np.array([0, 7]), end + np.array([0, 7])], WHITE, 2, halo=False)
    drawing.text(
        float(bar[0, 0]) - 10, middle + 0.36 * TEXT_SMALL, f"{mm:g} mm", size=TEXT_SMALL, anchor="end", bold=True
    )


def covers(box: Box, taken: Mask) -> bool:
    """Whether a box (left, top, right, bottom; units of the window) touches what is taken."""
    return bool(taken[_within(box)].any())


def cover(taken: Mask, box: Box) -> None:
    """Note a box as taken."""
    taken[_within(box)] = True


def _within(box: Box) -> tuple[slice, slice]:
    x0, y0, x1, y1 = (max(0, int(np.floor(v))) for v in box)
    return slice(y0, y1 + 1), slice(x0, x1 + 1)


def outline(drawing: Drawing, edges: Sequence[Array]) -> None:
    """Border segments of counted pixels, each ``(2, 2)`` in drawing units."""
    drawing.segments(edges, INDEX, 2)
