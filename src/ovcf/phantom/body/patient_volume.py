"""The digital patient in three dimensions: what tissue, and which vertebra, lies at any place of any sagittal slice.

Mid-sagittal outlines are carried to either side: a body keeps its endplates and loses depth as a superellipse does;
canal, cord and vessels are tubes; the posterior elements are drawn from the bodies. In scoliosis every vertebra is
displaced and tilted by the curve at its height. Lateral millimetres are positive to the patient's left.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.apart import reach_mm, set_fragment_apart, set_limbus_apart
from ovcf.phantom.body.arches import Posterior, canal_depths, draw_arches
from ovcf.phantom.body.frame import BODY, CIRCLE, DISC, NUMBER, SACRUM, Canvas, Curve, Frame, recess
from ovcf.phantom.body.lesions import Lesion
from ovcf.phantom.body.sclerosis import Sclerosis
from ovcf.phantom.body.soft import Grain, Tubes, background
from ovcf.phantom.body.tissue import Tissue
from ovcf.phantom.raster import Grid, Patch, fill, inset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.phantom.recipe import Recipe
    from ovcf.phantom.shape import Body, SpineShape

    Array = NDArray[np.float64]
    Labels = NDArray[np.uint8]

CORTEX_MM = 0.7
_BEAK = np.array([[0.06, 0.02], [-0.16, -0.19], [-0.05, -0.20], [0.06, -0.28]])
"""An osteophyte at full size, from its corner: (s, t) away from the body's middle."""


class PatientVolume:
    """A digital patient that can be cut in any sagittal slice, once :meth:`calibrate` has fitted its lesions."""

    def __init__(self, shape: SpineShape, recipe: Recipe, seed: Sequence[int]) -> None:
        self.shape, self.recipe = shape, recipe
        self.cortex_mm = CORTEX_MM
        # Waists differ between people (chosen: 8 to 18 % narrower than the endplates).
        waist = float(np.random.default_rng([*seed, 15]).uniform(0.08, 0.18))
        self.frames = {b.level: Frame.of(b, shape.half_width_mm[b.level], waist) for b in shape.bodies}
        self.middle = self.frames[recipe.centre if recipe.centre in self.frames else Level.L1].centre
        self.curve = Curve(recipe.scoliosis_deg or 0.0, float(self.middle[1]))
        self.lesions = {
            f.level: Lesion(f, np.random.default_rng([*seed, 10, NUMBER[f.level]])) for f in recipe.fractures or ()
        }
        rng = np.random.default_rng([*seed, 11])
        grade = recipe.disc_degeneration or 0.0
        self._grade = np.clip(grade + rng.normal(0, 0.18, len(shape.discs)), 0, 1)
        self._beaks = (recipe.osteophytes or 0.0) * rng.uniform(0, 1, (len(shape.bodies), 2))
        self._posterior = Posterior(
            shape,
            self.frames,
            self.curve,
            rng.uniform(0.85, 1.15, len(shape.bodies)),
            canal_depths(shape, self.frames),
            _fused_sides(recipe, seed),
        )
        self._sclerosis: dict[Level, list[Sclerosis]] = {}
        for i, (above, below) in enumerate(pairwise(shape.bodies)):
            if above.level in (recipe.sclerosis or ()):
                self._grade[i] = 1.0  # Such bone lies beside a disc that has lost its water.
                own = np.random.default_rng([*seed, 18, NUMBER[above.level]])
                for body, side in ((above, 1), (below, -1)):
                    self._sclerosis.setdefault(body.level, []).append(Sclerosis.drawn(own, side))
        self._grain = Grain([*seed, 12])
        # Half extent from front to back and in height (chosen: a lumbar artery with its veins and their fat).
        self._vessels_mm = np.random.default_rng([*seed, 13]).uniform((2.0, 2.0), (4.5, 6.0), (len(shape.bodies), 2))
        # Half the width of the thecal sac (chosen: 14 to 19 mm in the lumbar spine).
        self._sac_half_mm = float(np.random.default_rng([*seed, 14]).uniform(7.0, 9.5))
        # The veins beside it, from front to back (chosen).
        self._veins_mm = float(np.random.default_rng([*seed, 16]).uniform(0.0, 4.0))
        self._tubes: dict[Grid, Tubes] = {}

    def lateral_mm(self, level: Level) -> float:
        """Where the mid-plane of a vertebra lies."""
        return float(self.curve.shift(self.frames[level].centre[1]))

    def beside(self, level: Level, lateral_mm: float) -> tuple[float, float]:
        """Lateral distance of a slice from a vertebra's mid-plane, and how far tilt moves the vertebra down there."""
        return self.curve.beside(self.frames[level], lateral_mm)

    def body_outline(self, body: Body, lateral_mm: float, inwards_mm: float = 0.0) -> Array | None:
        """What a slice cuts of a body, or of what lies ``inwards_mm`` under its surface; None where it misses that."""
        u, dy = self.beside(body.level, lateral_mm)
        frame = self.frames[body.level]
        outline = replace(frame, half_width=frame.half_width - inwards_mm).cut(body.outline, u)
        return None if outline is None else inset(outline, inwards_mm) + np.array([0.0, dy])

    def _places(self, body: Body, grid: Grid, lateral_mm: float) -> tuple[Patch, Array, Array, float] | None:
        """The pixels of a body on a slice, and their place in it (see :mod:`ovcf.phantom.body.lesions`)."""
        outline = self.body_outline(body, lateral_mm)
        patch = None if outline is None else fill(outline, grid)
        if patch is None:
            return None
        f = self.frames[body.level]
        u, dy = self.beside(body.level, lateral_mm)
        s, t = f.place(grid.x[patch.columns][None, :], grid.y[patch.rows][:, None] - dy)
        return patch, s[patch.mask], t[patch.mask], u / f.half_width

    def calibrate(self, grid: Grid, laterals: Sequence[float]) -> None:
        """Set every lesion to its wanted extent over the slices of a stack."""
        for body in self.shape.bodies:
            found = [self._places(body, grid, lateral) for lateral in laterals] if body.level in self.lesions else []
            places = [place[1:] for place in found if place is not None]
            if places:
                self.lesions[body.level].calibrate(places, int(np.argmin([abs(u) for _, _, u in places])))

    def lesion(self, level: Level, grid: Grid, laterals: Sequence[float]) -> Labels:
        """Tissue of one fractured body ``(slices, rows, columns)``, cortex taken as the marrow behind; 0 elsewhere."""
        out = np.zeros((len(laterals), grid.rows, grid.columns), np.uint8)
        body = next(body for body in self.shape.bodies if body.level == level)
        for whole, lateral in zip(out, laterals, strict=True):
            if (found := self._places(body, grid, lateral)) is not None:
                patch, s, t, u = found
                whole[patch.rows, patch.columns][patch.mask] = self.lesions[level].tissues(s, t, u)
        return out

    def tubes_on(self, grid: Grid) -> Tubes:
        """Canal, vessels and skin on the pixels of a slice."""
        if grid not in self._tubes:
            # A scan comes back to its few grids slice after slice; a radiograph never does.
            self._tubes = dict(list(self._tubes.items())[-7:])
            self._tubes[grid] = Tubes(self.shape, grid, self.curve, self._sac_half_mm, self._veins_mm)
        return self._tubes[grid]

    def front(self, grid: Grid) -> Array:
        """The x of the anterior border of the spine at every row."""
        return self.tubes_on(grid).front

    def around_sac(self, lateral_mm: float, margin_mm: float, grid: Grid) -> NDArray[np.bool_]:
        """The thecal sac on a slice, with all that lies within a margin of it."""
        return self.tubes_on(grid).mask("thecal_sac", lateral_mm, margin_mm)

    def soft_tissues(self, lateral_mm: float, grid: Grid) -> Labels:
        """Everything but the spine itself on a slice."""
        return background(self.tubes_on(grid), self.frames, self._grain, lateral_mm)

    def plane(self, lateral_mm: float, grid: Grid, around: Labels | None = None) -> Canvas:
        """Cut the patient. ``around`` gives the soft tissues ``(rows, columns)`` where they are known already."""
        tissue = self.soft_tissues(lateral_mm, grid) if around is None else around.copy()
        tubes = self.tubes_on(grid)
        canvas = Canvas(grid, tissue, np.zeros_like(tissue), np.zeros_like(tissue))
        draw_arches(canvas, self._posterior, lateral_mm)
        tubes.paint(canvas, lateral_mm)
        self._discs(canvas, lateral_mm)
        self._sacrum(canvas, lateral_mm)
        for i, body in enumerate(self.shape.bodies):
            outline = self.body_outline(body, lateral_mm)
            if body.level is not Level.S1 and outline is not None:
                self._segmental_vessels(canvas, lateral_mm, i, body)
                self._osteophytes(canvas, lateral_mm, i, body)
                self._body(canvas, lateral_mm, body, outline)
        return canvas

    def _osteophytes(self, canvas: Canvas, lateral_mm: float, i: int, body: Body) -> None:
        f = self.frames[body.level]
        u, dy = self.beside(body.level, lateral_mm)
        r = abs(u) / f.half_width
        for sign, size in zip((-1, 1), self._beaks[i], strict=True):
            if size > 0.25 and r < 0.7:
                s = 0.5 - recess(r) + size * _BEAK[:, 0]
                t = sign * (0.5 + np.where(_BEAK[:, 1] > 0, 1, size) * _BEAK[:, 1])
                canvas.paint(f.at(s, t) + np.array([0.0, dy]), Tissue.CORTEX)

    def _segmental_vessels(self, canvas: Canvas, lateral_mm: float, i: int, body: Body) -> None:
        """In the waist of a body, under the arches from which the psoas springs: fat with an artery and its veins."""
        f = self.frames[body.level]
        u, dy = self.beside(body.level, lateral_mm)
        if not 0.5 < abs(u) / f.half_width < 1:
            return
        for size, tissue in ((1.0, Tissue.VISCERA_FAT), (0.5, Tissue.BLOOD)):
            ellipse = size * self._vessels_mm[i] * CIRCLE
            canvas.paint(f.at(f.front_at(u), 0.0) + ellipse + np.array([-0.5 * self._vessels_mm[i, 0], dy]), tissue)

    def _body(self, canvas: Canvas, lateral_mm: float, body: Body, outline: Array) -> None:
        level, f = body.level, self.frames[body.level]
        u, dy = self.beside(level, lateral_mm)
        canvas.paint(outline, Tissue.CORTEX, NUMBER[level], BODY)
        marrow = self.body_outline(body, lateral_mm, self.cortex_mm)
        patch = None if marrow is None else canvas.paint(marrow, Tissue.MARROW)
        if patch is None:
            return
        s, t = f.place(canvas.grid.x[patch.columns][None, :], canvas.grid.y[patch.rows][:, None] - dy)
        inside = canvas.tissue[patch.rows, patch.columns]
        if level in self.lesions:
            lesion = self.lesions[level].tissues(s[patch.mask], t[patch.mask], u / f.half_width)
            inside[patch.mask] = lesion
            if self.lesions[level].recipe.fragment:
                self._fragment(canvas, patch, lateral_mm, body, s, t)
        else:
            self._other_findings(inside, patch, s, t, u, level)
            for dense in self._sclerosis.get(level, []):
                dense.harden(inside, patch.mask, s, t, u, f)
        if abs(u) < 5:
            vein = patch.mask & (s > 0.12) & (np.abs(t) < 0.01 + 0.12 * (s - 0.12)) & (inside == Tissue.MARROW)
            inside[vein] = Tissue.VEIN

    def _fragment(self, canvas: Canvas, patch: Patch, lateral_mm: float, body: Body, s: Array, t: Array) -> None:
        """A piece of the superior endplate, pressed in and apart."""

        def under(depth_mm: float) -> NDArray[np.bool_]:
            mask = np.zeros(canvas.tissue.shape, bool)
            outline = self.body_outline(body, lateral_mm, depth_mm)
            found = None if outline is None else fill(outline, canvas.grid)
            if found is not None:
                mask[found.rows, found.columns] = found.mask
            return mask[patch.rows, patch.columns]

        deep, deeper = map(under, reach_mm())
        inside = canvas.tissue[patch.rows, patch.columns]
        marrow = np.where(patch.mask, inside, 0)
        set_fragment_apart(marrow, deep, deeper, s, t, self.beside(body.level, lateral_mm)[0], self.frames[body.level])
        inside[patch.mask] = marrow[patch.mask]

    def _other_findings(self, inside: Labels, patch: Patch, s: Array, t: Array, u: float, level: Level) -> None:
        f = self.frames[level]
        if level in (self.recipe.haemangiomas or ()):
            r = np.sqrt(((s + 0.08) * f.depth) ** 2 + (t * f.height) ** 2 + (u - 3) ** 2)
            trabeculae = np.sin(s * f.depth * 2.4) > 0.93
            inside[patch.mask & (r < 7.5) & ~trabeculae] = Tissue.HAEMANGIOMA
        if level in (self.recipe.schmorl_nodes or ()):
            r = np.sqrt(((s - 0.05) * f.depth) ** 2 + ((t + 0.5) * f.height) ** 2 + (0.8 * u) ** 2)
            inside[patch.mask & (r < 5.2)] = Tissue.CORTEX
            inside[patch.mask & (r < 4.3)] = Tissue.SCHMORL
        if level in (self.recipe.limbus_vertebrae or ()):
            marrow = np.where(patch.mask, inside, 0)
            set_limbus_apart(marrow, s, t, u, f)
            inside[patch.mask] = marrow[patch.mask]

    def _discs(self, canvas: Canvas, lateral_mm: float) -> None:
        for i, disc in enumerate(self.shape.discs):
            level = self.shape.bodies[i].level
            f, below = self.frames[level], self.frames[self.shape.bodies[i + 1].level]
            u, dy = self.beside(level, lateral_mm)
            half_width = max(f.half_width, below.half_width) + 1.0
            outline = Frame(disc.mean(axis=0), f.posterior, f.caudal, f.depth, f.height, half_width).cut(disc, u)
            if outline is None:
                continue
            outline = outline + np.array([0.0, dy])
            canvas.paint(outline, Tissue.ANNULUS, 100 + NUMBER[level], DISC)
            if abs(u) < 0.72 * f.half_width and self._grade[i] < 0.85:
                self._nucleus(canvas, outline, f, float(self._grade[i]))

    def _nucleus(self, canvas: Canvas, outline: Array, f: Frame, grade: float) -> None:
        """A bright nucleus that shrinks with degeneration; the adult one has a dark cleft."""
        centre, core = outline.mean(axis=0) + 0.06 * f.depth * f.posterior, 0.80 - 0.25 * grade
        inner = inset(outline, 0.6) - centre
        along = (inner @ f.posterior)[:, None] * f.posterior
        flat = inner - along
        reach = np.linalg.norm(along, axis=1) / np.linalg.norm(along, axis=1).max()
        flat *= np.sqrt(1 - 0.95 * reach**3)[:, None]
        for tissue, deep, high in ((Tissue.INNER_ANNULUS, 0.92, 1.15), (Tissue.NUCLEUS, 0.72, 0.85)):
            canvas.paint(centre + deep * core * along + min(high * core, 0.95) * flat, tissue)
        if grade < 0.55:
            canvas.paint(centre + 0.5 * along + 0.10 * core * flat, Tissue.INNER_ANNULUS)

    def _sacrum(self, canvas: Canvas, lateral_mm: float) -> None:
        u, dy = self.beside(Level.S1, lateral_mm)
        f = self.frames[Level.S1]
        for k, outline in enumerate(self.shape.sacrum):
            lumbarised = self.recipe.transitional == "lumbarised"
            # A lumbarised S1 has no lateral masses, and its marrow and cortex are those of a body.
            whole = self.recipe.sacral_slope_deg is not None or (lumbarised and k == 0)
            # Where a pelvis is drawn it brings the lateral masses; the bodies themselves are like lumbar ones.
            depth, wide = f.depth * max(0.9 - 0.2 * k, 0.25), 1.0 - 0.08 * k if whole else 1.25
            frame = Frame(outline.mean(axis=0), f.posterior, f.caudal, depth, f.height, wide * f.half_width)
            if (cut := frame.cut(outline, u)) is not None:
                cortex, marrow = (self.cortex_mm, Tissue.MARROW) if whole else (0.6, Tissue.POSTERIOR_MARROW)
                canvas.bone(cut + np.array([0.0, dy]), SACRUM, SACRUM, cortex, marrow)
                if k == 0:
                    self._sacral_sclerosis(canvas, cut + np.array([0.0, dy]), u, dy)
        remnant = self.shape.sacral_disc
        frame = Frame(remnant.mean(axis=0), f.posterior, f.caudal, f.depth, f.height, f.half_width)
        if (cut := frame.cut(remnant, u)) is not None:
            cut = cut + np.array([0.0, dy])
            canvas.paint(cut, Tissue.ANNULUS, SACRUM, SACRUM)
            if abs(u) < 0.6 * f.half_width:
                middle = cut.mean(axis=0)
                canvas.paint(middle + 0.6 * (cut - middle), Tissue.NUCLEUS)

    def _sacral_sclerosis(self, canvas: Canvas, outline: Array, u: float, dy: float) -> None:
        f = self.frames[Level.S1]
        for dense in self._sclerosis.get(Level.S1, []):
            if (patch := fill(outline, canvas.grid)) is not None:
                s, t = f.place(canvas.grid.x[patch.columns][None, :], canvas.grid.y[patch.rows][:, None] - dy)
                dense.harden(canvas.tissue[patch.rows, patch.columns], patch.mask, s, t, u, f)


def _fused_sides(recipe: Recipe, seed: Sequence[int]) -> tuple[int, ...]:
    """Where a sacralised vertebra has grown together with the sacrum: on both sides, in some on one (chosen)."""
    if recipe.transitional != "sacralised":
        return ()
    sides: list[tuple[int, ...]] = [(-1, 1), (1,), (-1,)]
    return sides[int(np.random.default_rng([*seed, 17]).choice(3, p=[0.6, 0.2, 0.2]))]
