"""The patient's own unaffected marrow as the yardstick of signal.

MR signal has no unit, so "low" and "high" only mean something against tissue of the same patient in the same series.
Every file that judges signal measures it in robust standard deviations of this reference; all of it is unchanged when
an image is multiplied by a constant.

Arrays here are sagittal slice first: axis 0 across slices, axis 1 cranial to caudal, axis 2 anterior to posterior.
Slices are thick, so every neighbourhood is taken within its slice and the order of slices does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.measures.signal.body_sample import BodySample, cut_out, sample_body
from ovcf.measures.signal.coil import CoilSensitivity, LevelSample, fit_sensitivity

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]
    Spacing = tuple[float, float, float]

MAD_TO_SD = 1.482602218505602  # median absolute deviation to standard deviation of a normal distribution
RIM_MM, RIM_ERROR_MM = 1.5, 0.5
"""Depth within which a voxel may be shared with cortex, disc or CSF, and how sharply that is known."""
MARGIN_MM = 3.0
"""What is taken off a body within each slice, so that neither cortex nor endplate is left."""
THRESHOLD_SD = 3.0
"""Default of what counts as low or high. No source gives one; what it finds in sound bodies: docs/validation.md."""
SUPPORT_MM = 3.0
"""Width over which the median takes out noise."""
REGION_MM = 5.0
"""Full width at half maximum over which the signal of a region is averaged: a region wide enough to be a lesion."""
OUTLINE_SD_MM, PROGRAM_OUTLINE_SD_MM = 0.25, 0.6
"""How far one side of an outline lies off as a whole: a third of a pixel for a reader, most of one for a program."""
PROGRAM_INSIDE_MM = 0.3
"""How far within a body's surface a program's outline is taken to end: it is that of the marrow, which the shift of fat
may move over the surface, and edema would be found there (docs/decisions/004)."""
MIN_SPREAD = 0.01
"""Least spread of a reference, a share of its median: without any noise there is still a finite scale."""
MEDIAN_TO_MEAN_SE = 1.2533141373155001  # how much wider the standard error of a median is than a mean's: sqrt(pi / 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowReference:
    """Signal of unaffected marrow in one series.

    ``median`` is that of the level medians where the ``coil`` is 1; ``spread`` the robust SD (1.4826 MAD) of
    :func:`marrow_signal` about it, ``noise`` the part of it that the scanner's noise leaves (robust SD; zero: not
    known), ``regional`` that of :func:`regional_signal` (None: not known, ``spread`` is taken),
    and ``between`` that of the level medians, all with the coil's sensitivity divided out.
    """

    median: float
    spread: float
    levels: tuple[Level, ...]
    n_voxels: int
    between: float
    regional: float | None = None
    noise: float = 0.0
    coil: CoilSensitivity = field(default_factory=CoilSensitivity)
    dropped: tuple[Level, ...] = ()
    warnings: tuple[str, ...] = ()

    def flattened(self, signal: Array, box: tuple[slice, ...]) -> Array:
        """Signal of a box of the image (last axes rows, columns) as if the coil were equally near everywhere."""
        return np.asarray(signal / self.coil.over(box))

    def z(self, signal: Array, box: tuple[slice, ...]) -> Array:
        """The same in robust SD above the reference."""
        return np.asarray((self.flattened(signal, box) - self.median) / self.spread)

    @property
    def regional_spread(self) -> float:
        """Robust SD between regions of unaffected marrow."""
        return self.spread if self.regional is None else self.regional

    @property
    def own_spread(self) -> float:
        """Spread of the marrow itself, without noise; at least 1 % of the median."""
        own = float(np.sqrt(max(0.0, self.spread**2 - self.noise**2)))
        return min(max(own, MIN_SPREAD * abs(self.median)), self.spread)

    @property
    def standard_error(self) -> float:
        """Standard uncertainty of ``median``; with one level, nothing is known of the others: the voxel spread."""
        if len(self.levels) == 1:
            return self.spread
        return MEDIAN_TO_MEAN_SE * self.between / float(np.sqrt(len(self.levels)))


def robust_sd(values: ArrayLike) -> float:
    """1.4826 times the median absolute deviation."""
    v = np.asarray(values, float)
    return float(MAD_TO_SD * np.median(np.abs(v - np.median(v))))


@kept
def depth_mm(mask: Mask, pixel_mm: tuple[float, float]) -> Array:
    """In-plane distance of every voxel of ``mask`` to the nearest voxel outside it, zero outside."""
    from scipy.ndimage import distance_transform_edt

    depth = np.zeros(mask.shape)
    for index in np.flatnonzero(mask.any(axis=(1, 2))):
        depth[index] = distance_transform_edt(np.pad(mask[index], 1), sampling=pixel_mm)[1:-1, 1:-1]
    return depth


def outline_uncertainty(area: Mask, body: Mask, pixel_mm: tuple[float, float], sd_mm: float = OUTLINE_SD_MM) -> float:
    """Standard uncertainty of the share ``area`` / ``body`` when each of a body's four sides is off as a whole."""
    share = area.sum() / body.sum()
    terms = [
        (area[edge].sum() - share * edge.sum()) * sd_mm / mm
        for axis, mm in enumerate(pixel_mm, 1)
        for edge in edges_of(body, axis)
    ]
    return float(np.sqrt(np.sum(np.square(terms))) / body.sum())


def edges_of(body: Mask, axis: int) -> tuple[Mask, Mask]:
    """The voxels of a body with nothing before or behind them along an axis."""
    padded = np.pad(body, [(int(k == axis),) * 2 for k in range(body.ndim)])
    before, behind = (np.take(padded, np.arange(body.shape[axis]) + shift, axis) for shift in (0, 2))
    return body & ~before, body & ~behind


@kept
def vein_zone(mask: Mask) -> Mask:
    """Where the basivertebral vein leaves the body: middle third of its height, posterior half of its depth.

    Heights are taken column by column and depths row by row, so the zone follows a tilted body.
    """

    def along(axis: int) -> Array:
        count = mask.sum(axis=axis, keepdims=True)
        return np.asarray((np.cumsum(mask, axis=axis) - 0.5) / np.maximum(count, 1))

    return np.asarray(mask & (np.abs(along(1) - 0.5) < 1 / 6) & (along(2) > 0.5))


@kept
def trabecular_roi(mask: ArrayLike, voxel_mm: Spacing, margin_mm: float = MARGIN_MM) -> Mask:
    """Trabecular bone of one body ``(slices, rows, cols)``: without cortex, endplates and basivertebral vein.

    ``margin_mm`` is taken off within each slice; slices that cut less than half of the largest area are left out, for
    there the side wall shares the voxel. May be empty for a collapsed body.
    """
    body = np.asarray(mask) != 0
    area = body.sum(axis=(1, 2))
    inside = depth_mm(body, voxel_mm[1:]) > margin_mm
    return np.asarray(inside & ~vein_zone(body) & (area >= area.max() / 2)[:, None, None])


@kept
def marrow_signal(voxels: Array, body: Mask, pixel_mm: tuple[float, float], rim_mm: float = RIM_MM) -> Array:
    """Signal of the marrow of one body, without noise and without what the rim shares with cortex, disc and CSF.

    In each slice the rim (``rim_mm``) takes the signal of the nearest voxel behind it, then a median over
    :data:`SUPPORT_MM` takes the noise out and leaves straight edges where they are; so a threshold in robust SD means
    the heterogeneity of marrow, not the noise of the scanner. A slice too thin to have anything behind its rim keeps
    its own signal. Outside the body the array means nothing.
    """
    from scipy.ndimage import distance_transform_edt

    signal = voxels.copy()
    interior = depth_mm(body, pixel_mm) > rim_mm
    size = [_support_voxels(mm) for mm in pixel_mm]
    for index in np.flatnonzero(interior.any(axis=(1, 2))):
        rows, cols = distance_transform_edt(
            ~interior[index], sampling=pixel_mm, return_distances=False, return_indices=True
        )
        signal[index] = _median_around(voxels[index][rows, cols], size)
    return signal


def _median_around(sheet: Array, size: Sequence[int]) -> Array:
    """The median of ``size`` (odd) pixels around each; beyond the border the nearest counts.

    It is that of ``scipy.ndimage.median_filter``, in a fifth of the time.
    """
    rows, columns = size
    wide = np.pad(sheet, ((rows // 2, rows // 2), (columns // 2, columns // 2)), mode="edge")
    around = sliding_window_view(wide, (rows, columns)).reshape(sheet.size, rows * columns)
    middle = rows * columns // 2
    return np.partition(around, middle, axis=1)[:, middle].reshape(sheet.shape)


def _support_voxels(mm: float) -> int:
    return 2 * int(SUPPORT_MM / 2 / mm + 1e-9) + 1


@kept
def regional_signal(marrow: Array, body: Mask, pixel_mm: tuple[float, float]) -> Array:
    """Mean of :func:`marrow_signal` around every voxel, weighted by a Gaussian of :data:`REGION_MM` within the slice.

    Fat comes in islands of a few millimetres. A lesion is wider, so it stands out from how regions differ.
    """
    from scipy.ndimage import gaussian_filter

    sd = (0.0, *(REGION_MM / 2.355 / mm for mm in pixel_mm))  # full width at half maximum to SD
    weight = gaussian_filter(body.astype(float), sd)
    return np.asarray(gaussian_filter(np.where(body, marrow, 0.0), sd) / np.maximum(weight, 1e-9))


class Trabecular(NamedTuple):
    """The trabecular bone of one body: its signal, what the median took out of it, and the signal of its regions."""

    sample: LevelSample
    taken_out: Array
    regions: Array


@kept
def trabecular(body: BodySample, voxel_mm: Spacing, margin_mm: float) -> Trabecular:
    """The trabecular bone of one body as a yardstick for others."""
    roi = trabecular_roi(body.mask, voxel_mm, margin_mm)
    _, rows, cols = np.nonzero(roi)
    signal = marrow_signal(body.signal, body.mask, voxel_mm[1:], RIM_MM)
    return Trabecular(
        LevelSample(signal[roi], rows + body.box[1].start, cols + body.box[2].start),
        (body.signal - signal)[roi],
        regional_signal(signal, body.mask, voxel_mm[1:])[roi],
    )


@kept
def reference_marrow(
    voxels: ArrayLike,
    bodies: Mapping[Level, ArrayLike],
    affected: Collection[Level],
    *,
    voxel_mm: Spacing,
    margin_mm: float = MARGIN_MM,
    min_voxels: int = 20,
    outlier_sd: float = 3.0,
) -> MarrowReference:
    """Signal of the unaffected marrow of this patient in this series.

    The median of the level medians, over every body of ``bodies`` (masks on the grid of ``voxels``) that is not in
    ``affected``, not sacral, and has ``min_voxels`` of trabecular bone, after the coil's sensitivity has been divided
    out (:mod:`ovcf.measures.signal.coil`). Of three or more levels, one is dropped whose median is more than
    ``outlier_sd`` robust SD of the level medians, and two SD within levels, from theirs: a haemangioma, or a fracture
    nobody named.

    ``spread`` is at least 1 % of the median, so a reference without any noise still gives a finite scale.

    Raises:
        MeasurementInputError: no unaffected vertebra is left, or shapes do not match.
    """
    samples: dict[Level, LevelSample] = {}
    regions: dict[Level, Array] = {}
    taken_out: dict[Level, Array] = {}
    candidates = (level for level in bodies if level not in affected and level.region != "sacral")
    for level in sorted(candidates, key=lambda level: level.rank):
        image, body = np.asarray(voxels), np.asarray(bodies[level])
        sample = cut_out(image, body) if image.shape == body.shape else None
        if sample is not None and sample.share <= 0.5:  # beyond the field of view is no reason to stop
            continue
        found = trabecular(
            sample_body(voxels, body, say("reference marrow of {level}", level=level)), voxel_mm, margin_mm
        )
        if len(found.sample.values) >= min_voxels:
            samples[level], taken_out[level], regions[level] = found
    if not any(s.values.any() for s in samples.values()):
        raise MeasurementInputError(
            "reference marrow",
            "no unaffected vertebra with enough trabecular bone and signal is in the image",
            "Give at least one body that is neither fractured nor cemented, or judge the signal by eye.",
        )
    coil = fit_sensitivity(list(samples.values()))
    flat = {level: s.values / coil.at(s.rows, s.cols) for level, s in samples.items()}
    medians = {level: float(np.median(v)) for level, v in flat.items()}
    warnings = []
    dropped: tuple[Level, ...] = ()
    within = float(np.median([robust_sd(v) for v in flat.values()]))
    centre = float(np.median(list(medians.values())))
    limit = max(outlier_sd * robust_sd(list(medians.values())), 2 * within, 0.02 * abs(centre))
    far = tuple(level for level, m in medians.items() if abs(m - centre) > limit)
    if far and len(medians) >= 3:
        dropped = far
        warnings.append(
            say("marrow of {join} differs from the other levels: not used as reference", join=joined(", ", far))
        )
    elif far:
        warnings.append(say("the only two reference levels, {join}, differ in signal", join=joined(" and ", medians)))
    if len(medians) - len(dropped) == 1:
        warnings.append("only one reference level: how levels differ in this patient is unknown")

    kept = tuple(level for level in medians if level not in dropped)
    level_medians = np.array([medians[level] for level in kept])
    median = float(np.median(level_medians))
    least = MIN_SPREAD * abs(median)
    residuals = np.concatenate([flat[level] for level in kept]) - median
    spread = max(float(MAD_TO_SD * np.median(np.abs(residuals))), least)
    gain = {level: coil.at(samples[level].rows, samples[level].cols) for level in kept}
    apart = np.concatenate([regions[level] / gain[level] for level in kept]) - median
    # The standard error of a median of that many voxels.
    support = np.prod([_support_voxels(mm) for mm in voxel_mm[1:]])
    noise = robust_sd(np.concatenate([taken_out[level] / gain[level] for level in kept]))
    if spread == 0:
        raise MeasurementInputError(
            "reference marrow", "most of it has no signal at all", "Use a series that is not clipped at zero."
        )
    return MarrowReference(
        median=median,
        spread=spread,
        levels=kept,
        n_voxels=len(residuals),
        between=robust_sd(level_medians),
        regional=max(float(MAD_TO_SD * np.median(np.abs(apart))), least),
        noise=MEDIAN_TO_MEAN_SE * noise / float(np.sqrt(support)),
        coil=coil,
        dropped=dropped,
        warnings=tuple(warnings),
    )
