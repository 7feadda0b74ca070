"""How many patients a study needs: proportions, AUC, agreement, prediction models."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.agreement.kappa import Weights, cohen_kappa
from ovcf.cohort.result import AnalysisResult, Column, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSizeResult(AnalysisResult):
    """``n`` patients in all; ``parts`` name what they are made of or which demand asks for how many."""

    parts: tuple[tuple[str, int], ...]


def for_proportion(share: float, half_width: float, *, coverage: float = 0.95) -> SampleSizeResult:
    """Patients for which Wilson's interval of ``share`` is at most ``half_width`` to either side (half its width)."""
    inside(share=share, half_width=half_width)
    z2 = _NORMAL.inv_cdf(0.5 + coverage / 2) ** 2
    # Wilson's half width falls with n: (z / (1 + z²/n)) sqrt(p q / n + z² / 4n²), squared and solved for n
    pq, d2 = share * (1 - share), half_width**2
    a, b, c = d2, z2 * (2 * d2 - pq), z2**2 * (d2 - 0.25)
    n = math.ceil((-b + math.sqrt(b * b - 4 * a * c)) / (2 * a) - 1e-9)
    return _result(
        say("Precision of a proportion of {share:g}", share=share),
        say("Wilson interval no wider than ±{half_width:g}", half_width=half_width),
        max(n, 1),
        (),
        "Wilson EB. J Am Stat Assoc 1927;22:209-212",
    )


def for_two_proportions(first: float, second: float, *, power: float = 0.8, alpha: float = 0.05) -> SampleSizeResult:
    """Patients, half in each group, to find a difference of two proportions by a two-sided chi-square test."""
    inside(first=first, second=second, power=power, alpha=alpha)
    if first == second:
        raise CohortDataError("proportions", "are the same", "Say which difference matters.")
    za, zb, mean = _NORMAL.inv_cdf(1 - alpha / 2), _NORMAL.inv_cdf(power), (first + second) / 2
    root = za * math.sqrt(2 * mean * (1 - mean)) + zb * math.sqrt(first * (1 - first) + second * (1 - second))
    n = math.ceil((root / (first - second)) ** 2)
    return _result(
        say("Proportions {first:g} against {second:g}", first=first, second=second),
        say("Two-sided chi-square test without correction, alpha {alpha:g}, power {power:g}", alpha=alpha, power=power),
        2 * n,
        (("each group", n),),
        "Fleiss JL, Levin B, Paik MC. Statistical methods for rates and proportions, 3rd ed. Wiley 2003",
    )


def for_auc_precision(auc: float, half_width: float, prevalence: float, *, coverage: float = 0.95) -> SampleSizeResult:
    """Patients for an interval of the AUC of ``half_width`` to either side, by Hanley and McNeil's variance."""
    inside(auc=auc, half_width=half_width, prevalence=prevalence)
    z = _NORMAL.inv_cdf(0.5 + coverage / 2)
    q1, q2 = auc / (2 - auc) - auc**2, 2 * auc**2 / (1 + auc) - auc**2

    def half(n: int) -> float:
        events, others = n * prevalence, n * (1 - prevalence)
        return z * math.sqrt((auc * (1 - auc) + (events - 1) * q1 + (others - 1) * q2) / (events * others))

    low, high = math.ceil(2 / min(prevalence, 1 - prevalence)), 4
    while half(max(high, low)) > half_width:
        high *= 2
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if half(middle) > half_width else (low, middle)
    return _result(
        say("Precision of an AUC of {auc:g}", auc=auc),
        say(
            "Interval of ±{half_width:g} at a prevalence of {prevalence:g}",
            half_width=half_width,
            prevalence=prevalence,
        ),
        low,
        _split(low, prevalence),
        "Hanley JA, McNeil BJ. Radiology 1982;143:29-36",
    )


def for_auc_test(auc: float, *, prevalence: float = 0.5, power: float = 0.8, alpha: float = 0.05) -> SampleSizeResult:
    """Patients to tell an AUC from 0.5, two-sided, by Obuchowski's binormal variance."""
    inside(auc=auc, prevalence=prevalence, power=power, alpha=alpha)
    if auc <= 0.5:
        raise CohortDataError("AUC", say("{auc:g} is not above 0.5", auc=auc), "Say which AUC the score should reach.")
    kappa = (1 - prevalence) / prevalence

    def variance(value: float) -> float:
        a = _NORMAL.inv_cdf(value) * 1.414
        return 0.0099 * math.exp(-(a**2) / 2) * ((5 * a**2 + 8) + (a**2 + 8) / kappa)

    za, zb = _NORMAL.inv_cdf(1 - alpha / 2), _NORMAL.inv_cdf(power)
    events = (za * math.sqrt(variance(0.5)) + zb * math.sqrt(variance(auc))) ** 2 / (auc - 0.5) ** 2
    parts = (("events", math.ceil(events)), ("non-events", math.ceil(events * kappa)))
    return _result(
        say("AUC of {auc:g} against 0.5", auc=auc),
        say(
            "Two-sided test, alpha {alpha:g}, power {power:g}, prevalence {prevalence:g}",
            alpha=alpha,
            power=power,
            prevalence=prevalence,
        ),
        parts[0][1] + parts[1][1],
        parts,
        "Obuchowski NA, Lieber ML, Wians FH. Clin Chem 2004;50:1118-1125",
    )


def for_icc(icc: float, raters: int, width: float, *, coverage: float = 0.95) -> SampleSizeResult:
    """Patients for an interval of the ICC whose whole width is ``width``, each measured by ``raters`` (Bonett)."""
    inside(icc=icc, width=width)
    if raters < 2:
        raise CohortDataError("raters", say("{raters} cannot agree", raters=raters), "Give at least two.")
    z, k = _NORMAL.inv_cdf(0.5 + coverage / 2), raters
    n = 8 * z**2 * (1 - icc) ** 2 * (1 + (k - 1) * icc) ** 2 / (k * (k - 1) * width**2) + 1
    n += 5 * icc if k == 2 and icc >= 0.7 else 0  # his correction of the approximation there
    return _result(
        say("Precision of an ICC of {icc:g}", icc=icc),
        say("Interval {width:g} wide with {raters} raters", width=width, raters=raters),
        math.ceil(n),
        (("ratings", math.ceil(n) * raters),),
        "Bonett DG. Stat Med 2002;21:1331-1335",
    )


def for_kappa(
    table: ArrayLike, half_width: float, *, weights: Weights | None = None, coverage: float = 0.95
) -> SampleSizeResult:
    """Patients for an interval of kappa of ``half_width``, two raters.

    Args:
        table: the shares of patients expected in each pair of categories; `kappa_table` makes one for yes and no.
        half_width: of the interval.
        weights: as in `cohen_kappa`.
        coverage: of the interval.
    """
    inside(half_width=half_width)
    shares = np.asarray(table, float)
    many = 1e6
    found = cohen_kappa(shares / shares.sum() * many, weights=weights).estimate
    spread = (found.standard_error or 0.0) * math.sqrt(many)
    n = math.ceil((_NORMAL.inv_cdf(0.5 + coverage / 2) * spread / half_width) ** 2)
    return _result(
        say("Precision of a kappa of {value:.2f}", value=found.value),
        say("Interval of ±{half_width:g}, two raters, large-sample variance", half_width=half_width),
        n,
        (),
        "Fleiss JL, Cohen J, Everitt BS. Psychol Bull 1969;72:323-327",
    )


def kappa_table(kappa: float, prevalence: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """The 2x2 table of shares in which two raters with the same ``prevalence`` of yes reach ``kappa``."""
    inside(prevalence=prevalence)
    off = prevalence * (1 - prevalence) * (1 - kappa)
    if not -1 < kappa <= 1 or off > min(prevalence, 1 - prevalence):
        raise CohortDataError(
            "kappa",
            say("{kappa:g} cannot be at this prevalence", kappa=kappa),
            "Give a value that two raters can reach.",
        )
    return (prevalence - off, off), (off, 1 - prevalence - off)


def for_prediction_model(
    parameters: int, prevalence: float, r_squared: float, *, shrinkage: float = 0.9
) -> SampleSizeResult:
    """Patients to develop a logistic prediction model, the largest of Riley's three demands.

    Args:
        parameters: coefficients considered, levels and spline terms counted, not only those that are kept.
        prevalence: share of patients with the event.
        r_squared: Cox-Snell R² that the model is expected to reach.
        shrinkage: calibration slope that new patients should at least see.

    Raises:
        CohortDataError: R² beyond what the prevalence allows, or values outside their range.
    """
    inside(prevalence=prevalence, r_squared=r_squared, shrinkage=shrinkage)
    most = 1 - (prevalence**prevalence * (1 - prevalence) ** (1 - prevalence)) ** 2
    if r_squared >= most or parameters < 1:
        raise CohortDataError(
            "R²",
            say("{r_squared:g} with {parameters} parameters is none", r_squared=r_squared, parameters=parameters),
            say("R² stays below {most:.3f}.", most=most),
        )

    def needed(slope: float) -> int:
        return math.ceil(parameters / ((slope - 1) * math.log(1 - r_squared / slope)))

    small_optimism = r_squared / (r_squared + 0.05 * most)
    demands = (
        (say("calibration slope of at least {shrinkage:g}", shrinkage=shrinkage), needed(shrinkage)),
        ("optimism of Nagelkerke's R² within 0.05", needed(small_optimism)),
        ("overall risk within ±0.05", math.ceil((1.959964 / 0.05) ** 2 * prevalence * (1 - prevalence))),
    )
    n = max(k for _, k in demands)
    events = n * prevalence
    return _result(
        say("Prediction model with {parameters} parameters", parameters=parameters),
        say(
            "Prevalence {prevalence:g}, Cox-Snell R² {r_squared:g}; {parameters:.1f} events per parameter",
            prevalence=prevalence,
            r_squared=r_squared,
            parameters=events / parameters,
        ),
        n,
        demands,
        "Riley RD et al. BMJ 2020;368:m441",
    )


def _split(n: int, prevalence: float) -> tuple[tuple[str, int], ...]:
    events = math.ceil(n * prevalence)
    return ("events", events), ("non-events", n - events)


def inside(**values: float) -> None:
    """Refuse shares that are none."""
    for name, value in values.items():
        if not 0 < value < 1:
            raise CohortDataError(
                name.replace("_", " "), say("{value:g} is not between 0 and 1", value=value), "Give a share."
            )


def _result(title: str, method: str, n: int, parts: tuple[tuple[str, int], ...], reference: str) -> SampleSizeResult:
    return SampleSizeResult(
        title=say("Sample size: {title}", title=title),
        method=method,
        references=(reference,),
        n=n,
        tables=(Table("Patients", (Column("what", ""), Column("n", "n", "d")), (*parts, ("in all", n))),),
        parts=parts,
    )
