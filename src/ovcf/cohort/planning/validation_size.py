"""How many patients the external validation of a risk needs, by the precision of each figure that it will report."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.planning.sample_size import SampleSizeResult, inside
from ovcf.cohort.result import Column, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

REFERENCES = (
    "Riley RD et al. Stat Med 2021;40:4230-4251",
    "Pavlou M et al. Stat Methods Med Res 2021;30:2187-2206 (risks of a given prevalence and AUC)",
    "Newcombe RG. Stat Med 2006;25:559-573 (variance of the AUC)",
)
_STEPS = np.linspace(-8, 8, 4001)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetBenefit:
    """A demand on the standardised net benefit (a share of the largest possible one) of acting from a risk on.

    ``sensitivity`` and ``specificity`` are those at the ``threshold``; ``width`` is that of the whole interval.
    """

    threshold: float
    sensitivity: float
    specificity: float
    width: float = 0.2


def for_validation(
    prevalence: float,
    auc: float,
    *,
    ratio_width: float = 0.2,
    slope_width: float = 0.2,
    auc_width: float = 0.1,
    logit: tuple[float, float] | None = None,
    net_benefit: NetBenefit | None = None,
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
        net_benefit: counts too where it is given.
        coverage: of all intervals.

    Raises:
        CohortDataError: values outside their range.
    """
    inside(prevalence=prevalence, auc=auc)
    if auc <= 0.5:
        raise CohortDataError("AUC", say("{auc:g} is not above 0.5", auc=auc), "Say which AUC the model should reach.")
    benefit_widths = () if net_benefit is None else (net_benefit.width,)
    if min(ratio_width, slope_width, auc_width, *benefit_widths) <= 0:
        raise CohortDataError("width", "is not above 0", "Give the whole width of an interval.")
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    mean, spread = logit or logit_of(prevalence, auc)
    # The interval of a ratio is symmetrical about its logarithm: exp(h) - exp(-h) is the width.
    ratio_error = math.asinh(ratio_width / 2) / z
    demands = [
        (
            say("observed / expected, {ratio_width:g} wide", ratio_width=ratio_width),
            (1 - prevalence) / prevalence / ratio_error**2,
        ),
        (
            say("calibration slope, {slope_width:g} wide", slope_width=slope_width),
            _for_slope(mean, spread, slope_width / 2 / z),
        ),
        (say("AUC, {auc_width:g} wide", auc_width=auc_width), float(_for_auc(prevalence, auc, auc_width / 2 / z))),
    ]
    if net_benefit is not None:
        demands.append(_for_net_benefit(net_benefit, prevalence, z))
    parts = tuple((name, math.ceil(n - 1e-9)) for name, n in demands)
    n = max(k for _, k in parts)
    return SampleSizeResult(
        title="Sample size: external validation of a risk",
        method=say(
            "Prevalence {prevalence:g}, AUC {auc:g}; logit of the risks normal with mean {mean:.2f} and "
            "standard deviation {spread:.2f}; the model taken as right",
            prevalence=prevalence,
            auc=auc,
            mean=mean,
            spread=spread,
        ),
        references=REFERENCES,
        n=n,
        notes=(
            say("{ceil} events.", ceil=math.ceil(n * prevalence)),
            "Centres that differ, or patients lost, need more.",
        ),
        tables=(Table("Patients", (Column("what", ""), Column("n", "n", "d")), (*parts, ("in all", n))),),
        parts=parts,
    )


def _for_net_benefit(asked: NetBenefit, prevalence: float, z: float) -> tuple[str, float]:
    inside(threshold=asked.threshold, sensitivity=asked.sensitivity, specificity=asked.specificity)
    odds = (1 - prevalence) / prevalence * asked.threshold / (1 - asked.threshold)
    spare = 1 - asked.specificity
    variance = (
        asked.sensitivity * (1 - asked.sensitivity) / prevalence
        + odds**2 * asked.specificity * spare / (1 - prevalence)
        + odds**2 * spare**2 / (prevalence * (1 - prevalence))
    )
    name = say(
        "standardised net benefit at {threshold:g}, {width:g} wide", threshold=asked.threshold, width=asked.width
    )
    return name, variance / (asked.width / 2 / z) ** 2


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
        raise CohortDataError(
            "AUC", say("{auc:g} is out of reach", auc=auc), "Give the logit of the risks from an earlier report."
        )
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
