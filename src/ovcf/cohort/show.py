"""Plots that show themselves where they stand last in a cell of a notebook, whatever its settings of matplotlib."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

from ovcf.cohort.optional_import import optional_import


def picture(axes: Any, kind: str, **options: object) -> bytes:
    """The figure of an axes as ``svg`` or ``png``."""
    made = io.BytesIO()
    with optional_import("matplotlib").rc_context({"text.parse_math": False}):  # a dollar in a label is a dollar
        axes.figure.savefig(made, format=kind, bbox_inches="tight", **options)
    return made.getvalue()


def embedded(axes: Any) -> str:
    """The figure of an axes as an image within HTML; names in its SVG cannot meet those of another."""
    data = base64.b64encode(picture(axes, "svg")).decode()
    return f'<img alt="" style="background: #fff; max-width: 100%" src="data:image/svg+xml;base64,{data}">'


@cache
def shown_axes() -> type:
    """Matplotlib's axes, which a notebook can show as SVG or PNG."""

    def as_svg(self: Any) -> str:
        """What a notebook shows."""
        return picture(self, "svg").decode()

    def as_png(self: Any) -> bytes:
        """What a notebook shows that knows no SVG."""
        return picture(self, "png", dpi=150)

    axes: type = optional_import("matplotlib.axes").Axes
    return type("ShownAxes", (axes,), {"_repr_svg_": as_svg, "_repr_png_": as_png, "__module__": __name__})
