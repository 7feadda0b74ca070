"""The picture that a question about levels is asked with: every body found, framed and numbered, as a PNG file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.workflow.slice_view import View

_HEIGHT_PX = 1000
"""Of the picture: a screen's."""
_DARK, _BRIGHT = 0.01, 0.99
_FRAME, _HALO = (255, 204, 0), (0, 0, 0)


def question_pictures(views: Sequence[View]) -> dict[str, bytes]:
    """File name and content of the picture for each image whose levels are asked, in the order of the questions."""
    asked = [view for view in views if view.asked]
    return {f"which-level-{n}.png": numbered_picture(view) for n, view in enumerate(asked, 1)}


def numbered_picture(view: View) -> bytes:
    """The picture as PNG, its bodies framed, each with its number at the left."""
    from PIL import Image, ImageDraw, ImageFont

    low, high = np.nanquantile(view.pixels, (_DARK, _BRIGHT))
    grey = np.clip((np.nan_to_num(view.pixels) - low) / max(float(high - low), 1e-9), 0, 1)
    rows, columns = view.pixels.shape
    down, across = view.spacing
    scale = _HEIGHT_PX / (rows * down)
    size = (max(1, round(columns * across * scale)), _HEIGHT_PX)
    picture = Image.fromarray((255 * grey).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC).convert("RGB")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=26)
    # A pixel's coordinate is that of its centre; the picture begins half a pixel before the first.
    left, top = view.origin[0] - across / 2, view.origin[1] - down / 2
    for place in view.places:
        x0, x1 = ((x - left) * scale for x in (place.low[0], place.high[0]))
        y0, y1 = ((y - top) * scale for y in (place.low[1], place.high[1]))
        draw.rectangle((x0, y0, x1, y1), outline=_FRAME, width=2)
        draw.text(
            (max(x0 - 8, 34), (y0 + y1) / 2),
            str(place.number),
            font=font,
            fill=_FRAME,
            anchor="rm",
            stroke_width=3,
            stroke_fill=_HALO,
        )
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
