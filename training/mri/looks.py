"""How tissues look in one examination: MR physics, perturbed physics, chance alone, or CT.

With a random signal for every tissue the network learns shapes and neighbourhoods, not a sequence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import zoom

from ovcf.phantom import mr
from ovcf.phantom.body import tissue
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.body.soft import smooth_noise
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.scanner import Scanner
from ovcf.segmentation.network.inference import SLICES
from training.mri.cuts import Cut, Drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

_ALIKE = (
    (Tissue.CORTEX, Tissue.LIGAMENT),
    (Tissue.MARROW, Tissue.POSTERIOR_MARROW),
    (Tissue.ANNULUS, Tissue.NUCLEUS),
    (Tissue.CSF, Tissue.ROOT),
    (Tissue.FAT, Tissue.EPIDURAL_FAT),
    (Tissue.FAT, Tissue.VISCERA_FAT),
)
_TOWARDS = {"P": (1, 0), "A": (-1, 0), "F": (0, 1), "H": (0, -1)}
"""The way fat is shifted in the plane, (x, y), by :data:`ovcf.phantom.mr.READ_OUTS`."""


class Look:
    """How tissues look in one examination."""

    def __init__(self, rng: np.random.Generator, recipe: Recipe, patient: PatientVolume) -> None:
        self.rng = rng
        self.kind = str(rng.choice(["physics", "perturbed", "chance", "ct"], p=[0.37, 0.24, 0.22, 0.17]))
        n = len(Tissue)
        scanner = Scanner(recipe, patient, ("T1", "T2", "STIR", "FS T2"), int(rng.integers(1 << 20)))
        contrast = str(rng.choice(["T1", "T2", "STIR", "FS T2"], p=[0.3, 0.35, 0.2, 0.15]))
        self.protocol = scanner.protocols[contrast]
        water, fat = (np.array(a, np.float32) for a in scanner.pools[contrast])
        self.share, self.texture = scanner.fat.copy(), scanner.texture.copy()
        self.share[Tissue.MARROW] = np.clip(rng.normal(0.45, 0.2), 0.05, 0.95)
        self.texture *= rng.uniform(0.5, 2.5)
        if self.kind == "physics" and rng.random() < 0.2:
            # Chemical-shift imaging shows each pool alone, or their difference.
            which = rng.integers(3)
            water, fat = (water, 0 * fat) if which == 0 else (0 * water, fat) if which == 1 else (water, -fat)
        elif self.kind == "perturbed":
            water = water * np.exp(rng.normal(0, 0.45, n)).astype(np.float32)
            fat = fat * np.exp(rng.normal(0, 0.35, n)).astype(np.float32)
        elif self.kind == "chance":
            water = rng.uniform(0.02, 1, n).astype(np.float32)
            fat = np.clip(water + rng.normal(0, 0.25, n), 0, None).astype(np.float32)
            self.texture = rng.uniform(0, 0.5, n).astype(np.float32) * rng.uniform(0.1, 1)
            self.share = np.full(n, 0.5, np.float32)
            # Neighbours that look alike, as they often do.
            for a, b in _ALIKE:
                if rng.random() < 0.6:
                    water[b], fat[b] = water[a], fat[a]
            if rng.random() < 0.7:
                water[Tissue.CORTEX], fat[Tissue.CORTEX] = rng.uniform(0, 0.2, 2)
                water[Tissue.AIR] = fat[Tissue.AIR] = 0
        elif self.kind == "ct":
            mu = tissue.column("attenuation").astype(np.float32)
            # Trabecular bone from osteoporotic (no denser than soft tissue) to young: about -20 to 300 HU.
            mu[Tissue.MARROW] = 0.0206 * (1 + rng.uniform(-0.02, 0.30))
            mu[Tissue.POSTERIOR_MARROW] = mu[Tissue.MARROW] * rng.uniform(1.0, 1.4)
            low, high = 0.0206 * (1 + rng.uniform(-0.4, -0.05)), 0.0206 * (1 + rng.uniform(0.3, 1.2))
            water = np.clip((mu - low) / (high - low), 0, 1.3)
            fat = water.copy()
            self.texture = np.full(n, 0.02, np.float32)
        self.water, self.fat = water, fat

    def drawn(self, where: Cut) -> Drawn:
        """What the network shall draw: bodies where this examination shows them."""
        if self.kind == "ct":
            return where.cortex
        water, fat = (abs(float(pool[Tissue.MARROW])) for pool in (self.water, self.fat))
        share = float(self.share[Tissue.MARROW])
        # Marrow is seen where most of its signal is; spin echoes of its fat lie beside those of its water.
        shift = 0.0 if self.kind == "chance" else self.protocol.fat_shift_pixels * where.grid.pixel_mm
        moved = shift * share * fat / max(share * fat + (1 - share) * water, 1e-9)
        return where.marrow(moved * np.array(_TOWARDS[self.protocol.fat_towards]))

    def images(self, where: Cut) -> Image:
        """The slice and those beside it as this examination shows them ``(SLICES, rows, columns)``."""
        rng, grid = self.rng, where.grid
        common = _grain(rng, grid)
        pools = [self._signal(slab.tissues, 0.7 * common + 0.7 * _grain(rng, grid)) for slab in where.slabs]
        if self.kind in ("ct", "chance"):
            images = np.abs([water + fat for water, fat in pools])
            if rng.random() < 0.6:
                images *= _coil(rng, common.shape)
            return np.abs(images + rng.uniform(0, 0.06) * rng.standard_normal(images.shape, np.float32))
        _distract(rng, where, pools)
        coil = mr.coil_map(rng, grid.x, grid.y, float(grid.x[-1] - rng.uniform(0, 60)), where.front)
        motion = 0.5 * float(rng.beta(1, 6))
        images = np.stack([mr.acquire(*pool, self.protocol, coil, rng, motion=motion) for pool in pools])
        if rng.random() < 0.2:
            images = images / (coil + 0.15 * coil.max())  # the scanner has evened out the coil
        return images

    def _signal(self, tissues: tuple[NDArray[np.uint8], ...], grain: Image) -> tuple[Image, Image]:
        """That of the water and of the fat in a slice."""
        n = len(tissues)
        water, fat = (np.zeros(grain.shape, np.float32) for _ in range(2))
        for labels in tissues:
            share = np.clip(self.share[labels] + self.texture[labels] * grain, 0, 1)
            water += self.water[labels] * (1 - share) / n
            fat += self.fat[labels] * share / n
        return water, fat


def _grain(rng: np.random.Generator, grid: Grid) -> Image:
    """What varies within a tissue."""
    return 0.75 * smooth_noise(rng, grid, (3.2, 3.2)) + 0.6 * smooth_noise(rng, grid, (9.0, 9.0))


def _coil(rng: np.random.Generator, shape: tuple[int, ...]) -> Image:
    coarse = rng.normal(0, 0.5, (5, 5))
    factor = tuple(s / 5 for s in shape)
    return np.exp(zoom(coarse, factor, order=1)[: shape[0], : shape[1]]).astype(np.float32)


def _distract(rng: np.random.Generator, where: Cut, pools: list[tuple[Image, Image]]) -> None:
    """Organs, gut and vessels in front of and behind the spine: ellipses of any signal where no class is."""
    top = max(*(float(pool.max()) for pool in pools[0]), 1e-6)
    for _ in range(int(rng.integers(0, 12))):
        r, c = (rng.uniform(0, n) for n in pools[0][0].shape)
        a, b, turn = rng.uniform(5, 45), rng.uniform(4, 22), rng.uniform(0, np.pi)
        reach = max(a, b) + 1
        box = tuple(slice(max(0, int(m - reach)), int(m + reach) + 1) for m in (r, c))
        rows, columns = (np.arange(n, dtype=np.float32)[part] for n, part in zip(pools[0][0].shape, box, strict=True))
        down, across = (rows - r)[:, None], (columns - c)[None, :]
        x, y = across * np.cos(turn) + down * np.sin(turn), down * np.cos(turn) - across * np.sin(turn)
        ellipse = np.abs(x / a) ** 3 + np.abs(y / b) ** 3 < 1
        signal = rng.uniform(0, 0.7) * top, rng.choice([0.0, 0.3]) * top * rng.random()
        # Most reach into the slices beside; some lie in this one alone.
        reached = 1 if rng.random() < 0.3 else SLICES
        for slab, pool in zip(where.slabs[:reached], pools[:reached], strict=True):
            for part, value in zip(pool, signal, strict=True):
                part[box][ellipse & slab.free[box]] = value
