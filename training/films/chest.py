"""The chest as a lateral radiograph lays it over the spine: lungs, diaphragm, heart, aorta, hila, vessels, shoulders.

Proportions are those of chest radiology's textbooks, rounded and spread widely by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw
from scipy.ndimage import gaussian_filter

from ovcf.phantom.body.soft import smooth_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.phantom.body.frame import Frame
    from ovcf.phantom.body.patient_volume import PatientVolume
    from ovcf.phantom.raster import Grid

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

WATER = 0.0206
"""Attenuation of water per mm at about 60 keV."""


def chest(rng: np.random.Generator, grid: Grid, patient: PatientVolume, front: Array, back: Array) -> Image:
    """Attenuation beyond that of a solid trunk; ``front`` and ``back`` are its skin in every row (mm)."""
    thoracic = [patient.frames[level] for level in patient.frames if level.region == "thoracic"]
    spine = np.array([f.centre for f in thoracic])
    dome = spine[-3, 1] + rng.normal(12, 20)
    lungs = _lungs(rng, grid, spine, dome, front, back)
    gas = gaussian_filter(lungs, rng.uniform(0.4, 1.4))
    inner = _heart(rng, grid, spine, dome) + _aorta(rng, grid, thoracic) + _hila(rng, grid, spine)
    # Whatever else lies there takes the place of lung.
    gas = np.minimum(gas + (WATER - 0.006) * gaussian_filter(inner, rng.uniform(0.5, 1.5)), 0)
    return np.asarray(gas + _airway(rng, grid, spine) + _shoulders(rng, grid, spine, front, back), np.float32)


def _lungs(rng: np.random.Generator, grid: Grid, spine: Array, inspired: float, front: Array, back: Array) -> Image:
    """Two lungs, each over a dome of the diaphragm, with a recess that reaches down behind it."""
    x, y = grid.x[None, :], grid.y[:, None]
    apex = spine[0, 1] + rng.normal(0, 10)
    # The gutter beside the spine: lung reaches behind the bodies.
    behind = np.interp(grid.y, spine[:, 1], spine[:, 0]) + rng.uniform(22, 48)
    behind = np.minimum(behind, back - 12)[:, None]
    before = (front + rng.uniform(12, 25))[:, None]
    out = np.zeros((grid.rows, grid.columns), np.float32)
    for _ in range(2):
        top = (before + behind) / 2 + rng.normal(-10, 12)
        u = (x - top) / np.maximum(np.where(x > top, behind - top, top - before), 20)
        dome = inspired + rng.normal(0, 8)
        falls = np.where(x > top, rng.uniform(20, 75), rng.uniform(5, 35))
        dome = dome + falls * np.abs(u) ** rng.uniform(1.5, 3.0)
        wide = np.clip(1 - np.abs(u) ** rng.uniform(2, 5), 0, None) ** 0.5
        thick = rng.uniform(45, 105) * wide * np.sqrt(np.clip((y - apex) / 80, 0, 1))
        above = np.clip((dome - y) / rng.uniform(25, 90), 0, 1)
        thick = thick * np.where(y < dome, rng.uniform(0.25, 0.6) + 0.4 * above, 0)
        recess = (y >= dome) & (y < dome + rng.uniform(5, 45) * np.clip(u, 0, 1)) & (u < 1)
        thick = thick + np.where(recess, rng.uniform(4, 22), 0)
        grain = 1 + rng.uniform(0.02, 0.09) * smooth_noise(rng, grid, (8.0, 8.0))
        out -= (thick * grain * (WATER - rng.uniform(0.003, 0.011))).astype(np.float32)
    return out


def _heart(rng: np.random.Generator, grid: Grid, spine: Array, dome: float) -> Image:
    """From the sternum to near the spine, upon the diaphragm; chord in mm."""
    centre = np.array([spine[-4, 0] + rng.normal(-75, 14), dome + rng.normal(-26, 12)])
    turn = rng.uniform(0.3, 1.3)
    return rng.uniform(50, 110) * _ellipse(grid, centre, rng.uniform(52, 80), rng.uniform(38, 56), turn)


def _aorta(rng: np.random.Generator, grid: Grid, thoracic: list[Frame]) -> Image:
    """Arch and descending aorta, before the bodies or over them, winding with age; chord in mm."""
    width, wave, phase = rng.uniform(20, 36), abs(rng.normal(0, 7)), rng.uniform(0, 6)
    off = rng.uniform(-1.1, 0.1)
    down = [
        f.centre + f.posterior * (f.depth * off + wave * np.sin(phase + i * 0.9)) for i, f in enumerate(thoracic[3:])
    ]
    reach = rng.uniform(20, 40)
    turn = np.linspace(0, np.pi, 7)[:-1]
    middle = down[0] + np.array([-reach, 0.0])
    arch = middle + reach * np.column_stack([-np.cos(turn), -rng.uniform(0.6, 1.2) * np.sin(turn)])
    path = np.vstack([arch[0] + np.array([-rng.uniform(0, 10), rng.uniform(20, 60)]), arch, down])
    out = _round(grid, path, width)
    if rng.random() < 0.3:  # calcified wall, denser than blood
        start = int(rng.integers(0, len(path) - 3))
        out = out + _stroke(grid, path[start : start + 4] + width / 2 * np.array([rng.choice([-1, 1]), 0]), 1.5, 12.0)
    return out


def _hila(rng: np.random.Generator, grid: Grid, spine: Array) -> Image:
    """Great vessels before the spine, and branches of them that run over it; chord in mm."""
    root = spine[5] + np.array([rng.normal(-42, 9), rng.normal(0, 10)])
    out = np.zeros((grid.rows, grid.columns), np.float32)
    for _ in range(int(rng.integers(2, 5))):
        depth, at = rng.uniform(8, 22), root + rng.normal(0, 9, 2)
        out += depth * _ellipse(grid, at, *rng.uniform(6, 15, 2), rng.uniform(0, 3))
    picture = Picture.new("F", (grid.columns, grid.rows), 0)
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(8, 34))):
        at, heading, width = root + rng.normal(0, 8, 2), rng.uniform(0, 2 * np.pi), rng.uniform(2.5, 8.0)
        for _ in range(int(rng.integers(3, 7))):
            heading += rng.normal(0, 0.3)
            step = at + rng.uniform(14, 26) * np.array([np.cos(heading), np.sin(heading)])
            ends = [tuple((p - (grid.x0, grid.y0)) / grid.pixel_mm) for p in (at, step)]
            pen.line(ends, fill=float(width), width=max(1, round(width / grid.pixel_mm)))
            at, width = step, 0.72 * width
    return np.asarray(out + np.asarray(picture), np.float32)


def _airway(rng: np.random.Generator, grid: Grid, spine: Array) -> Image:
    """Trachea down to its fork."""
    ahead = rng.uniform(25, 45)
    top, fork = spine[0] - (ahead, 30), spine[4] - (ahead, 0)
    width = rng.uniform(12, 18)
    return np.asarray(-WATER * rng.uniform(0.5, 1) * _round(grid, np.array([top, fork]), width), np.float32)


def _shoulders(rng: np.random.Generator, grid: Grid, spine: Array, front: Array, back: Array) -> Image:
    """Shoulders, raised arms and breasts."""
    inside = (grid.x[None, :] > front[:, None]) & (grid.x[None, :] < back[:, None] + 10)
    at = spine[2, 1] + rng.normal(-8, 14)
    broad = rng.uniform(0, 150) / (1 + np.exp((grid.y - at) / rng.uniform(6, 14)))[:, None]
    out = broad * inside
    for _ in range(int(rng.integers(0, 3))):
        joint = spine[1] + rng.normal((-10, 0), (22, 14))
        reach, raised = rng.uniform(90, 160), rng.uniform(-0.2, 1.5)
        hand = joint + reach * np.array([-np.cos(raised), -np.sin(raised)])
        out = out + rng.uniform(0.3, 1.0) * _round(grid, np.array([joint, hand]), rng.uniform(55, 95))
    for _ in range(int(rng.integers(0, 3))):
        nipple = np.array([float(front.mean()) + rng.normal(5, 18), spine[7, 1] + rng.normal(0, 25)])
        out = out + rng.uniform(40, 120) * _ellipse(grid, nipple, rng.uniform(35, 60), rng.uniform(35, 70), 0.0)
    return gaussian_filter(np.asarray(WATER * out, np.float32), 2.5)


def scapula(rng: np.random.Generator, grid: Grid, spine: Array) -> Image:
    """Attenuation of a blade seen nearly edge-on behind the upper thorax, or over it where the arms are raised."""
    socket = spine[1] + rng.normal((0, 8), (22, 14))
    tip = spine[6] + rng.normal((18, 0), (24, 22))
    inner = spine[1] + rng.normal((35, 0), (18, 14))
    corners = np.array([socket, tip, inner])
    picture = Picture.new("1", (grid.columns, grid.rows), 0)
    at = (corners - (grid.x0, grid.y0)) / grid.pixel_mm
    ImageDraw.Draw(picture).polygon([tuple(p) for p in at], fill=1)
    blade = rng.uniform(0.01, 0.09) * np.asarray(picture)
    borders = _stroke(grid, corners[:2], rng.uniform(2.5, 6), rng.uniform(0.06, 0.3))
    borders = borders + _stroke(grid, corners[1:], rng.uniform(1.5, 3), rng.uniform(0.02, 0.15))
    knob = rng.uniform(0.05, 0.3) * _ellipse(grid, socket, *rng.uniform(10, 19, 2), 0.0)
    return np.asarray(blade + borders + knob, np.float32)


def _ellipse(grid: Grid, centre: Array, a: float, b: float, turn: float) -> Image:
    """Relative chord of an ellipsoid: 1 in its middle."""
    x, y = grid.x[None, :] - centre[0], grid.y[:, None] - centre[1]
    u, v = (x * np.cos(turn) + y * np.sin(turn)) / a, (y * np.cos(turn) - x * np.sin(turn)) / b
    return np.sqrt(np.clip(1 - u**2 - v**2, 0, None)).astype(np.float32)


def _round(grid: Grid, path: Array, width: float) -> Image:
    """Chord (mm) of a tube along a path."""
    parts = ((1.0, 0.44), (0.9, 0.16), (0.8, 0.2), (0.6, 0.2))
    return np.asarray(sum(_stroke(grid, path, share * width, part * width) for share, part in parts), np.float32)


def _stroke(grid: Grid, path: Array, width: float, value: float) -> Image:
    picture = Picture.new("F", (grid.columns, grid.rows), 0)
    points = [tuple(p) for p in (path - (grid.x0, grid.y0)) / grid.pixel_mm]
    ImageDraw.Draw(picture).line(points, fill=float(value), width=max(1, round(width / grid.pixel_mm)), joint="curve")
    return np.asarray(picture, np.float32)
