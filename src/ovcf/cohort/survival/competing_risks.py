"""Competing risks: an event that another one, mostly death, can preclude.

Kaplan-Meier would count the dead as if they could still have the event; Aalen and Johansen's estimate does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.survival.cox import HazardRatio, HazardResult, few_events, ratio_table, terms_of
from ovcf.cohort.survival.fine_gray import fit_fine_gray
from ovcf.cohort.survival.follow_up import FollowUp, complete, groups_of
from ovcf.cohort.survival.gray import GrayTest, gray_test
from ovcf.cohort.survival.kaplan_meier import Curve, plot_curves, shares_at
from ovcf.cohort.wording import said_p
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

_FINE_GRAY = "Fine JP, Gray RJ. J Am Stat Assoc 1999;94:496-509"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceResult(PlottedResult):
    """Cumulative incidence of the event per group, and of the competing events together."""

    curves: tuple[Curve, ...]
    competing: tuple[Curve, ...]
    gray: GrayTest | None
    unit: str

    def plot(self, ax: Any = None) -> Any:
        """Curves with shaded intervals; numbers at risk below."""
        ax = plot_curves(self.curves, ax, unit=self.unit)
        ax.set(ylabel=tr("Cumulative incidence"), ylim=(0, None))
        return ax


def cumulative_incidence(
    frame: pd.DataFrame,
    time: str,
    event: str,
    *,
    happened: Any,
    competing: Sequence[Any],
    group: str | None = None,
    at: Sequence[float] = (),
    unit: str = "months",
    coverage: float = 0.95,
) -> IncidenceResult:
    """Estimate the cumulative incidence of an event that others preclude, per group, with Gray's test.

    Args:
        frame: one patient per row.
        time, event: columns of the time followed and of what ended it.
        happened: the value of ``event`` that is the event of interest.
        competing: the values that preclude it; every other value is censoring.
        group, at, unit, coverage: as in :func:`ovcf.cohort.survival.kaplan_meier.kaplan_meier`.

    Raises:
        CohortDataError: a column is absent or not as said, no event, a single group.
    """
    kept, missing = complete(frame, [time, event, *([group] if group else [])])
    data = FollowUp.of(kept, time, event, happened=happened, competing=competing)
    parts = [(name, data[rows]) for name, rows in groups_of(kept, group)]
    curves, others = (tuple(_curve(name, part, cause, coverage) for name, part in parts) for cause in (1, 2))
    gray = gray_test([part for _, part in parts]) if group else None
    last = tuple(
        (name, len(part.time), c.events, o.events, c.values[-1], o.values[-1])
        for (name, part), c, o in zip(parts, curves, others, strict=True)
    )
    title = say(
        "Events; incidence at the end of follow-up{gray}",
        gray=say(". Gray: {said_p}", said_p=said_p(gray.p)) if gray else "",
    )
    columns = (
        Column("group", "Group"),
        Column("n", "n", "d"),
        Column("events", "Events", "d"),
        Column("competing", "Competing", "d"),
        Column("incidence", "Incidence", ".3f"),
        Column("competing_incidence", "Of competing", ".3f"),
    )
    tables = [Table(title, columns, last)]
    if at:
        tables.append(shares_at(curves, at, "Cumulative incidence", unit))
    return IncidenceResult(
        title="Cumulative incidence with competing risks",
        method="Aalen-Johansen; delta-method variance, intervals on the log(-log) scale"
        + ("; Gray's test (rho = 0)" if group else ""),
        references=(
            "Aalen OO, Johansen S. Scand J Stat 1978;5:141-150",
            "Marubini E, Valsecchi MG. Analysing Survival Data from Clinical Trials. Wiley 1995 (variance)",
            *(("Gray RJ. Ann Stat 1988;16:1141-1154",) if group else ()),
        ),
        n=len(kept),
        missing=missing,
        assumptions=("Censoring is taken to be unrelated to both kinds of event; data cannot prove it.",),
        notes=(data.reading,),
        tables=tuple(tables),
        curves=curves,
        competing=others,
        gray=gray,
        unit=unit,
    )


def fine_gray(
    frame: pd.DataFrame,
    time: str,
    event: str,
    covariates: Sequence[str],
    *,
    happened: Any,
    competing: Sequence[Any],
    references: Mapping[str, Any] | None = None,
) -> HazardResult:
    """Fine and Gray's model of the subdistribution hazard; arguments and errors as above and in Cox regression.

    Its ratios say how covariates go with cumulative incidence; for causes prefer cause-specific Cox models, which
    :func:`ovcf.cohort.survival.cox.cox` fits when competing events count as censoring.
    """
    kept, missing = complete(frame, [time, event, *covariates])
    data = FollowUp.of(kept, time, event, happened=happened, competing=competing)
    _, names, x = terms_of(kept, covariates, references)
    fit = fit_fine_gray(data, x)
    z = NormalDist().inv_cdf(0.975)
    ratios = []
    for term, b, se in zip(names, fit.coefficients, np.sqrt(np.diag(fit.covariance)), strict=True):
        ratio = Estimate(*(float(np.exp(b + k * z * se)) for k in (0, -1, 1)))
        ratios.append(HazardRatio(term, ratio, float(b), float(se), two_sided_p(float(b / se))))
    return HazardResult(
        title="Fine-Gray regression",
        method="Proportional subdistribution hazards by inverse probability of censoring weights, ties by Breslow, "
        "sandwich variance that allows for the estimated weights, Wald intervals",
        references=(_FINE_GRAY,),
        n=len(kept),
        missing=missing,
        assumptions=("Censoring is taken not to depend on the covariates; proportionality was not tested.",),
        notes=(data.reading, *few_events(int((data.status == 1).sum()), len(ratios))),
        tables=(ratio_table("Subdistribution hazard ratios", ratios),),
        ratios=tuple(ratios),
        log_likelihood=fit.log_likelihood,
    )


def incidence_of(data: FollowUp, at: float, coverage: float = 0.95) -> Estimate:
    """Cumulative incidence of the event by ``at`` (from a time beyond which someone is followed), with its error.

    Where nobody has the event by then, the upper limit is Wilson's of those whose fate is known so far: who was lost
    before says nothing of it.
    """
    if not (data.time[data.status == 1] <= at).any():
        return Estimate(0.0, 0.0, proportion(0, _known_at(data, at), coverage=coverage).high, None, coverage)
    found = _curve("all", data, 1, coverage).at(at)
    assert found is not None, "the caller asks within follow-up"
    if not 0 < found.low < found.high < 1:
        return found
    # Its interval is symmetric on the log(-log) scale.
    half = abs(math.log(math.log(found.low) / math.log(found.high))) / 2
    spread = half / NormalDist().inv_cdf(0.5 + coverage / 2)
    error = spread * found.value * abs(math.log(found.value))
    return replace(found, standard_error=error, coverage=coverage)


def incidence_as_share(data: FollowUp, at: float) -> tuple[float, float]:
    """The same incidence as events of patients: as many, none of them lost, as would leave it with the same variance.

    Dorey FJ, Korn EL. Stat Med 1987;6:679-687. So intervals of shares, which hold with few events or none, serve
    incidences, too. Without loss these are the events and the patients themselves.
    """
    found = incidence_of(data, at)
    error = found.standard_error
    n = found.value * (1 - found.value) / error**2 if error else float(_known_at(data, at))
    return found.value * n, n


def _known_at(data: FollowUp, at: float) -> int:
    """Of how many it is known whether they had the event by then."""
    return max(int(((data.time >= at) | (data.status > 0)).sum()), 1)


def _curve(name: str, data: FollowUp, cause: int, coverage: float) -> Curve:
    counts = data.counts()
    n, all_events = counts.at_risk, counts.events + counts.competing
    d = counts.events if cause == 1 else counts.competing
    before = np.concatenate([[1.0], counts.survival()[:-1]])
    f = np.minimum(np.cumsum(before * d / n), 1.0)  # a sum of shares may end a rounding error above one
    # Sums over earlier times of (F(t) - F(s))^2 a(s) etc., opened so that one pass suffices.
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(n > all_events, all_events / (n * (n - all_events)), 0.0)
    b, c = before**2 * d * (n - d) / n**3, before * d / n**2
    variance = f**2 * np.cumsum(a) - 2 * f * np.cumsum(f * a) + np.cumsum(f**2 * a)
    variance += np.cumsum(b) - 2 * (f * np.cumsum(c) - np.cumsum(f * c))
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = z * np.sqrt(np.maximum(variance, 0)) / (f * np.log(f))
        low, high = f ** np.exp(-spread), f ** np.exp(spread)
    low, high = (np.where((f > 0) & (f < 1), v, f) for v in (low, high))
    return Curve.of(name, 0.0, (counts.times, f, low, high), data, int(d.sum()))
