"""What lies over the spine on a lateral radiograph: trunk, chest, gas, ribs, scapulae, pelvis, arms, shutters, letters.

Drawn by chance around the patient, crude on purpose: the network is to see the spine through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw
from scipy.ndimage import gaussian_filter

from ovcf.phantom.body.soft import smooth_noise
from training.films.chest import WATER, chest, scapula
from training.mri.cuts import Drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.body.frame import Frame
    from ovcf.phantom.body.patient_volume import PatientVolume
    from ovcf.phantom.body.soft import Tubes
    from ovcf.phantom.pelvis import Pelvis
    from ovcf.phantom.raster import Grid
    from training.films.beam import Beam

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

_RIB_MM = np.array([[0, 0], [22, 0], [36, 10], [38, 26], [24, 44], [-15, 68], [-60, 92], [-105, 112], [-130, 112]])
"""A lower rib from its head: posterior, then forward and down."""
_WING_MM = np.array([[40, -28], [12, -40], [-22, -34], [-48, -4], [-38, 40], [0, 75], [35, 60], [48, 15]])
"""An iliac wing around the sacrum."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """Attenuation beyond that of the thickest trunk, by soft tissue and by bones, and where the beam is let through."""

    soft: Image
    bones: Image
    inside: NDArray[np.bool_]

    @classmethod
    def drawn(
        cls, rng: np.random.Generator, patient: PatientVolume, beam: Beam, pelvis: Pelvis | None = None
    ) -> Overlay:
        """One of any number that fit a patient in a position; a known pelvis is projected, else one is made up."""
        grid = beam.grid(0.0)
        tubes = patient.tubes_on(grid)
        front, back = tubes.rows["body"]
        front, back = np.nan_to_num(front, nan=-100.0), np.nan_to_num(back, nan=100.0)
        front = front + rng.normal(0, 25)
        soft = _trunk(rng, grid, patient, front, back) + chest(rng, grid, patient, front, back)
        soft += _gas(rng, grid, tubes.front) + _texture(rng, grid)
        bones = np.zeros_like(soft)
        thoracic = [level for level in patient.frames if level.region == "thoracic"]
        sacrum = patient.frames[list(patient.frames)[-1]]
        dense = float(np.exp(rng.normal(0, 0.35)))
        for level in thoracic:
            if rng.random() < 0.95:
                short = 0.5 if level is thoracic[-1] else 0.75 if level is thoracic[-2] else 1.0
                for side in (-1, 1):
                    bones += dense * _rib(rng, patient.frames[level], beam, side, short)
        if pelvis is not None:
            bones += dense * rng.uniform(0.7, 1.3) * seen_by(pelvis, beam)
            soft = soft + _hips(rng, grid, sacrum) + _colon(rng, grid, tubes.front)
        elif rng.random() < 0.85:
            for side in (-1, 1):
                bones += dense * _wing(rng, sacrum, beam, side)
        spine = np.array([frame.centre for frame in patient.frames.values()])
        for _ in range(int(rng.choice([0, 1, 2], p=[0.2, 0.2, 0.6]))):
            bones += dense * scapula(rng, grid, spine)
        if rng.random() < 0.35:
            bones += dense * _arm(rng, grid)
        if rng.random() < 0.4:
            bones += _aorta(rng, grid, tubes)
        return cls(soft.astype(np.float32), gaussian_filter(bones, 0.6), _shutter(rng))

    def left_of(self, drawn: Drawn) -> Drawn:
        """What the shutters leave to be found."""
        column, row = (
            np.clip(np.nan_to_num(drawn.points[..., k]).astype(int), 0, len(self.inside) - 1) for k in (1, 0)
        )
        points = np.where(self.inside[row, column][..., None], drawn.points, np.nan)
        return Drawn(np.where(self.inside, drawn.classes, 0).astype(np.uint8), points)

    def marked(self, rng: np.random.Generator, image: Image) -> Image:
        """The image with letters, a wire, and its shutters closed."""
        if rng.random() < 0.25:
            picture = Picture.new("L", image.shape[::-1], 0)
            pen = ImageDraw.Draw(picture)
            for _ in range(int(rng.integers(1, 4))):
                x, y = rng.uniform(0, image.shape[0], 2)
                if rng.random() < 0.5:
                    pen.text((x, y), "".join(rng.choice(list("LRSTANDX3172 "), 4)), fill=255)
                else:
                    dx, dy = rng.normal(0, 90, 2)
                    pen.line([(x, y), (x + dx, y + dy)], fill=255, width=int(rng.integers(1, 4)))
            image = np.where(np.asarray(picture) > 0, np.float32(rng.choice([0.0, 1.0, 1.2])), image)
        return np.asarray(
            np.where(self.inside, image, np.float32(rng.choice([0.0, 0.0, 1.0, rng.random()]))), np.float32
        )


def _trunk(rng: np.random.Generator, grid: Grid, patient: PatientVolume, front: Array, back: Array) -> Image:
    """A trunk elliptical from above; narrow at the waist, wider at the pelvis."""
    widest = rng.uniform(230, 400)
    middle, half = ((front + back) / 2)[:, None], ((back - front) / 2)[:, None]
    away = (grid.x[None, :] - middle) / np.maximum(half, 20)
    thick = widest * np.clip(1 - np.abs(away) ** rng.uniform(2.0, 3.2), 0, None) ** 0.5
    lowest = list(patient.frames.values())[-2]
    along = 1 + rng.normal(0, 0.12) * (grid.y - grid.y.mean())[:, None] / 150
    along = along + rng.uniform(0, 0.3) / (1 + np.exp((lowest.centre[1] + 10 - grid.y[:, None]) / 15))
    return np.asarray(WATER * (thick * along - widest), np.float32)


def _gas(rng: np.random.Generator, grid: Grid, spine_front: Array) -> Image:
    """Gas and stool in the bowel, before the spine and over it."""
    out = np.zeros((grid.rows, grid.columns), np.float32)
    x, y = grid.x[None, :], grid.y[:, None]
    for _ in range(int(rng.integers(0, 9))):
        row = int(rng.integers(0, grid.rows))
        cx, cy = spine_front[row] + rng.normal(-45, 45), grid.y[row]
        a, b, turn = rng.uniform(6, 35), rng.uniform(5, 18), rng.uniform(0, np.pi)
        u = ((x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)) / a
        v = ((y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)) / b
        out -= (WATER * 2 * b * np.sqrt(np.clip(1 - u**2 - v**2, 0, None))).astype(np.float32) * rng.uniform(0.3, 1)
    return out


def seen_by(pelvis: Pelvis, beam: Beam) -> Image:
    """Attenuation of a pelvis beyond water, as the beam meets it."""
    shape = beam.grid(0.0).rows, beam.grid(0.0).columns
    return pelvis.attenuation(beam.seen_at, lambda lateral: beam.pitch_mm * (1 + lateral / beam.distance_mm), shape)


def _hips(rng: np.random.Generator, grid: Grid, sacrum: Frame) -> Image:
    """The breadth of the hips: from the crests downwards much more lies in the beam's way than at the waist."""
    more = rng.uniform(0, 150)
    begins = sacrum.centre[1] + rng.normal(-45, 18)
    along = 1 / (1 + np.exp((begins - grid.y[:, None]) / rng.uniform(10, 30)))
    return np.asarray(WATER * more * along * np.ones((1, grid.columns)), np.float32)


def _colon(rng: np.random.Generator, grid: Grid, spine_front: Array) -> Image:
    """Loops of bowel with gas: bulges in a row, over the spine as often as before it, some with stool."""
    out = np.zeros((grid.rows, grid.columns), np.float32)
    for _ in range(int(rng.integers(0, 4))):
        row = int(rng.integers(0, grid.rows))
        at, heading = np.array([spine_front[row] + rng.normal(-25, 45), grid.y[row]]), rng.uniform(0, 2 * np.pi)
        wide, filled = rng.uniform(8, 22), rng.uniform(0.25, 1.0)
        for _ in range(int(rng.integers(3, 12))):
            r = wide * rng.uniform(0.75, 1.2)
            x, y = (grid.x[None, :] - at[0]) / r, (grid.y[:, None] - at[1]) / r
            out = np.maximum(out, (2 * r * filled * np.sqrt(np.clip(1 - x**2 - y**2, 0, None))).astype(np.float32))
            heading += rng.normal(0, 0.5)
            at = at + 1.1 * r * np.array([np.cos(heading), np.sin(heading)])
    return np.asarray(-WATER * out, np.float32)


def _texture(rng: np.random.Generator, grid: Grid) -> Image:
    return np.asarray(
        rng.uniform(0, 0.12) * smooth_noise(rng, grid, (35.0, 30.0))
        + rng.uniform(0, 0.05) * smooth_noise(rng, grid, (9.0, 7.0))
        + rng.uniform(0, 0.03) * smooth_noise(rng, grid, (3.5, 3.5)),
        np.float32,
    )


def _smooth(points: Array, closed: bool = False) -> Array:
    for _ in range(2):
        p = np.vstack([points, points[:1]]) if closed else points
        cut = np.stack([0.75 * p[:-1] + 0.25 * p[1:], 0.25 * p[:-1] + 0.75 * p[1:]], axis=1).reshape(-1, 2)
        points = cut if closed else np.vstack([p[:1], cut, p[-1:]])
    return points


def _stroke(shape: tuple[int, int], points: Array, width: float) -> NDArray[np.bool_]:
    picture = Picture.new("1", shape[::-1], 0)
    ImageDraw.Draw(picture).line([tuple(p) for p in points.tolist()], fill=1, width=max(1, round(width)))
    return np.asarray(picture)


def _tube(shape: tuple[int, int], points: Array, width: float, cortex: float, thick_mm: float) -> Image:
    """A hollow bone seen from the side: dense at its borders."""
    wide, inner = _stroke(shape, points, width), _stroke(shape, points, width - 2 * cortex)
    return np.asarray(0.022 * thick_mm * (wide * 1.0 - 0.55 * inner), np.float32)


def _rib(rng: np.random.Generator, frame: Frame, beam: Beam, side: int, length: float) -> Image:
    shape = beam.grid(0.0).rows, beam.grid(0.0).columns
    size = rng.normal(1, 0.06)
    path = _RIB_MM * (rng.normal(1, 0.1), rng.normal(0.95, 0.14)) * size + rng.normal(0, 2.0, (len(_RIB_MM), 2))
    path[:2] = _RIB_MM[:2]
    path = path[: max(5, round(length * len(path)))]
    across = side * np.interp(np.arange(len(path)), [0, 3, 5, 8], [18, 70, 120, 95])
    start = frame.at(0.45, -0.35)
    seen = _smooth(beam.seen_at(start + path, across))
    wide, cortex = rng.uniform(7, 13) / beam.pitch_mm, rng.uniform(1.2, 2.2) / beam.pitch_mm
    rib = _tube(shape, seen, wide, cortex, rng.uniform(2, 12))
    # Head and neck run to the side, so that the beam meets them end on.
    neck = beam.seen_at(start + path[:3] * (0.6, 1.0), across[:3])
    return rib + _tube(shape, neck, rng.uniform(6, 11) / beam.pitch_mm, 1.5 / beam.pitch_mm, rng.uniform(2, 14))


def _wing(rng: np.random.Generator, sacrum: Frame, beam: Beam, side: int) -> Image:
    shape = beam.grid(0.0).rows, beam.grid(0.0).columns
    path = _WING_MM * rng.normal(1, 0.1, 2) + rng.normal(0, 6, (len(_WING_MM), 2)) + rng.normal(0, 8, 2)
    seen = _smooth(beam.seen_at(sacrum.centre + path, side * rng.uniform(60, 110)), closed=True)
    picture = Picture.new("1", shape[::-1], 0)
    ImageDraw.Draw(picture).polygon([tuple(p) for p in seen.tolist()], fill=1)
    edge = _stroke(shape, np.vstack([seen, seen[:1]]), 3.0 / beam.pitch_mm)
    return np.asarray(rng.uniform(0.03, 0.16) * np.asarray(picture) + rng.uniform(0.05, 0.2) * edge, np.float32)


def _arm(rng: np.random.Generator, grid: Grid) -> Image:
    """A humerus across the upper part, or a scapula's border."""
    shape = grid.rows, grid.columns
    start = np.array([rng.uniform(0, shape[1]), -10.0])
    path = np.array([start, start + np.array([rng.normal(0, 110), rng.uniform(30, 140)])])
    width = rng.uniform(18, 32) / grid.pixel_mm
    return _tube(shape, path, width, rng.uniform(2.5, 5), rng.uniform(8, 20))


def _aorta(rng: np.random.Generator, grid: Grid, tubes: Tubes) -> Image:
    """Calcified walls before the lumbar spine."""
    out = np.zeros((grid.rows, grid.columns), np.float32)
    rows = np.arange(grid.rows)
    present = gaussian_filter(rng.standard_normal(grid.rows), 7) > rng.uniform(-0.05, 0.15)
    for wall in tubes.rows["aorta"]:
        column = (wall + rng.normal(0, 2) - grid.x0) / grid.pixel_mm
        good = np.isfinite(column) & present & (column > 1) & (column < grid.columns - 2)
        for d in range(int(rng.integers(1, 4))):
            out[rows[good], column[good].astype(int) + d - 1] = rng.uniform(0.05, 0.3)
    return out


def _shutter(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Where the beam is let through: all, or a turned rectangle."""
    n = 320
    if rng.random() < 0.55:
        return np.ones((n, n), bool)
    turn, (left, right, top, bottom) = np.radians(rng.normal(0, 3)), rng.uniform(0.3, 0.65, 4) * n
    y, x = np.mgrid[:n, :n] - (n - 1) / 2
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return np.asarray((u > -left) & (u < right) & (v > -top) & (v < bottom))
