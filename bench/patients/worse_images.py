"""Digital patients scanned in any way: from usual images to hopeless ones, one property at a time."""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np

from ovcf.imaging.files.chemical_shift import FAT_SHIFT_PPM
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.phantom.mr import PROTON_HZ_PER_TESLA
from ovcf.phantom.raster import Grid
from ovcf.phantom.recipe import Recipe
from ovcf.phantom.render import build
from ovcf.phantom.scanner import Scanner, Stack, draw_stack

ROLES = {"T1": Role.T1, "T2": Role.T2, "STIR": Role.STIR, "FS T2": Role.FS_T2}
PIXEL, HEIGHT, DEPTH, SLICES, SPACING = 0.7, 240.0, 180.0, 7, 4.4
#: Property (with unit) and its values; the usual one stands first.
CURVES = {
    "noise, SD as share of bright tissue": (0.015, 0.03, 0.06, 0.10, 0.15, 0.22),
    "pixel size, mm": (0.7, 1.0, 1.5, 2.0, 3.0),
    "slice spacing, mm": (2.2, 4.4, 6.6, 8.8, 11.0),
    "field of view, mm": (240, 180, 130, 100, 75),
    "turned in the plane, degrees": (0, 10, 20, 30, 40),
    "slices oblique, degrees": (0, 10, 20, 30, 40),
    "motion, mm": (0.0, 0.5, 1.0, 2.0, 3.0),
    "fat shifted on T1, mm": ("none", "posterior 1.5", "anterior 1.5", "caudal 1.5", "cranial 1.5", "anterior 3"),
    "contrast": ("T1", "T2", "STIR", "FS T2", "T1, TR 1200", "T2, TE 50", "T2, TE 170", "STIR, TI 110"),
}
TOWARDS = {"none": "P", "posterior": "P", "anterior": "A", "caudal": "F", "cranial": "H"}
CHANGED = {
    "T1, TR 1200": ("T1", {"tr_ms": 1200}),
    "T2, TE 50": ("T2", {"te_ms": 50}),
    "T2, TE 170": ("T2", {"te_ms": 170}),
    "STIR, TI 110": ("STIR", {"ti_ms": 110}),
}


class Subject:
    """One digital patient that can be scanned in any way."""

    def __init__(self, seed):
        self.seed = seed
        recipe, self.patient = build(Recipe(seed=seed, motion=0.0, thoracic=12, lumbar=5))
        stack = draw_stack(recipe, self.patient)
        self.patient.calibrate(stack.grid, stack.laterals)
        self.patient.plane = cache(self.patient.plane)
        self.scanner = Scanner(recipe, self.patient, tuple(ROLES))
        self.usual = dict(self.scanner.protocols), dict(self.scanner.pools)
        self.true = {v.level: v.array for v in self.patient.shape.spine_landmarks}

    def stack(self, *, pixel=PIXEL, spacing=SPACING):
        """Slices over some 30 mm about the middle of the patient."""
        n = max(3, round(SLICES * SPACING / spacing) | 1)
        x, y = self.patient.middle
        grid = Grid(x - 0.55 * DEPTH, y - 0.5 * HEIGHT, pixel, round(HEIGHT / pixel), round(DEPTH / pixel))
        laterals = tuple(spacing * ((n - 1) / 2 - k) for k in range(n))
        return Stack(grid=grid, laterals=laterals, thickness_mm=0.9 * spacing)

    def scan(self, stack, contrast="T2", *, turned=None, motion=0.0, **protocol):
        """The stack in one contrast ``(slices, rows, columns)``; ``turned`` stands in for an oblique patient."""
        protocols, pools = self.usual
        changed = replace(protocols[contrast], **protocol)
        ratio = [
            new / np.where(old, old, 1)
            for new, old in zip(changed.signals(), protocols[contrast].signals(), strict=True)
        ]
        self.scanner.protocols = {contrast: changed}
        self.scanner.pools = {contrast: tuple(p * r for p, r in zip(pools[contrast], ratio, strict=True))}
        self.scanner.recipe = SimpleNamespace(seed=self.seed, motion=motion)  # a recipe allows no more than 1
        self.scanner.patient = turned or self.patient
        planes = (self.scanner.patient.plane(lateral, stack.grid).tissue for lateral in stack.laterals)
        slices = [self.scanner.scan(stack, i, plane)[contrast] for i, plane in enumerate(planes)]
        return np.round(900 * np.stack(slices)).clip(0, 65535).astype(np.uint16)

    def oblique(self, angle_deg):
        """The patient turned about the body's long axis, and the turn about his middle in the patient's frame."""
        a, pivot, step = np.radians(angle_deg), float(self.patient.middle[0]), 1.5
        grid = self.stack().grid
        laterals = np.arange(-90, 90.1, step)
        if not hasattr(self, "_sheets"):
            self._sheets = np.stack([self.patient.plane(float(lat), grid).tissue for lat in laterals])

        def plane(lateral, at):
            away = at.x - pivot
            across, along = away * np.sin(a) + lateral * np.cos(a), pivot + away * np.cos(a) - lateral * np.sin(a)
            k = np.clip(np.round((across - laterals[0]) / step).astype(int), 0, len(laterals) - 1)
            columns = np.clip(np.round((along - grid.x[0]) / grid.pixel_mm).astype(int), 0, grid.columns - 1)
            rows = np.clip(np.round((at.y - grid.y[0]) / grid.pixel_mm).astype(int), 0, grid.rows - 1)
            return SimpleNamespace(tissue=self._sheets[k[None, :], rows[:, None], columns[None, :]])

        turn = np.eye(4)
        turn[:2, :2] = [
            [np.cos(a), np.sin(a)],
            [-np.sin(a), np.cos(a)],
        ]  # (left, posterior) of the stack to the patient
        turn[:2, 3] = np.array([0, pivot]) - turn[:2, :2] @ [0, pivot]
        return SimpleNamespace(plane=plane, front=self.patient.front, shape=self.patient.shape), turn


def turned_in_plane(volume, degrees):
    """The same patient on slices turned about their middle."""
    from scipy.ndimage import affine_transform

    a = np.radians(degrees)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]
    middle = (np.array(volume.voxels.shape) - 1) / 2
    turn[:3, 3] = middle - turn[:3, :3] @ middle
    voxels = np.stack(
        [affine_transform(v.astype(np.float32), turn[1:3, 1:3], turn[1:3, 3], order=1) for v in volume.voxels]
    )
    return Volume(voxels, volume.affine @ turn)


def cropped(volume, size_mm):
    """A smaller field of view about the middle."""
    pixel = volume.spacing_mm[1:]
    keep = [slice(None)]
    for n, mm in zip(volume.voxels.shape[1:], pixel, strict=True):
        size = min(n, round(size_mm / mm))
        keep.append(slice((n - size) // 2, (n - size) // 2 + size))
    affine = volume.affine.copy()
    affine[:3, 3] = volume.to_patient([0, keep[1].start, keep[2].start])
    return Volume(volume.voxels[tuple(keep)], affine)


def image_of(subject, curve, value):
    """The volume of one point of a curve, and its role."""
    stack = subject.stack()
    if curve.startswith("noise"):
        return stack.volume(subject.scan(stack, noise=value)), Role.T2
    if curve.startswith("pixel"):
        stack = subject.stack(pixel=value)
    elif curve.startswith("slice spacing"):
        stack = subject.stack(spacing=value)
    elif curve.startswith("motion"):
        return stack.volume(subject.scan(stack, motion=value / (0.8 * PIXEL))), Role.T2
    elif curve == "contrast":
        contrast, changes = CHANGED.get(value, (value, {}))
        return stack.volume(subject.scan(stack, contrast, **changes)), ROLES[contrast]
    elif curve.startswith("fat"):
        towards, mm = [*value.split(), "0.001"][:2]
        hz = FAT_SHIFT_PPM * 1e-6 * PROTON_HZ_PER_TESLA * subject.usual[0]["T1"].tesla
        changes = {"fat_towards": TOWARDS[towards], "bandwidth_hz": hz * PIXEL / float(mm)}
        return stack.volume(subject.scan(stack, "T1", **changes)), Role.T1
    elif curve.startswith("slices oblique"):
        turned, turn = subject.oblique(value)
        return Volume(subject.scan(stack, turned=turned), turn @ stack.affine), Role.T2
    volume = stack.volume(subject.scan(stack))
    if curve.startswith("field"):
        volume = cropped(volume, value)
    elif curve.startswith("turned"):
        volume = turned_in_plane(volume, value)
    return volume, Role.T2
