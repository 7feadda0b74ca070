"""The transitional lumbosacral vertebra: a last lumbar body that belongs half to the sacrum, or an S1 that has left it.

After the descriptions of O'Driscoll 1996 and Castellvi 1984 (M; Konin and Walz 2010, AJNR 31:1778, review them): a
sacralised body tapers towards a rudimentary disc, a lumbarised S1 is square above a whole one. All figures are chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape.fracture import heights, with_heights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Transitional = Literal["sacralised", "lumbarised"]

#: Sacralised: lower depth of the body as a share of its upper one; how much higher its front is; angle and height (mm)
#: of the rudimentary disc; height of what is left between S1 and S2; share of the lost lordosis the disc above takes.
_TAPER, _WEDGE, _RUDIMENT_DEG, _RUDIMENT_MM, _REMNANT_MM, _TAKEN = (
    (0.84, 0.92),
    (1.02, 1.08),
    (-4.0, -1.5),
    (2.0, 3.2),
    1.2,
    0.4,
)
#: Lumbarised: lower depth of S1 as a share of its upper one; its front over its back; angle and height (mm) of the disc
#: S1-S2.
_SQUARE, _FRONT, _DISC_DEG, _DISC_MM = (0.96, 1.02), (1.04, 1.14), (-9.0, -3.0), (7.0, 10.0)
#: Upper depth of what goes on below the junction against the lower one of what lies above it.
_NEXT = 0.97


def transitional(
    rng: np.random.Generator, kind: Transitional, contours: Array, joints: Array, s1: int
) -> tuple[Array, Array]:
    """Contours ``(n, 28, 2)`` in their own frames and joints ``(n - 1, 3)`` with the junction of this kind.

    ``s1`` is the place of S1 among the contours. Everything above the last lumbar body stays as it is, but the angle of
    the disc above a sacralised one.
    """
    contours, joints = contours.copy(), joints.copy()
    (_lumbarised if kind == "lumbarised" else _sacralised)(rng, contours, joints, s1)
    return contours, joints


def _sacralised(rng: np.random.Generator, contours: Array, joints: Array, s1: int) -> None:
    last = s1 - 1
    ha, hm, hp = heights(contours[last])
    narrower = _narrowed(contours[last], float(rng.uniform(*_TAPER)))
    contours[last] = c.own_frame(with_heights(narrower, np.array([ha * rng.uniform(*_WEDGE), hm, hp])))
    # The sacrum goes on where this body ends.
    contours[s1:, :, 0] *= _NEXT * _depth(contours[last], c.IA, c.IP) / _depth(contours[s1], c.SA, c.SP)
    angle = float(rng.uniform(*_RUDIMENT_DEG))
    joints[last - 1, 0] += _TAKEN * (joints[last, 0] - angle)
    joints[last] = angle, 0.0, rng.uniform(*_RUDIMENT_MM)
    joints[s1, 2] = min(joints[s1, 2], _REMNANT_MM)


def _lumbarised(rng: np.random.Generator, contours: Array, joints: Array, s1: int) -> None:
    before = _depth(contours[s1], c.IA, c.IP) / _depth(contours[s1], c.SA, c.SP)
    square = _narrowed(contours[s1], float(rng.uniform(*_SQUARE)) / before)
    _, hm, hp = heights(square)
    front = float(rng.uniform(*_FRONT))
    contours[s1] = c.own_frame(with_heights(square, np.array([front * hp, hm * (1 + front) / 2, hp])))
    # The rest of the sacrum is wider by as much, and S2 is now where it begins.
    contours[s1 + 1 :, :, 0] *= _NEXT * _depth(contours[s1], c.IA, c.IP) / _depth(contours[s1 + 1], c.SA, c.SP)
    joints[s1] = rng.uniform(*_DISC_DEG), 0.0, rng.uniform(*_DISC_MM)


def _depth(contour: Array, front: int, back: int) -> float:
    return float(np.linalg.norm(contour[back] - contour[front]))


def _narrowed(contour: Array, share: float) -> Array:
    """A contour in its own frame whose depth goes to ``share`` of what it was from its upper to its lower end."""
    out = contour.copy()
    top, bottom = contour[[c.SA, c.SP], 1].mean(), contour[[c.IA, c.IP], 1].mean()
    out[:, 0] *= np.interp(contour[:, 1], [top, bottom], [1.0, share])
    return out
