"""Real bodies with an endplate sunk or a front collapsed, the disc pressed in: the picture and what was drawn alike.

Few of the real patients have a fracture, and digital marrow is not real marrow. So the pixels of a real body are moved
as a fracture moves them: the marrow is pressed together towards the other endplate, the disc reaches after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates

from ovcf.segmentation.network.inference import POINTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]
    Sets = NDArray[np.uint8]

_DISC_MM = 7.0
_DEEPEST = 0.55
"""Share of the height by which an endplate is sunk at most."""


class Dent(NamedTuple):
    """A dent of an endplate: its ``start`` (row, column) and direction, the way into the body, lengths in pixels.

    ``place`` and ``width`` tell, in shares of the endplate, where it is deepest and how wide it is; ``middle`` is the
    landmark in it.
    """

    start: Array
    along: Array
    inwards: Array
    length: float
    height: float
    disc: float
    depth: float
    place: float
    width: float
    middle: int

    def at(self, shape: tuple[int, int]) -> tuple[Array, Array]:
        """How far along the endplate each pixel lies (0 to 1), and how far inside the body (pixels)."""
        away = np.mgrid[: shape[0], : shape[1]].transpose(1, 2, 0) - self.start
        return away @ self.along / self.length, away @ self.inwards

    def deep(self, u: Array) -> Array:
        """How deep the dent is along the endplate: the ends stay, but for a collapsed front."""
        rim = np.clip(np.minimum(1 - u, np.where(self.place < 0.05, 1.0, u)) / 0.12, 0, 1)
        return self.depth * np.exp(-(((u - self.place) / self.width) ** 2)) * rim * ((u > -0.15) & (u < 1))


def dent_of(rng: np.random.Generator, corners: Array, pixel_mm: float) -> Dent:
    """A dent of one endplate of a body whose ``corners`` ``(4, 2)`` are SA, SP, IA, IP as (row, column)."""
    superior = rng.random() < 0.7
    sa, sp, ia, ip = corners if superior else corners[[2, 3, 0, 1]]
    length = float(np.linalg.norm(sp - sa))
    along = (sp - sa) / length
    down = (ia + ip - sa - sp) / 2
    inwards = down - (down @ along) * along
    height = float(np.linalg.norm(inwards))
    front = rng.random() < 0.25
    return Dent(
        sa,
        along,
        inwards / height,
        length,
        height,
        _DISC_MM / pixel_mm,
        height * rng.uniform(0.12, _DEEPEST),
        0.0 if front else rng.uniform(0.3, 0.7),
        rng.uniform(0.4, 0.7) if front else rng.uniform(0.15, 0.4),
        POINTS.index("MS" if superior else "MI"),
    )


def dented(rng: np.random.Generator, images: Image, sets: Sets, dent: Dent) -> tuple[Image, Sets]:
    """Images ``(n, rows, columns)`` and sets with the dent; beneath it marrow may be darker or brighter."""
    u, v = dent.at(sets.shape)
    deep = dent.deep(u)
    inside = (v >= deep) & (v < dent.height)
    above = (v > -dent.disc) & (v < deep)
    # Where each pixel's content came from: marrow is pressed together, the disc is drawn out.
    came = np.where(inside, (v - deep) * dent.height / (dent.height - deep), v)
    came = np.where(above, (v + dent.disc) * dent.disc / (dent.disc + deep) - dent.disc, came)
    moved = (came - v)[..., None] * dent.inwards
    at = (np.mgrid[: sets.shape[0], : sets.shape[1]].transpose(1, 2, 0) + moved).transpose(2, 0, 1)
    out = np.stack([map_coordinates(image, at, order=1, mode="nearest") for image in images])
    if rng.random() < 0.6:
        band = inside & (v < deep + dent.height * rng.uniform(0.1, 0.6)) & (deep > 0.15 * dent.depth) & (u > 0)
        out = out * (1 + rng.uniform(-0.7, 0.5) * gaussian_filter(band.astype(np.float32), 1.0))
    return out.astype(np.float32), map_coordinates(sets, at, order=0, mode="nearest").astype(np.uint8)
