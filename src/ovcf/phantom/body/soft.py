"""Soft tissues of a sagittal slice: canal and vessels as tubes, muscle and fat behind, belly and chest in front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.frame import CANAL, CORD
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import intervals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.phantom.body.frame import Canvas, Curve, Frame
    from ovcf.phantom.raster import Grid
    from ovcf.phantom.shape import SpineShape

    Array = NDArray[np.float64]
    Labels = NDArray[np.uint8]

#: Half widths (mm) of the tubes beside the sac, and where their middle lies to the left of the spine's (chosen,
#: atlases).
_HALF_WIDTH = {"canal": 11.5, "cord": 5.0, "aorta": 10.0, "vena_cava": 11.0}
_CAUDA_EQUINA = 0.83
"""Its width as a share of the sac's (chosen)."""
_FLAT_FRONT = {Level.T11: 0.3, Level.L3: 0.9}
"""How flat the front of canal and sac is from above: 0 an ellipse, 1 straight along the body. Thoracic canals are
round, lumbar ones triangular with their base at the body (chosen, atlases)."""
_VEINS_WAVE_MM = 23.0
"""How often the plexus beside the sac widens along the spine (chosen: about twice for each vertebra)."""
_TO_LEFT = {"aorta": 9.0, "vena_cava": -16.0}
_LIGAMENTS_MM = 4.5
"""How far to the side of the middle the ligaments between the spinous processes reach (chosen)."""


class Tubes:
    """Tubes as intervals of every pixel row, which narrow with the distance from their middle."""

    def __init__(self, shape: SpineShape, grid: Grid, curve: Curve, sac_half_mm: float, veins_mm: float) -> None:
        self.grid, self.veins_mm = grid, veins_mm
        self.half_width = {**_HALF_WIDTH, "thecal_sac": sac_half_mm, "cauda_equina": _CAUDA_EQUINA * sac_half_mm}
        outlines = {**shape.tissues, "canal": shape.canal, "cord": shape.cord}
        self.rows = {name: intervals(outline, grid) for name, outline in outlines.items()}
        for name in ("body", "subcutaneous_fat"):
            low, high = self.rows[name]
            self.rows[name] = _extended(low), _extended(high)
        self.shift = curve.shift(grid.y)
        height = {b.level: float(b.landmarks.array[:4, 1].mean()) for b in shape.bodies}
        self.flat_front = np.interp(grid.y, [height[level] for level in _FLAT_FRONT], list(_FLAT_FRONT.values()))
        corners = np.concatenate([b.landmarks.array[[0, 2]] for b in shape.bodies])
        self.front = _at_rows(corners, grid.y)
        # The vena cava runs at the depth of the aorta, on the other side; both leave the slice gradually.
        low, high = self.rows["aorta"]
        there = np.isfinite(self.rows["vena_cava"][0])
        self.rows["vena_cava"] = (np.where(there, low - 2, np.nan), np.where(there, high - 1, np.nan))
        for name in _TO_LEFT:
            self.rows[name] = _tapered(*self.rows[name], grid.pixel_mm)

    def mask(self, name: str, lateral_mm: float, margin_mm: float = 0.0) -> NDArray[np.bool_]:
        """Where a tube, or what lies within ``margin_mm`` of it, is on a slice."""
        low, high = self.rows[name]
        u = (lateral_mm - self.shift - _TO_LEFT.get(name, 0.0)) / (self.half_width[name] + margin_mm)
        deepest = (high - low) / 2 + margin_mm
        half = deepest * np.sqrt(np.clip(1 - u**2, 0, None))
        half[np.abs(u) >= 1] = np.nan
        middle = (low + high) / 2
        if name in ("canal", "thecal_sac"):
            middle = middle - self.flat_front * (deepest - half)
        x = self.grid.x[None, :]
        return np.asarray((x > (middle - half)[:, None]) & (x < (middle + half)[:, None]))

    def paint(self, canvas: Canvas, lateral_mm: float) -> None:
        """Canal with epidural fat, sac with CSF, cord and the roots of the cauda equina."""
        u = float(np.abs(lateral_mm - self.shift).min())
        if u >= self.half_width["canal"]:
            return
        masks = {name: self.mask(name, lateral_mm) for name in ("canal", "thecal_sac", "cauda_equina", "cord")}
        anywhere = np.logical_or.reduce(list(masks.values()))
        if not anywhere.any():
            return
        edge = max(1, round(0.7 / self.grid.pixel_mm))
        # All of it lies in a narrow strip of the slice.
        down, across = (np.flatnonzero(anywhere.any(axis=axis)) for axis in (1, 0))
        left, right = max(0, int(across[0]) - edge), int(across[-1]) + 1 + edge
        box = slice(int(down[0]), int(down[-1]) + 1), slice(left, right)
        canal, sac, equina, cord = (mask[box] for mask in masks.values())
        tissue, vertebra, part = (labels[box] for labels in (canvas.tissue, canvas.vertebra, canvas.part))
        x, y = self.grid.x[None, box[1]], self.grid.y[box[0], None]
        tissue[canal] = Tissue.EPIDURAL_FAT
        vertebra[canal] = 0
        part[canal] = CANAL
        # Beside the sac, a venous plexus lies on the backs of bodies and discs, now wider, now less.
        width = self.veins_mm * (1 + 0.6 * np.sin(2 * np.pi * (y + 3 * np.sign(lateral_mm) * u) / _VEINS_WAVE_MM))
        tissue[canal & (np.cumsum(canal, axis=1) * self.grid.pixel_mm <= width)] = Tissue.VEIN
        # The dura and the posterior longitudinal ligament make a dark line around the sac.
        tissue[sac] = Tissue.LIGAMENT
        inner = sac.copy()
        inner[:, edge:] &= sac[:, :-edge]
        inner[:, :-edge] &= sac[:, edge:]
        tissue[inner] = Tissue.CSF
        part[inner] = CANAL
        low, high = (side[box[0], None] for side in self.rows["cauda_equina"])
        roots = equina & inner
        strand = (
            np.sin(2 * np.pi * (2.6 * ((x - low) / np.maximum(high - low, 1)) + 0.004 * y + 0.11 * lateral_mm)) > -0.15
        )
        tissue[roots & strand] = Tissue.ROOT
        tissue[cord] = Tissue.CORD
        part[cord] = CORD


def _extended(edge: Array) -> Array:
    """An edge carried straight on where its outline ends inside the image."""
    known = np.flatnonzero(np.isfinite(edge))
    return np.interp(np.arange(len(edge)), known, edge[known]) if len(known) else edge


def _tapered(low: Array, high: Array, pixel_mm: float, over_mm: float = 30.0) -> tuple[Array, Array]:
    """A tube that narrows to nothing at its ends, where these lie in the image."""
    inside = np.flatnonzero(np.isfinite(low))
    if not len(inside):
        return low, high
    row = np.arange(len(low))
    first = (row - inside[0]) if inside[0] > 0 else np.inf
    last = (inside[-1] - row) if inside[-1] < len(low) - 1 else np.inf
    half = (high - low) / 2 * np.sqrt(np.clip(np.minimum(first, last) * pixel_mm / over_mm, 0, 1))
    return (low + high) / 2 - half, (low + high) / 2 + half


def _at_rows(points: Array, y: Array) -> Array:
    order = np.argsort(points[:, 1])
    x = np.interp(y, points[order, 1], points[order, 0])
    kernel = np.ones(15) / 15
    return np.convolve(np.pad(x, 7, mode="edge"), kernel, mode="valid")


def smooth_noise(rng: np.random.Generator, grid: Grid, size_mm: tuple[float, float]) -> NDArray[np.float32]:
    """Smooth noise of SD about 1 over the grid; ``size_mm`` is the grain along rows (y) and columns (x)."""
    from PIL import Image

    extent = grid.rows * grid.pixel_mm, grid.columns * grid.pixel_mm
    shape = tuple(int(e / s) + 4 for e, s in zip(extent, size_mm, strict=True))
    coarse = rng.standard_normal(shape, np.float32)
    image = Image.fromarray(coarse).resize((grid.columns, grid.rows), Image.Resampling.BICUBIC)
    return np.asarray(image) * np.float32(1.35)


class Grain:
    """The smooth noise of the soft tissues, which slices near each other share; that of the last two is remembered."""

    def __init__(self, seed: Sequence[int]) -> None:
        self._seed = tuple(seed)
        self._last: dict[tuple[float, ...], tuple[NDArray[np.float32], ...]] = {}

    def at(
        self, lateral_mm: float, grid: Grid, sizes_mm: Sequence[tuple[float, float]]
    ) -> Sequence[NDArray[np.float32]]:
        """Noise of these sizes (:func:`smooth_noise`), drawn one after the other."""
        number = round(lateral_mm / 4) + 1000
        key = number, grid.pixel_mm, grid.rows, grid.columns, *(mm for size in sizes_mm for mm in size)
        if key not in self._last:
            rng = np.random.default_rng([*self._seed, number])
            self._last = dict(list(self._last.items())[-1:])
            self._last[key] = tuple(smooth_noise(rng, grid, size) for size in sizes_mm)
        return self._last[key]


def background(tubes: Tubes, frames: Mapping[Level, Frame], grain: Grain, lateral_mm: float) -> Labels:
    """Everything but the spine itself, on the pixels of the tubes."""
    grid, side = tubes.grid, abs(lateral_mm)
    x, y = grid.x[None, :], grid.y[:, None]
    ligaments = side < _LIGAMENTS_MM
    sizes = [(26.0, 4.5), (26.0, 16.0), (8.0, 7.0), (40.0, 60.0), *([(7.0, 9.0)] if ligaments else []), (9.0, 9.0)]
    streaks, large, small, rough, *of_ligament, septa = grain.at(lateral_mm, grid, sizes)
    out = np.zeros((grid.rows, grid.columns), np.uint8)
    body_low, body_high = tubes.rows["body"]
    fill_low, fill_high = np.nan_to_num(body_low, nan=1e6), np.nan_to_num(body_high, nan=-1e6)
    inside = (x > fill_low[:, None]) & (x < fill_high[:, None])
    out[inside] = Tissue.MUSCLE
    out[inside & (streaks > 0.9)] = Tissue.MUSCLE_FAT
    front = (tubes.front - 4.0)[:, None]
    belly = inside & (x < front)
    lumps = 0.75 * large + 0.5 * small
    out[belly] = Tissue.VISCERA_FAT
    out[belly & (lumps > 0.1)] = Tissue.VISCERA
    out[belly & (lumps > 0.1) & (lumps < 0.25)] = Tissue.BOWEL_WALL
    wall = inside & (x < fill_low[:, None] + 18 + 6 * rough)
    out[wall] = Tissue.FAT
    levels = list(frames)
    dome = float(frames[levels[11 if len(levels) > 12 else 0]].centre[1]) + 12
    liver = belly & (y < dome + 110 + 25 * lumps) & (x < front - 32)
    if lateral_mm < 12:
        out[liver] = Tissue.VISCERA
    chest = belly & (y < dome + 0.0016 * (x - front + 60) ** 2 - 10)
    out[chest & (x < front - (26 - 0.6 * side))] = Tissue.LUNG if side > 14 else Tissue.BLOOD
    fat_low, fat_high = tubes.rows["prevertebral_fat"]
    fat = (x > (fat_low - 2)[:, None]) & (x < fat_high[:, None] + 6)
    # Beside the bodies lies the psoas, which is what is there already.
    out[fat & inside & (side < 16)] = Tissue.VISCERA_FAT
    low, high = tubes.rows["subcutaneous_fat"]
    if ligaments:
        lig_low, lig_high = tubes.rows["interspinous_ligaments"]
        ligament = (x > lig_low[:, None]) & (x < lig_high[:, None])
        out[ligament] = np.where(of_ligament[0] > -0.2, Tissue.MUSCLE_FAT, Tissue.FAT)[ligament]
        out[(x > (low - 2.5)[:, None]) & (x < low[:, None]) & inside] = Tissue.LIGAMENT
    subcutaneous = (x >= low[:, None]) & (x < high[:, None])
    out[subcutaneous] = Tissue.FAT
    out[subcutaneous & (np.abs(septa) < 0.035)] = Tissue.LIGAMENT
    out[inside & ((x > (fill_high - 1.8)[:, None]) | (x < (fill_low + 1.8)[:, None]))] = Tissue.SKIN
    for name in _TO_LEFT:
        out[tubes.mask(name, lateral_mm)] = Tissue.BLOOD
    line = tubes.front[:, None]
    out[(x > line - 2.2) & (x < line + 1.5) & (side < 12)] = Tissue.LIGAMENT
    return out
