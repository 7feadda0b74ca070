"""A small picture of what to look at first: a JPEG with the outlines that were found, for lists of many studies."""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from ovcf.render.seen import Seen
from ovcf.report.figures.bodies import bodies_of
from ovcf.report.figures.front import middle_of, shown_first
from ovcf.report.figures.grey_levels import grey_of, grid_of, picture
from ovcf.report.figures.window import COLUMN, PORTRAIT, on_all, on_index, widths_across

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

    from ovcf.anatomy import Level
    from ovcf.report.figures.bodies import Body
    from ovcf.report.figures.window import Window
    from ovcf.workflow.draft import Draft
    from ovcf.workflow.slice_view import View

_PLAIN, _MARKED, _OPEN = (120, 190, 255), (255, 176, 59), (255, 120, 120)
"""Outlines: measured, looks fractured, could not be judged."""
_SHRUNK = 0.66
_TEXT = 22


class Thumbnail(NamedTuple):
    """A picture, and the image that it shows."""

    jpeg: bytes
    image: str


def thumbnail(draft: Draft) -> Thumbnail | None:
    """The image that page one of a report shows first, around the vertebra to look at; None where there is no image.

    Where levels are asked, or vertebrae far apart are to be looked at, it shows the whole spine. Equal drafts give
    equal bytes on one machine.
    """
    view = shown_first(draft)
    if view is None:
        return None
    bodies = bodies_of(view.spine, view.places)
    marked = {f.level for f in Seen(draft.assessment).looks_fractured if f.level is not None}
    index = middle_of(draft.assessment)
    window = on_all(bodies, grid_of(view).extent, COLUMN)
    if index is not None and not view.asked and any(b.level == index for b in bodies):
        near = on_index(bodies, index, widths_across(bodies, index, PORTRAIT), PORTRAIT)
        if all(near.shows(b.centre) for b in bodies if b.level in marked):
            window = near
    return Thumbnail(_drawn(view, window, bodies, index, marked), view.image)


def _drawn(view: View, window: Window, bodies: tuple[Body, ...], index: Level | None, marked: set[Level]) -> bytes:
    from PIL import Image, ImageDraw

    size = round(window.size[0]), round(window.size[1])
    grey = picture(grey_of(view, window, bodies, index), grid_of(view), window)
    drawing = Image.fromarray(grey).resize(size, Image.Resampling.LANCZOS).convert("RGB")
    pen = ImageDraw.Draw(drawing)
    for body in bodies:
        suspected = body.level in marked and not view.asked
        colour = _MARKED if suspected else _PLAIN if body.measured else _OPEN
        corners = [(float(x), float(y)) for x, y in window.place(body.outline)]
        pen.line([*corners, corners[0]], fill=colour, width=4 if suspected else 2, joint="curve")
        name = str(body.number) if view.asked and body.number is not None else body.level.value
        words = name if body.measured else f"{name} ?"
        left = min(x for x, _ in corners) - 8
        middle = sum(y for _, y in corners) / len(corners)
        pen.text((left, middle), words, fill=colour, font=_font(), anchor="rm", stroke_width=2, stroke_fill=(0, 0, 0))
    out = io.BytesIO()
    small = round(size[0] * _SHRUNK), round(size[1] * _SHRUNK)
    drawing.resize(small, Image.Resampling.LANCZOS).save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


@cache
def _font() -> FreeTypeFont:
    from PIL import ImageFont

    content = files("ovcf.report").joinpath("fonts", "Inter-SemiBold.otf").read_bytes()
    return ImageFont.truetype(io.BytesIO(content), _TEXT)
