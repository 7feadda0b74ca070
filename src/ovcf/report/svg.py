"""Drawing with the part of SVG that browsers and typst render alike: attributes only, no CSS, no scripts."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from ovcf.language.spoken import tr
from ovcf.plain_text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

# On images, told apart by readers with any colour vision: the index vertebra, the angle, everything else.
INDEX, ANGLE, WHITE, BLACK = "#ffc34d", "#f0e442", "#ffffff", "#000000"

# The last named font is built into typst, so that a machine without fonts draws the same.
_FONT = "Helvetica, Arial, Liberation Sans, DejaVu Sans, DejaVu Sans Mono, sans-serif"

_QUALITY = 85
"""Of grey pictures as JPEG: no difference to be seen in print."""


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Drawing:
    """An SVG in the making, ``width`` x ``height`` user units."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []
        self._clips = 0

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        stroke_width: float = 1,
    ) -> None:
        """A rectangle."""
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}" '
            f'stroke="{stroke}" stroke-width="{_n(stroke_width)}"/>'
        )

    def line(
        self,
        points: ArrayLike,
        colour: str,
        width: float = 2.5,
        *,
        dash: str = "",
        closed: bool = False,
        halo: bool = True,
    ) -> None:
        """A line through ``(n, 2)`` points, with a dark halo so that it shows on any image."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in np.asarray(points, float))
        shape = "polygon" if closed else "polyline"
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        common = f'<{shape} points="{path}" fill="none" stroke-linejoin="round" stroke-linecap="round"'
        if halo:
            self._parts.append(
                f'{common} stroke="{BLACK}" stroke-opacity="0.55" stroke-width="{_n(width + 3)}"{dashes}/>'
            )
        self._parts.append(f'{common} stroke="{colour}" stroke-width="{_n(width)}"{dashes}/>')

    def segments(self, segments: Iterable[ArrayLike], colour: str, width: float) -> None:
        """Many separate lines, each ``(2, 2)``, as one path."""
        pairs = (np.asarray(s, float).ravel() for s in segments)
        path = "".join(f"M{_n(x0)} {_n(y0)}L{_n(x1)} {_n(y1)}" for x0, y0, x1, y1 in pairs)
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{_n(width)}" stroke-linecap="square"/>'
        )

    def polygon(self, points: ArrayLike, fill: str, stroke: str, width: float = 2) -> None:
        """A filled polygon ``(n, 2)``."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in np.asarray(points, float))
        self._parts.append(
            f'<polygon points="{path}" fill="{fill}" stroke="{stroke}" stroke-width="{_n(width)}" '
            'stroke-linejoin="round"/>'
        )

    def dots(self, points: Iterable[ArrayLike], colour: str, radius: float = 4) -> None:
        """Small filled circles with a dark rim."""
        for x, y in (np.asarray(p, float) for p in points):
            self._parts.append(
                f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour}" stroke="{BLACK}" '
                'stroke-opacity="0.7" stroke-width="1"/>'
            )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 20,
        colour: str = WHITE,
        anchor: str = "start",
        bold: bool = False,
        halo: bool = True,
    ) -> None:
        """One line of text, its baseline at y; ``anchor`` start, middle or end."""
        words = escape(clean(tr(words)).replace("\n", " "))
        weight = ' font-weight="bold"' if bold else ""
        common = (
            f'<text x="{_n(x)}" y="{_n(y)}" font-family="{_FONT}" font-size="{_n(size)}" text-anchor="{anchor}"{weight}'
        )
        if halo:  # drawn twice: paint-order is not rendered everywhere
            self._parts.append(
                f'{common} fill="none" stroke="{BLACK}" stroke-opacity="0.75" stroke-width="4" '
                f'stroke-linejoin="round">{words}</text>'
            )
        self._parts.append(f'{common} fill="{colour}">{words}</text>')

    def image(self, pixels: NDArray[np.uint8], x: float, y: float, width: float, height: float) -> None:
        """8-bit pixels ``(rows, columns)`` grey or ``(rows, columns, 4)`` RGBA, stretched over the rectangle.

        Grey ones, the images, are compressed with loss: noise that nobody sees would make several megabytes.
        """
        from PIL import Image

        buffer, grey = io.BytesIO(), pixels.ndim == 2
        if grey:
            Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY, optimize=True)
        else:
            Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
        kind, data = "jpeg" if grey else "png", base64.b64encode(buffer.getvalue()).decode()
        self._parts.append(
            f'<image x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" preserveAspectRatio="none" '
            f'xlink:href="data:image/{kind};base64,{data}"/>'
        )

    def clip(self, x: float, y: float, width: float, height: float) -> None:
        """Show what follows, up to :meth:`unclip`, only inside this rectangle."""
        self._clips += 1
        self._parts.append(
            f'<clipPath id="clip{self._clips}"><rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
            f'height="{_n(height)}"/></clipPath><g clip-path="url(#clip{self._clips})">'
        )

    def unclip(self) -> None:
        """End the last :meth:`clip`."""
        self._parts.append("</g>")

    def __str__(self) -> str:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="{_n(self.width)}" height="{_n(self.height)}" viewBox="0 0 {_n(self.width)} {_n(self.height)}">'
            + "".join(self._parts)
            + "</svg>"
        )
