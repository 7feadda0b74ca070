"""What speaks for a way of holding a radiograph: how surely a spine is seen, of usual size, facing left, head up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.segmentation.film.radiograph_anchor import sacral_anchor, trust
from ovcf.segmentation.levels.level_evidence import column_seen
from ovcf.segmentation.network.inference import PIXEL_MM
from ovcf.segmentation.network.landmark_maps import MAP_SD_MM, mapped_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.segmentation.network.fusion import SpineMap

_BODY_DEPTH_MM = (16.0, 48.0)
_USUAL_DEPTH_MM, _DEPTH_SD = 31.0, 0.2
"""Median depth of the bodies on a lateral radiograph of the spine, and the SD of its logarithm (a rounded choice)."""
_CANAL_STEP, _GROWTH_STEP, _SACRUM_STEPS, _MAX_GROWN = 0.03, 0.06, 2.0, 0.6
"""What counts alike for a head at the top: the canal so much surer, and bodies deeper by such a share from each to the
next, though never more than so many steps; a sacral endplate below counts twice, as far as it is trusted. The canal
tells the way more often than the growth of bodies does (docs/decisions/003)."""
_MIN_TO_GROW = 4
_BEHIND_MM = 30.0


def sureness_of(spine: SpineMap) -> tuple[float, ...]:
    """Of each body, 0 to 1: its certainty times how sharply its landmarks are seen; 0 where no body has that size."""
    found = []
    for p, depth, points in zip(spine.certainty, column_seen(spine).depths, mapped_points(spine), strict=True):
        peaks = 1 / (1 + (np.nan_to_num(points.sd_mm, nan=1e3) / MAP_SD_MM) ** 2)
        believable = not np.isfinite(depth) or _BODY_DEPTH_MM[0] <= depth <= _BODY_DEPTH_MM[1]
        found.append(float(p * peaks.mean()) if believable else 0.0)
    return tuple(found)


def canal_sureness(spine: SpineMap) -> float:
    """Mean probability of the canal where it is seen. Bodies look alike from either side: what lies behind does not."""
    canal = spine.maps.of("canal")
    return float(canal[canal > 0.5].mean()) if (canal > 0.5).any() else 0.0


def canal_behind(spine: SpineMap, confidence: Sequence[float]) -> float:
    """Mean probability of the canal close behind a body, where it is seen there: of all bodies, by their confidence."""
    from scipy.ndimage import find_objects

    canal = spine.maps.of("canal")
    found = []
    for _, rows, columns in find_objects(spine.instances):
        near = canal[:, rows, columns.stop - 1 : columns.stop + round(_BEHIND_MM / PIXEL_MM)]
        found.append(float(near[near > 0.5].mean()) if (near > 0.5).any() else 0.0)
    return float(np.average(found, weights=confidence)) if sum(confidence) > 0 else 0.0


def usual_size(spine: SpineMap) -> float:
    """How likely bodies as deep as these are, against the likeliest, 0 to 1."""
    depths = column_seen(spine).depths if len(spine) else np.array([np.nan])
    if not np.isfinite(depths).any():
        return 0.01
    return float(np.exp(-0.5 * (np.log(float(np.nanmedian(depths)) / _USUAL_DEPTH_MM) / _DEPTH_SD) ** 2))


def head_up(spine: SpineMap) -> float:
    """What speaks for a head at the top, to be compared with the same picture upside down.

    Bodies grow caudally and end at a sacral endplate; and the canal is surest where everything lies as it was learnt.
    One of these alone deceives: pieces of an inverted sacrum look like small bodies at the top, so that growth counts
    only so far.
    """
    depths = column_seen(spine).depths if len(spine) else np.empty(0)
    seen = np.flatnonzero(np.isfinite(depths))
    growth = np.polyfit(seen, np.log(depths[seen]), 1)[0] if len(seen) >= _MIN_TO_GROW else 0.0
    anchor = sacral_anchor(spine)
    sacrum = _SACRUM_STEPS * trust(anchor) if anchor is not None and anchor.seen else 0.0
    grown = float(np.clip(growth / _GROWTH_STEP, -_MAX_GROWN, _MAX_GROWN))
    return float(canal_sureness(spine) / _CANAL_STEP + grown + sacrum)
