"""How many patients the external validation of a predicted number needs, such as a kyphosis angle or a pain score."""

from __future__ import annotations

import math
from statistics import NormalDist

from ovcf.cohort.planning.sample_size import SampleSizeResult, inside
from ovcf.cohort.result import Column, Table
from ovcf.errors import CohortDataError

REFERENCE = "Archer L et al. Stat Med 2021;40:133-146"


def for_continuous_validation(
    r_squared: float,
    variance: float,
    *,
    mean_width: float,
    r_squared_width: float = 0.1,
    slope_width: float = 0.2,
    sd_margin: float = 0.1,
    coverage: float = 0.95,
) -> SampleSizeResult:
    """Patients for intervals no wider than asked, the model being right on average; the largest demand decides.

    Args:
        r_squared: expected of the model in the new patients, corrected for optimism.
        variance: of the outcome in them, in its squared unit.
        mean_width: whole width of the interval of calibration in the large (mean observed less predicted), in its unit.
        r_squared_width: of R squared.
        slope_width: of the calibration slope.
        sd_margin: by what share the residual standard deviation may be off, for the others rest on it.
        coverage: of all intervals.

    Raises:
        CohortDataError: values outside their range.
    """
    inside(r_squared=r_squared)
    if min(variance, mean_width, r_squared_width, slope_width, sd_margin) <= 0:
        raise CohortDataError("width", "is not above 0", "Give variance, widths and margin above 0.")
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    rest = 1 - r_squared
    demands = (
        (f"R squared, {r_squared_width:g} wide", 4 * r_squared * rest**2 / (r_squared_width / 2 / z) ** 2),
        (f"calibration in the large, {mean_width:g} wide", variance * rest / (mean_width / 2 / z) ** 2),
        (f"calibration slope, {slope_width:g} wide", rest / r_squared / (slope_width / 2 / z) ** 2 + 1),
        (f"residual standard deviation within {100 * sd_margin:g}%", float(_for_spread(sd_margin, coverage))),
    )
    parts = tuple((name, math.ceil(n - 1e-9)) for name, n in demands)
    n = max(k for _, k in parts)
    return SampleSizeResult(
        title="Sample size: external validation of a predicted number",
        method=f"R squared {r_squared:g}, variance of the outcome {variance:g}; the model taken as right",
        references=(REFERENCE,),
        n=n,
        notes=("Centres that differ, or patients lost, need more.",),
        tables=(Table("Patients", (Column("what", ""), Column("n", "n", "d")), (*parts, ("in all", n))),),
        parts=parts,
    )


def _for_spread(margin: float, coverage: float) -> int:
    """The fewest in whom the interval of a standard deviation reaches no further than this share of it."""
    from scipy.stats import chi2

    tail = 0.5 - coverage / 2

    def reach(n: int) -> float:
        k = n - 1
        return float(max(chi2.isf(tail, k) / k, k / chi2.ppf(tail, k)))

    low, high = 2, 4
    while reach(high) > (1 + margin) ** 2:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reach(middle) <= (1 + margin) ** 2 else (middle, high)
    return high
