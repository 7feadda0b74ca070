"""Agreement of measurements: ICC in all six forms, standard error, smallest detectable change, Bland-Altman."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ovcf.cohort.data.columns import complete_rows, numbers
from ovcf.cohort.result import AnalysisResult, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Kind = Literal["agreement", "consistency"]
_CHANGES = (
    "The difference changes with the mean: the limits are too wide at one end and too narrow at the other. That is so "
    "too where one of the two merely spreads more."
)


@dataclass(frozen=True, slots=True)
class _MeanSquares:
    """Two-way analysis of variance without replication: ``n`` subjects, ``k`` raters."""

    n: int
    k: int
    subjects: float
    raters: float
    error: float
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IccResult(AnalysisResult):
    """The six forms of Shrout and Fleiss; ``sem`` and ``sdc`` are in the unit of the scores (absolute agreement)."""

    forms: tuple[tuple[str, Estimate], ...]
    sem: float
    sdc: float

    def __getitem__(self, form: str) -> Estimate:
        """One form by its name, such as ``ICC(2,1)``."""
        return dict(self.forms)[form]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlandAltmanResult(PlottedResult):
    """Bias and 95 % limits of agreement in the unit measured, each with its interval."""

    bias: Estimate
    lower: Estimate
    upper: Estimate
    sd: float
    slope: Estimate
    means: tuple[float, ...]
    differences: tuple[float, ...]
    names: tuple[str, str] = ("first", "second")
    unit: str = ""

    def plot(self, ax: Any = None) -> Any:
        """Difference against mean; bands are the intervals of bias and limits."""
        axes = new_axes(ax, size=(5.2, 3.8))
        axes.scatter(self.means, self.differences, s=14, color="#0072B2", alpha=0.7, linewidths=0)
        for line, style in ((self.bias, "-"), (self.lower, "--"), (self.upper, "--")):
            axes.axhline(line.value, color="#333333", linestyle=style, linewidth=1)
            axes.axhspan(line.low, line.high, color="#E69F00", alpha=0.18, linewidth=0)
            axes.annotate(
                f"{line.value:.2f}", (1.01, line.value), xycoords=("axes fraction", "data"), va="center", fontsize=8
            )
        unit = say(" ({unit})", unit=self.unit) if self.unit else ""
        first, second = self.names
        axes.set(
            xlabel=tr(say("Mean of {first} and {second}{unit}", first=first, second=second, unit=unit)),
            ylabel=tr(say("{first} minus {second}{unit}", first=first.capitalize(), second=second, unit=unit)),
        )
        return axes


def icc(scores: ArrayLike, *, coverage: float = 0.95) -> IccResult:
    """Intraclass correlation of ``scores``, of shape (subjects, raters), with intervals from the F distribution.

    ICC(1,·): each subject has its own raters. ICC(2,·): raters stand for many, absolute agreement. ICC(3,·): these
    raters only, consistency. (·,1) is one rating, (·,k) the mean of all. Subjects with a missing score are left out
    and counted.

    Raises:
        CohortDataError: fewer than two complete subjects or raters, or scores without any spread.
    """
    from scipy.stats import f

    table, missing = _complete(scores)
    m = _mean_squares(table)
    n, k, tail = m.n, m.k, 0.5 + coverage / 2
    free, free_error = n - 1, (n - 1) * (k - 1)

    def by_ratio(ratio: float, degrees: int) -> tuple[float, float]:
        return ratio / float(f.ppf(tail, free, degrees)), ratio * float(f.ppf(tail, degrees, free))

    def single(ratio: float) -> float:
        return (ratio - 1) / (ratio + k - 1) if math.isfinite(ratio) else 1.0

    def average(ratio: float) -> float:
        return 1 - 1 / ratio if ratio > 0 else -math.inf

    one_way, two_way = _ratio(m.subjects, m.within), _ratio(m.subjects, m.error)
    one, two = by_ratio(one_way, n * (k - 1)), by_ratio(two_way, free_error)
    icc_2 = (m.subjects - m.error) / (m.subjects + (k - 1) * m.error + k * (m.raters - m.error) / n)
    icc_2_low, icc_2_high = _interval_of_icc_2(m, icc_2, tail)

    def mean_of(value: float) -> float:
        return value * k / (1 + value * (k - 1))

    def made(value: float, low: float, high: float) -> Estimate:
        return Estimate(value, low, high, None, coverage)

    forms = (
        ("ICC(1,1)", made(single(one_way), single(one[0]), single(one[1]))),
        ("ICC(2,1)", made(icc_2, icc_2_low, icc_2_high)),
        ("ICC(3,1)", made(single(two_way), single(two[0]), single(two[1]))),
        ("ICC(1,k)", made(average(one_way), average(one[0]), average(one[1]))),
        ("ICC(2,k)", made(mean_of(icc_2), mean_of(icc_2_low), mean_of(icc_2_high))),
        ("ICC(3,k)", made(average(two_way), average(two[0]), average(two[1]))),
    )
    error = _sem(m, "agreement")
    return IccResult(
        title="Intraclass correlation",
        method=say(
            "All six forms of Shrout and Fleiss, F-based {coverage:g}% intervals; {n} subjects, {k} raters",
            coverage=100 * coverage,
            n=n,
            k=k,
        ),
        references=(
            "Shrout PE, Fleiss JL. Psychol Bull 1979;86:420-428",
            "McGraw KO, Wong SP. Psychol Methods 1996;1:30-46",
            "de Vet HCW et al. J Clin Epidemiol 2006;59:1033-1039 (SEM, SDC)",
        ),
        n=n,
        missing=missing,
        notes=(
            say("SEM (agreement) {error:.3g}, SDC {sdc:.3g}, in the unit of the scores", error=error, sdc=_sdc(error)),
        ),
        tables=(
            Table("Intraclass correlation", (Column("form", "Form"), Column("value", "ICC (interval)", ".3f")), forms),
        ),
        forms=forms,
        sem=error,
        sdc=_sdc(error),
    )


def sem(scores: ArrayLike, kind: Kind = "agreement") -> float:
    """Standard error of one measurement, in its unit; ``agreement`` counts differences between raters in."""
    return _sem(_mean_squares(_complete(scores)[0]), kind)


def sdc(scores: ArrayLike, kind: Kind = "agreement") -> float:
    """Smallest detectable change of one patient, 1.96 sqrt(2) SEM: what exceeds it is change with 95 % confidence."""
    return _sdc(sem(scores, kind))


def bland_altman(
    first: ArrayLike,
    second: ArrayLike,
    *,
    names: tuple[str, str] = ("first", "second"),
    unit: str = "",
    coverage: float = 0.95,
) -> BlandAltmanResult:
    """Bias and 95 % limits of agreement of two ways to measure the same subjects; ``names`` and ``unit`` for print.

    The limits' intervals are exact for normal differences (noncentral t, Carkeet); bias over the mean is looked for by
    regression of the difference on the mean.

    Raises:
        CohortDataError: fewer than three complete pairs, or differences without spread.
    """
    from scipy.stats import linregress, nct, shapiro, t

    a, b = numbers(first, "first"), numbers(second, "second")
    whole, missing = complete_rows(first=a, second=b)
    a, b = a[whole], b[whole]
    n = len(a)
    if n < 3:
        raise CohortDataError("Bland-Altman", say("{n} complete pairs", n=n), "Give at least three.")
    d, mean = a - b, (a + b) / 2
    bias, sd = float(d.mean()), float(d.std(ddof=1))
    if sd == 0:
        raise CohortDataError(
            "Bland-Altman", "all differences are the same", "Check that the columns are two readings."
        )
    tail, root = 0.5 + coverage / 2, math.sqrt(n)
    half = float(t.ppf(tail, n - 1)) * sd / root
    inner, outer = (float(q) * sd / root for q in nct.ppf([1 - tail, tail], n - 1, 1.959964 * root))
    line = linregress(mean, d) if np.ptp(mean) > 0 else None
    slope = float(line.slope) if line else 0.0
    slope_se = float(line.stderr) if line else math.inf
    slope_half = float(t.ppf(tail, n - 2)) * slope_se
    limits = (
        ("bias", Estimate(bias, bias - half, bias + half, sd / root, coverage)),
        ("lower limit", Estimate(bias - 1.959964 * sd, bias - outer, bias - inner, None, coverage)),
        ("upper limit", Estimate(bias + 1.959964 * sd, bias + inner, bias + outer, None, coverage)),
        ("slope over the mean", Estimate(slope, slope - slope_half, slope + slope_half, slope_se, coverage)),
    )
    normality = say("Shapiro-Wilk on the differences, {said_p}", said_p=said_p(float(shapiro(d).pvalue)))
    return BlandAltmanResult(
        title="Bland-Altman",
        method=say(
            "Bias and 95% limits of agreement, {coverage:g}% intervals exact for normal differences",
            coverage=100 * coverage,
        ),
        references=("Bland JM, Altman DG. Lancet 1986;1:307-310", "Carkeet A. Optom Vis Sci 2015;92:e71-e80"),
        n=n,
        missing=missing,
        assumptions=(normality,),
        notes=(_CHANGES,) if abs(slope) > slope_half else (),
        tables=(
            Table(
                "Limits of agreement",
                (Column("what", "Figure"), Column("value", "Value (interval)", ".2f" if sd >= 1 else ".3f")),
                limits,
            ),
        ),
        bias=limits[0][1],
        lower=limits[1][1],
        upper=limits[2][1],
        sd=sd,
        slope=limits[3][1],
        means=tuple(mean.tolist()),
        differences=tuple(d.tolist()),
        names=names,
        unit=unit,
    )


def _complete(scores: ArrayLike) -> tuple[NDArray[np.float64], tuple[tuple[str, int], ...]]:
    table = np.asarray(scores)
    if table.ndim != 2 or table.shape[1] < 2:
        raise CohortDataError(
            "scores", say("are of shape {shape}", shape=table.shape), "Give subjects x raters, at least two raters."
        )
    raters = {say("rater {i}", i=i + 1): numbers(column, say("rater {i}", i=i + 1)) for i, column in enumerate(table.T)}
    whole, missing = complete_rows(**raters)
    kept = np.array(list(raters.values())).T[whole]
    if len(kept) < 2 or np.ptp(kept) == 0:
        raise CohortDataError("scores", "fewer than two complete subjects, or no spread", "Give scores that differ.")
    return kept, missing


def _mean_squares(x: NDArray[np.float64]) -> _MeanSquares:
    n, k = x.shape
    rows, columns, grand = x.mean(axis=1), x.mean(axis=0), x.mean()
    subjects = k * float(((rows - grand) ** 2).sum()) / (n - 1)
    raters = n * float(((columns - grand) ** 2).sum()) / (k - 1)
    within = float(((x - rows[:, None]) ** 2).sum())
    error = float(((x - rows[:, None] - columns + grand) ** 2).sum()) / ((n - 1) * (k - 1))
    return _MeanSquares(n, k, subjects, raters, error, within / (n * (k - 1)))


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.inf


def _interval_of_icc_2(m: _MeanSquares, icc_2: float, tail: float) -> tuple[float, float]:
    """Satterthwaite's approximation, as in Shrout and Fleiss (1979)."""
    from scipy.stats import f

    n, k = m.n, m.k
    if m.error == 0 and m.raters == 0:
        return 1.0, 1.0
    between = k * icc_2 * _ratio(m.raters, m.error)
    rest = n * (1 + (k - 1) * icc_2) - k * icc_2
    if not math.isfinite(between):
        degrees = float(k - 1)
    else:
        squares = (n - 1) * between**2 + rest**2
        degrees = (k - 1) * (n - 1) * (between + rest) ** 2 / squares
    upper, lower = float(f.ppf(tail, n - 1, degrees)), float(f.ppf(tail, degrees, n - 1))
    noise = k * m.raters + (k * n - k - n) * m.error
    return (
        n * (m.subjects - upper * m.error) / (upper * noise + n * m.subjects),
        n * (lower * m.subjects - m.error) / (noise + n * lower * m.subjects),
    )


def _sem(m: _MeanSquares, kind: Kind) -> float:
    if kind not in ("agreement", "consistency"):
        raise CohortDataError("SEM", say("{kind!r} is unknown", kind=kind), "Give 'agreement' or 'consistency'.")
    return math.sqrt(m.error + (max(m.raters - m.error, 0.0) / m.n if kind == "agreement" else 0.0))


def _sdc(error: float) -> float:
    return 1.959964 * math.sqrt(2) * error
