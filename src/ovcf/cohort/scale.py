"""Scales on which a figure is near normal: shares by their logit, ratios by their logarithm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.result import Estimate

Scale = Literal["identity", "logit", "log"]


def to_scale(scale: Scale, values: ArrayLike) -> NDArray[np.float64]:
    """From the figure as printed; not finite where it lies at or beyond the end of its range."""
    x = np.asarray(values, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "logit":
            return np.asarray(np.log(x) - np.log1p(-x))
        return np.asarray(np.log(x)) if scale == "log" else x


def from_scale(scale: Scale, values: ArrayLike) -> NDArray[np.float64]:
    """Back to the figure as printed."""
    from scipy.special import expit

    x = np.asarray(values, float)
    if scale == "logit":
        return np.asarray(expit(x))
    return np.asarray(np.exp(x)) if scale == "log" else x


def logit_error(area: Estimate) -> float:
    """Standard error of the logit of a share, by the delta method; infinite at 0 and 1."""
    spread = area.value * (1 - area.value)
    return (area.standard_error or 0.0) / spread if spread > 0 else float("inf")
