"""From landmark error to measurement error: first-order propagation, and Monte Carlo to check it.

Landmark errors are taken as independent, normal and equal in x and y (JCGM 100:2008, 5.1.2, for the first-order law
of propagation; JCGM 101:2008 for the Monte Carlo one). What all vertebrae of an image share (``Source.height_sd_mm``:
every endplate lies too far out, or in) moves all of them together: it tells on heights and hardly on ratios between
vertebrae.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from ovcf.landmarks import VertebraLandmarks

    Array = NDArray[np.float64]
    #: Takes the ``(..., n, 2)`` points of each vertebra, in the order of ``landmarks.POINTS``; gives ``(...)``.
    LandmarkFunction = Callable[..., Array]


def stacked(vertebrae: Sequence[VertebraLandmarks]) -> tuple[list[Array], list[Array] | None]:
    """Points of each vertebra and their SD ``(n, 1)``; None for the SD if any vertebra lacks one."""
    points = [v.array for v in vertebrae]
    if any(v.sd is None for v in vertebrae):
        return points, None
    return points, [np.asarray(v.sd, float)[:, None] for v in vertebrae]


def covariance(functions: Sequence[LandmarkFunction], vertebrae: Sequence[VertebraLandmarks]) -> Array | None:
    """Covariance ``(k, k)`` of ``k`` measurements that share ``vertebrae``, to first order.

    Measurements of one image share landmarks, so their errors are correlated; a score that uses several needs this
    matrix, not its diagonal. None if the landmark SD is unknown.
    """
    points, sd = stacked(vertebrae)
    if sd is None:
        return None
    # Every coordinate of every vertebra a step up and a step down, all at once: (2, all coordinates, n, 2) for each.
    sizes = [p.size for p in points]
    total, first, shifted, apart, error = sum(sizes), 0, [], [], []
    for p, s in zip(points, sd, strict=True):
        step, last = 1e-6 * float(np.ptp(p)), first + p.size
        own = np.tile(p, (2, total, 1, 1))
        moves = step * np.array([1.0, -1.0])[:, None, None, None] * np.eye(p.size).reshape(1, p.size, *p.shape)
        own[:, first:last] = p + moves
        shifted.append(own)
        apart.append(np.full(p.size, 2 * step))
        error.append(np.repeat(s[:, 0], p.shape[1]))
        first = last
    up, down = np.moveaxis(np.stack([np.broadcast_to(f(*shifted), (2, total)) for f in functions]), 1, 0)
    columns = [(up - down) / np.concatenate(apart) * np.concatenate(error)]
    if (shared := _shared(vertebrae)) is not None:
        out, inward = ([p + sign * d for p, d in zip(points, shared, strict=True)] for sign in (1, -1))
        columns.append(np.array([[float(f(*out) - f(*inward)) / 2] for f in functions]))
    jacobian = np.concatenate(columns, axis=1)
    return np.asarray(jacobian @ jacobian.T)


def _shared(vertebrae: Sequence[VertebraLandmarks]) -> list[Array] | None:
    """How all points move ``(n, 2)`` if the error that vertebrae share is one SD; None without such an error."""
    if not any(any(v.source.height_sd_mm) for v in vertebrae):
        return None
    moved = []
    for v in vertebrae:
        p = v.array
        down = p[2] + p[3] - p[0] - p[1]
        anterior, middle, posterior = v.source.height_sd_mm
        share = np.array([-anterior, -posterior, anterior, posterior, -middle, middle])[: len(p)] / 2
        moved.append(share[:, None] * down / np.linalg.norm(down))
    return moved


def standard_uncertainty(function: LandmarkFunction, vertebrae: Sequence[VertebraLandmarks]) -> float | None:
    """One standard deviation of a measurement, to first order; None if the landmark SD is unknown."""
    matrix = covariance([function], vertebrae)
    return None if matrix is None else float(np.sqrt(matrix[0, 0]))


def monte_carlo(
    function: LandmarkFunction, vertebrae: Sequence[VertebraLandmarks], *, draws: int, seed: int = 0
) -> Array | None:
    """``(draws,)`` values of a measurement under its landmark error; None if the landmark SD is unknown."""
    points, sd = stacked(vertebrae)
    if sd is None:
        return None
    shared = _shared(vertebrae)
    shapes = [(draws, *p.shape) for p in points] + ([] if shared is None else [(draws, 1, 1)])
    errors = _standard_normal(seed, tuple(shapes))
    noisy = [p + s * e for p, s, e in zip(points, sd, errors, strict=False)]
    if shared is not None:
        noisy = [p + errors[-1] * d for p, d in zip(noisy, shared, strict=True)]
    return np.asarray(function(*noisy))


@lru_cache(maxsize=64)  # the same for every patient
def _standard_normal(seed: int, shapes: tuple[tuple[int, ...], ...]) -> tuple[Array, ...]:
    rng = np.random.default_rng(seed)
    # All draws of a coordinate lie one after the other in memory, as they are used: several times as fast.
    drawn = (np.moveaxis(rng.standard_normal(shape), 0, -1) for shape in shapes)
    found = tuple(np.moveaxis(np.ascontiguousarray(one), -1, 0) for one in drawn)
    for one in found:
        one.flags.writeable = False
    return found
