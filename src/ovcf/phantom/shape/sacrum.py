"""The whole sacrum, S1 to S5, and how steeply it stands: what a film of the lumbosacral junction shows.

Sizes and angles are chosen here to look like adults of anatomy's textbooks; nothing was learnt from images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.phantom.shape import contour as c

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: S1 to S5: anterior and posterior height in heights of the last lumbar body (chosen).
_HEIGHTS = ((1.15, 1.00), (1.00, 0.92), (0.80, 0.77), (0.68, 0.66), (0.56, 0.54))
#: Share of the sacrum's curve at each of its four joints; the curve from S1 to S5 in degrees, mean and SD (chosen).
_BEND, _CURVE_DEG = (0.14, 0.28, 0.32, 0.26), (52.0, 15.0)
#: How much of a changed slope each of the last three discs takes up, from above (chosen).
_SHARES = (0.2, 0.35, 0.45)
#: The same where the last disc is rudimentary and does not move.
_SHARES_ABOVE = (0.35, 0.65, 0.0)
#: How much S1 and S2 are like lumbar bodies: share of people; lower depth of S1 as a share of its upper one, and of S2
#: against S1's; height (mm) of what is left of the discs below both. Squared ones are O'Driscoll's types 3 and 4, drawn
#: more often than they are met (chosen), so that nobody learns to tell the sacrum by its taper alone.
_LIKE_LUMBAR = {
    "tapered": (0.45, (0.64, 0.82), (0.68, 0.80), (0.8, 3.5), (0.5, 1.5)),
    "between": (0.25, (0.75, 0.90), (0.70, 0.85), (2.0, 6.0), (0.6, 3.0)),
    "square": (0.30, (0.86, 1.02), (0.74, 0.95), (3.5, 9.0), (1.0, 5.5)),
}


def segments(
    rng: np.random.Generator, height: float, depth: float
) -> tuple[list[tuple[float, float, float, float]], Array]:
    """Anterior and posterior height, superior and inferior depth (mm) of S1 to S5, and the joints between them.

    ``height`` and ``depth`` are those of the last lumbar body; joints ``(4, 3)`` as the column's are.
    """
    kind = str(rng.choice(list(_LIKE_LUMBAR), p=[share for share, *_ in _LIKE_LUMBAR.values()]))
    _, narrower, next_narrower, gap, next_gap = _LIKE_LUMBAR[kind]
    size = rng.normal(1.0, 0.06, 2)
    found: list[tuple[float, float, float, float]] = []
    upper, lower = 0.97, float(rng.uniform(*narrower))
    for k, (anterior, posterior) in enumerate(_HEIGHTS):
        found.append(
            (
                anterior * size[0] * height,
                posterior * size[0] * height,
                upper * size[1] * depth,
                lower * size[1] * depth,
            )
        )
        upper, lower = lower - 0.02, lower * float(rng.uniform(*(next_narrower if k == 0 else (0.66, 0.82))))
    curve = np.clip(rng.normal(*_CURVE_DEG), 15, 90) * np.array(_BEND) * rng.uniform(0.7, 1.3, 4)
    gaps = [rng.uniform(*gap), rng.uniform(*next_gap), rng.uniform(0.4, 1.2), rng.uniform(0.4, 1.0)]
    return found, np.column_stack([curve, np.zeros(4), gaps])


def slope_deg(contours: Array, first: int) -> float:
    """How far the upper endplate of S1, contour ``first``, slopes down to anterior (degrees)."""
    d = contours[first][c.SP] - contours[first][c.SA]
    return float(np.degrees(np.arctan2(-d[1], d[0])))


def towards_slope(joints: Array, more_deg: float, *, is_last_stiff: bool = False) -> Array:
    """The joints ``(n, 3)``, the last of which leads to S1, with so much more slope of S1 (more lordosis)."""
    out = joints.copy()
    out[-3:, 0] -= more_deg * np.array(_SHARES_ABOVE if is_last_stiff else _SHARES)
    return out
