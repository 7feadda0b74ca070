"""Vertebral bodies of known shape, as polygons and as voxels."""

import numpy as np

from ovcf.geometry import SagittalPlane
from ovcf.imaging.volume import Volume

SAGITTAL = SagittalPlane(origin=(0.0, 0.0, 0.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))
#: Corners SA SP IA IP of a normal, a wedged and a flat body, mm in the plane, centred on (0, 0).
NORMAL = np.array([(-17, -13), (17, -13), (-17, 13), (17, 13)], float)
WEDGE = np.array([(-17, -6), (17, -13), (-17, 11), (17, 13)], float)
FLAT = np.array([(-18, -5), (18, -6), (-18, 5), (18, 6)], float)


def turned(points, degrees, shift=(0.0, 0.0)):
    """Plane points rotated about the origin, then moved."""
    t = np.radians(degrees)
    return np.asarray(points) @ np.array([[np.cos(t), np.sin(t)], [-np.sin(t), np.cos(t)]]) + shift


def outline(corners, radius=0.0, sag=0.0):
    """The dense outline of a body with rounded corners and endplates sunk by ``sag`` mm in their middle; and its six
    true points: a corner is the point of the outline nearest the meeting of endplate and wall.
    """
    sa, sp, ia, ip = np.asarray(corners, float)
    ring = np.array([sa, sp, ip, ia])
    sides, true = [], []
    for i in range(4):
        here, before, after = ring[i], ring[i - 1], ring[(i + 1) % 4]
        u, v = (before - here) / np.linalg.norm(before - here), (after - here) / np.linalg.norm(after - here)
        half = np.arccos(u @ v) / 2
        reach, axis = radius / np.tan(half), (u + v) / np.linalg.norm(u + v)
        centre = here + axis * radius / np.sin(half)
        start, end = here + u * reach, here + v * reach
        swing = np.linspace(0, 1, 15)[:, None]
        arc = start + (end - start) * swing - centre
        if radius:
            arc *= radius / np.linalg.norm(arc, axis=1, keepdims=True)
        sides.append((start, end, centre + arc))
        true.append(centre - axis * radius)
    pieces = []
    for i in range(4):
        pieces.append(sides[i][2])
        a, b = sides[i][1], sides[(i + 1) % 4][0]
        t = np.linspace(0, 1, 60)[1:-1, None]
        line = a + (b - a) * t
        if i in (0, 2):
            inward = -ring[i] - ring[(i + 1) % 4]
            normal = np.array([-(b - a)[1], (b - a)[0]]) / np.linalg.norm(b - a)
            normal *= np.sign(normal @ (ring.mean(axis=0) * 2 + inward))
            line = line + normal * sag * np.sin(np.pi * t) ** 2
        pieces.append(line)
    middles = [(sa + sp) / 2, (ia + ip) / 2]
    down = np.array([0.0, 1.0])
    middles = [middles[0] + _normal(sa, sp, down) * sag, middles[1] + _normal(ia, ip, -down) * sag]
    return np.concatenate(pieces), np.array([true[0], true[1], true[3], true[2], *middles])


def _normal(a, p, towards):
    n = np.array([-(p - a)[1], (p - a)[0]]) / np.linalg.norm(p - a)
    return n * np.sign(n @ towards)


def voxels(outlines, spacing=1.0, thickness=3.0, slices=7, shift=(0.0, 0.0), axes=(0, 1, 2), flips=(1, 1, 1), pad=6.0):
    """Label volume of extruded outlines (label i + 1), centred on x = 0: a voxel belongs to what holds its centre.

    ``axes`` permutes and ``flips`` reverses the array axes (left, posterior, caudal), without moving the patient.
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
    block = block.transpose(axes)
    affine = affine[:, [*axes, 3]]
    for axis, sign in enumerate(flips):
        if sign < 0:
            affine[:3, 3] += affine[:3, axis] * (block.shape[axis] - 1)
            affine[:3, axis] *= -1
            block = np.flip(block, axis)
    return Volume(np.ascontiguousarray(block), affine)
