"""Bland-Altman where every subject was measured more than once: pairs of one person are not independent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from ovcf.cohort.agreement.reliability import BlandAltmanResult
from ovcf.cohort.data.columns import numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.result import Column, Estimate, Table
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TrueValue = Literal["varies", "constant"]
Z = 1.959964


def bland_altman_repeated(
    frame: pd.DataFrame,
    subject: str,
    first: str,
    second: str,
    *,
    true_value: TrueValue = "varies",
    coverage: float = 0.95,
) -> BlandAltmanResult:
    """Bias and 95 % limits of agreement of two methods, several measurements of each person.

    Args:
        frame: one row per pair of measurements (``varies``), or rows in which either may be missing (``constant``).
        subject: column that names the person.
        first, second: columns of the two methods.
        true_value: ``varies`` when what is measured changes from pair to pair, as at each visit: the differences are
            analysed. ``constant`` when the rows are repeats of one truth, which need not be paired.
        coverage: of the intervals (Zou's method of variance estimates recovery).

    Raises:
        CohortDataError: an absent column, fewer than three subjects, no subject with repeats, no spread.
    """
    need_columns(frame, [subject, first, second])
    if true_value not in ("varies", "constant"):
        raise CohortDataError(
            "true_value", say("{true_value!r} is unknown", true_value=true_value), "Give 'varies' or 'constant'."
        )
    a, b = numbers(frame[first], first), numbers(frame[second], second)
    pairs = ~(np.isnan(a) | np.isnan(b))
    who = frame[subject].astype("object")
    known = who.notna().to_numpy(bool)
    use = known & pairs if true_value == "varies" else known & ~(np.isnan(a) & np.isnan(b))
    groups = [np.flatnonzero(use & (who == name).to_numpy(bool)) for name in who[use].unique()]
    if true_value == "constant":
        groups = [g for g in groups if (~np.isnan(a[g])).any() and (~np.isnan(b[g])).any()]
    if len(groups) < 3 or not any(len(g) > 1 for g in groups):
        raise CohortDataError(
            subject,
            say("names {groups} subjects with both methods, or none measured twice", groups=len(groups)),
            "It takes three, some of them measured again; else use the plain Bland-Altman.",
        )
    bias, parts = _varying(a, b, groups) if true_value == "varies" else _constant(a, b, groups)
    variance = sum(weight * square for weight, square, _ in parts)
    if variance <= 0:
        raise CohortDataError(
            "Bland-Altman", "all differences are the same", "Check that the columns are two readings."
        )
    sd = math.sqrt(variance)
    means = np.array([(np.nanmean(a[g]) + np.nanmean(b[g])) / 2 for g in groups])
    gaps = np.array([np.nanmean(a[g]) - np.nanmean(b[g]) for g in groups])
    found = _limits(bias, gaps, parts, coverage)
    slope = _slope(means, gaps, coverage)
    every = np.concatenate(groups) if true_value == "varies" else None
    how = (
        "the truth may differ from pair to pair: components of variance of the differences"
        if true_value == "varies"
        else "the truth is the same in all repeats: variance of the subjects' means, corrected for the repeats"
    )
    return BlandAltmanResult(
        title="Bland-Altman, several measurements of each subject",
        method=say(
            "Bias and 95% limits of agreement; {how}; {coverage:g}% intervals by Zou's method",
            how=how,
            coverage=100 * coverage,
        ),
        references=(
            "Bland JM, Altman DG. J Biopharm Stat 2007;17:571-582",
            "Zou GY. Stat Methods Med Res 2013;22:630-642 (intervals)",
        ),
        n=len(groups),
        missing=((first, int(np.isnan(a).sum())), (second, int(np.isnan(b).sum()))),
        notes=(say("{groups} subjects, {groups_2} rows", groups=len(groups), groups_2=sum(map(len, groups))),),
        tables=(
            Table(
                "Limits of agreement",
                (Column("what", "Figure"), Column("value", "Value (interval)", ".3f")),
                (
                    ("bias", found[0]),
                    ("lower limit", found[1]),
                    ("upper limit", found[2]),
                    ("slope over the mean, of subjects", slope),
                ),
            ),
        ),
        bias=found[0],
        lower=found[1],
        upper=found[2],
        sd=sd,
        slope=slope,
        means=tuple((means if every is None else (a[every] + b[every]) / 2).tolist()),
        differences=tuple((gaps if every is None else a[every] - b[every]).tolist()),
    )


_Part = tuple[float, float, int]
"""A weight, a variance and its degrees of freedom; the variance of a difference is the sum of their products."""


def _varying(a: Array, b: Array, groups: list[NDArray[np.int64]]) -> tuple[float, list[_Part]]:
    """One-way analysis of variance of the differences; a negative component between subjects is none."""
    gaps = [a[g] - b[g] for g in groups]
    sizes = np.array([len(g) for g in gaps], float)
    n, total = len(gaps), float(sizes.sum())
    bias = float(np.concatenate(gaps).mean())
    between = float((sizes * (np.array([g.mean() for g in gaps]) - bias) ** 2).sum()) / (n - 1)
    free = int(total) - n
    within = sum(float(((g - g.mean()) ** 2).sum()) for g in gaps) / free
    size = (total**2 - float((sizes**2).sum())) / ((n - 1) * total)
    if between <= within:
        return bias, [(1.0, within, free)]
    return bias, [(1 / size, between, n - 1), (1 - 1 / size, within, free)]


def _constant(a: Array, b: Array, groups: list[NDArray[np.int64]]) -> tuple[float, list[_Part]]:
    """Variance of the differences of the subjects' means, and what single readings add to it.

    Bias is over all pairs, as Bland and Altman have it; where readings stand alone, over the subjects' means.
    """
    n = len(groups)
    gaps = np.array([np.nanmean(a[g]) - np.nanmean(b[g]) for g in groups])
    parts: list[_Part] = [(1.0, float(gaps.var(ddof=1)), n - 1)]
    for values in (a, b):
        own = [values[g][~np.isnan(values[g])] for g in groups]
        free = sum(len(v) - 1 for v in own)
        if free:
            square = sum(float(((v - v.mean()) ** 2).sum()) for v in own) / free
            parts.append((1 - float(np.mean([1 / len(v) for v in own])), square, free))
    every = np.concatenate(groups)
    paired = not np.isnan(a[every] - b[every]).any()
    return float((a[every] - b[every]).mean() if paired else gaps.mean()), parts


def _limits(bias: float, gaps: Array, parts: list[_Part], coverage: float) -> tuple[Estimate, Estimate, Estimate]:
    """Bias and limits with intervals that put together those of the bias and of each variance."""
    from scipy.stats import chi2, t

    tail, n = 0.5 + coverage / 2, len(gaps)
    sd = math.sqrt(sum(w * v for w, v, _ in parts))
    error = float(gaps.std(ddof=1)) / math.sqrt(n)
    half = float(t.ppf(tail, n - 1)) * error
    down = math.sqrt(sum((w * v * (1 - free / float(chi2.ppf(tail, free)))) ** 2 for w, v, free in parts))
    up = math.sqrt(sum((w * v * (free / float(chi2.ppf(1 - tail, free)) - 1)) ** 2 for w, v, free in parts))
    least, most = math.sqrt(max(sd**2 - down, 0.0)), math.sqrt(sd**2 + up)
    inner, outer = math.hypot(half, Z * (sd - least)), math.hypot(half, Z * (most - sd))
    low, high = bias - Z * sd, bias + Z * sd
    return (
        Estimate(bias, bias - half, bias + half, error, coverage),
        Estimate(low, low - outer, low + inner, None, coverage),
        Estimate(high, high - inner, high + outer, None, coverage),
    )


def _slope(means: Array, gaps: Array, coverage: float) -> Estimate:
    from scipy.stats import linregress, t

    if np.ptp(means) == 0:
        return Estimate(0.0, -math.inf, math.inf, math.inf, coverage)
    line = linregress(means, gaps)
    half = float(t.ppf(0.5 + coverage / 2, len(means) - 2)) * float(line.stderr)
    return Estimate(float(line.slope), float(line.slope) - half, float(line.slope) + half, float(line.stderr), coverage)
