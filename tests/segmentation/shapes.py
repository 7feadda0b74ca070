"""Vertebral bodies of known shape, drawn as outlines and as voxels."""

import numpy as np

from ovcf.geometry import SagittalPlane
from ovcf.imaging.volume import Volume

SAGITTAL = SagittalPlane(origin=(0.0, 0.0, 0.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))
#: Corners SA SP IA IP of a normal, a wedged and a flat body, mm in the plane, about (0, 0).
NORMAL = np.array([(-17, -13), (17, -13), (-17, 13), (17, 13)], float)
WEDGE = np.array([(-17, -6), (17, -13), (-17, 11), (17, 13)], float)
FLAT = np.array([(-18, -5), (18, -6), (-18, 5), (18, 6)], float)


def turned(points, degrees, shift=(0.0, 0.0)):
    """Plane points rotated about the origin, then moved."""
    t = np.radians(degrees)
    return np.asarray(points) @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]) + shift


def drawn(corners, radius=0.0, sag=0.0, spur=0.0, rim=0.0):
    """The outline of a body, and its six true points.

    Corners are rounded with ``radius`` (the true corner is then the middle of the arc), endplates sink by ``sag`` in
    their middle, a spur of ``spur`` mm runs forward from the superior anterior corner (no part of the true point), and
    the anterior wall stands out by ``rim`` mm a sixth of its height from either corner, as in the survey's outlines.
    """
    sa, sp, ia, ip = np.asarray(corners, float)
    ring = [sa, sp, ip, ia]
    centre = np.mean(ring, axis=0)
    pieces, true = [], []
    for i, here in enumerate(ring):
        before, after = ring[i - 1], ring[(i + 1) % 4]
        u, v = (before - here) / np.linalg.norm(before - here), (after - here) / np.linalg.norm(after - here)
        half = np.arccos(u @ v) / 2
        axis = (u + v) / np.linalg.norm(u + v)
        middle = here + axis * radius / np.sin(half)
        chord = np.linspace(here + u * radius / np.tan(half), here + v * radius / np.tan(half), 15) - middle
        arc = chord * radius / np.maximum(np.linalg.norm(chord, axis=1, keepdims=True), 1e-9) if radius else 0 * chord
        true.append(middle - axis * radius)
        pieces.append(middle + arc)
        if spur and i == 0:
            pieces[-1] = sa + np.array([6 * u, (-spur, 0.5), (-spur, -0.5), 2 * v])
    for i in (1, 0):
        along = np.linspace(pieces[2 * i][-1], pieces[2 * i + 1][0], 60)[1:-1]
        inward = _normal(along[0], along[-1], centre)
        pieces.insert(2 * i + 1, along + inward * sag * np.sin(np.linspace(0, np.pi, 58))[:, None] ** 2)
    along, share = np.linspace(pieces[-1][-1], pieces[0][0], 60), np.linspace(0, 1, 60)
    out = np.interp(share, np.array([0, 1, 2, 4, 5, 6]) / 6, [0, rim, 0.2 * rim, 0.2 * rim, rim, 0])
    pieces.append(along - _normal(along[0], along[-1], centre) * out[:, None])
    middles = [(p + q) / 2 + _normal(p, q, centre) * sag for p, q in ((sa, sp), (ia, ip))]
    if spur:
        true[0] = sa
    return np.concatenate(pieces), np.array([true[0], true[1], true[3], true[2], *middles])


def _normal(p, q, towards):
    n = np.array([p[1] - q[1], q[0] - p[0]]) / np.linalg.norm(q - p)
    return n * np.sign(n @ (towards - p))


def voxels(outlines, spacing=1.0, thickness=3.0, slices=9, shift=(0.0, 0.0), axes=(0, 1, 2), flips=(1, 1, 1), pad=6.0):
    """Outlines extruded to a label volume (label i + 1) about x = 0: a voxel belongs to what holds its centre.

    ``axes`` orders and ``flips`` reverses the array axes (left, posterior, caudal) without moving the patient.
    """
    from skimage.measure import points_in_poly

    everything = np.concatenate(outlines)
    low, high = everything.min(axis=0) - pad, everything.max(axis=0) + pad
    y, z = (np.arange(a + s, b, spacing) for a, b, s in zip(low, high, shift, strict=True))
    grid = np.stack(np.meshgrid(y, z, indexing="ij"), axis=-1).reshape(-1, 2)
    sheet = np.zeros(len(grid), np.int16)
    for i, ring in enumerate(outlines, 1):
        sheet[points_in_poly(grid, ring)] = i
    block = np.zeros((slices, len(y), len(z)), np.int16)
    block[1:-1] = sheet.reshape(len(y), len(z))
    affine = np.eye(4)
    affine[:3, :3] = np.diag([thickness, spacing, -spacing])
    affine[:3, 3] = [-thickness * (slices - 1) / 2, y[0], -z[0]]
    return reordered(Volume(block, affine), axes, flips)


def reordered(volume, axes, flips):
    """The same volume stored with its array axes in another order and direction."""
    block, affine = volume.voxels.transpose(axes), volume.affine[:, [*axes, 3]].copy()
    for axis, sign in enumerate(flips):
        if sign < 0:
            affine[:3, 3] += affine[:3, axis] * (block.shape[axis] - 1)
            affine[:3, axis] *= -1
            block = np.flip(block, axis)
    return Volume(np.ascontiguousarray(block), affine)


def column_of(bodies, pitch=34.0, degrees=None):
    """Outlines and true points of bodies stacked ``pitch`` mm apart, cranial to caudal, each turned by ``degrees``."""
    degrees = [0.0] * len(bodies) if degrees is None else degrees
    drawings = [drawn(corners, radius=2.0, sag=1.0) for corners in bodies]
    placed = [
        (turned(ring, angle, (0, i * pitch)), turned(true, angle, (0, i * pitch)))
        for i, ((ring, true), angle) in enumerate(zip(drawings, degrees, strict=True))
    ]
    return [ring for ring, _ in placed], [true for _, true in placed]


def with_arches(labels, gap=15.0):
    """The same bodies as whole vertebrae: pedicles at both sides join an arch behind the canal."""
    block = labels.voxels.copy()
    for k in np.unique(block[block > 0]):
        where = np.argwhere(labels.voxels == k)
        (x0, _, z0), (x1, y1, z1) = where.min(axis=0), where.max(axis=0)
        step = labels.spacing_mm[1]
        back, height = y1 + int(gap / step), slice(z0 + 3, (z0 + z1) // 2 + 1)
        for x in (x0, x0 + 1, x1 - 1, x1):
            block[x, y1 - int(8 / step) : back, height] = k
        block[x0 : x1 + 1, back : back + int(18 / step), height] = k
    return Volume(block, labels.affine)
