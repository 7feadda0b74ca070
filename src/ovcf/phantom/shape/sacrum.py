"""The whole sacrum, S1 to S5, and how steeply it stands: what a film of the lumbosacral junction shows.

Sizes and angles are chosen here (P) to look like adults of anatomy's textbooks; nothing was learnt from people's images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.shape import contour as c

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: S1 to S5: anterior and posterior height in heights of the last lumbar body (P).
_HEIGHTS = ((1.15, 1.00), (1.00, 0.92), (0.80, 0.77), (0.68, 0.66), (0.56, 0.54))
#: Share of the sacrum's curve at each of its four joints; the curve from S1 to S5 in degrees, mean and SD (P).
_BEND, _CURVE_DEG = (0.14, 0.28, 0.32, 0.26), (52.0, 15.0)
#: How much of a changed slope each of the last three discs takes up, from above (P).
_SHARES = (0.2, 0.35, 0.45)
_SQUARE = 0.35
"""Share of people whose S1 is nearly square, with a disc below it like a lumbar body (P)."""


def segments(rng: np.random.Generator, height: float, depth: float) -> tuple[list[tuple[float, ...]], Array]:
    """Anterior and posterior height, superior and inferior depth (mm) of S1 to S5, and the joints between them.

    ``height`` and ``depth`` are those of the last lumbar body; joints ``(4, 3)`` as the column's are.
    """
    square = rng.random() < _SQUARE
    lower = rng.uniform(0.80, 1.0) if square else rng.uniform(0.64, 0.84)
    size, found = rng.normal(1.0, 0.06, 2), []
    upper = 0.97
    for k, (anterior, posterior) in enumerate(_HEIGHTS):
        found.append((
            anterior * size[0] * height, posterior * size[0] * height, upper * size[1] * depth, lower * size[1] * depth
        ))  # fmt: skip
        upper, lower = lower - 0.02, lower * rng.uniform(0.66, 0.82) if k else lower * rng.uniform(0.68, 0.8)
    curve = np.clip(rng.normal(*_CURVE_DEG), 15, 90) * np.array(_BEND) * rng.uniform(0.7, 1.3, 4)
    first = rng.uniform(3.0, 8.0) if square else rng.uniform(0.8, 5.5)
    gaps = [first, rng.uniform(0.6, 3.0), rng.uniform(0.4, 1.2), rng.uniform(0.4, 1.0)]
    return found, np.column_stack([curve, np.zeros(4), gaps])


def slope_deg(contours: Array, first: int) -> float:
    """How far the upper endplate of S1, contour ``first``, slopes down to anterior (degrees)."""
    d = contours[first][c.SP] - contours[first][c.SA]
    return float(np.degrees(np.arctan2(-d[1], d[0])))


def towards_slope(joints: Array, more_deg: float) -> Array:
    """The joints ``(n, 3)``, the last of which leads to S1, with so much more slope of S1 (more lordosis)."""
    out = joints.copy()
    out[-3:, 0] -= more_deg * np.array(_SHARES)
    return out
