"""Time to an event: Kaplan-Meier with numbers at risk, log-rank test, Cox regression with its assumption checked."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.follow_up import FollowUp, complete, groups_of, step
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, told apart by colour-blind readers; in print and grey the lines differ, too."""
_STYLES = ("-", "--", "-.", ":")


@dataclass(frozen=True, slots=True)
class Curve:
    """A step curve of one group, from ``start`` at time 0, with its pointwise interval; times followed, ascending."""

    group: str
    start: float
    times: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    follow_up: tuple[float, ...]
    events: int

    @classmethod
    def of(
        cls, group: str, start: float, steps: tuple[Array, Array, Array, Array], data: FollowUp, events: int
    ) -> Curve:
        """From arrays: times, values, lower and upper limits."""
        times, values, low, high = (tuple(map(float, v)) for v in steps)
        return cls(group, start, times, values, low, high, tuple(map(float, np.sort(data.time))), events)

    def at(self, time: float) -> Estimate | None:
        """The curve at a time; None once nobody is followed."""
        if time > max(self.follow_up):
            return None
        value, low, high = (
            float(step(np.array(self.times), np.array(v), [time], self.start)[0])
            for v in (self.values, self.low, self.high)
        )
        return Estimate(value, low, high)

    def at_risk(self, time: float) -> int:
        """How many are still followed just before a time."""
        return len(self.follow_up) - bisect_left(self.follow_up, time)


@dataclass(frozen=True, slots=True)
class LogRank:
    """Chi-square with ``degrees`` of freedom, and per group the events observed and expected."""

    chi_square: float
    degrees: int
    p: float
    observed: tuple[float, ...]
    expected: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurvivalResult(PlottedResult):
    """Kaplan-Meier curves; ``log_rank`` is None for one group. ``unit`` is that of the times."""

    curves: tuple[Curve, ...]
    log_rank: LogRank | None
    unit: str

    def plot(self, ax: Any = None) -> Any:
        """Curves with shaded intervals; numbers at risk below."""
        ax = plot_curves(self.curves, ax, unit=self.unit)
        ax.set(ylabel=tr("Free of the event"), ylim=(0, 1.02))
        if self.log_rank:
            # above the axes: wherever it stood within them, a curve may come to lie
            ax.set_title(tr(say("Log-rank {p}", p=said_p(self.log_rank.p))), loc="right", fontsize=9)
        return ax


def kaplan_meier(
    frame: pd.DataFrame,
    time: str,
    event: str,
    *,
    group: str | None = None,
    happened: Any = None,
    at: Sequence[float] = (),
    unit: str = "months",
    coverage: float = 0.95,
) -> SurvivalResult:
    """Estimate freedom from an event over time, per group, with log-log intervals and the log-rank test.

    Args:
        frame: one patient per row.
        time, event: columns of the time followed and of whether the event ended it (true/false, 1/0, or ``happened``).
        group: column of groups to compare.
        happened: the value of ``event`` that is the event; every other is censoring.
        at: times at which the share free of the event is tabulated.
        unit: of ``time``, for print.
        coverage: of the pointwise intervals.

    Raises:
        CohortDataError: a column is absent or not as said, no event, a single group.
    """
    kept, missing = complete(frame, [time, event, *([group] if group else [])])
    data = FollowUp.of(kept, time, event, happened=happened)
    parts = [(name, data[rows]) for name, rows in groups_of(kept, group)]
    curves = tuple(_curve(name, part, coverage) for name, part in parts)
    test = log_rank([part for _, part in parts]) if group else None
    tables = [_medians(curves, unit, coverage)]
    if at:
        tables.append(shares_at(curves, at, "Share free of the event", unit))
    if test:
        rows = tuple(zip((c.group for c in curves), test.observed, test.expected, strict=True))
        tables.append(
            Table(
                say(
                    "Log-rank test: chi-square {chi_square:.3f}, {degrees} df, {said_p}",
                    chi_square=test.chi_square,
                    degrees=test.degrees,
                    said_p=said_p(test.p),
                ),
                (
                    Column("group", "Group"),
                    Column("observed", "Observed", ".0f"),
                    Column("expected", "Expected", ".1f"),
                ),
                rows,
            )
        )
    return SurvivalResult(
        title="Survival without the event",
        method="Kaplan-Meier; Greenwood's variance, intervals on the log(-log) scale"
        + ("; log-rank test" if group else ""),
        references=(
            "Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481",
            "Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data. Wiley 1980",
            *(("Mantel N. Cancer Chemother Rep 1966;50:163-170",) if group else ()),
        ),
        n=len(kept),
        missing=missing,
        assumptions=("Censoring is taken to be unrelated to the event; data cannot prove it.",),
        notes=(data.reading,),
        tables=tuple(tables),
        curves=curves,
        log_rank=test,
        unit=unit,
    )


def log_rank(groups: Sequence[FollowUp]) -> LogRank:
    """The log-rank test of two or more groups, with the hypergeometric variance.

    Raises:
        CohortDataError: the groups were never at risk at the same time.
    """
    times = np.unique(np.concatenate([g.time[g.status == 1] for g in groups]))
    at_risk = np.array([len(g.time) - np.searchsorted(np.sort(g.time), times) for g in groups], float)
    events = np.array(
        [np.bincount(np.searchsorted(times, g.time[g.status == 1]), minlength=len(times)) for g in groups], float
    )
    n, d = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / n
    expected = (share * d).sum(axis=1)
    spread = d * (n - d) / np.maximum(n - 1, 1)
    variance = np.diag((share * spread).sum(axis=1)) - (share * spread) @ share.T
    degrees = int(np.linalg.matrix_rank(variance))
    if degrees == 0:
        raise CohortDataError("log-rank test", "the groups share no time at risk", "Follow them over the same time.")
    difference = events.sum(axis=1) - expected
    chi_square = float(difference @ np.linalg.pinv(variance) @ difference)
    p = float(optional_import("scipy.stats").chi2.sf(chi_square, degrees))
    return LogRank(chi_square, degrees, p, tuple(map(float, events.sum(axis=1))), tuple(map(float, expected)))


def _curve(name: str, data: FollowUp, coverage: float) -> Curve:
    counts = data.counts()
    d, n = counts.events, counts.at_risk
    survival = counts.survival(d)
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        greenwood = np.sqrt(np.cumsum(d / (n * (n - d))))
        spread = z * greenwood / np.log(survival)
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    # Before the first event nothing varies; at zero survivors the variance has no estimate and the interval is a point.
    low, high = (np.where((survival == 1) | (survival == 0), survival, v) for v in (low, high))
    return Curve.of(name, 1.0, (counts.times, survival, low, high), data, int(d.sum()))


def _medians(curves: Sequence[Curve], unit: str, coverage: float) -> Table:
    def first_below(curve: Curve, values: tuple[float, ...]) -> float | None:
        return next((t for t, v in zip(curve.times, values, strict=True) if v <= 0.5 + 1e-12), None)

    return Table(
        say("Patients, events and median time to the event ({unit})", unit=unit),
        (
            Column("group", "Group"),
            Column("n", "n", "d"),
            Column("events", "Events", "d"),
            Column("median", "Median", ".1f", "not reached"),
            Column("low", say("{coverage:g}% CI from", coverage=100 * coverage), ".1f", "not reached"),
            Column("high", "to", ".1f", "not reached"),
        ),
        tuple(
            (c.group, len(c.follow_up), c.events, *(first_below(c, v) for v in (c.values, c.low, c.high)))
            for c in curves
        ),
    )


def shares_at(curves: Sequence[Curve], at: Sequence[float], title: str, unit: str) -> Table:
    """The curves at given times, with numbers at risk."""
    rows = tuple((curve.group, float(t), curve.at_risk(t), curve.at(t)) for curve in curves for t in at)
    columns = (
        Column("group", "Group"),
        Column("time", unit.capitalize(), "g"),
        Column("at_risk", "At risk", "d"),
        Column("share", "Share (CI)", ".3f"),
    )
    return Table(title, columns, rows)


def plot_curves(curves: Sequence[Curve], ax: Any, *, unit: str) -> Any:
    """Step curves with shaded intervals, and a table of the numbers at risk below the axes."""
    ax = new_axes(ax, size=(5.6, 4.4))
    for i, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        t = [0.0, *curve.times]
        values, style = [curve.start, *curve.values], _STYLES[i % len(_STYLES)]
        ax.step(t, values, where="post", color=colour, linestyle=style, label=tr(curve.group))
        ax.fill_between(
            t, [curve.start, *curve.low], [curve.start, *curve.high], step="post", color=colour, alpha=0.15, lw=0
        )
    ax.set(xlabel=tr(unit.capitalize()), xlim=(0, None))
    if len(curves) > 1:
        ax.legend(frameon=False)
    ax.xaxis.set_major_locator(optional_import("matplotlib.ticker").MaxNLocator(7, steps=[1, 2, 3, 4, 5, 6, 10]))
    ticks = [t for t in ax.get_xticks() if 0 <= t <= ax.get_xlim()[1]]
    ax.set_xticks(ticks)
    for row, (curve, colour) in enumerate(zip(curves, COLOURS, strict=False)):
        y = -0.24 - 0.065 * row
        ax.text(-0.045, y, tr(curve.group), transform=ax.transAxes, ha="right", va="center", color=colour, fontsize=8)
        for t in ticks:
            ax.text(
                t, y, str(curve.at_risk(t)), transform=ax.get_xaxis_transform(), ha="center", va="center", fontsize=8
            )
    ax.text(-0.045, -0.175, tr("At risk"), transform=ax.transAxes, ha="right", va="center", fontsize=8, style="italic")
    return ax
