"""How many patients the external validation of a risk needs, by the precision of each figure that it will report."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.planning.sample_size import SampleSizeResult, inside
from ovcf.cohort.result import Column, Table
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

REFERENCES = (
    "Riley RD et al. Stat Med 2021;40:4230-4251",
    "Pavlou M et al. Stat Methods Med Res 2021;30:2187-2206 (risks of a given prevalence and AUC)",
    "Newcombe RG. Stat Med 2006;25:559-573 (variance of the AUC)",
)
_STEPS = np.linspace(-8, 8, 4001)


def for_validation(
    prevalence: float,
    auc: float,
    *,
    ratio_width: float = 0.2,
    slope_width: float = 0.2,
    auc_width: float = 0.1,
    logit: tuple[float, float] | None = None,
    threshold: float | None = None,
    sensitivity: float | None = None,
    specificity: float | None = None,
    benefit_width: float = 0.2,
    coverage: float = 0.95,
) -> SampleSizeResult:
    """Patients for intervals no wider than asked, the model being right on average; the largest demand decides.

    Args:
        prevalence: share of patients with the event.
        auc: expected of the model.
        ratio_width: whole width of the interval of observed / expected.
        slope_width: of the calibration slope.
        auc_width: of the AUC.
        logit: mean and standard deviation of the logit of the risks, as in an earlier report; by default those of a
            normal distribution with this prevalence and AUC.
        threshold: of risk at which one would act; with ``sensitivity`` and ``specificity`` net benefit counts too.
        sensitivity, specificity: at the threshold.
        benefit_width: of the standardised net benefit (as a share of the largest possible one).
        coverage: of all intervals.

    Raises:
        CohortDataError: values outside their range, or an incomplete demand on net benefit.
    """
    inside(prevalence=prevalence, auc=auc)
    if auc <= 0.5:
        raise CohortDataError("AUC", f"{auc:g} is not above 0.5", "Say which AUC the model should reach.")
    if min(ratio_width, slope_width, auc_width, benefit_width) <= 0:
        raise CohortDataError("width", "is not above 0", "Give the whole width of an interval.")
    at_threshold = (threshold, sensitivity, specificity)
    given = [v for v in at_threshold if v is not None]
    if given and len(given) < 3:
        raise CohortDataError("net benefit", "needs threshold, sensitivity and specificity", "Give all three or none.")
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    mean, spread = logit or logit_of(prevalence, auc)
    # The interval of a ratio is symmetrical about its logarithm: exp(h) - exp(-h) is the width.
    ratio_error = math.asinh(ratio_width / 2) / z
    demands = [
        (f"observed / expected, {ratio_width:g} wide", (1 - prevalence) / prevalence / ratio_error**2),
        (f"calibration slope, {slope_width:g} wide", _for_slope(mean, spread, slope_width / 2 / z)),
        (f"AUC, {auc_width:g} wide", float(_for_auc(prevalence, auc, auc_width / 2 / z))),
    ]
    if threshold is not None and sensitivity is not None and specificity is not None:
        inside(threshold=threshold, sensitivity=sensitivity, specificity=specificity)
        odds = (1 - prevalence) / prevalence * threshold / (1 - threshold)
        spare = 1 - specificity
        variance = (
            sensitivity * (1 - sensitivity) / prevalence
            + odds**2 * specificity * spare / (1 - prevalence)
            + odds**2 * spare**2 / (prevalence * (1 - prevalence))
        )
        demands.append(
            (
                f"standardised net benefit at {threshold:g}, {benefit_width:g} wide",
                variance / (benefit_width / 2 / z) ** 2,
            )
        )
    parts = tuple((name, math.ceil(n - 1e-9)) for name, n in demands)
    n = max(k for _, k in parts)
    return SampleSizeResult(
        title="Sample size: external validation of a risk",
        method=f"Prevalence {prevalence:g}, AUC {auc:g}; logit of the risks normal with mean {mean:.2f} and standard "
        f"deviation {spread:.2f}; the model taken as right",
        references=REFERENCES,
        n=n,
        notes=(f"{math.ceil(n * prevalence)} events.", "Centres that differ, or patients lost, need more."),
        tables=(Table("Patients", (Column("what", ""), Column("n", "n", "d")), (*parts, ("in all", n))),),
        parts=parts,
    )


def logit_of(prevalence: float, auc: float) -> tuple[float, float]:
    """Mean and standard deviation of a normal logit whose right risks have this mean and this AUC."""
    from scipy.optimize import brentq
    from scipy.special import expit

    weight = np.exp(-(_STEPS**2) / 2)
    weight /= weight.sum()

    def mean_for(spread: float) -> float:
        return float(brentq(lambda m: weight @ expit(m + spread * _STEPS) - prevalence, -60, 60))

    def area(spread: float) -> float:
        risk = expit(mean_for(spread) + spread * _STEPS)
        cases, others = weight * risk / prevalence, weight * (1 - risk) / (1 - prevalence)
        return float(cases @ (np.cumsum(others) - others / 2))

    if area(20.0) < auc:
        raise CohortDataError("AUC", f"{auc:g} is out of reach", "Give the logit of the risks from an earlier report.")
    spread = float(brentq(lambda s: area(s) - auc, 1e-6, 20.0))
    return mean_for(spread), spread


def _for_slope(mean: float, spread: float, error: float) -> float:
    """From the information of intercept and slope in one patient."""
    from scipy.special import expit

    if spread <= 0:
        raise CohortDataError("logit", "has no spread", "Risks that are all alike have no calibration slope.")
    weight = np.exp(-(_STEPS**2) / 2)
    line = mean + spread * _STEPS
    risk = expit(line)
    w = weight / weight.sum() * risk * (1 - risk)
    flat, tilt, bend = w.sum(), w @ line, w @ line**2
    return float(flat / (flat * bend - tilt**2) / error**2)


def _for_auc(prevalence: float, auc: float, error: float) -> int:
    """The first number at which Newcombe's variance is small enough."""

    def variance(n: float) -> float:
        half = n / 2 - 1
        numerator = auc * (1 - auc) * (1 + half * (1 - auc) / (2 - auc) + half * auc / (1 + auc))
        return numerator / (n**2 * prevalence * (1 - prevalence))

    low, high = 2, 4
    while variance(high) > error**2:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if variance(middle) > error**2 else (low, middle)
    return low
