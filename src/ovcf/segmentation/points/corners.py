"""The six points of a vertebral body on its closed outline in a sagittal plane.

A corner is where the endplate and the wall meet: a line is fitted to each beside the corner, clear of the rounding
that pixels and smoothing make, and where the two lines meet beyond a rounded corner the point is drawn back onto the
outline. What projects more than :data:`OSTEOPHYTE_MM` beyond a wall is cut off first (osteophytes are excluded, as
Genant 1993 and HAN 2025 ask). A middle is the point of the endplate outline halfway between its two corners.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import LandmarkError
from ovcf.geometry import polygon_area, unit_vector

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

OSTEOPHYTE_MM = 3.0
"""How far a normal wall flares towards its endplates beyond a line through its middle; more is an osteophyte."""

_SIGNS = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], float)
"""Outward direction of each corner (posterior, caudal), in the order of ``landmarks.CORNERS``."""
_ROUNDING_PX = 0.6
"""How far, in pixels, voxels and smoothing draw a sharp corner inwards."""
_FIT_PLATE, _FIT_WALL, _FIT_MOST = 0.3, 0.26, 0.4
"""Share of an endplate or a wall, from its corner, that a line is fitted to; up to the last if that is under 5 pixels.
Rims stand out in front by a millimetre: a longer line runs past the corner, and a shorter one errs more
(docs/decisions/006)."""


@dataclass(frozen=True, slots=True, eq=False)
class SixPoints:
    """Points ``(6, 2)`` in the order of ``landmarks.POINTS``, and how far the outline beside each strays from the
    straight lines it was found with (RMS), both in mm.
    """

    points: Array
    misfit_mm: Array


def resampled(outline: ArrayLike, step_mm: float) -> Array:
    """A closed outline ``(n, 2)`` as points ``step_mm`` apart, turning from x towards y."""
    p = np.asarray(outline, float)
    p = p[:-1] if np.allclose(p[0], p[-1]) else p
    p = p[::-1] if polygon_area(p) < 0 else p
    closed = np.concatenate([p, p[:1]])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1))])
    at = np.linspace(0, along[-1], max(8, int(np.ceil(along[-1] / step_mm))), endpoint=False)
    return np.stack([np.interp(at, along, closed[:, 0]), np.interp(at, along, closed[:, 1])], axis=1)


def six_points(outline: ArrayLike, pixel_mm: float, caudal: ArrayLike = (0.0, 1.0)) -> SixPoints:
    """Corners and endplate middles of one vertebral body.

    ``outline`` is ``(n, 2)`` plane millimetres, ``pixel_mm`` the in-plane voxel size of the label map it comes from,
    ``caudal`` the direction of the spine at this level, within about 40 degrees.

    Raises:
        LandmarkError: the outline has no four corners.
    """
    contour = resampled(outline, pixel_mm / 4)
    if abs(polygon_area(contour)) < 16 * pixel_mm**2:
        raise LandmarkError("outline", "is smaller than 16 pixels", "Check the label map at this level.")
    u, v = _axes(contour, unit_vector(caudal))
    clipped = _without_osteophytes(contour, u, v, pixel_mm)
    index = _extreme(clipped, u, v)
    superior, posterior, inferior, anterior = _sides(clipped, index)
    found = [
        _corner(clipped, plate, wall, pixel_mm)
        for plate, wall in (
            (superior, anterior),
            (superior[::-1], posterior),
            (inferior, anterior[::-1]),
            (inferior[::-1], posterior[::-1]),
        )
    ]
    corners = np.array([point for point, _ in found])
    middles = [_middle(superior, corners[0], corners[1], pixel_mm), _middle(inferior, corners[2], corners[3], pixel_mm)]
    return SixPoints(np.concatenate([corners, middles]), np.array([misfit for _, misfit in found] + [0.0, 0.0]))


def _axes(contour: Array, caudal: Array) -> tuple[Array, Array]:
    """Mean directions of the endplates (towards posterior) and of the walls (towards caudal)."""
    v, u = caudal, np.array([caudal[1], -caudal[0]])
    for _ in range(4):
        sa, sp, ia, ip = contour[_extreme(contour, u, v)]
        u, v = unit_vector((sp - sa) + (ip - ia)), unit_vector((ia - sa) + (ip - sp))
    return u, v


def _extreme(contour: Array, u: Array, v: Array) -> Array:
    """Index of the point farthest out towards each corner."""
    upright = abs(u[0] * v[1] - u[1] * v[0]) > 0.5
    index = np.argmax(contour @ np.linalg.inv(np.stack([u, v])) @ _SIGNS.T, axis=0) if upright else np.zeros(1)
    if len(np.unique(index)) < 4:
        raise LandmarkError("outline", "has no four corners", "Check the label map at this level.")
    return np.asarray(index)


def _sides(contour: Array, index: Array) -> tuple[Array, Array, Array, Array]:
    """Superior and inferior endplate from anterior to posterior, posterior and anterior wall from cranial to caudal."""

    def run(i: int, j: int) -> Array:
        return contour[i : j + 1] if i <= j else np.concatenate([contour[i:], contour[: j + 1]])

    sa, sp, ia, ip = (int(i) for i in index)
    return run(sa, sp), run(sp, ip), run(ip, ia)[::-1], run(ia, sa)[::-1]


def _without_osteophytes(contour: Array, u: Array, v: Array, pixel_mm: float) -> Array:
    """The outline with what projects beyond each wall pressed back onto a line parallel to it."""
    sides = _sides(contour, _extreme(contour, u, v))
    for wall, outward in ((sides[3], -u), (sides[1], u)):
        along = (wall - wall[0]) @ unit_vector(wall[-1] - wall[0])
        middle = wall[(along > 0.3 * along[-1]) & (along < 0.7 * along[-1])]
        if len(middle) < 4:
            continue
        centre, direction, _ = _line(middle)
        normal = np.array([-direction[1], direction[0]])
        normal = normal if normal @ outward > 0 else -normal
        beyond = (contour - centre) @ normal - (OSTEOPHYTE_MM + 0.5 * pixel_mm)
        contour = contour - np.clip(beyond, 0, None)[:, None] * normal
    return contour


def _corner(contour: Array, plate: Array, wall: Array, pixel_mm: float) -> tuple[Array, float]:
    """The corner at the start of an endplate and a wall, and the RMS distance of their points from the fitted lines."""
    extreme = plate[0]
    sides = _beside_corner(plate, _FIT_PLATE, pixel_mm), _beside_corner(wall, _FIT_WALL, pixel_mm)
    lines = [_line(part) for part in sides if len(part) >= 4]
    if len(lines) < 2:
        return extreme, pixel_mm
    (c1, d1, e1), (c2, d2, e2) = lines
    cross = d1[0] * d2[1] - d1[1] * d2[0]
    if abs(cross) < 0.5:
        return extreme, pixel_mm
    offset = c2 - c1
    meet = c1 + d1 * (offset[0] * d2[1] - offset[1] * d2[0]) / cross
    inward = unit_vector(unit_vector(c1 - meet) + unit_vector(c2 - meet))
    depth, rounding = _first_hit(contour, meet, inward), _ROUNDING_PX * pixel_mm
    point = meet if depth is None or depth <= rounding else meet + inward * (depth - rounding**2 / depth)
    strayed, limit = point - extreme, OSTEOPHYTE_MM / 2 + 1.5 * pixel_mm
    share = min(1.0, limit / max(float(np.linalg.norm(strayed)), 1e-9))
    return np.asarray(extreme + share * strayed), float(np.hypot(e1, e2))


def _beside_corner(side: Array, share: float, pixel_mm: float) -> Array:
    """The points of a side near its start, clear of the rounding there."""
    length = float(np.linalg.norm(side[-1] - side[0]))
    away = np.linalg.norm(side - side[0], axis=1)
    reach = min(max(5 * pixel_mm, share * length), _FIT_MOST * length)
    return np.asarray(side[(away >= pixel_mm) & (away <= reach)])


def _line(points: Array) -> tuple[Array, Array, float]:
    """Centre, direction and residual RMS of a straight line through ``(n, 2)`` points, robust to a few that stray."""
    weight = np.ones(len(points))
    for _ in range(4):
        centre = weight @ points / weight.sum()
        off = points - centre
        (xx, xy), (_, yy) = ((weight[:, None] * off).T @ off).tolist()
        angle = 0.5 * np.arctan2(2 * xy, xx - yy)
        direction = np.array([np.cos(angle), np.sin(angle)])
        residual = np.abs(off @ np.array([-direction[1], direction[0]]))
        scale = max(1.5 * _median(residual), 1e-9)
        weight = np.minimum(1.0, 1.345 * scale / np.maximum(residual, 1e-12))
    return centre, direction, math.sqrt(float((residual**2 * weight).sum()) / float(weight.sum()))


def _median(values: Array) -> float:
    """``np.median`` of a few numbers, which takes ten times as long as all else that is done with them here."""
    ordered = values.copy()
    ordered.sort()
    middle = len(ordered) // 2
    if math.isnan(ordered[-1]):
        return float("nan")
    return float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)


def _first_hit(contour: Array, start: Array, direction: Array) -> float | None:
    """Distance from a point outside the outline to it along a direction; None from inside, or past it."""
    along = (contour - start) @ direction
    across = (contour - start) @ np.array([-direction[1], direction[0]])
    next_along, next_across = (np.concatenate([a[1:], a[:1]]) for a in (along, across))
    cut = np.nonzero((across < 0) != (next_across < 0))[0]
    share = across[cut] / (across[cut] - next_across[cut])
    hits = along[cut] + share * (next_along[cut] - along[cut])
    hits = hits[hits >= 0]
    return float(hits.min()) if len(hits) and len(hits) % 2 == 0 else None


def _middle(plate: Array, anterior: Array, posterior: Array, pixel_mm: float) -> Array:
    """The point of an endplate halfway between its corners."""
    length = float(np.linalg.norm(posterior - anterior))
    along = unit_vector(posterior - anterior)
    normal = np.array([-along[1], along[0]])
    position, height = (plate - anterior) @ along / length, (plate - anterior) @ normal
    near = np.abs(position - 0.5) <= max(0.05, pixel_mm / length)
    sunk = float(height[near].mean()) if near.any() else 0.0
    return np.asarray((anterior + posterior) / 2 + normal * sunk)
