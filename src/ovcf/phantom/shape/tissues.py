"""What surrounds the bodies in the mid-sagittal plane: discs, canal, cord, posterior elements, vessels, fat and skin.

Drawn from the bodies by anatomy (sizes in :mod:`ovcf.phantom.shape.published_sizes`); nothing here was learnt from
people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.geometry import polygon_area
from ovcf.phantom.shape import contour as c
from ovcf.phantom.shape import published_sizes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import VertebralColumn

    Array = NDArray[np.float64]

_STEP = 1.0
#: End of the thecal sac: lower S2 (M), on the scale S1 = 17.
_SAC_END = 17.9
#: A spinous process, along its length and across its half thickness.
_PROCESS = np.array(
    [[0, -0.75], [0.35, -0.6], [0.8, -0.75], [1.0, -0.45], [1.0, 0.65], [0.8, 0.95], [0.35, 0.7], [0, 0.85]]
)


class Around(NamedTuple):
    """The outlines of :class:`~ovcf.phantom.shape.spine.SpineShape` that are not bodies."""

    discs: tuple[Array, ...]
    sacral_disc: Array
    canal: Array
    cord: Array
    posterior_elements: tuple[Array, ...]
    named: Mapping[str, Array]


class Canal(NamedTuple):
    """The bony canal about every millimetre along the smoothed line of the posterior walls.

    ``wall`` ``(n, 2)`` is that line, ``normal`` ``(n, 2)`` points to posterior, ``depth`` is in mm, ``station`` the
    place on the scale T1 = 0, L5 = 16, S1 = 17, ``front`` how far (mm) bone stands behind the line.
    """

    wall: Array
    normal: Array
    depth: Array
    station: Array
    front: Array

    def rows(self, keep: NDArray[np.bool_]) -> Canal:
        """The part of the canal where ``keep``."""
        return Canal(*(values[keep] for values in self))

    def at(self, share: Array | float) -> Array:
        """Points at ``share`` of the depth that is free, 0 at the front and 1 at the back."""
        offset = self.front + (self.depth - self.front) * share
        return np.asarray(self.wall + self.normal * offset[:, None])

    def band(self, middle: Array | float, half: Array | float) -> Array:
        """An outline around ``middle``, ``half`` to each side, in shares of the free depth."""
        return _band(self.at(np.subtract(middle, half)), self.at(np.add(middle, half)))


def around(rng: np.random.Generator, contours: Array, outlines: Sequence[Array], column: VertebralColumn) -> Around:
    """Everything around the placed contours ``(n, 28, 2)``, the last three being S1 to S3, or the last five to S5."""
    position = published_sizes.positions(column)
    s1 = len(position)
    discs = tuple(
        disc(contours[i], contours[i + 1], outlines[i], outlines[i + 1], float(rng.uniform(0.3, 1.4)))
        for i in range(s1)
    )
    sacral_disc = disc(contours[s1], contours[s1 + 1], outlines[s1], outlines[s1 + 1], 0.0)
    centre = np.append(position, 17.0 + np.arange(len(contours) - s1))
    canal = _canal(contours, centre, rng.normal(1, 0.05))
    conus = float(np.clip(rng.normal(*published_sizes.CONUS), 10.9, 13.9))
    spinous, tips = _spinous_processes(rng, canal, contours, centre[:-1])
    named = _soft(rng, contours, canal, tips)
    outline = _band(_front_of_canal(contours), canal.wall + canal.depth[:, None] * canal.normal)
    named |= {"epidural_fat": outline, "thecal_sac": _sac(canal), "cauda_equina": _cauda(canal, conus)}
    return Around(
        discs, sacral_disc, outline, _cord(canal, conus), spinous, {name: _positive(o) for name, o in named.items()}
    )


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
    return _positive(np.concatenate([top, edge(top[-1], bottom[0], -back), bottom, edge(bottom[-1], top[0], back)]))


def _canal(contours: Array, centre: Array, scale: float) -> Canal:
    corners = contours[:, [c.SP, c.IP]].reshape(-1, 2)
    line = c.smooth(corners, 2.0, closed=False)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    knots = [arc[int(np.argmin(((line - p) ** 2).sum(axis=1)))] for p in corners]
    at = np.arange(0.0, arc[-1], _STEP)
    wall = np.stack([_blurred(np.interp(at, arc, line[:, k]), 4) for k in (0, 1)], axis=1)
    tangent = np.stack([_blurred(np.gradient(wall[:, k]), 9) for k in (0, 1)], axis=1)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    station = np.interp(at, knots, np.stack([centre - 0.3, centre + 0.3], axis=1).ravel())
    table = published_sizes.of_position(published_sizes.PANJABI, "canal")
    depth = scale * np.interp(station, range(20), [*table, *(table[-1] * np.array(published_sizes.SACRAL_CANAL))])
    gap = _front_of_canal(contours)[::2, None] - wall
    nearest = np.argmin((gap**2).sum(axis=2), axis=1)
    beyond = (gap[range(len(gap)), nearest] * normal[nearest]).sum(axis=1)
    front = np.zeros(len(wall))
    np.maximum.at(front, nearest, np.minimum(beyond, 0.7 * depth[nearest]))
    return Canal(wall, normal, depth, station, _blurred(front, 1.5))


def _blurred(values: Array, sigma: float) -> Array:
    reach = int(3 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    # Odd reflection keeps a straight end straight.
    padded = np.pad(values, reach, mode="reflect", reflect_type="odd")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def _front_of_canal(contours: Array) -> Array:
    """The true backs of the bodies, a retropulsed one included, joined across the discs."""
    return c.smooth(np.concatenate([contour[c.POSTERIOR] for contour in contours]), closed=False)


def _sac(canal: Canal) -> Array:
    part = canal.rows(canal.station <= _SAC_END)
    taper = np.clip((_SAC_END - part.station) / 0.5, 0, 1) ** 0.5
    return part.band(0.45, 0.39 * taper)


def _cord(canal: Canal, conus: float) -> Array:
    part = canal.rows(canal.station <= conus)
    half = np.interp(part.station, *published_sizes.CORD_DEPTH_MM) / 2 / (part.depth - part.front)
    half = np.minimum(half, 0.34) * np.clip((conus - part.station) / 1.2, 0, 1) ** 0.6
    # The cord lies in front of the canal's middle in the thoracic kyphosis and behind it at the conus.
    return part.band(np.interp(part.station, [0, 5, 10, 13], [0.46, 0.42, 0.45, 0.50]), half)


def _cauda(canal: Canal, conus: float) -> Array:
    part = canal.rows((canal.station >= conus - 1.0) & (canal.station <= _SAC_END - 0.4))
    middle = np.interp(part.station, [conus, 16, 18], [0.60, 0.60, 0.5])
    return part.band(middle, np.interp(part.station, [conus - 1.0, conus, 15, 17.5], [0.03, 0.16, 0.13, 0.03]))


def _spinous_processes(
    rng: np.random.Generator, canal: Canal, contours: Array, centre: Array
) -> tuple[tuple[Array, ...], Array]:
    """One process a vertebra behind the canal, and the line of their tips."""
    processes, tips = [], []
    body = np.linalg.norm(contours[:, c.SP] - contours[:, c.SA], axis=1)
    root = np.array([int(np.argmin(np.abs(canal.station - s - 0.25))) for s in centre])
    pitch = np.gradient(root * _STEP)
    for i, s in enumerate(centre):
        fall = np.interp(s, *published_sizes.SPINOUS_FALL_DEG) + rng.normal(0, 3)
        length = body[i] * np.interp(s, *published_sizes.SPINOUS_LENGTH) * rng.normal(1, 0.06)
        if s >= 17:
            fall, length = 15.0, max(9.0 - 3.0 * (s - 17), 1.5)
        normal = canal.normal[root[i]]
        along = c.rotation(fall) @ normal
        thick = 0.29 * pitch[i] * np.cos(np.radians(fall)) * rng.normal(1, 0.05)
        # A falling process must start further back, or the upper edge of its root would lie in the canal.
        behind = canal.depth[root[i]] + 0.4 * thick * np.tan(np.radians(fall)) + 0.8
        base = canal.wall[root[i]] + behind * normal
        across = np.array([-along[1], along[0]])
        processes.append(
            _positive(c.smooth(base + _PROCESS[:, :1] * length * along + _PROCESS[:, 1:] * thick * across))
        )
        tips.append(base + length * along)
    return tuple(processes), np.array(tips)


def _soft(rng: np.random.Generator, contours: Array, canal: Canal, tips: Array) -> dict[str, Array]:
    """Body outline, fat, vessels and ligaments, from the back of the drawing order to its front."""
    wall = canal.wall
    top, bottom = wall[0, 1] - 60.0, wall[-1, 1] + 40.0
    anterior = contours[:, [c.SA, c.IA]].reshape(-1, 2)
    y = np.arange(top, bottom, 2.0)

    def at(line: Array, sigma: float) -> Array:
        order = np.argsort(line[:, 1])
        return _blurred(np.interp(y, line[order, 1], line[order, 0]), sigma)

    def strip(left: Array, right: Array, first: float = -np.inf, last: float = np.inf) -> Array:
        rows = (y > first) & (y < last)
        return _band(np.stack([left, y], 1)[rows], np.stack([right, y], 1)[rows])

    def height(station: float) -> float:
        return float(wall[int(np.argmin(np.abs(canal.station - station))), 1])

    fat, trunk = rng.uniform(8, 28), rng.uniform(150, 210)
    inside = at(tips, 14) + 4.0
    skin = inside + _blurred(fat * np.interp(y, [wall[0, 1], wall[-1, 1]], [0.6, 1.3]), 5)
    belly = at(anterior, 25) - trunk * np.interp(y, [top, (top + bottom) / 2, bottom], [0.7, 0.95, 1.0])
    front, behind_vessels = at(anterior, 4), at(anterior, 18) - 5.0
    aortic, caval = rng.uniform(18, 24), rng.uniform(17, 24)
    spinal = canal.rows(canal.station < 17.5)
    laminae = spinal.wall + (spinal.depth + 0.5)[:, None] * spinal.normal
    return {
        "body": strip(belly, skin),
        "subcutaneous_fat": strip(inside, skin),
        "prevertebral_fat": strip(front - 5.0, front + 6.0),
        "vena_cava": strip(behind_vessels - caval - 3.0, behind_vessels - 3.0, height(9.0), height(15.6)),
        "aorta": strip(behind_vessels - aortic, behind_vessels, height(3.5), height(14.9)),
        "interspinous_ligaments": _band(laminae, c.smooth(tips, 2.0, closed=False)),
    }
