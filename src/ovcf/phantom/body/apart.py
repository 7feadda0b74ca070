"""Pieces of bone that stand apart from their body: the corner of a limbus vertebra, a fragment of a broken endplate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.body.tissue import Tissue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.body.frame import Frame

    Array = NDArray[np.float64]
    Labels = NDArray[np.uint8]
    Mask = NDArray[np.bool_]

CORNER = (0.30, 0.34)
"""How far a limbus reaches from its corner, along the endplate and along the wall, in shares of depth and height
(chosen)."""
_HALF_WIDTH = 0.6
"""How far to the side pieces reach, in half widths."""
_GAP_MM, _RIM_MM = 1.6, 0.7
"""The disc that has come between, and the dense rim to both sides of it."""
FRAGMENT_MM, _FRAGMENT_HALF = 3.0, 0.28
"""How thick a fragment of an endplate is, and half its length in shares of the depth."""


def set_limbus_apart(inside: Labels, s: Array, t: Array, u: float, frame: Frame) -> None:
    """Cut the anterior superior corner off the marrow ``inside``: disc has come between it and the body."""
    if abs(u) > _HALF_WIDTH * frame.half_width:
        return
    along, down = CORNER[0] * frame.depth, CORNER[1] * frame.height
    # The distance (mm) behind the line from the endplate to the anterior wall.
    beyond = ((s + 0.5) * frame.depth / along + (t + 0.5) * frame.height / down - 1) / np.hypot(1 / along, 1 / down)
    marrow = inside == Tissue.MARROW
    inside[marrow & (np.abs(beyond) < _GAP_MM / 2 + _RIM_MM)] = Tissue.CORTEX
    inside[marrow & (np.abs(beyond) < _GAP_MM / 2)] = Tissue.ANNULUS


def set_fragment_apart(inside: Labels, deep: Mask, deeper: Mask, s: Array, t: Array, u: float, frame: Frame) -> None:
    """Part a piece of the superior endplate from what lies beneath it.

    ``deep`` and ``deeper`` are the pixels that lie the fragment's thickness under the surface, and the gap more.
    """
    if abs(u) > _HALF_WIDTH * frame.half_width:
        return
    above = t < 0
    beneath = deep & ~deeper & (np.abs(s) < _FRAGMENT_HALF)
    beside = ~deep & (np.abs(np.abs(s) - _FRAGMENT_HALF) * frame.depth < _GAP_MM / 2)
    inside[above & (inside > 0) & (beneath | beside)] = Tissue.ANNULUS


def reach_mm() -> tuple[float, float]:
    """How deep under the surface the gap beneath a fragment begins and ends."""
    return FRAGMENT_MM, FRAGMENT_MM + _GAP_MM
