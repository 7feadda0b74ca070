"""What surrounds the bodies in the mid-sagittal plane: discs, canal, cord, posterior elements, vessels, fat and skin.

Drawn from the bodies by anatomy (sizes in :mod:`ovcf.phantom.shape.anatomy`); nothing here was learnt from people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.geometry import polygon_area
from ovcf.phantom.shape import anatomy
from ovcf.phantom.shape import contour as c

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn

    Array = NDArray[np.float64]

_STEP = 1.0


class Around(NamedTuple):
    """The outlines of :class:`~ovcf.phantom.shape.spine.SpineShape` that are not bodies."""

    discs: tuple[Array, ...]
    canal: Array
    cord: Array
    posterior_elements: tuple[Array, ...]
    named: Mapping[str, Array]


def around(rng: np.random.Generator, contours: Array, outlines: Sequence[Array], column: VertebralColumn) -> Around:
    """Everything around the placed contours ``(n, 28, 2)``, the last three being S1 to S3."""
    n = len(contours) - 3
    discs = tuple(
        disc(contours[i], contours[i + 1], outlines[i], outlines[i + 1], float(rng.uniform(0.3, 1.4))) for i in range(n)
    )
    position = anatomy.positions(column)
    wall, normal, station = _posterior_wall(contours, position)
    depth = _canal_depth(contours, station) * rng.normal(1, 0.05)
    front = _front_of_canal(contours)
    back = wall + depth[:, None] * normal
    canal = _band(front, back)
    conus = float(np.clip(rng.normal(*anatomy.CONUS), 10.9, 13.9))
    sac_end = 17.9
    sac = _tube(wall, normal, depth, station, sac_end, 0.06, 0.84)
    cord, cauda = _cord(wall, normal, depth, station, conus), _cauda(wall, normal, depth, station, conus, sac_end)
    spinous, tips = _spinous_processes(wall, normal, depth, station, contours, position, rng)
    named = _soft(rng, contours, wall, normal, depth, station, tips)
    named |= {"epidural_fat": canal, "thecal_sac": sac, "cauda_equina": cauda}
    return Around(discs, canal, cord, spinous, {name: _positive(outline) for name, outline in named.items()})


def _positive(outline: Array) -> Array:
    return outline if polygon_area(outline) > 0 else outline[::-1]


def _band(front: Array, back: Array) -> Array:
    return _positive(np.concatenate([front, back[::-1]]))


def between(outline: Array, start: Array, stop: Array) -> Array:
    """The part of a closed outline from one of its points to another, in its own direction, both included."""
    i, j = (int(np.argmin(((outline - p) ** 2).sum(axis=1))) for p in (start, stop))
    return outline[i : j + 1] if i <= j else np.concatenate([outline[i:], outline[: j + 1]])


def disc(upper: Array, lower: Array, upper_outline: Array, lower_outline: Array, bulge_mm: float) -> Array:
    """A disc that fills the space between two endplates and bulges at front and back."""
    top = between(upper_outline, upper[c.IP], upper[c.IA])
    bottom = between(lower_outline, lower[c.SA], lower[c.SP])

    def edge(p: Array, q: Array, way: Array) -> Array:
        t = np.linspace(0, 1, 9)[1:-1, None]
        return np.asarray(p + t * (q - p) + 4 * t * (1 - t) * bulge_mm * way)

    back = (upper[c.IP] - upper[c.IA] + lower[c.SP] - lower[c.SA]) / 2
    back = back / np.linalg.norm(back)
    return np.concatenate([top, edge(top[-1], bottom[0], -back), bottom, edge(bottom[-1], top[0], back)])


def _posterior_wall(contours: Array, position: Array) -> tuple[Array, Array, Array]:
    """The line along the backs of the bodies, its posterior normal, and its place on the scale T1 = 0, L5 = 16, S1 = 17."""
    corners = contours[:, [c.SP, c.IP]]
    centre = np.append(position, [17.0, 18.0, 19.0])
    station = np.stack([centre - 0.3, centre + 0.3], axis=1).ravel()
    line = c.smooth(corners.reshape(-1, 2), 2.0, closed=False)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    knots = [arc[int(np.argmin(((line - p) ** 2).sum(axis=1)))] for p in corners.reshape(-1, 2)]
    at = np.arange(0.0, arc[-1], _STEP)
    line = np.stack([np.interp(at, arc, _blurred(line[:, k], 4)) for k in (0, 1)], axis=1)
    tangent = np.gradient(line, axis=0)
    tangent = np.stack([_blurred(tangent[:, k], 9) for k in (0, 1)], axis=1)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    return line, np.stack([tangent[:, 1], -tangent[:, 0]], axis=1), np.interp(at, knots, station)


def _blurred(values: Array, sigma: float) -> Array:
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    # Odd reflection keeps a straight end straight.
    padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _canal_depth(contours: Array, station: Array) -> Array:
    table = anatomy.of_position(anatomy.PANJABI, "canal")
    depth = np.concatenate([table, table[-1] * np.array(anatomy.SACRAL_CANAL)])
    return np.interp(station, range(20), depth)


def _front_of_canal(contours: Array) -> Array:
    """The true backs of the bodies, a retropulsed one included, joined across the discs."""
    return c.smooth(np.concatenate([contour[c.POSTERIOR] for contour in contours]), closed=False)


def _tube(
    wall: Array, normal: Array, depth: Array, station: Array, end: float, front: float, back: float, start: float = -1.0
) -> Array:
    """A band in the canal from ``front`` to ``back`` (fractions of its depth), tapering to a point at ``end``."""
    rows = (station >= start) & (station <= end)
    w, n, d, s = wall[rows], normal[rows], depth[rows, None], station[rows]
    taper = np.clip((end - s) / 0.5, 0, 1)[:, None] ** 0.5
    middle, half = (front + back) / 2, (back - front) / 2
    return _band(w + n * d * (middle - half * taper), w + n * d * (middle + half * taper))


def _cord(wall: Array, normal: Array, depth: Array, station: Array, conus: float) -> Array:
    rows = station <= conus
    w, n, d, s = wall[rows], normal[rows], depth[rows], station[rows]
    half = np.interp(s, *anatomy.CORD_DEPTH_MM) / 2 * np.clip((conus - s) / 1.2, 0, 1) ** 0.6
    half = np.minimum(half, 0.36 * d)
    # The cord lies in front of the canal's middle in the thoracic kyphosis and behind it at the conus.
    middle = d * np.interp(s, [0, 5, 10, 13], [0.47, 0.42, 0.46, 0.56])
    return _band(w + n * (middle - half)[:, None], w + n * (middle + half)[:, None])


def _cauda(wall: Array, normal: Array, depth: Array, station: Array, conus: float, end: float) -> Array:
    rows = (station >= conus - 1.0) & (station <= end - 0.4)
    w, n, d, s = wall[rows], normal[rows], depth[rows], station[rows]
    middle = d * np.interp(s, [conus, 16, 18], [0.62, 0.60, 0.5])
    half = d * np.interp(s, [conus - 1.0, conus, 15, 17.5], [0.03, 0.16, 0.13, 0.03])
    return _band(w + n * (middle - half)[:, None], w + n * (middle + half)[:, None])


def _spinous_processes(
    wall: Array, normal: Array, depth: Array, station: Array, contours: Array, position: Array, rng: np.random.Generator
) -> tuple[tuple[Array, ...], Array]:
    """One process a vertebra behind the canal, and the line of their tips."""
    processes, tips = [], []
    centre = np.append(position, [17.0, 18.0])
    length_mm = np.linalg.norm(contours[:, c.SP] - contours[:, c.SA], axis=1)
    root = np.array([int(np.argmin(np.abs(station - s - 0.25))) for s in centre])
    pitch = np.gradient(root * _STEP)
    for i, s in enumerate(centre):
        fall = np.interp(s, *anatomy.SPINOUS_FALL_DEG) + rng.normal(0, 3)
        length = length_mm[i] * np.interp(s, *anatomy.SPINOUS_LENGTH) * rng.normal(1, 0.06)
        if s >= 17:
            fall, length = 15.0, 9.0 - 3.0 * (s - 17)
        along = c.rotation(fall) @ normal[root[i]]
        across = np.array([-along[1], along[0]])
        thick = 0.29 * pitch[i] * np.cos(np.radians(fall)) * rng.normal(1, 0.05)
        base = wall[root[i]] + (depth[root[i]] + 0.4 * abs(thick * np.tan(np.radians(fall))) + 0.8) * normal[root[i]]
        shape = np.array(
            [[0, -0.75], [0.35, -0.6], [0.8, -0.75], [1.0, -0.45], [1.0, 0.65], [0.8, 0.95], [0.35, 0.7], [0, 0.85]]
        )
        processes.append(_positive(c.smooth(base + shape[:, :1] * length * along + shape[:, 1:] * thick * across)))
        tips.append(base + length * along)
    return tuple(processes), np.array(tips)


def _soft(
    rng: np.random.Generator, contours: Array, wall: Array, normal: Array, depth: Array, station: Array, tips: Array
) -> dict[str, Array]:
    """Body outline, fat, vessels and ligaments, from the back of the drawing order to its front."""
    top, bottom = wall[0, 1] - 60.0, wall[-1, 1] + 40.0
    anterior = np.concatenate([contour[[c.SA, c.IA]] for contour in contours])
    y = np.arange(top, bottom, 2.0)

    def at(line: Array, sigma: float) -> Array:
        order = np.argsort(line[:, 1])
        return _blurred(np.interp(y, line[order, 1], line[order, 0]), sigma)

    fat, trunk = rng.uniform(8, 28), rng.uniform(150, 210)
    spread = np.interp(y, [wall[0, 1], wall[-1, 1]], [0.6, 1.3])
    inside = at(tips, 14) + 4.0
    skin = inside + _blurred(fat * spread, 5)
    belly = at(anterior, 25) - _blurred(
        np.interp(y, [top, wall[len(wall) // 2, 1], bottom], [0.7, 0.95, 1.0]) * trunk, 30
    )
    front = at(anterior, 4)

    def strip(left: Array, right: Array, rows: NDArray[np.bool_] | None = None) -> Array:
        rows = np.ones(len(y), bool) if rows is None else rows
        return _band(np.stack([left, y], 1)[rows], np.stack([right, y], 1)[rows])

    def height(s: float) -> float:
        return float(wall[int(np.argmin(np.abs(station - s))), 1])

    aortic, caval = rng.uniform(18, 24), rng.uniform(17, 24)
    gap = at(anterior, 18) - 5.0
    descending, ascending = (y > height(3.5)) & (y < height(14.9)), (y > height(9.0)) & (y < height(15.6))
    ligament = 0.8 * wall[:, :1] * 0 + wall + (depth + 0.5)[:, None] * normal
    long_enough = ligament[station < 17.5]
    return {
        "body": strip(belly, skin),
        "subcutaneous_fat": strip(inside, skin),
        "prevertebral_fat": strip(front - 5.0, front),
        "vena_cava": strip(gap - caval - 24.0, gap - 24.0, ascending),
        "aorta": strip(gap - aortic, gap, descending),
        "interspinous_ligaments": _band(long_enough, c.smooth(tips, 2.0, closed=False)),
    }
