"""One vertebral body cut out of its image.

Arrays have their rows and columns last; a stack of slices has the slice first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.errors import MeasurementInputError
from ovcf.kept import kept
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


class BodySample(NamedTuple):
    """One body cut out of its image: ``signal`` and ``mask`` (where it is covered) within ``box``.

    ``share`` is how much of the body the image covers, 0 to 1.
    """

    signal: Array
    mask: Mask
    box: tuple[slice, ...]
    warnings: tuple[str, ...]
    share: float = 1.0


def sample_body(voxels: ArrayLike, body: ArrayLike, where: str, ndim: int = 3) -> BodySample:
    """Cut one body out of an image of ``ndim`` axes, of which the last two are rows and columns.

    Voxels that are not finite lie outside the series (a label map drawn on a larger grid): they are left out with a
    warning, unless half the body is missing.

    Raises:
        MeasurementInputError: other shapes, an empty mask, or at least half of the body outside the series.
    """
    image, mask = np.asarray(voxels), np.asarray(body)
    if image.shape != mask.shape or image.ndim != ndim:
        raise MeasurementInputError(
            where,
            say(
                "image {shape} and mask {shape_2} are not one {ndim}-D grid",
                shape=image.shape,
                shape_2=mask.shape,
                ndim=ndim,
            ),
            "Resample the mask onto the image.",
        )
    sample = cut_out(image, mask)
    if sample is None:
        raise MeasurementInputError(where, "the mask of the vertebral body is empty", "Check label map and level.")
    if sample.share <= 0.5:
        raise MeasurementInputError(
            where,
            say("only {share:.0f}% of the body has signal", share=100 * sample.share),
            "Use a series that covers the level.",
        )
    return sample


@kept
def cut_out(image: NDArray[np.generic], body: NDArray[np.generic]) -> BodySample | None:
    """One body of an image of its shape; None where the mask is empty."""
    found = _mask_alone(body)
    if found is None:
        return None
    box, mask = found
    signal = image[box].astype(float)
    seen = np.isfinite(signal)
    # One array for every series with this body: what follows from it alone is then kept once.
    covered = mask if seen.all() else mask & seen
    share = float(covered.sum() / mask.sum())
    warnings = []
    if share < 1:
        warnings.append(say("{share:.0f}% of the body lies outside the series", share=100 * (1 - share)))
    if any(side.start == 0 or side.stop == n for side, n in zip(box, body.shape, strict=True)):
        warnings.append("the body reaches the edge of the image: it may be cut off")
    return BodySample(signal, covered, box, tuple(warnings), share)


@kept
def _mask_alone(body: NDArray[np.generic]) -> tuple[tuple[slice, ...], Mask] | None:
    """The box around a mask and what it holds; None where it is empty."""
    whole = body if body.dtype == np.bool_ else body != 0
    if not whole.any():
        return None
    box: tuple[slice, ...] = ()
    for axis in range(whole.ndim):  # each within those before it: the whole grid is looked through once
        others = tuple(a for a in range(whole.ndim) if a != axis)
        there = np.flatnonzero(whole[box].any(axis=others))
        box += (slice(int(there[0]), int(there[-1]) + 1),)
    return box, whole[box].astype(bool)
