"""Cox regression: hazard ratios, and whether hazards are proportional."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.design import code, independent, matrix
from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.regression.forest import draw_intervals
from ovcf.cohort.regression.smooth import SmoothEffect, smooth_effects, smooth_table
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.survival.follow_up import FollowUp, complete
from ovcf.cohort.survival.partial_likelihood import concordance, fit_cox
from ovcf.cohort.survival.proportional import proportionality
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from ovcf.cohort.data.design import Coding

    Array = NDArray[np.float64]

EVENTS_PER_TERM = 10
"""Below this many events per coefficient estimates are unstable (Peduzzi et al., J Clin Epidemiol 1995;48:1503)."""


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """One term of a model of hazards; ``p_proportional`` tests whether its hazard ratio stays the same over time."""

    term: str
    ratio: Estimate
    coefficient: float
    standard_error: float
    p: float
    p_proportional: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardResult(PlottedResult):
    """Hazard ratios, or subdistribution hazard ratios."""

    ratios: tuple[HazardRatio, ...]
    log_likelihood: float
    concordance: float | None = None
    smooth: tuple[SmoothEffect, ...] = ()

    def plot(self, ax: Any = None) -> Any:
        """Forest plot on a logarithmic axis, with the figures; the terms of splines mean nothing one by one."""
        bent = {e.variable for e in self.smooth}
        shown = [r for r in self.ratios if r.term.rstrip("'") not in bent]
        return draw_intervals([(r.term, r.ratio) for r in shown], ax, ratio="Hazard ratio (95% CI)")


def cox(
    frame: pd.DataFrame,
    time: str,
    event: str,
    covariates: Sequence[str],
    *,
    happened: Any = None,
    references: Mapping[str, Any] | None = None,
    splines: Mapping[str, int] | None = None,
    strata: Sequence[str] = (),
) -> HazardResult:
    """Cox's proportional hazards model; ties by Efron.

    Args:
        frame: one patient per row.
        time, event, happened: as in :func:`ovcf.cohort.survival.kaplan_meier.kaplan_meier`.
        covariates: columns of the model; numbers enter as they are, categories against their first.
        references: another category to compare with, by column.
        splines: numbers whose effect may bend, with how many knots (3 to 7): ``{"age": 4}``.
        strata: columns whose groups have baseline hazards of their own.

    Raises:
        CohortDataError: a column is absent or constant, no event, or the model does not converge (separation).
    """
    kept, missing = complete(frame, [time, event, *covariates, *strata])
    data = FollowUp.of(kept, time, event, happened=happened)
    codings, names, x = terms_of(kept, covariates, references, splines)
    group = kept.groupby(list(strata), observed=True).ngroup().to_numpy() if strata else np.zeros(len(kept), np.int64)
    fit, sets = fit_cox(data, x, group, names)
    smooth = smooth_effects(codings, fit.coefficients, fit.covariance)
    terms = [[i] for i in range(len(names))]
    trend, all_trends = proportionality(data, sets, fit.coefficients * x.std(axis=0), terms)
    z = NormalDist().inv_cdf(0.975)
    ratios = tuple(
        HazardRatio(
            term,
            Estimate(*(math.exp(b + k * z * e) for k in (0, -1, 1))),
            float(b),
            float(e),
            two_sided_p(float(b / e)),
            p_trend,
        )
        for term, b, e, p_trend in zip(names, fit.coefficients, np.sqrt(np.diag(fit.covariance)), trend, strict=True)
    )
    bent = {name for c in codings if c.knots for name in map(str, c.terms)}
    straight = [r for r in ratios if r.term not in bent]
    return HazardResult(
        title="Cox regression",
        method="Proportional hazards, ties by Efron, Wald intervals"
        + (say("; stratified by {strata}", strata=joined(", ", strata)) if strata else ""),
        references=(
            "Cox DR. J R Stat Soc B 1972;34:187-220",
            "Grambsch PM, Therneau TM. Biometrika 1994;81:515-526 (proportional hazards)",
        ),
        n=len(kept),
        missing=missing,
        assumptions=_checked(ratios, all_trends),
        notes=(data.reading, *few_events(int((data.status == 1).sum()), len(ratios))),
        tables=(*((ratio_table("Hazard ratios", straight),) if straight else ()), *smooth_table(smooth, "HR")),
        ratios=ratios,
        smooth=smooth,
        log_likelihood=fit.log_likelihood,
        concordance=concordance(data, x @ fit.coefficients, group),
    )


def terms_of(
    kept: pd.DataFrame,
    covariates: Sequence[str],
    references: Mapping[str, Any] | None,
    splines: Mapping[str, int] | None = None,
) -> tuple[tuple[Coding, ...], list[str], Array]:
    """How covariates enter, names of the coefficients and their columns ``(n, p)``; categories against their reference.

    Raises:
        CohortDataError: an absent or constant column, or columns that repeat one another.
    """
    codings = code(kept, covariates, references, splines=splines)
    names, x = [str(term) for c in codings for term in c.terms], matrix(kept, codings)[:, 1:]
    if not independent(x - x.mean(axis=0)):
        raise CohortDataError(", ".join(names), "repeat one another", "Leave one of them out.")
    return codings, names, x


def ratio_table(title: str, ratios: Sequence[HazardRatio]) -> Table:
    """Hazard ratios as rows; the P of proportionality where it was tested."""
    columns = [
        Column("term", "Term"),
        Column("ratio", "HR (95% CI)", ".3f"),
        Column("p", "P", "p"),
        Column("coefficient", "ln HR", ".4f"),
        Column("standard_error", "SE", ".4f"),
    ]
    rows = [(r.term, r.ratio, r.p, r.coefficient, r.standard_error) for r in ratios]
    if any(r.p_proportional is not None for r in ratios):
        columns.append(Column("p_proportional", "P, proportional", "p"))
        return Table(title, tuple(columns), tuple((*x, r.p_proportional) for x, r in zip(rows, ratios, strict=True)))
    return Table(title, tuple(columns), tuple(rows))


def few_events(events: int, terms: int) -> tuple[str, ...]:
    """A warning where the model asks more of the data than they hold."""
    if events >= EVENTS_PER_TERM * terms:
        return ()
    return (
        say(
            "{events} events for {terms} coefficients, fewer than {events_per_term} each: the estimates are unstable.",
            events=events,
            terms=terms,
            events_per_term=EVENTS_PER_TERM,
        ),
    )


def _checked(ratios: Sequence[HazardRatio], overall: float | None) -> tuple[str, ...]:
    if overall is None:
        return ("Proportional hazards: events at too few times to tell.",)
    doubtful = [r for r in ratios if r.p_proportional is not None and r.p_proportional < 0.05]
    if not doubtful:
        return (
            say(
                "Proportional hazards: no sign that a ratio changes over time (all terms {said_p}).",
                said_p=said_p(overall),
            ),
        )
    said = joined(", ", (say("{term} ({p})", term=r.term, p=said_p(r.p_proportional or 0)) for r in doubtful))
    return (say("Proportional hazards: doubtful for {said}; its hazard ratio is an average over time.", said=said),)
