"""The pelvis around a sacrum as X-rays see it: iliac wings and crests, sacral alae, coccyx, hips and upper femora.

Bone is a cloud of small pieces, each with a place in the patient and how much it weakens the beam beyond water.
Whatever projects the patient projects the cloud: both sides are magnified as they lie, and a crest met edge-on is dense
because more bone lies behind one pixel. Forms are those of textbooks (chosen), held together by the angles of sagittal
balance: pelvic incidence is sacral slope plus pelvic tilt (Legaye 1998, Eur Spine J 7:99; M). Nothing was learnt from
people's images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.body.frame import rounded
from ovcf.phantom.raster import Grid, fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ovcf.phantom.body.patient_volume import PatientVolume

    Array = NDArray[np.float64]
    Image = NDArray[np.float32]

_CORTEX, _SPONGY = 0.0274, 0.0052
"""Attenuation beyond water (per mm) of cortex and of the trabecular bone within."""
_STEP_MM = 0.7
"""Size of the pieces."""
_TILT_DEG, _AWAY_MM = (13.0, 7.0), (112.0, 8.0)
"""Pelvic tilt, and from the hips to the middle of the sacral endplate: mean and SD."""
_REFERENCE = np.array([22.0, 108.0])
"""The middle of the sacral endplate in the drawing below: mm behind the hips and above them."""
#: A hip bone from the side: mm behind the hip's centre and above it, to the side of the middle, and how thick.
_HIP_BONE = np.array(
    [
        (-50, 80, 122, 12),
        (-43, 110, 132, 12),
        (-22, 139, 138, 14),
        (8, 154, 132, 13),
        (38, 145, 112, 12),
        (62, 122, 82, 13),
        (78, 90, 50, 16),
        (70, 62, 48, 14),
        (44, 50, 62, 14),
        (36, 25, 80, 20),
        (16, -12, 88, 14),
        (-18, -6, 92, 14),
        (-31, 42, 105, 13),
        (-37, 60, 113, 10),
    ],
    float,
)
_INSIDE = np.array([(5, 95, 112, 4), (-12, 118, 125, 4), (30, 108, 92, 5), (52, 92, 60, 15), (5, 52, 95, 16)], float)
"""The same within: fossa, joint with the sacrum, the strut above the socket."""
_CREST = slice(0, 7)
#: Tubes from one place to the next (mm behind the hips, above them, to the side), with radius and cortex (mm).
_TUBES: tuple[tuple[tuple[tuple[float, float, float], ...], float, float], ...] = (
    (((20, 5, 85), (38, -15, 76), (26, -52, 62)), 11.0, 1.5),
    (((-18, 4, 82), (-44, -14, 42), (-52, -24, 6)), 7.0, 1.2),
    (((-50, -34, 8), (-12, -58, 38), (20, -56, 58)), 6.0, 1.2),
    (((0, 0, 90), (3, -28, 128)), 15.0, 1.5),
    (((3, -20, 138), (6, -46, 138)), 17.0, 1.2),
    (((3, -30, 134), (0, -190, 140)), 14.0, 4.5),
)
_HEAD_MM, _SOCKET_MM = 23.0, 27.0


class Bone(NamedTuple):
    """Pieces ``(n, 2)`` in the plane (mm), how far to the patient's left each lies, and its mm3 times attenuation."""

    places: Array
    lateral_mm: Array
    weight: Array


@dataclass(frozen=True, slots=True, eq=False)
class Pelvis:
    """``hips`` is the middle between the femoral heads in the plane (mm). S1 to S5 belong to the spine, not to it."""

    bone: Bone
    hips: Array
    tilt_deg: float

    def attenuation(
        self, seen_at: Callable[[Array, Array], Array], pixel_mm: Callable[[Array], Array], shape: tuple[int, int]
    ) -> Image:
        """Attenuation beyond water along every ray: ``seen_at`` gives (column, row) of places at laterals, ``pixel_mm``
        how much of the patient a pixel covers there.
        """
        from scipy.ndimage import gaussian_filter

        at = seen_at(self.bone.places, self.bone.lateral_mm)
        pitch = pixel_mm(self.bone.lateral_mm)
        value = self.bone.weight / pitch**2
        total = np.zeros(shape[0] * shape[1])
        low = np.floor(at).astype(int)
        share = at - low
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            column, row = low[:, 0] + dx, low[:, 1] + dy
            good = (column >= 0) & (row >= 0) & (column < shape[1]) & (row < shape[0])
            part = np.abs(1 - dx - share[:, 0]) * np.abs(1 - dy - share[:, 1]) * value
            total += np.bincount((row * shape[1] + column)[good], part[good], minlength=len(total))
        grain = _STEP_MM / float(pitch.mean())
        return np.asarray(gaussian_filter(total.reshape(shape), 0.9 * max(grain, 0.6)), np.float32)


def pelvis_of(patient: PatientVolume, *, uneven: float = 1.0) -> Pelvis:
    """The pelvis in which a patient's sacrum stands; the same patient always has the same.

    ``uneven`` is how much forms differ from the textbook's, 1 as usual.
    """
    rng = np.random.default_rng([patient.recipe.seed, 12, 17])
    s1 = patient.shape.bodies[-1].landmarks.array
    middle = (s1[0] + s1[1]) / 2
    tilt = float(np.radians(np.clip(rng.normal(*_TILT_DEG), -8, 38)))
    size = float(np.clip(rng.normal(*_AWAY_MM), 92, 132)) / float(np.hypot(*_REFERENCE))
    lean = tilt - float(np.arctan2(*_REFERENCE))
    posterior, up = np.array([np.cos(lean), np.sin(lean)]), np.array([np.sin(lean), -np.cos(lean)])
    hips = middle - size * (_REFERENCE[0] * posterior + _REFERENCE[1] * up)
    left = patient.lateral_mm(Level.S1)
    wide = float(rng.normal(1.0, 0.05))
    bones = []
    for side in (-1.0, 1.0):
        askew = rng.normal(0, 2.0, 2)  # no person is the same on both sides
        for one in (_wing(rng, uneven), *(_tube(rng, *tube) for tube in _TUBES), *_hip(rng)):
            flat = hips + size * (one.places[:, :1] * posterior + one.places[:, 1:] * up) + askew
            bones.append(Bone(flat, left + side * wide * size * one.lateral_mm, size**3 * one.weight))
    bones += [_ala(rng, patient, side) for side in (-1.0, 1.0)] + [_coccyx(rng, patient)]
    everything = Bone(*(np.concatenate(part) for part in zip(*bones, strict=True)))
    return Pelvis(everything, hips, float(np.degrees(tilt)))


def _pieces(rng: np.random.Generator, outline: Array, step_mm: float = _STEP_MM) -> Array:
    """Places inside an outline, one in every square of a fine grid."""
    low, high = outline.min(axis=0) - 1, outline.max(axis=0) + 1
    columns, rows = np.ceil((high - low) / step_mm).astype(int)
    patch = fill(outline, Grid(float(low[0]), float(low[1]), step_mm, int(rows), int(columns)))
    assert patch is not None
    row, column = np.nonzero(patch.mask)
    at = low + step_mm * np.column_stack([column + patch.columns.start, row + patch.rows.start])
    return np.asarray(at + rng.uniform(-0.5, 0.5, at.shape) * step_mm)


def _between(places: Array, known: Array) -> Array:
    """Values ``known[:, 2:]`` spread from the places ``known[:, :2]``, the nearer the more they count."""
    away = ((places[:, None] - known[None, :, :2]) ** 2).sum(axis=-1) + 30.0
    weight = away**-1.8
    return np.asarray(weight @ known[:, 2:] / weight.sum(axis=1, keepdims=True))


def _wing(rng: np.random.Generator, uneven: float) -> Bone:
    """A hip bone's wing: two tables with spongy bone between, and its crest, in the drawing's own millimetres."""
    known = np.vstack([_HIP_BONE, _INSIDE])
    known = known + uneven * rng.normal(0, 1, known.shape) * (3.0, 3.5, 4.0, 1.2)
    known[:, 3] = np.maximum(known[:, 3], 2.5)
    rim = known[: len(_HIP_BONE)]
    smooth = rounded(rim[:, :2])
    places = _pieces(rng, smooth)
    lateral, thick = _between(places, known).T
    # Where the wing turns towards the beam, more of it lies along a ray.
    steps = [_between(places + np.array(step), known)[:, 0] - lateral for step in ((1.0, 0.0), (0.0, 1.0))]
    along = np.sqrt(1 + steps[0] ** 2 + steps[1] ** 2)
    table = rng.uniform(0.7, 1.3)
    weight = _STEP_MM**2 * along * (2 * table * _CORTEX + np.maximum(thick - 2 * table, 0) * _SPONGY)
    lateral = lateral + rng.uniform(-0.5, 0.5, len(lateral)) * thick
    crest = _tube(rng, tuple(map(tuple, rim[_CREST, :3])), float(rng.uniform(4.5, 7.0)), float(rng.uniform(1.2, 2.2)))
    edge = np.vstack([rim[6:, :3], rim[:1, :3]])
    border = _tube(rng, tuple(map(tuple, edge)), float(rng.uniform(2.5, 4.5)), 1.2)
    return _joined(Bone(places, lateral, weight), crest, border)


def _tube(rng: np.random.Generator, path: tuple[tuple[float, ...], ...], radius: float, cortex: float) -> Bone:
    """A long bone along a path ``(x, y, lateral)``: a wall of cortex, spongy bone within."""
    knots = np.array(path, float)
    if len(knots) > 2:
        for _ in range(2):
            cut = np.stack([0.75 * knots[:-1] + 0.25 * knots[1:], 0.25 * knots[:-1] + 0.75 * knots[1:]], 1)
            knots = np.vstack([knots[:1], cut.reshape(-1, 3), knots[-1:]])
    steps = np.linalg.norm(np.diff(knots, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    n_wall, n_inside = int(arc[-1] * 2 * np.pi * radius / 1.2), int(arc[-1] * np.pi * radius**2 / 12)
    at = np.sort(rng.uniform(0, arc[-1], n_wall + n_inside))
    where = np.stack([np.interp(at, arc, knots[:, k]) for k in range(3)], axis=1)
    tangent = np.stack([np.interp(at, (arc[:-1] + arc[1:]) / 2, np.diff(knots[:, k]) / steps) for k in range(3)], 1)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    one = np.cross(tangent, (0.3, 0.2, 0.93))
    one /= np.linalg.norm(one, axis=1)[:, None]
    other = np.cross(tangent, one)
    wall = rng.permutation(len(at)) < n_wall
    reach = np.where(wall, rng.uniform(radius - cortex, radius, len(at)), radius * np.sqrt(rng.random(len(at))))
    turn = rng.uniform(0, 2 * np.pi, len(at))
    where = where + reach[:, None] * (np.cos(turn)[:, None] * one + np.sin(turn)[:, None] * other)
    shell = arc[-1] * np.pi * (radius**2 - (radius - cortex) ** 2) * _CORTEX / max(n_wall, 1)
    weight = np.where(wall, shell, arc[-1] * np.pi * radius**2 * _SPONGY / max(n_inside, 1))
    return Bone(where[:, :2], where[:, 2], weight)


def _hip(rng: np.random.Generator) -> tuple[Bone, ...]:
    """The head of the femur and the socket over it."""

    def ball(radius: float, cortex: float, n: int, spongy: bool) -> tuple[Array, Array]:
        way = rng.standard_normal((n, 3))
        way /= np.linalg.norm(way, axis=1)[:, None]
        inside = rng.random(n) < 0.5 if spongy else np.zeros(n, bool)
        r = np.where(inside, radius * rng.random(n) ** (1 / 3), rng.uniform(radius - cortex, radius, n))
        shell = 4 * np.pi * radius**2 * cortex * _CORTEX / max(int((~inside).sum()), 1)
        volume = 4 / 3 * np.pi * radius**3 * 1.4 * _SPONGY / max(int(inside.sum()), 1)
        return way * r[:, None], np.where(inside, volume, shell)

    head, weight = ball(_HEAD_MM * float(rng.normal(1, 0.04)), 1.0, 7000, spongy=True)
    socket, over = ball(_SOCKET_MM, 2.0, 6000, spongy=False)
    kept = (socket[:, 1] > -8) & (socket[:, 2] < 12)
    middle = np.array([0.0, 0.0, 90.0])
    found = [(head + middle, weight), (socket[kept] + middle, over[kept])]
    return tuple(Bone(p[:, :2], p[:, 2], w) for p, w in found)


def _ala(rng: np.random.Generator, patient: PatientVolume, side: float) -> Bone:
    """The lateral mass of the first three segments, falling off to the side; holes where nerves leave."""
    places, laterals, weights = [], [], []
    left, wide = patient.lateral_mm(Level.S1), float(rng.normal(1.0, 0.06))
    dense = float(np.exp(rng.normal(0, 0.2)))
    # A lumbarised S1 has none: the sacrum begins below it.
    first = 1 if patient.recipe.transitional == "lumbarised" else 0
    for k, outline in enumerate(patient.shape.sacrum[first : first + 3]):
        reach = wide * (54, 48, 38)[k]
        inner, layers = 0.9 * patient.frames[Level.S1].half_width, 10
        centre = outline.mean(axis=0)
        for w in np.linspace(inner, reach, layers):
            far = (w - inner) / (reach - inner)
            # The front edge falls back and the upper border down, as the wing runs out to its joint.
            moved = centre + (outline - centre) * (1.05 - 0.15 * far) + np.array([5 + 9 * far, 3 + 9 * far])
            at = _pieces(rng, moved, 1.2)
            hole = ((at - (centre + np.array([4.0, 11.0]))) ** 2).sum(axis=1) < 5.5**2
            at = at[~hole] if w < inner + 9 else at
            places.append(at)
            laterals.append(left + side * (w + rng.uniform(-0.5, 0.5, len(at)) * (reach - inner) / layers))
            shell = 1.5 * _CORTEX if w in (inner, reach) else 0.0
            weights.append(np.full(len(at), 1.2**2 * dense * ((reach - inner) / layers * 0.8 * _SPONGY + shell)))
    return Bone(np.concatenate(places), np.concatenate(laterals), np.concatenate(weights))


def _coccyx(rng: np.random.Generator, patient: PatientVolume) -> Bone:
    """Three or four small bones that go on from the sacrum's tip, bent forwards."""
    last, before = (o.mean(axis=0) for o in patient.shape.sacrum[-1:-3:-1])
    heading = float(np.arctan2(*(last - before)[::-1])) + np.radians(rng.uniform(5, 25))
    at = last + 9.0 * np.array([np.cos(heading), np.sin(heading)])
    found = []
    for k in range(int(rng.integers(3, 5))):
        heading += float(np.radians(rng.normal(14, 10)))
        step = np.array([np.cos(heading), np.sin(heading)])
        left = patient.lateral_mm(Level.S1)
        ends = ((*at, left - 7 + 1.5 * k), (*(at + (9 - k) * step), left + 7 - 1.5 * k))
        found.append(_tube(rng, ends, 4.2 - 0.7 * k, 0.8))
        at = at + (11 - k) * step
    return _joined(*found)


def _joined(*bones: Bone) -> Bone:
    return Bone(*(np.concatenate(part) for part in zip(*bones, strict=True)))
