"""How often the outcome came in each group of the score, over imputations, beside the published rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.groups.mover import OF_DIFFERENCE, difference
from ovcf.cohort.missing.imputation import pool
from ovcf.cohort.missing.pooled_shares import REFERENCE, pooled_proportion
from ovcf.cohort.prediction.calibration import observed_to_expected
from ovcf.cohort.prediction.external_validation import group_of_total, published_risk
from ovcf.cohort.published.han_published import HAN, PUBLISHED
from ovcf.cohort.published.observed_expected import METHOD, ObservedExpected, observed_expected
from ovcf.cohort.published.observed_expected import REFERENCES as OF_BOTH_ERRORS
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.scale import from_scale, to_scale
from ovcf.language.spoken import tr
from ovcf.language.worded import say
from ovcf.scores.prognosis.nasovcf import GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from ovcf.cohort.missing.imputation import Imputed


@dataclass(frozen=True, slots=True)
class GroupRate:
    """One group of the score: mean number of patients and events over imputations, the rate here and as published."""

    group: str
    n: float
    events: float
    here: Estimate | None
    published: Estimate
    difference: Estimate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRates(PlottedResult):
    """Of every group, low risk first, and observed over expected events with and without HAN's own error."""

    outcome: str
    groups: tuple[GroupRate, ...]
    observed_expected: ObservedExpected

    def plot(self, ax: Any = None) -> Any:
        """What happened in each group against its published rate, and observed over expected; ``ax`` takes the former
        alone, in which the line is where both are the same."""
        axes = new_axes(self.observed_expected.beside() if ax is None else ax)
        top = 1.05 * max(max(e.high for e in (g.published, g.here) if e) for g in self.groups)
        axes.plot([0, top], [0, top], color="#999999", linewidth=0.8, linestyle=(0, (2, 3)), label=tr("as published"))
        for g in self.groups:
            if g.here is None:
                continue
            x, e = g.published, g.here
            axes.plot([x.low, x.high], [e.value] * 2, color="#999999", linewidth=1)
            axes.plot([x.value] * 2, [e.low, e.high], color=COLOURS[0], linewidth=1.4)
            axes.plot(x.value, e.value, "o", color=COLOURS[0], markersize=5)
            right = x.value < top / 2  # beside the end of the published interval
            axes.annotate(
                tr(say("{group}, n = {n:.0f}", group=g.group, n=g.n)),
                (x.high if right else x.low, e.value),
                xytext=(5 if right else -5, 0),
                textcoords="offset points",
                ha="left" if right else "right",
                va="center",
                fontsize=8,
            )
        label = PUBLISHED[self.outcome].label
        axes.set(
            xlim=(0, top),
            ylim=(-0.02 * top, top),
            xlabel=tr(say("{label} in HAN 2025 (95% CI)", label=label)),
            ylabel=tr(say("{label} here (95% CI)", label=label)),
        )
        axes.xaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f}%")
        axes.yaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f}%")
        axes.legend(loc="upper left", frameon=False, fontsize=8)
        return axes


def rates_of_groups(
    imputed: Imputed, column: str, total: Callable[[pd.DataFrame], ArrayLike], outcome: str = "non_union"
) -> GroupRates:
    """Rates of ``column`` (0 and 1) in the groups of NASOVCF, by the ``total`` of a completed table."""
    published = PUBLISHED[outcome]
    sets = [(f[column].to_numpy(float), np.asarray(total(f), float)) for f in imputed.frames]
    places = [(y, group_of_total(t)) for y, t in sets]
    groups, sizes, counts = [], [], []
    for i, (name, (k, m)) in enumerate(zip(GROUPS, published.groups, strict=True)):
        n = np.array([float((at == i).sum()) for _, at in places])
        events = np.array([float(y[at == i].sum()) for y, at in places])
        printed = proportion(k, m)
        here = pooled_proportion(events, n) if n.min() > 0 else None
        apart = difference(here, printed) if here else None
        sizes.append(float(n.mean()))
        counts.append(float(events.mean()))
        groups.append(GroupRate(name, sizes[-1], counts[-1], here, printed, apart))
    whole = _over_imputations([observed_to_expected(y, published_risk(t, outcome)) for y, t in sets])
    both = observed_expected(outcome, sizes, counts, [g.here for g in groups], whole)
    return GroupRates(
        title=say("{label} by group of the score, multiply imputed", label=published.label),
        method=say(
            "Rates over {sets} imputations with Wilson's interval by Lott and Reiter, HAN's with "
            "Wilson's; the difference by Zou and Donner, which reduces to Newcombe's. Patients "
            "and events are means over imputations. {both}",
            sets=len(sets),
            both=METHOD,
        ),
        references=(REFERENCE, OF_DIFFERENCE, *OF_BOTH_ERRORS, HAN),
        n=len(imputed.frames[0]),
        missing=imputed.missing,
        notes=both.notes(),
        tables=(
            Table(
                say("{label} by group", label=published.label),
                (
                    Column("group", "Group"),
                    Column("n", "n", ".0f"),
                    Column("events", "Events", ".0f"),
                    Column("here", "Rate here (interval)", ".1%", "–"),
                    Column("published", "HAN 2025 (Wilson)", ".1%"),
                    Column("difference", "Difference (interval)", ".1%", "–"),
                ),
                tuple((g.group, g.n, g.events, g.here, g.published, g.difference) for g in groups),
            ),
            both.table(),
        ),
        outcome=outcome,
        groups=tuple(groups),
        observed_expected=both,
    )


def _over_imputations(ratios: Sequence[Estimate]) -> Estimate:
    """One ratio by Rubin's rules on the logarithmic scale."""
    values = to_scale("log", [r.value for r in ratios])
    e = pool(values, [(r.standard_error or 0.0) ** 2 for r in ratios]).estimate
    low, middle, high = (float(v) for v in from_scale("log", [e.low, e.value, e.high]))
    return Estimate(middle, low, high, e.standard_error, e.coverage)
