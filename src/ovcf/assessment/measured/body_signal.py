"""Edema and T2 pattern of one body on its own series, as the assessment and the page both read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.measures.signal.edema import marrow_edema
from ovcf.measures.signal.t2_pattern import t2_pattern

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.assessment.measured.marrow_series import MarrowSeries
    from ovcf.measures.measurement import Measurement
    from ovcf.measures.signal.t2_pattern import T2PatternResult


def edema_of(fluid: MarrowSeries, index: Level) -> Measurement:
    """The edema of one body.

    Raises:
        MeasurementInputError: see :func:`ovcf.measures.signal.edema.marrow_edema`.
    """
    return marrow_edema(
        fluid.volume.voxels,
        fluid.bodies[index],
        fluid.reference,
        level=index,
        voxel_mm=fluid.spacing,
        threshold_sd=fluid.threshold_sd,
        outline=fluid.outline,
        source=fluid.source,
    )


def t2_of(t2: MarrowSeries, index: Level) -> T2PatternResult:
    """The pattern of one body on its middle slice.

    Raises:
        MeasurementInputError: see :func:`ovcf.measures.signal.t2_pattern.t2_pattern`.
    """
    at = t2.slice_of(index)
    return t2_pattern(
        t2.volume.voxels[at],
        t2.bodies[index][at],
        t2.reference,
        level=index,
        source=t2.source,
        pixel_mm=t2.spacing[1:],
        threshold_sd=t2.threshold_sd,
        outline_sd_mm=t2.outline.sd_mm,
    )
