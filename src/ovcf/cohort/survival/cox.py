"""Cox regression: hazard ratios, and whether hazards are proportional."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.design import code, matrix
from ovcf.cohort.extra import extra
from ovcf.cohort.p_value import log10_two_sided_p, two_sided_p
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.follow_up import FollowUp, complete
from ovcf.cohort.survival.proportional import proportionality
from ovcf.cohort.wording import format_p
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

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

    @property
    def log10_p(self) -> float:
        """Decimal logarithm of P, also where P itself is too small for a number."""
        return log10_two_sided_p(self.coefficient / self.standard_error)


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardResult(PlottedResult):
    """Hazard ratios, or subdistribution hazard ratios."""

    ratios: tuple[HazardRatio, ...]
    log_likelihood: float
    concordance: float | None = None

    def plot(self, ax: Any = None) -> Any:
        """Forest plot on a logarithmic axis."""
        ax = new_axes(ax, size=(5.0, 0.8 + 0.4 * len(self.ratios)))
        for y, item in enumerate(reversed(self.ratios)):
            r = item.ratio
            ax.plot([r.low, r.high], [y, y], color="#0072B2")
            ax.plot(r.value, y, "s", color="#0072B2")
        ax.axvline(1, color="0.6", lw=0.8, ls="--")
        ax.set(xscale="log", xlabel="Hazard ratio (95% CI)", ylim=(-0.6, len(self.ratios) - 0.4))
        ticker = extra("matplotlib.ticker")
        ax.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(ticker.NullFormatter())
        ax.set_yticks(range(len(self.ratios)), [item.term for item in reversed(self.ratios)])
        return ax


def cox(
    frame: pd.DataFrame,
    time: str,
    event: str,
    covariates: Sequence[str],
    *,
    happened: Any = None,
    references: Mapping[str, Any] | None = None,
    strata: Sequence[str] = (),
) -> HazardResult:
    """Cox's proportional hazards model; ties by Efron.

    Args:
        frame: one patient per row.
        time, event, happened: as in :func:`ovcf.cohort.survival.kaplan_meier.kaplan_meier`.
        covariates: columns of the model; numbers enter as they are, categories against their first.
        references: another category to compare with, by column.
        strata: columns whose groups have baseline hazards of their own.

    Raises:
        CohortDataError: a column is absent or constant, no event, or the model does not converge (separation).
    """
    kept, missing = complete(frame, [time, event, *covariates, *strata])
    data = FollowUp.of(kept, time, event, happened=happened)
    names, x = terms_of(kept, covariates, references)
    # A name with a space at its end cannot be that of a covariate's term.
    table = (
        extra("pandas")
        .DataFrame(x, columns=names, index=kept.index)
        .assign(**{"time ": data.time, "event ": data.status}, **{s: kept[s] for s in strata})
    )
    model = extra("lifelines").CoxPHFitter()
    errors = extra("lifelines.exceptions")
    separates = CohortDataError(
        "Cox model",
        "does not converge: a covariate separates those with the event from those without",
        "Leave it out, or pool its categories.",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", errors.ConvergenceWarning)
            warnings.simplefilter("error", extra("scipy.linalg").LinAlgWarning)
            model.fit(
                table,
                "time ",
                "event ",
                strata=list(strata) or None,
                fit_options={"precision": 1e-16, "r_precision": 1e-15},
            )
    except (errors.ConvergenceError, errors.ConvergenceWarning, extra("scipy.linalg").LinAlgWarning) as error:
        raise separates from error
    if model.confidence_intervals_.abs().to_numpy().max() > 100:  # a ratio beyond e to the 100 is none
        raise separates
    group = kept.groupby(list(strata)).ngroup().to_numpy() if strata else np.zeros(len(kept), np.int64)
    terms = [[i] for i in range(len(names))]
    trend, all_trends = proportionality(data, x, model.params_.to_numpy(float), group, terms)
    ratios = tuple(
        HazardRatio(
            str(term),
            Estimate(*(math.exp(row[c]) for c in ("coef", "coef lower 95%", "coef upper 95%"))),
            float(row["coef"]),
            float(row["se(coef)"]),
            two_sided_p(float(row["z"])),
            p_trend,
        )
        for (term, row), p_trend in zip(model.summary.iterrows(), trend, strict=True)
    )
    return HazardResult(
        title="Cox regression",
        method="Proportional hazards, ties by Efron, Wald intervals"
        + (f"; stratified by {', '.join(strata)}" if strata else ""),
        references=(
            "Cox DR. J R Stat Soc B 1972;34:187-220",
            "Grambsch PM, Therneau TM. Biometrika 1994;81:515-526 (proportional hazards)",
        ),
        n=len(kept),
        missing=missing,
        assumptions=_checked(ratios, all_trends),
        notes=(data.reading, *few_events(int((data.status == 1).sum()), len(ratios))),
        tables=(ratio_table("Hazard ratios", ratios),),
        ratios=ratios,
        log_likelihood=float(model.log_likelihood_),
        concordance=float(model.concordance_index_),
    )


def terms_of(
    kept: pd.DataFrame, covariates: Sequence[str], references: Mapping[str, Any] | None
) -> tuple[list[str], Array]:
    """Names of the coefficients and their columns ``(n, p)``; categories against their reference.

    Raises:
        CohortDataError: an absent or constant column, or columns that repeat one another.
    """
    codings = code(kept, covariates, references)
    names, x = [str(term) for c in codings for term in c.terms], matrix(kept, codings)[:, 1:]
    if np.linalg.matrix_rank(x - x.mean(axis=0)) < len(names):
        raise CohortDataError(", ".join(names), "repeat one another", "Leave one of them out.")
    return names, x


def ratio_table(title: str, ratios: Sequence[HazardRatio]) -> Table:
    """Hazard ratios as rows; the P of proportionality where it was tested."""
    columns = [
        Column("term", "Term"), Column("ratio", "HR (95% CI)", ".3f"), Column("p", "P", "p"),
        Column("coefficient", "ln HR", ".4f"), Column("standard_error", "SE", ".4f"),
    ]  # fmt: skip
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
        f"{events} events for {terms} coefficients, fewer than {EVENTS_PER_TERM} each: the estimates are unstable.",
    )


def _checked(ratios: Sequence[HazardRatio], overall: float | None) -> tuple[str, ...]:
    if overall is None:
        return ("Proportional hazards: events at too few times to tell.",)
    doubtful = [r for r in ratios if r.p_proportional is not None and r.p_proportional < 0.05]
    if not doubtful:
        return (f"Proportional hazards: no sign that a ratio changes over time (all terms P {format_p(overall)}).",)
    said = ", ".join(f"{r.term} (P {format_p(r.p_proportional or 0)})" for r in doubtful)
    return (f"Proportional hazards: doubtful for {said}; its hazard ratio is an average over time.",)
