"""Where the network's landmark maps put the six points of a body, and how sure they are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ovcf.geometry import unit_vector
from ovcf.landmarks import POINTS
from ovcf.segmentation.network.inference import PIXEL_MM
from ovcf.segmentation.network.model_files import model_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.segmentation.network.fusion import SpineMap

    Array = NDArray[np.float64]

MAP_SD_MM = 2.0
"""SD of the Gaussian that marks a certain landmark in training."""
_REACH_MM = 9.0


SINK_KNEE_MM = 1.0
"""From here on a sunk endplate tells on its corners: their thin rims stand out of the marrow that is seen."""


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkBias:
    """How far landmarks lie off on average: ``mean_mm`` ``(6, 2)`` to posterior and to caudal of the body's own axes.

    Where an endplate is sunk deeper than usual (``usual_sink_mm``: superior, inferior) by more than
    :data:`SINK_KNEE_MM`, its corners lie farther inside the body by ``share`` of the rest. ``height_sd_mm`` is how well
    the mean itself is known in Ha, Hm, Hp.
    """

    mean_mm: Array
    usual_sink_mm: Array
    share: float
    height_sd_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def taken_off(self, points: Array) -> Array:
        """Six points ``(6, 2)`` of the plane without it."""
        axes = body_axes(points)
        rim = self.share * np.maximum(sinks_mm(points) - self.usual_sink_mm - SINK_KNEE_MM, 0)
        caudal = self.mean_mm[:, 1] + np.array([rim[0], rim[0], -rim[1], -rim[1], 0, 0])
        return np.asarray(points - np.column_stack([self.mean_mm[:, 0], caudal]) @ axes)


def body_axes(points: Array) -> Array:
    """Unit vectors ``(2, 2)`` of a body's six points: to posterior, to caudal."""
    posterior = unit_vector(points[1] + points[3] - points[0] - points[2])
    return np.array([posterior, [-posterior[1], posterior[0]]])


def sinks_mm(points: Array) -> Array:
    """How far the middles of the superior and the inferior endplate lie inside the line between its corners."""
    down = points @ body_axes(points)[1]
    return np.array([down[4] - (down[0] + down[1]) / 2, (down[2] + down[3]) / 2 - down[5]])


@cache
def mri_bias() -> LandmarkBias:
    """How far the built-in model's landmarks on MRI lie from the outer cortex.

    It draws bodies as far as marrow is seen. Digital patients, whose cortex is known
    (``training/evidence/landmark_bias.py``), and bodies that people traced (``training/evidence/traced_bias.py``)
    differ in how far that is, at posterior corners most: the mean of both is taken, and half their difference is its
    uncertainty.
    """
    found, traced = (json.loads(model_file(name)) for name in ("landmark_bias.json", "traced_bias.json"))
    drawn, seen = (np.array([x["bias_mm"][name] for name in POINTS]) for x in (found, traced))
    apart = np.abs(seen - drawn)[:, 1] / 2
    anterior, posterior, middle = apart[0] + apart[2], apart[1] + apart[3], apart[4] + apart[5]
    return LandmarkBias(
        (drawn + seen) / 2,
        np.array(found["usual_sink_mm"]),
        found["rim_share"],
        (float(anterior), float(middle), float(posterior)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class MappedPoints:
    """Six points of one body: ``points`` ``(6, 3)`` patient LPS mm, ``sd_mm`` of one coordinate; NaN where unseen."""

    points: Array
    sd_mm: Array


def mapped_points(spine: SpineMap) -> tuple[MappedPoints, ...]:
    """The landmarks of every body from the maps of its middle slices.

    A network trained on squared error gives the expected map: a landmark it can place only within s lowers the peak of
    its Gaussian of width w to w^2 / (w^2 + s^2), which gives s.
    """
    from scipy.ndimage import find_objects

    return tuple(_of_body(spine, number, box) for number, box in enumerate(find_objects(spine.instances), 1))


def _of_body(spine: SpineMap, number: int, box: tuple[slice, ...]) -> MappedPoints:
    first, *corner = (s.start for s in box)
    body = spine.instances[box] == number
    voxels = np.argwhere(body)
    middle = float(np.median(voxels[:, 0])) + first
    spacing = float(np.linalg.norm(spine.maps.affine[:3, 0]))
    near = [s for s in np.unique(voxels[:, 0]) + first if abs(s - middle) * spacing <= max(3.0, 0.6 * spacing)]
    pixels = np.argwhere(body[np.array(near) - first].any(axis=0)) + corner
    points, sd = np.full((6, 3), np.nan), np.full(6, np.nan)
    for k, expected in enumerate(_expected(pixels)):
        found = map_peak(spine.maps.points[k, near], expected)
        if found is not None:
            row, column, peak = found
            points[k] = spine.maps.volume(spine.instances).to_patient([middle, row, column])
            sd[k] = MAP_SD_MM * np.sqrt(max(1 / peak - 1, 0.0))
    return MappedPoints(points, sd)


def _expected(pixels: NDArray[np.int64]) -> Array:
    """Rough places of the six points ``(6, 2)`` as (row, column): the extremes of the body's pixels."""
    r, c = (pixels - pixels.mean(axis=0)).T
    r, c = r / max(np.ptp(r), 1), c / max(np.ptp(c), 1)
    corners = [pixels[np.argmax(v * r + h * c)] for v, h in ((-1, -1), (-1, 1), (1, -1), (1, 1))]
    sa, sp, ia, ip = (np.asarray(p, float) for p in corners)
    return np.array([sa, sp, ia, ip, (sa + sp) / 2, (ia + ip) / 2])


def map_peak(heat: NDArray[np.float16], near: Array) -> tuple[float, float, float] | None:
    """Row, column and height of the peak within reach of a place in the mean of some slices, finer than a pixel; None
    where there is none."""
    reach = round(_REACH_MM / PIXEL_MM)
    top, left = (max(0, int(v) - reach) for v in near)
    window = heat[:, top : int(near[0]) + reach + 1, left : int(near[1]) + reach + 1].astype(np.float32).mean(axis=0)
    if not window.size:
        return None
    rows, columns = np.mgrid[: window.shape[0], : window.shape[1]]
    # Of two peaks in reach (the neighbour's endplate) the nearer counts.
    away = np.hypot(rows + top - near[0], columns + left - near[1])
    r, c = np.unravel_index(int(np.argmax(window * np.exp(-0.5 * (away / (0.6 * reach)) ** 2))), window.shape)
    if window[r, c] < 0.05:
        return None
    around = np.hypot(rows - r, columns - c) <= 3 / PIXEL_MM
    weight = np.where(around, np.maximum(window - 0.3 * window[r, c], 0), 0)
    total = float(weight.sum())
    return (
        float((rows * weight).sum() / total) + top,
        float((columns * weight).sum() / total) + left,
        float(window[r, c]),
    )
