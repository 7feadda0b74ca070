"""Which heights a fracture has, and the contour that has them.

Heights are drawn from a box of losses (anterior, middle, posterior, as fractions of the intact heights), kept only if
Genant's plain ratios give the wanted shape and grade, and weighted by how the survey's fractures of that shape combine
them. A wanted VHL scales the three heights together, so it is met exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import PhantomError
from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape.shape_model import tables
from ovcf.phantom.shape.spine import SHAPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.shape.spine import Fracture

    Array = NDArray[np.float64]

_DRAWS = 20000
#: Genant's limits with a margin, so that a grade stays itself under rounding (percent).
_BANDS = {None: (0.0, 100.0), 1: (20.3, 24.7), 2: (25.3, 39.7), 3: (40.3, 78.0)}
#: Least SD (fraction) of a loss about what its shape makes typical; the survey has few crushes.
_MIN_SD = 0.03


def heights(contour: Array) -> Array:
    """(Ha, Hm, Hp) of contours ``(..., 28, 2)``, in their unit."""
    sa, sp, ia, ip, sm, im = np.moveaxis(c.landmarks_of(contour), -2, 0)
    return np.stack([np.linalg.norm(top - bottom, axis=-1) for top, bottom in ((sa, ia), (sm, im), (sp, ip))], axis=-1)


def deciding_loss(body: Array, beside: float) -> Array:
    """Genant's losses ``(..., 3)`` as fractions in the order of :data:`SHAPES`, from (Ha, Hm, Hp) ``(..., 3)``.

    ``beside`` is the mean posterior height of the neighbours; the greatest loss decides shape and grade.
    """
    ha, hm, hp = np.moveaxis(body, -1, 0)
    return np.stack([1 - ha / hp, 1 - hm / hp, 1 - hp / beside], axis=-1)


def draw_heights(
    rng: np.random.Generator, fracture: Fracture, intact: Array, neighbours: Array, wedge_mm: tuple[float, float] | None
) -> Array:
    """(Ha, Hm, Hp) of the fractured body in mm.

    ``intact`` are its own heights before ``(3,)``, ``neighbours`` those above and below ``(2, 3)``. ``wedge_mm`` bounds
    Hp - Ha, where a kyphosis is wanted.

    Raises:
        PhantomError: no body of this shape has the wanted grade, height loss and kyphosis together.
    """
    loss = rng.uniform((-0.1, -0.1, -0.1), (0.8, 0.8, 0.75), (_DRAWS, 3))
    drawn = intact * (1 - loss)
    if fracture.vhl_percent is not None:
        wanted = neighbours[:, [0, 2]].mean() * (1 - fracture.vhl_percent / 100)
        drawn = drawn * (wanted / drawn[:, [0, 2]].mean(axis=1))[:, None]
    genant = 100 * deciding_loss(drawn, neighbours[:, 2].mean())
    ha, _, hp = drawn.T
    deciding = genant.max(axis=1)
    low, high = _BANDS[fracture.grade]
    if fracture.grade is None and fracture.vhl_percent is None:
        low = _BANDS[1][0]
    keep = (genant.argmax(axis=1) == SHAPES.index(fracture.shape)) & (deciding >= low) & (deciding <= high)
    if wedge_mm is not None:
        keep &= (hp - ha >= wedge_mm[0]) & (hp - ha <= wedge_mm[1])
    if not keep.any():
        asked = [f"grade {fracture.grade}"] if fracture.grade else []
        asked += [] if fracture.vhl_percent is None else [f"a height loss of {fracture.vhl_percent:g} %"]
        asked += [] if wedge_mm is None else ["the wanted kyphosis"]
        raise PhantomError(
            f"fracture of {fracture.level}",
            f"no {fracture.shape} body has {' and '.join(asked)}",
            "HAN's height loss is about half the anterior loss of a wedge: ask for one of them, or for another shape.",
        )
    actual = 1 - drawn[keep] / intact
    share, sd = tables()[f"{fracture.shape}_losses"]
    severity = actual[:, [SHAPES.index(fracture.shape)]]
    misfit = (actual - severity * share) / np.maximum(sd, _MIN_SD)
    log_weight = -0.5 * (misfit**2).sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    return np.asarray(drawn[keep][rng.choice(len(weight), p=weight / weight.sum())])


def deformed(intact: Array, wanted: Array, rng: np.random.Generator | None = None) -> Array:
    """An intact contour with the ``wanted`` (Ha, Hm, Hp), deformed as the survey's fractures with such losses were.

    That is their mean response to the losses and, given a generator, a draw from what varies beside it; then the
    heights are made exact.
    """
    before, t = heights(intact), tables()
    loss = 1 - wanted / before
    field = loss @ t["response"]
    if rng is not None:
        # What varies was learnt from fractures: a vertebra that lost little height varies less.
        field += rng.standard_normal(len(t["left_over"])) @ t["left_over"] * min(1.0, 4 * float(np.abs(loss).max()))
    return with_heights(intact + before[2] * field.reshape(c.N_POINTS, 2), wanted)


def retropulsed(contour: Array, depth_mm: float) -> Array:
    """The posterior wall of a burst bulging ``depth_mm`` into the canal, most in its upper third."""
    out = contour.copy()
    bulge = np.array([0.5, 0.9, 1.0, 0.85, 0.55, 0.25, 0.05])
    out[c.POSTERIOR, 0] += depth_mm * bulge
    return out


def with_heights(contour: Array, wanted: Array) -> Array:
    """The contour with exactly the ``wanted`` (Ha, Hm, Hp).

    The superior endplate sinks three times as far as the inferior rises.
    """
    out = contour.copy()
    for _ in range(20):
        change = wanted - heights(out)
        if np.abs(change).max() < 1e-9:
            break
        for side, share in ((c.SUPERIOR, -0.75), (c.INFERIOR, 0.25)):
            out[side] += share * _along(out[side], change, reverse=side is c.INFERIOR)
        out = _walls_between(out, contour)
    return out


def _along(endplate: Array, change: Array, *, reverse: bool) -> Array:
    """Vertical displacement of the nine points of an endplate that is ``change`` at its front, middle and back."""
    s = np.linspace(0, 1, len(endplate))
    dy = change[0] * (1 - s) * (1 - 2 * s) + 4 * change[1] * s * (1 - s) + change[2] * s * (2 * s - 1)
    return np.stack([np.zeros_like(dy), dy[::-1] if reverse else dy], axis=1)


def _walls_between(contour: Array, before: Array) -> Array:
    """Wall points kept at their share of the height between corners that have moved."""
    out = contour.copy()
    for first, last, rows in ((c.SP, c.IP, range(c.SP + 1, c.IP)), (c.SA, c.IA, range(c.N_POINTS - 1, c.IA, -1))):
        for row in rows:
            top, bottom = before[first], before[last]
            share = (before[row, 1] - top[1]) / (bottom[1] - top[1])
            out[row, 1] = out[first, 1] + share * (out[last, 1] - out[first, 1])
    return out
