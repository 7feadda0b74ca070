"""Counts against counts: proportions, odds ratios and the tests of a table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from ovcf.cohort.groups.exact import table_p
from ovcf.cohort.groups.mover import difference
from ovcf.cohort.result import AnalysisResult, Column, Estimate, Table
from ovcf.errors import CohortDataError
from ovcf.guidance.wilson import wilson
from ovcf.language.worded import say

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Significance:
    """A test of a table: ``statistic`` and ``degrees`` are None where there is none (Fisher)."""

    name: str
    p: float
    statistic: float | None = None
    degrees: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoByTwoResult(AnalysisResult):
    """Event rates of two groups and how far they differ; ``haldane`` adds 0.5 to each cell."""

    rates: tuple[Estimate, Estimate]
    odds_ratio: Estimate
    haldane: Estimate
    risk_difference: Estimate
    tests: tuple[Significance, ...]


def proportion(events: int, n: int, *, coverage: float = 0.95) -> Estimate:
    """A proportion with Wilson's score interval."""
    if n < 1 or not 0 <= events <= n:
        raise CohortDataError(
            "proportion", say("{events} of {n} is none", events=events, n=n), "Give 0 <= events <= n and n >= 1."
        )
    rate = wilson(events, n, coverage=coverage)
    return Estimate(rate.share, rate.low, rate.high, coverage=coverage)


def jeffreys(events: int, n: int, *, coverage: float = 0.95) -> Estimate:
    """A proportion with the equal-tailed interval of Jeffreys; from 0 where nobody, up to 1 where everybody.

    Raises:
        CohortDataError: not ``events`` of ``n``.
    """
    from scipy.stats import beta

    share, tail = proportion(events, n, coverage=coverage).value, (1 - coverage) / 2
    limits = beta.ppf([tail, 1 - tail], events + 0.5, n - events + 0.5)
    low, high = 0.0 if events == 0 else float(limits[0]), 1.0 if events == n else float(limits[1])
    return Estimate(share, low, high, coverage=coverage)


def proportion_difference(events: int, n: int, events_2: int, n_2: int, *, coverage: float = 0.95) -> Estimate:
    """Difference of two independent proportions, Newcombe's hybrid score interval (his method 10)."""
    return difference(proportion(events, n, coverage=coverage), proportion(events_2, n_2, coverage=coverage))


def odds_ratio(table: ArrayLike, *, haldane: bool = False, coverage: float = 0.95) -> Estimate:
    """Odds ratio with Woolf's interval; ``standard_error`` is that of its logarithm.

    Args:
        table: ((events, others), (events, others)), the group of interest first.
        haldane: add 0.5 to every cell (Haldane, Anscombe), which an empty cell needs.
        coverage: of the interval.

    Raises:
        CohortDataError: not a 2x2 table of counts; an empty cell without ``haldane``.
    """
    counts = _counts(table, square=True) + (0.5 if haldane else 0.0)
    if (counts == 0).any():
        raise CohortDataError(
            "odds ratio", "a cell is empty, so it is zero or infinite", "Use haldane=True, or Firth's regression."
        )
    (a, b), (c, d) = counts
    log, se = math.log(a * d / (b * c)), math.sqrt((1 / counts).sum())
    half = NormalDist().inv_cdf(0.5 + coverage / 2) * se
    return Estimate(math.exp(log), math.exp(log - half), math.exp(log + half), se, coverage)


def independence(table: ArrayLike) -> tuple[Significance, ...]:
    """Pearson's chi-square, for 2x2 also Yates' correction, and Fisher's exact test.

    Larger tables take the exact test by Fisher, Freeman and Halton over all tables of equal margins. Where these are
    too many, a seeded Monte Carlo of 20,000 tables stands for them, which knows no P below 0.00005 and says so; above
    20 cells it is left out.

    Raises:
        CohortDataError: not a table of counts, or a row or column without anyone.
    """
    from scipy.stats import MonteCarloMethod, chi2_contingency, fisher_exact

    counts = _counts(table)
    pearson = chi2_contingency(counts, correction=False)
    tests = [Significance("Pearson chi-square", float(pearson.pvalue), float(pearson.statistic), int(pearson.dof))]
    if counts.shape == (2, 2):
        yates = chi2_contingency(counts, correction=True)
        tests.append(Significance("Yates chi-square", float(yates.pvalue), float(yates.statistic), 1))
        tests.append(Significance("Fisher exact", float(fisher_exact(counts).pvalue)))
    elif (exact := table_p(counts)) is not None:
        tests.append(Significance("Fisher-Freeman-Halton", exact))
    elif counts.size <= 20:
        draws = MonteCarloMethod(n_resamples=20_000, rng=np.random.default_rng(20250514))
        drawn = float(np.ravel(fisher_exact(counts, method=draws).pvalue)[0])
        tests.append(Significance("Fisher-Freeman-Halton, Monte Carlo", drawn))
    return tuple(tests)


def smallest_expected(table: ArrayLike) -> float:
    """The smallest expected count: below 5 the chi-square approximation is doubtful (Cochran)."""
    counts = _counts(table)
    return float((counts.sum(axis=1)[:, None] * counts.sum(axis=0) / counts.sum()).min())


def two_by_two(
    table: ArrayLike, *, groups: tuple[str, str] = ("first", "second"), event: str = "event", coverage: float = 0.95
) -> TwoByTwoResult:
    """Everything of a 2x2 table: rates, risk difference, odds ratio plain and by Haldane, three tests.

    Args:
        table: ((events, others), (events, others)).
        groups: names of the two rows.
        event: what is counted in the first column.
        coverage: of every interval.

    Raises:
        CohortDataError: as `odds_ratio` and `independence`, except that an empty cell gives an infinite interval.
    """
    counts = _counts(table, square=True)
    (a, b), (c, d) = (tuple(int(v) for v in row) for row in counts)
    rates = proportion(a, a + b, coverage=coverage), proportion(c, c + d, coverage=coverage)
    haldane = odds_ratio(counts, haldane=True, coverage=coverage)
    empty = (counts == 0).any()
    value = math.inf if empty and a * d else 0.0
    plain = Estimate(value, 0.0, math.inf, None, coverage) if empty else odds_ratio(counts, coverage=coverage)
    apart = proportion_difference(a, a + b, c, c + d, coverage=coverage)
    tests = independence(counts)
    expected = smallest_expected(counts)
    figures = (
        (say("{event}, {groups} {a}/{b}", event=event, groups=groups[0], a=a, b=a + b), rates[0]),
        (say("{event}, {groups} {c}/{d}", event=event, groups=groups[1], c=c, d=c + d), rates[1]),
        ("risk difference", apart),
        ("odds ratio", plain),
        ("odds ratio, +0.5 (Haldane)", haldane),
    )
    return TwoByTwoResult(
        title=say("{event}: {groups} against {groups_2}", event=event, groups=groups[0], groups_2=groups[1]),
        method="Wilson intervals of rates, Newcombe's of their difference, Woolf's of odds ratios",
        references=(
            "Wilson EB. J Am Stat Assoc 1927;22:209-212",
            "Newcombe RG. Stat Med 1998;17:873-890",
            "Woolf B. Ann Hum Genet 1955;19:251-253",
        ),
        n=int(counts.sum()),
        assumptions=(
            say("smallest expected count {expected:.1f}", expected=expected)
            + ("" if expected >= 5 else ": prefer Fisher's P"),
        ),
        notes=("a cell is empty: the plain odds ratio has no finite interval, read Haldane's",) if empty else (),
        tables=(
            Table("Rates and effects", (Column("what", "Figure"), Column("value", "Value (interval)", ".3f")), figures),
            Table(
                "Tests",
                (Column("test", "Test"), Column("statistic", "Chi-square", ".3f"), Column("p", "P", "p")),
                tuple((t.name, t.statistic, t.p) for t in tests),
            ),
        ),
        rates=rates,
        odds_ratio=plain,
        haldane=haldane,
        risk_difference=apart,
        tests=tests,
    )


def _counts(table: ArrayLike, *, square: bool = False) -> NDArray[np.float64]:
    counts = np.asarray(table, float)
    if counts.ndim != 2 or min(counts.shape) < 2 or (square and counts.shape != (2, 2)):
        wanted = "2x2" if square else "of at least two rows and columns"
        raise CohortDataError(
            "table",
            say("is of shape {shape}, not {wanted}", shape=counts.shape, wanted=wanted),
            "Give one row per group.",
        )
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts != np.round(counts)).any():
        raise CohortDataError("table", "holds a cell that is not a count", "Give whole numbers from 0 on.")
    if (counts.sum(axis=0) == 0).any() or (counts.sum(axis=1) == 0).any():
        raise CohortDataError("table", "has a row or column without anyone", "Leave it out.")
    return counts
