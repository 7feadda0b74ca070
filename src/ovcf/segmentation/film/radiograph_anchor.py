"""Whether a radiograph shows what its levels are counted from: the last body standing on the endplate of S1.

A sixth body that is the first of the sacrum looks much like a fifth lumbar one. What tells them apart is what lies
below: the network marks corners and middle of the sacral endplate, and never those of the second sacral segment; and it
knows the lower corners of lumbar bodies, and never those of S1. How far that may be trusted was fitted on films whose
levels are known (``training/evidence/film_evidence.py``; docs/decisions/003).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.segmentation.network.landmark_maps import map_peak, mapped_points
from ovcf.segmentation.network.model_files import model_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ovcf.segmentation.levels.level_labels import Labelling
    from ovcf.segmentation.network.fusion import SpineMap

    Array = NDArray[np.float64]

_DISC_MM = 9.0
"""Where below the last body's lower corners the endplate of S1 is looked for, as far around as a map is searched."""
_SA, _SP, _MS = 0, 1, 4
"""The landmark maps of an upper endplate."""
_MIN_PEAK, _MAX_LAST_SD_MM = 0.15, 4.5
"""Lower peaks are no landmarks; and the worst landmark of a last lumbar body is known as well as this, while S1, taken
for a body, has lower corners that are known within 7 mm or not at all (a rounded choice between both)."""
_RATIOS = (0.75, 1.3)
"""The depth of the sacral endplate over that of the one above it; real ones differ by less."""


_SHORT, _FAINT, _MIN_STEPS = 0.62, 0.62, 3
"""A step of so small a share of the usual one is no vertebra's; a body collapsed to 60 % of its height leaves 0.8. A
body so much less sure than the usual one may be S1, or nothing between two bodies (docs/decisions/003)."""


@dataclass(frozen=True, slots=True)
class SacralAnchor:
    """What is seen of the endplate of S1.

    ``peak`` is the lowest of its three landmark maps (0 to 1), ``ratio`` its depth over that of the endplate above;
    ``last_sd_mm`` how well the last body's worst landmark is known; ``certainty`` that of the sacrum.
    """

    peak: float
    ratio: float
    last_sd_mm: float
    certainty: float

    @property
    def seen(self) -> bool:
        """Whether it may be an endplate at all, about as deep as the one above, below a body that ends there."""
        whole = self.peak >= _MIN_PEAK and self.last_sd_mm <= _MAX_LAST_SD_MM
        return whole and _RATIOS[0] <= self.ratio <= _RATIOS[1]

    @property
    def features(self) -> Array:
        """What trust is fitted to."""
        return np.array([1.0, 10 * (min(self.peak, 0.6) - 0.3), 10 * (self.certainty - 0.9)])


def sacral_anchor(spine: SpineMap) -> SacralAnchor | None:
    """What is seen of the sacral endplate below the last body; None without a sacrum or the body's lower corners."""
    if not len(spine) or spine.sacrum_mm is None:
        return None
    last = mapped_points(spine)[-1]
    if not np.isfinite(last.points[2:4]).all():
        return None
    to_pixel = np.linalg.inv(spine.maps.affine)
    voxels = np.column_stack([last.points, np.ones(6)]) @ to_pixel.T
    middle = int(np.clip(round(float(voxels[2, 0])), 0, len(spine.instances) - 1))
    anterior, posterior = voxels[2, 1:3], voxels[3, 1:3]
    across = posterior - anterior
    depth = float(np.linalg.norm(across))
    down = np.array([across[1], -across[0]]) / max(depth, 1e-6)
    down = down if down[0] > 0 else -down
    a, b, c = (
        map_peak(spine.maps.points[k, middle : middle + 1], at + _DISC_MM * down)
        for k, at in ((_SA, anterior), (_SP, posterior), (_MS, (anterior + posterior) / 2))
    )
    if a is None or b is None or c is None:
        peak, ratio = 0.0, 0.0
    else:
        peak, ratio = min(a[2], b[2], c[2]), float(np.hypot(b[0] - a[0], b[1] - a[1])) / max(depth, 1e-6)
    sd = last.sd_mm if np.isfinite(last.sd_mm).all() else np.array([np.inf])
    return SacralAnchor(peak, ratio, float(sd.max()), float(spine.sacrum_certainty))


def steady(centres: Array, confidence: Sequence[float]) -> bool:
    """Whether every body is one: no step down the column, of centres ``(n, 3)`` in mm, is so short, and below the first
    no body seen so much less surely than the usual one, that something else may be counted among them.
    """
    steps, sure = np.linalg.norm(np.diff(centres, axis=0), axis=1), np.array(confidence, float)
    if len(steps) < _MIN_STEPS:
        return True
    return bool((steps >= _SHORT * np.median(steps)).all() and (sure[1:] >= _FAINT * np.median(sure)).all())


@cache
def _fit() -> dict[str, Any]:
    return dict(json.loads(model_file("film_evidence.json")))


def trust(anchor: SacralAnchor | None, *, counted_once: bool = True) -> float:
    """The probability that levels counted from what is seen below the last body are right.

    ``counted_once`` is False where a body may be counted twice (:func:`steady`).
    """
    fit = _fit()
    if anchor is None or not anchor.seen or not counted_once:
        return float(fit["without_anchor"])
    return float(1 / (1 + np.exp(-anchor.features @ np.array(fit["trust"]))))


def as_far_as_trusted(found: Sequence[Labelling], share: float) -> tuple[Labelling, ...]:
    """Labellings of a film, the likeliest first, when what they are counted from holds with probability ``share`` only.

    What is left goes to all of them alike: nothing is known of how they are mistaken.
    """
    if not found:
        return ()
    rest = (1 - share) / len(found)
    usual = sum(x.usual > 0 for x in found)
    mixed = [
        replace(
            x,
            probability=share * x.probability + rest,
            usual=share * x.usual + (1 - share) / usual if x.usual > 0 else 0.0,
        )
        for x in found
    ]
    return tuple(sorted(mixed, key=lambda x: -x.probability))
