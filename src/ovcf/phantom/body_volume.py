"""The digital patient in three dimensions: what tissue, and which vertebra, lies at any place of any sagittal slice.

Mid-sagittal outlines are carried to either side: a body keeps its endplates and loses depth as an ellipse does; canal,
cord and vessels are tubes; pedicles, articular pillars, laminae and foramina are drawn from the bodies. In scoliosis every
vertebra is displaced, tilted and turned by the curve at its height. Lateral millimetres are positive to the patient's left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.lesions import Lesion
from ovcf.phantom.raster import Grid, Patch, fill, inset
from ovcf.phantom.soft import Tubes, background
from ovcf.phantom.tissue import Tissue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.phantom.recipe import Recipe
    from ovcf.phantom.shape import Body, SpineShape

    Array = NDArray[np.float64]
    Labels = NDArray[np.uint8]

#: SPINEPS / TPTBox numbers of the vertebrae; 100 more is the disc below.
NUMBER = {level: i + 1 for i, level in enumerate(lv for lv in Level if lv is not Level.T13)} | {Level.T13: 28}
#: SPINEPS / TPTBox numbers of subregions.
ARCH, SPINOUS, ARTICULAR, BODY, CORD, CANAL, SACRUM, DISC = 41, 42, 45, 49, 60, 61, 26, 100
_CORTEX_MM = 0.7
_ROUNDNESS = 2.6


class Plane(NamedTuple):
    """One sagittal slice, ``(rows, columns)`` each; ``vertebra`` and ``part`` are SPINEPS's two label maps."""

    tissue: Labels
    vertebra: Labels
    part: Labels


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A body's own axes in the plane: centre, unit vectors to posterior and caudal, depth, height, half width (mm)."""

    centre: Array
    posterior: Array
    caudal: Array
    depth: float
    height: float
    half_width: float

    @classmethod
    def of(cls, body: Body, half_width: float) -> Frame:
        """The frame of a body from its corners."""
        sa, sp, ia, ip = body.landmarks.array[:4]
        across = (sp + ip - sa - ia) / 2
        depth = float(np.linalg.norm(across))
        e = across / depth
        down = np.array([-e[1], e[0]])
        height = float(((ia + ip - sa - sp) / 2) @ down)
        return cls((sa + sp + ia + ip) / 4, e, down, depth, height, half_width)

    def place(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Plane millimetres to (s, t) of :mod:`ovcf.phantom.lesions`."""
        dx, dy = x - self.centre[0], y - self.centre[1]
        return (
            (dx * self.posterior[0] + dy * self.posterior[1]) / self.depth,
            (dx * self.caudal[0] + dy * self.caudal[1]) / self.height,
        )

    def at(self, s: Array | float, t: Array | float) -> Array:
        """(s, t) to plane millimetres ``(..., 2)``."""
        s, t = np.asarray(s, float), np.asarray(t, float)
        return np.asarray(
            self.centre + s[..., None] * self.depth * self.posterior + t[..., None] * self.height * self.caudal
        )

    def cut(self, outline: Array, u_mm: float) -> Array | None:
        """An outline of the mid-plane as it is ``u_mm`` to the side, or None beyond the side wall."""
        r = abs(u_mm) / self.half_width
        if r >= 0.985:
            return None
        share = (1 - r**_ROUNDNESS) ** (1 / _ROUNDNESS)
        a = (outline - self.centre) @ self.posterior - self.depth / 2
        b = (outline - self.centre) @ self.caudal
        a = a * share - 0.12 * (1 - share) * self.depth + self.depth / 2
        b = b * (1 - 0.22 * max(0.0, (r - 0.75) / 0.25) ** 2)
        return np.asarray(self.centre + a[:, None] * self.posterior + b[:, None] * self.caudal)


class Curve:
    """The spine's course in the coronal plane: lateral shift (mm) and its slope at a height of the plane."""

    def __init__(self, cobb_deg: float, apex_y: float, length_mm: float = 260.0) -> None:
        self._k = np.pi / length_mm
        self._amplitude = np.tan(np.radians(cobb_deg) / 2) / self._k
        self._apex = apex_y

    def shift(self, y: Array | float) -> Array:
        """Lateral shift in mm, zero at the apex so that the middle slice cuts the vertebra there."""
        return np.asarray(self._amplitude * (np.cos(self._k * (np.asarray(y, float) - self._apex)) - 1))

    def slope(self, y: float) -> float:
        """Change of the shift per mm downwards."""
        return float(-self._amplitude * self._k * np.sin(self._k * (y - self._apex)))


class BodyVolume:
    """A digital patient that can be cut in any sagittal slice."""

    def __init__(self, shape: SpineShape, recipe: Recipe, seed: Sequence[int]) -> None:
        self.shape, self.recipe = shape, recipe
        self._rng_seed = list(seed)
        levels = [body.level for body in shape.bodies]
        centre = (
            shape.bodies[levels.index(recipe.centre)] if recipe.centre in levels else shape.bodies[len(levels) // 2]
        )
        self.frames = {b.level: Frame.of(b, shape.half_width_mm[b.level]) for b in shape.bodies}
        self.curve = Curve(recipe.scoliosis_deg or 0.0, float(self.frames[centre.level].centre[1]))
        self.lesions = {
            f.level: Lesion(f, np.random.default_rng([*seed, 10, NUMBER[f.level]])) for f in recipe.fractures or ()
        }
        rng = np.random.default_rng([*seed, 11])
        self._grade = np.clip((recipe.disc_degeneration or 0.0) + rng.normal(0, 0.18, len(shape.discs)), 0, 1)
        self._beaks = (recipe.osteophytes or 0.0) * rng.uniform(0, 1, (len(levels), 2))
        self._round = rng.uniform(0.85, 1.15, (len(levels), 4))
        self._behind = self._canal_depths()
        self._tubes: dict[tuple[float, float, float, int], Tubes] = {}
        self.soft_seed = [*seed, 12]

    def _canal_depths(self) -> dict[Level, float]:
        """How far the canal reaches behind the posterior wall at each body (mm)."""
        found = {}
        for level, f in self.frames.items():
            d = self.shape.canal - f.at(0.5, 0.0)
            level_with = np.abs(d @ f.caudal) < 0.4 * f.height + 4
            found[level] = float(np.clip((d[level_with] @ f.posterior).max(initial=12.0), 10, 26))
        return found

    def lateral_mm(self, level: Level) -> float:
        """Where the mid-plane of a vertebra lies."""
        return float(self.curve.shift(self.frames[level].centre[1]))

    def _u(self, level: Level, lateral_mm: float) -> tuple[float, float]:
        """Lateral distance from a vertebra's mid-plane, and how far its tilt moves it down there."""
        f = self.frames[level]
        u = lateral_mm - self.lateral_mm(level)
        return u, -u * self.curve.slope(float(f.centre[1]))

    def body_outline(self, body: Body, lateral_mm: float) -> Array | None:
        """The outline of a body on a slice, or None where the slice misses it."""
        u, dy = self._u(body.level, lateral_mm)
        outline = self.frames[body.level].cut(body.outline, u)
        return None if outline is None else outline + (0.0, dy)

    def _places(self, body: Body, grid: Grid, lateral_mm: float) -> tuple[Patch, Array, Array, float] | None:
        """The pixels of a body on a slice, and their place in it (see :mod:`ovcf.phantom.lesions`)."""
        outline = self.body_outline(body, lateral_mm)
        patch = None if outline is None else fill(outline, grid)
        if patch is None:
            return None
        f = self.frames[body.level]
        u, dy = self._u(body.level, lateral_mm)
        s, t = f.place(grid.x[patch.columns][None, :], grid.y[patch.rows][:, None] - dy)
        return patch, s[patch.mask], t[patch.mask], u / f.half_width

    def calibrate(self, grid: Grid, laterals: Sequence[float]) -> None:
        """Set every lesion to its wanted extent over the slices of a stack."""
        for body in self.shape.bodies:
            found = [self._places(body, grid, lateral) for lateral in laterals] if body.level in self.lesions else []
            places = [place[1:] for place in found if place is not None]
            if places:
                middle = int(np.argmin([abs(u) for _, _, u in places]))
                self.lesions[body.level].calibrate(places, middle)

    def lesion(self, level: Level, grid: Grid, laterals: Sequence[float]) -> Labels:
        """Tissue of one fractured body ``(slices, rows, columns)``, its cortex taken as the marrow behind; 0 elsewhere."""
        out = np.zeros((len(laterals), grid.rows, grid.columns), np.uint8)
        body = next(body for body in self.shape.bodies if body.level == level)
        for whole, lateral in zip(out, laterals, strict=True):
            if (found := self._places(body, grid, lateral)) is not None:
                patch, s, t, u = found
                whole[patch.rows, patch.columns][patch.mask] = self.lesions[level].tissues(s, t, u)
        return out

    def plane(self, lateral_mm: float, grid: Grid) -> Plane:
        """Cut the patient; call :meth:`calibrate` before."""
        key = (grid.x0, grid.y0, grid.pixel_mm, grid.rows)
        if key not in self._tubes:
            self._tubes = dict(list(self._tubes.items())[-8:])
            self._tubes[key] = Tubes(self.shape, grid, self.curve)
        tubes = self._tubes[key]
        tissue = background(tubes, self, grid, lateral_mm)
        plane = Plane(tissue, np.zeros_like(tissue), np.zeros_like(tissue))
        self._arches(plane, grid, lateral_mm)
        tubes.paint(plane, lateral_mm)
        self._discs(plane, grid, lateral_mm)
        self._sacrum(plane, grid, lateral_mm)
        for i, body in enumerate(self.shape.bodies):
            if body.level is not Level.S1:
                self._body(plane, grid, lateral_mm, i, body)
        return plane

    def _paint(
        self,
        plane: Plane,
        grid: Grid,
        outline: Array,
        tissue: Tissue,
        vertebra: int | None = None,
        part: int | None = None,
    ) -> None:
        patch = fill(outline, grid)
        if patch is None:
            return
        box = patch.rows, patch.columns
        plane.tissue[box][patch.mask] = tissue
        if vertebra is not None:
            plane.vertebra[box][patch.mask] = vertebra
        if part is not None:
            plane.part[box][patch.mask] = part

    def _bone(self, plane: Plane, grid: Grid, outline: Array, vertebra: int, part: int, cortex: float = 0.9) -> None:
        self._paint(plane, grid, outline, Tissue.CORTEX, vertebra, part)
        self._paint(plane, grid, inset(outline, cortex), Tissue.POSTERIOR_MARROW)

    def _body(self, plane: Plane, grid: Grid, lateral_mm: float, i: int, body: Body) -> None:
        outline = self.body_outline(body, lateral_mm)
        if outline is None:
            return
        level, f = body.level, self.frames[body.level]
        u, dy = self._u(level, lateral_mm)
        for side, sign in enumerate((-1, 1)):
            beak = self._beaks[i, side]
            if beak > 0.25 and abs(u) < 0.7 * f.half_width:
                shape = np.array([[0.06, 0.02], [-0.16 * beak, -0.03 - 0.16 * beak], [-0.05, -0.20], [0.06, -0.28]])
                corner = -0.5 + 0.5 * (1 - (1 - (abs(u) / f.half_width) ** _ROUNDNESS) ** (1 / _ROUNDNESS))
                points = f.at(corner + shape[:, 0], sign * (0.5 + shape[:, 1])) + (0.0, dy)
                self._paint(plane, grid, points, Tissue.CORTEX)
        number = NUMBER[level]
        self._paint(plane, grid, outline, Tissue.CORTEX, number, BODY)
        patch = fill(inset(outline, _CORTEX_MM), grid)
        if patch is None:
            return
        x, y = grid.x[patch.columns][None, :], grid.y[patch.rows][:, None] - dy
        s, t = f.place(x, y)
        inside = plane.tissue[patch.rows, patch.columns]
        if level in self.lesions:
            inside[patch.mask] = self.lesions[level].tissues(s[patch.mask], t[patch.mask], u / f.half_width)
        else:
            inside[patch.mask] = Tissue.MARROW
            self._other_findings(inside, patch.mask, s, t, u, level)
        if abs(u) < 5 and not (level in self.lesions and self.lesions[level].recipe.cement):
            vein = patch.mask & (s > 0.12) & (np.abs(t) < 0.02 + 0.09 * (s - 0.12)) & (inside == Tissue.MARROW)
            inside[vein] = Tissue.VEIN

    def _other_findings(
        self, inside: Labels, mask: NDArray[np.bool_], s: Array, t: Array, u: float, level: Level
    ) -> None:
        f = self.frames[level]
        if level in (self.recipe.haemangiomas or ()):
            r = np.sqrt(((s + 0.08) * f.depth) ** 2 + (t * f.height) ** 2 + (u - 3) ** 2)
            trabeculae = np.sin(s * f.depth * 2.4) > 0.93
            inside[mask & (r < 7.5) & ~trabeculae] = Tissue.HAEMANGIOMA
        if level in (self.recipe.schmorl_nodes or ()):
            r = np.sqrt(((s - 0.05) * f.depth) ** 2 + ((t + 0.5) * f.height) ** 2 + (0.8 * u) ** 2)
            inside[mask & (r < 5.2)] = Tissue.CORTEX
            inside[mask & (r < 4.3)] = Tissue.SCHMORL

    def _discs(self, plane: Plane, grid: Grid, lateral_mm: float) -> None:
        for i, disc in enumerate(self.shape.discs):
            upper, lower = self.shape.bodies[i].level, self.shape.bodies[i + 1].level
            f = self.frames[upper]
            u, dy = self._u(upper, lateral_mm)
            wide = Frame(disc.mean(axis=0), f.posterior, f.caudal, f.depth, f.height, max(f.half_width, self.frames[lower].half_width) + 1.0)  # fmt: skip
            outline = wide.cut(disc, u)
            if outline is None:
                continue
            outline = outline + (0.0, dy)
            self._paint(plane, grid, outline, Tissue.ANNULUS, 100 + NUMBER[upper], DISC)
            if abs(u) < 0.72 * f.half_width and self._grade[i] < 0.8:
                centre, core = outline.mean(axis=0) + 0.06 * f.depth * f.posterior, 0.80 - 0.25 * self._grade[i]
                inner = inset(outline, 0.6)
                along = (inner - centre) @ f.posterior
                flat = (inner - centre) - along[:, None] * f.posterior
                flat *= np.sqrt(1 - 0.9 * (along / np.abs(along).max()) ** 4)[:, None]
                nucleus = centre + 0.78 * core * along[:, None] * f.posterior + core * flat
                self._paint(plane, grid, nucleus, Tissue.NUCLEUS)
                if self._grade[i] < 0.55:  # the dark cleft of the adult nucleus
                    self._paint(
                        plane, grid, centre + 0.5 * along[:, None] * f.posterior + 0.10 * core * flat, Tissue.ANNULUS
                    )

    def _sacrum(self, plane: Plane, grid: Grid, lateral_mm: float) -> None:
        u, dy = self._u(Level.S1, lateral_mm)
        f = self.frames[Level.S1]
        for k, outline in enumerate(self.shape.sacrum):
            frame = Frame(
                outline.mean(axis=0), f.posterior, f.caudal, f.depth * (0.9 - 0.2 * k), f.height, f.half_width * 1.25
            )
            cut = frame.cut(outline, u)
            if cut is not None:
                self._bone(plane, grid, cut + (0.0, dy), SACRUM, SACRUM, 0.6)

    def _arches(self, plane: Plane, grid: Grid, lateral_mm: float) -> None:
        """Spinous processes near the midline, laminae beside it, then pedicles with articular pillars and foramina."""
        for i, body in enumerate(self.shape.bodies):
            f, number = self.frames[body.level], NUMBER[body.level]
            if body.level is Level.S1:
                number = SACRUM
            u, dy = self._u(body.level, lateral_mm)
            w, b = abs(u), self._behind[body.level]
            lumbar = body.level.region in ("lumbar", "sacral")
            part = SACRUM if number == SACRUM else None
            half_canal = 11.5 if lumbar else 9.0
            if i < len(self.shape.posterior_elements) and w < 3.4:
                outline = self.shape.posterior_elements[i]
                middle = outline.mean(axis=0)
                thin = middle + (outline - middle) * (1 - 0.25 * (w / 3.4) ** 2)
                self._bone(plane, grid, thin + (0.0, dy), number, part or SPINOUS, 0.8)
            elif w < half_canal:
                lean = 0.10 * np.array([-1.0, 1.0, 1.0, -1.0])
                x = (
                    f.depth / 2
                    + b * np.sqrt(max(0.0, 1 - (w / (half_canal + 3)) ** 2))
                    + np.array([0.5, 6.5, 6.5, 0.5])
                )
                points = f.at(x / f.depth + lean * 0.5, np.array([0.02, 0.12, 0.62, 0.60]))
                self._bone(plane, grid, _rounded(points) + (0.0, dy), number, part or ARCH)
            elif w < (17.5 if lumbar else 15.0):
                self._foramen(plane, grid, f, b, dy)
                pillar = np.array(
                    [[0.50, -0.52], [0.78, -0.55], [0.95, 0.10], [1.06, 0.72], [0.72, 0.80], [0.58, 0.15]]
                )
                scale = self._round[i, 0]
                points = f.at(0.5 + pillar[:, 0] * scale * b / f.depth, pillar[:, 1])
                self._bone(plane, grid, _rounded(points) + (0.0, dy), number, part or ARTICULAR)
                pedicle = np.array([[-0.06, -0.36], [0.5, -0.34], [0.5 + 0.35 * b / f.depth, -0.30], [0.5 + 0.35 * b / f.depth, 0.08], [0.5, 0.02], [-0.06, 0.02]])  # fmt: skip
                pedicle[:, 0] += np.array([0.4, 0, 0.2, 0.2, 0, 0.4])
                self._bone(plane, grid, _rounded(f.at(pedicle[:, 0], pedicle[:, 1])) + (0.0, dy), number, part or ARCH)

    def _foramen(self, plane: Plane, grid: Grid, f: Frame, behind: float, dy: float) -> None:
        """The fat below the pedicle with its nerve root and vessels."""
        x = 0.5 + np.array([-0.02, 0.55, 0.6, -0.02]) * behind / f.depth
        self._paint(plane, grid, f.at(x, np.array([-0.7, -0.6, 0.95, 0.95])) + (0.0, dy), Tissue.EPIDURAL_FAT)
        a = np.linspace(0, 2 * np.pi, 16)
        root = f.at(0.5 + 0.25 * behind / f.depth, 0.22) + np.column_stack([2.2 * np.cos(a), 2.9 * np.sin(a)])
        self._paint(plane, grid, root + (0.0, dy), Tissue.ROOT)


def _rounded(corners: Array) -> Array:
    """A polygon with corners cut twice (Chaikin), finely enough to be inset."""
    points = corners
    for _ in range(3):
        after = np.roll(points, -1, axis=0)
        points = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1).reshape(-1, 2)
    return points
