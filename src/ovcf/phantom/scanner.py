"""One examination: where the slices lie, and the signal of a patient's tissues in each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.imaging.volume import Volume
from ovcf.phantom import mr
from ovcf.phantom.body import tissue
from ovcf.phantom.body.soft import smooth_noise
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.phantom.body.patient_volume import PatientVolume
    from ovcf.phantom.recipe import Recipe

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

N_SLICES = 15
#: Where in a slice (share of its thickness) and in a pixel (share of its size) the sub-slices are sampled; the first is
#: the middle, which is also the truth.
_SAMPLES = ((0.0, 0.0, 0.0), (-0.4, 0.25, -0.25), (-0.2, -0.25, 0.25), (0.2, 0.25, 0.25), (0.4, -0.25, -0.25))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Geometry of the sagittal stacks: ``grid`` of a slice, places of the slices (mm to the left), their thickness."""

    grid: Grid
    laterals: tuple[float, ...]
    thickness_mm: float

    @property
    def spacing_mm(self) -> float:
        """Distance between slice middles."""
        return self.laterals[0] - self.laterals[1]

    @property
    def middle(self) -> int:
        """The slice through the mid-plane of the vertebra the examination is centred on."""
        return int(np.argmin(np.abs(self.laterals)))

    @property
    def affine(self) -> Array:
        """Index (slice, row, column) to patient LPS mm; slices run from left to right."""
        mm = self.grid.pixel_mm
        return np.array(
            [
                [-self.spacing_mm, 0, 0, self.laterals[0]],
                [0, 0, mm, self.grid.x0],
                [0, -mm, 0, -self.grid.y0],
                [0, 0, 0, 1],
            ]
        )

    def volume(self, voxels: NDArray[np.generic]) -> Volume:
        """Voxels ``(slices, rows, columns)`` in patient coordinates."""
        return Volume(voxels, self.affine)


def draw_stack(recipe: Recipe, patient: PatientVolume, number: int = 0) -> Stack:
    """The stack of an examination ``number``: 15 slices of 3.5-4.5 mm with a gap, pixels of 0.6-0.9 mm."""
    rng = np.random.default_rng([recipe.seed, 4, number])
    size, fov = int(rng.choice([384, 448, 512])), rng.uniform(260, 400)
    mm = round(float(np.clip(fov / size, 0.6, 0.9)), 4)
    thickness = float(rng.choice([3.5, 4.0, 4.5]))
    spacing = round(thickness * float(rng.choice([1.1, 1.1, 1.2])), 2)
    centre = patient.middle + rng.uniform(-8, 8, 2)
    # The coil lies behind: the spine is imaged in the posterior half of the field of view.
    x0, y0 = centre[0] - 0.58 * size * mm, centre[1] - 0.5 * size * mm
    offset = float(rng.uniform(-0.2, 0.2)) * spacing
    laterals = tuple(round(offset + spacing * (N_SLICES // 2 - k), 3) for k in range(N_SLICES))
    return Stack(grid=Grid(round(x0, 3), round(y0, 3), mm, size, size), laterals=laterals, thickness_mm=thickness)


class Scanner:
    """One examination (visit ``number``) of a patient: protocols, and what tissues are in this patient.

    Raises:
        PhantomError: a contrast is unknown, or no marrow has the wanted VBQ.
    """

    def __init__(self, recipe: Recipe, patient: PatientVolume, contrasts: Sequence[str], number: int = 0) -> None:
        self.recipe, self.patient, self.seed = recipe, patient, (recipe.seed, number)
        tesla = float(recipe.field_strength_t or 1.5)
        rng = np.random.default_rng([recipe.seed, 5, number])
        drawn = {c: mr.draw_protocol(c, tesla, rng) for c in mr.CONTRASTS}
        # One way of reading out for the whole examination.
        towards = mr.draw_read_out(np.random.default_rng([recipe.seed, 16, number]))
        self.protocols = {c: replace(drawn[c], fat_towards=towards) for c in contrasts}
        self.fat = tissue.column("fat").astype(np.float32)
        water, fat = drawn["T1"].signals()
        marrow, csf = Tissue.MARROW, Tissue.CSF
        assert recipe.vbq is not None  # completed
        signal = float(water[marrow]), float(fat[marrow]), float(water[csf])
        self.fat[marrow] = tissue.fat_fraction_for_vbq(recipe.vbq, tesla, signal)
        self.pools = {c: p.signals() for c, p in self.protocols.items()}
        self._match_lesions(drawn["T2"])
        # Old, compacted bone is marrow half replaced by bone: darker everywhere.
        self.fat[Tissue.MARROW_T2_LOW] = self.fat[marrow]
        for pool in (p for both in self.pools.values() for p in both):
            pool[Tissue.MARROW_T2_LOW] = tissue.COMPACTED * pool[marrow]
        self.texture = np.zeros(len(Tissue), np.float32)
        for t, sd in tissue.FAT_TEXTURE.items():
            self.texture[t] = sd
        self._nucleus(recipe.disc_degeneration or 0.0)

    def _match_lesions(self, t2: mr.Protocol) -> None:
        """Give every lesion the T2 with which it is as bright on T2, against this marrow, as its name says.

        Marrow is a mixture, so what is iso-intense or low depends on how fatty it is. The same T2 then holds for the
        other contrasts: edema that is iso-intense on T2 is bright on STIR, as fat no longer hides it.
        """
        water, fat = t2.signals()
        marrow = float(((1 - self.fat) * water + self.fat * fat)[Tissue.MARROW])
        for kind, brightness in tissue.T2_BRIGHTNESS.items():
            e = self.fat[kind]
            ratio = max((brightness * marrow - e * fat[kind]) / ((1 - e) * water[kind]), 0.02)
            old = tissue.column("t2", t2.tesla)[kind]
            new = float(np.clip(1 / max(1 / old - np.log(ratio) / t2.te_ms, 1e-3), 12, 400))
            for contrast, pool in self.pools.items():
                te = self.protocols[contrast].te_ms
                pool[0][kind] *= np.exp(te / old - te / new)

    def _nucleus(self, grade: float) -> None:
        """A degenerate nucleus has lost water: signal between that of a young nucleus and that of the annulus."""
        for water, _ in self.pools.values():
            for inside in (Tissue.NUCLEUS, Tissue.INNER_ANNULUS):
                water[inside] += 0.85 * grade * (water[Tissue.ANNULUS] - water[inside])

    def ideal(self, labels: NDArray[np.uint8], contrast: str) -> Image:
        """Signal of tissue without texture."""
        water, fat = self.pools[contrast]
        return np.asarray(np.abs((1 - self.fat) * water + self.fat * fat)[labels])

    def scan(self, stack: Stack, index: int, first: NDArray[np.uint8]) -> dict[str, Image]:
        """One slice of every contrast; ``first`` is the tissue of the slice's middle."""
        grid, n = stack.grid, len(_SAMPLES)
        rng = np.random.default_rng([self.recipe.seed, 6, index])
        noise = 0.75 * smooth_noise(rng, grid, (3.2, 3.2)) + 0.6 * smooth_noise(rng, grid, (9.0, 9.0))
        shape = (grid.rows, grid.columns)
        pools = {c: (np.zeros(shape, np.float32), np.zeros(shape, np.float32)) for c in self.protocols}
        for k, (across, dx, dy) in enumerate(_SAMPLES):
            labels = first
            if k:
                at = grid.moved(dx * grid.pixel_mm, dy * grid.pixel_mm)
                labels = self.patient.plane(stack.laterals[index] + across * stack.thickness_mm, at).tissue
            share = np.clip(self.fat[labels] + self.texture[labels] * noise, 0, 1)
            for contrast, (water, fat) in pools.items():
                w, f = self.pools[contrast]
                water += w[labels] * (1 - share) / n
                fat += f[labels] * share / n
        front = self.patient.front(grid)
        moving = 1 / (1 + np.exp(np.clip((grid.x[None, :] - front[:, None] + 28) / 4, -30, 30))).astype(np.float32)
        for pair in pools.values():
            for pool in pair:
                pool += moving * (_smeared(pool) - pool)
        coil = mr.coil_map(np.random.default_rng([*self.seed, 7]), grid.x, grid.y, self.skin_x, front)
        images = {}
        for i, (contrast, (water, fat)) in enumerate(pools.items()):
            protocol, noise_rng = self.protocols[contrast], np.random.default_rng([*self.seed, 8, index, i])
            images[contrast] = mr.acquire(water, fat, protocol, coil, noise_rng, motion=self.recipe.motion or 0.0)
        return images

    @property
    def skin_x(self) -> float:
        """How far back the patient reaches."""
        return float(self.patient.shape.tissues["subcutaneous_fat"][:, 0].max())


def _smeared(pool: Image) -> Image:
    """What breathing leaves of the belly, which moves while it is imaged."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(uniform_filter1d(pool, 9, axis=0), 5, axis=1))
