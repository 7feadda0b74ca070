"""Slices of digital patients with synthetic appearance, drawn on the fly; those of a seed are always the same.

No image of a person is read here. Shapes are those of ``ovcf.phantom``; appearance is MR physics, perturbed physics, or
chance alone (a random signal for every tissue), so that the network learns shapes and neighbourhoods, not a sequence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter, map_coordinates, zoom

from ovcf.anatomy import Level, VertebralColumn
from ovcf.errors import PhantomError
from ovcf.phantom import mr
from ovcf.phantom.body import tissue
from ovcf.phantom.body.frame import ARCH, ARTICULAR, BODY, CANAL, CORD, DISC, SACRUM, SPINOUS
from ovcf.phantom.body.patient_volume import PatientVolume
from ovcf.phantom.body.soft import smooth_noise
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid, fill
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import build
from ovcf.phantom.scanner import Scanner
from ovcf.segmentation.network.inference import CLASSES, POINTS, SLICES, normalised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

SIZE = 192
PLANES, LOOKS, WARPS = 3, 4, 2
"""Slices of one patient, appearances of each, and views of each of these."""
RIM_MM = 0.3
"""Where a body ends on MRI, outside its marrow: as those who trace it by hand and the label maps of SPINEPS have it.
How thick the dark band beyond is (cortex, cartilage, ligament) varies, and says nothing."""
SAC_MARGIN_MM = 1.8
"""How far the canal's class reaches beyond the sac, within the canal: dura and the dark band around it."""
HEAT_SD_PX = 2.0
CLOSER = 0.28
"""Logarithm of the most that a view is enlarged."""
CANVAS_MM, _GRID_MM = 310.0, 0.9
_SPACING_MM = (2.0, 6.0)
"""From one slice to the next."""
_LAST = 0.15
"""Share of views whose neighbour on one side is missing."""
_PART = np.zeros(256, np.uint8)
for _class, _parts in enumerate(((BODY,), (DISC,), (CANAL,), (CORD,), (SACRUM,), (ARCH, SPINOUS, ARTICULAR)), 1):
    _PART[list(_parts)] = _class


_ALIKE = (
    (Tissue.CORTEX, Tissue.LIGAMENT),
    (Tissue.MARROW, Tissue.POSTERIOR_MARROW),
    (Tissue.ANNULUS, Tissue.NUCLEUS),
    (Tissue.CSF, Tissue.ROOT),
    (Tissue.FAT, Tissue.EPIDURAL_FAT),
    (Tissue.FAT, Tissue.VISCERA_FAT),
)


class Drawn(NamedTuple):
    """Class of every pixel, and landmarks ``(bodies, 6, 2)`` as (row, column)."""

    classes: NDArray[np.uint8]
    points: Array


class Slab(NamedTuple):
    """One thick slice: sub-slices of tissue, and where anything may be drawn over it."""

    tissues: tuple[NDArray[np.uint8], ...]
    free: NDArray[np.bool_]


@dataclass(frozen=True)
class Cut:
    """A slice and those beside it, and what is drawn in it where the cortex is seen (CT) and where it is not (MRI).

    ``outlines`` are those of the bodies' marrow (plane mm) and ``points`` its landmarks; ``front`` is the x of the
    spine's anterior border in every row (mm).
    """

    slabs: tuple[Slab, ...]
    cortex: Drawn
    outlines: tuple[Array, ...]
    points: Array
    front: Array
    grid: Grid

    def marrow(self, moved_mm: Array | tuple[float, float] = (0.0, 0.0)) -> Drawn:
        """Bodies as far as their marrow is seen, which chemical shift has moved (x, y)."""
        classes = self.cortex.classes.copy()
        classes[classes == CLASSES.index("body")] = 0
        for outline in self.outlines:
            if (patch := fill(outline + moved_mm, self.grid)) is not None:
                classes[patch.rows, patch.columns][patch.mask] = CLASSES.index("body")
        return Drawn(classes, self.points + np.array(moved_mm)[::-1] / self.grid.pixel_mm)


def draw_recipe(
    rng: np.random.Generator, seed: int, sacral_slope_deg: float | None = None, column: tuple[int, int] | None = None
) -> Recipe:
    """A patient with none to six fractures of any type, in any column or this; in a pelvis where a slope is given."""
    thoracic, lumbar = (
        column or [(12, 5), (12, 6), (12, 4), (13, 5), (11, 5)][rng.choice(5, p=[0.8, 0.06, 0.06, 0.04, 0.04])]
    )
    levels = [v for v in VertebralColumn(thoracic, lumbar).levels if v.region in ("thoracic", "lumbar")][3:]
    n = int(rng.choice([0, 1, 2, 4, 6], p=[0.15, 0.2, 0.2, 0.25, 0.2]))
    fractures = [
        FractureRecipe(
            level=levels[k],
            grade=int(rng.integers(1, 4)),
            shape=str(rng.choice(["wedge", "biconcave", "crush"])),
            burst=bool(rng.random() < 0.3),
            cement=bool(rng.random() < 0.08),
            cleft=str(rng.choice(["none", "air", "fluid"], p=[0.84, 0.08, 0.08])),
        )
        for k in rng.choice(len(levels), n, replace=False)
    ]
    return Recipe(
        seed=seed,
        thoracic=thoracic,
        lumbar=lumbar,
        fractures=tuple(fractures),
        age_years=float(rng.uniform(20, 90)),  # Some are bent much: few real people to learn from are.
        scoliosis_deg=float(np.clip(rng.normal(0, rng.choice([9, 25], p=[0.75, 0.25])), -40, 40)),
        disc_degeneration=float(rng.uniform(0, 1)),
        osteophytes=float(rng.uniform(0, 1)),
        motion=float(rng.beta(1, 8)),
        sacral_slope_deg=sacral_slope_deg,
    )


def draw_patient(
    rng: np.random.Generator, seed: int, sacral_slope_deg: float | None = None, column: tuple[int, int] | None = None
) -> tuple[Recipe, PatientVolume]:
    """The first patient of this seed that can be drawn, bodies more or less waisted, cortex thin or thick."""
    while True:
        try:
            recipe, patient = build(draw_recipe(rng, seed, sacral_slope_deg, column))
        except PhantomError:
            continue
        patient.cortex_mm = float(rng.uniform(0.4, 1.6))
        waist = float(rng.uniform(0.04, 0.2))
        patient.frames = {level: replace(frame, waist=waist) for level, frame in patient.frames.items()}
        # Every body, wherever scoliosis has moved it, so that each lesion has its extent.
        patient.calibrate(Grid(-250.0, -450.0, 2.0, 450, 250), list(np.arange(-64.0, 65.0, 8.0)))
        return recipe, patient


def cut(rng: np.random.Generator, patient: PatientVolume, lateral_mm: float, centre: Array) -> Cut:
    """A thick slice of a patient around a place of the plane (mm), and the slices to either side of it."""
    n = int(CANVAS_MM / _GRID_MM)
    grid = Grid(centre[0] - CANVAS_MM / 2, centre[1] - CANVAS_MM / 2, _GRID_MM, n, n)
    spacing = rng.uniform(*_SPACING_MM)
    # Thin slices are averaged in groups that overlap; others leave a gap.
    thick = rng.uniform(1.0, 1.5) * spacing if spacing < 3 and rng.random() < 0.4 else rng.uniform(0.5, 1) * spacing
    side = rng.choice([-1, 1])
    classes, own = _slab(patient, lateral_mm, grid, thick)
    beside = (_slab(patient, lateral_mm + away * spacing, grid, thick)[1] for away in (side, -side))
    # Lateral recesses and the fat behind the sac are no canal, as in the label map of the TPTBox sample, which SPINEPS
    # drew.
    classes[(classes == CLASSES.index("canal")) & ~patient.around_sac(lateral_mm, SAC_MARGIN_MM, grid)] = 0
    cortex = Drawn(classes, _points(patient, lateral_mm, grid, 0.0))
    inwards = patient.cortex_mm - RIM_MM
    outlines = (
        patient.body_outline(body, lateral_mm, inwards) for body in patient.shape.bodies if body.level is not Level.S1
    )
    points = _points(patient, lateral_mm, grid, inwards)
    drawn = tuple(o for o in outlines if o is not None)
    return Cut((own, *beside), cortex, drawn, points, patient.front(grid), grid)


def _slab(patient: PatientVolume, lateral_mm: float, grid: Grid, thick: float) -> tuple[NDArray[np.uint8], Slab]:
    """The class of every pixel in the middle of a thick slice, and the slice."""
    # Soft tissues change little over the thickness of a slice.
    around = patient.soft_tissues(lateral_mm, grid)
    middle = patient.plane(lateral_mm, grid, around)
    tissues = [middle.tissue] + [
        patient.plane(lateral_mm + across * thick, grid.moved(dx * _GRID_MM, dy * _GRID_MM), around).tissue
        for across, dx, dy in ((-0.35, 0.25, -0.25), (0.35, -0.25, 0.25))
    ]
    classes = _PART[middle.part]
    return classes, Slab(tuple(tissues), (classes == 0) & (middle.tissue != Tissue.AIR))


_INWARDS = np.array([[1, 1], [-1, 1], [1, -1], [-1, -1], [0, 1], [0, -1]])
"""The way from each landmark into the body, to posterior and to caudal."""


def _points(patient: PatientVolume, lateral_mm: float, grid: Grid, inwards: float) -> Array:
    found = []
    for body in patient.shape.bodies:
        frame = patient.frames[body.level]
        u, dy = patient.beside(body.level, lateral_mm)
        if abs(u) > 0.7 * frame.half_width:
            continue
        six = frame.cut(body.landmarks.array, u)
        if six is None:
            continue
        if body.level is Level.S1:
            six[2:4] = six[5] = np.nan  # the sacrum's lower border is no endplate
        else:
            six = six + inwards * _INWARDS @ np.stack([frame.posterior, frame.caudal])
        found.append(np.column_stack([six[:, 1] + dy - grid.y0, six[:, 0] - grid.x0]) / grid.pixel_mm)
    return np.array(found).reshape(-1, 6, 2)


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


def view(
    rng: np.random.Generator, images: Image, drawn: Drawn, pixel_mm: float
) -> tuple[Image, NDArray[np.uint8], Array]:
    """What the network is given of a slice: turned, scaled, cropped, blurred, noisy, normalised; 1 mm pixels.

    ``images`` ``(n, rows, columns)`` are the slice and those beside it, if any, all treated alike.
    """
    shape = np.array(images.shape[1:])
    if rng.random() < 0.6:
        images = gaussian_filter(images, (0, *rng.uniform(0.1, 1.1, 2)))
    if rng.random() < 0.3:
        # A coarse matrix, interpolated afterwards.
        factor = rng.uniform(0.45, 0.95, 2)
        small = [zoom(image, factor, order=1) for image in images]
        images = np.stack([zoom(image, shape / image.shape, order=1) for image in small])
    turn, scale = np.radians(rng.normal(0, 12)), np.exp(rng.normal(0, 0.08, 2))
    shear = np.array([[1.0, rng.normal(0, 0.04)], [0.0, 1.0]])
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ shear @ np.diag(scale) / pixel_mm
    # Any part of the canvas, or the spine well inside.
    shift = rng.uniform(-1, 1, 2) * rng.choice([25.0, 55.0])
    offset = (shape - 1) / 2 + shift / pixel_mm - matrix @ np.full(2, (SIZE - 1) / 2)
    points = (drawn.points - offset) @ np.linalg.inv(matrix).T
    # Between one slice and the next the patient may have moved.
    moved = [offset, *(offset + rng.normal(0, rng.choice([0.1, 0.5]), 2) / pixel_mm for _ in images[1:])]
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float)
    if rng.random() < 0.7:
        rows, columns, points = _bent(rng, points)
    index = np.tensordot(matrix, np.stack([rows, columns]), 1)
    out = np.stack(
        [map_coordinates(image, index + at[:, None, None], order=1) for image, at in zip(images, moved, strict=True)]
    )
    classes = map_coordinates(drawn.classes, index + offset[:, None, None], order=0)
    inside = np.ones(classes.shape, bool)
    if rng.random() < 0.45:
        # A smaller field of view: nothing outside it.
        low, high = rng.uniform(0, 0.3, 2) * SIZE, SIZE - rng.uniform(0, 0.3, 2) * SIZE
        inside[: int(low[0])] = inside[int(high[0]) :] = inside[:, : int(low[1])] = inside[:, int(high[1]) :] = False
        classes = np.where(inside, classes, 0)
        out = np.where(inside, out, 0)
        seen = (points > low - 0.5) & (points < high - 0.5)
        points = np.where(seen.all(axis=-1, keepdims=True), points, np.nan)
    top = float(np.percentile(out[0, inside], 99.5)) + 1e-6
    out = np.clip(out / top, 0, rng.uniform(0.7, 1.3)) ** np.exp(rng.normal(0, 0.3))
    if rng.random() < 0.5:
        out = np.abs(out + rng.uniform(0.005, 0.07) * rng.standard_normal(out.shape))
    if rng.random() < 0.3:
        out = np.round(out * 255) / 255
    told = inside if rng.random() < 0.5 else None
    z = np.stack([normalised(one.astype(np.float32), told) for one in out])
    z = z * rng.uniform(0.85, 1.15) + rng.normal(0, 0.15)
    return z.astype(np.float32), classes.astype(np.uint8), points


def _bent(rng: np.random.Generator, points: Array) -> tuple[Array, Array, Array]:
    """A smooth displacement of pixels, and where points come to lie."""
    coarse = rng.normal(0, rng.uniform(0.5, 4.5), (2, 7, 7))
    field = np.stack([zoom(c, SIZE / 7, order=3) for c in coarse])
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(float) + field
    # The inverse of a gentle field is its negative, taken where the point goes.
    flat = points.reshape(-1, 2)
    moved = flat.copy()
    for _ in range(6):
        at = np.nan_to_num(moved).T
        moved = flat - np.stack([map_coordinates(f, at, order=1, mode="nearest") for f in field], axis=1)
    return rows, columns, moved.reshape(points.shape)


def heat_maps(points: Array, size: int = SIZE) -> Image:
    """Heat maps ``(6, size, size)`` of landmarks ``(bodies, 6, 2)``: Gaussians of one at each."""
    out = np.zeros((len(POINTS), size, size), np.float32)
    reach = int(4 * HEAT_SD_PX)
    for six in points:
        for k, (r, c) in enumerate(six):
            if not (np.isfinite(r) and -reach < r < size + reach and -reach < c < size + reach):
                continue
            r0, c0 = max(0, int(r) - reach), max(0, int(c) - reach)
            r1, c1 = min(size, int(r) + reach + 1), min(size, int(c) + reach + 1)
            y, x = np.ogrid[r0:r1, c0:c1]
            spot = np.exp(-((y - r) ** 2 + (x - c) ** 2) / (2 * HEAT_SD_PX**2))
            out[k, r0:r1, c0:c1] = np.maximum(out[k, r0:r1, c0:c1], spot)
    return out


def in_room(points: Array) -> Image:
    """Landmarks ``(n, 6, 2)`` as ``(BODIES, 6, 2)``, so that views with more and fewer bodies go together."""
    out = np.full((BODIES, len(POINTS), 2), np.nan, np.float32)
    out[: len(points)] = points
    return out


VIEWS = PLANES * LOOKS * WARPS
"""Views of one patient."""
BODIES = 20
"""Room for the bodies of one view."""


def views_of(seed: int) -> tuple[Image, NDArray[np.uint8], Image]:
    """Views of the patient of a seed: images ``(VIEWS, SLICES, SIZE, SIZE)``, classes ``(VIEWS, ...)``, and landmarks
    ``(VIEWS, BODIES, 6, 2)`` in pixels, NaN where there is none.
    """
    rng = np.random.default_rng([seed, 77])
    recipe, patient = draw_patient(rng, seed)
    levels = list(patient.frames)
    # Views lie at the lumbosacral junction, from which levels are counted, at a fracture, or anywhere.
    kind = rng.choice(3, p=[0.4, 0.4, 0.2])
    broken = [i for i, level in enumerate(levels) if level in patient.lesions]
    candidates = [range(len(levels) - 4, len(levels)), broken, range(4, len(levels))][kind] or range(4, len(levels))
    around = patient.frames[levels[int(rng.choice(candidates))]].centre
    images, classes, landmarks = [], [], []
    for _ in range(PLANES):
        lateral = patient.curve.shift(around[1]) + (
            rng.uniform(-14, 14) if rng.random() < 0.6 else rng.uniform(-34, 34)
        )
        where = cut(rng, patient, float(lateral), around + rng.uniform(-20, 20, 2))
        for _ in range(LOOKS):
            look = Look(rng, recipe, patient)
            seen, drawn = look.images(where), look.drawn(where)
            for _ in range(WARPS):
                # Landmarks are read a second time on finer pixels: a patient as large as those make them.
                closer = float(np.exp(rng.uniform(0, CLOSER))) if rng.random() < 0.35 else 1.0
                image, klass, points = view(rng, seen, drawn, _GRID_MM * closer)
                # The first and the last slice of a series, and an only one, take the place of those that are missing.
                image[1:][rng.random(SLICES - 1) < _LAST] = image[0]
                images.append(image)
                classes.append(klass)
                landmarks.append(in_room(points))
    return np.stack(images), np.stack(classes), np.stack(landmarks)
