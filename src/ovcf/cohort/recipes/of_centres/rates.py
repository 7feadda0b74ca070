"""How often the outcome came in each group of the score, over imputations, beside the published rates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.missing.pooled_shares import REFERENCE, pooled_proportion
from ovcf.cohort.published.han_published import HAN, PUBLISHED
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.language.spoken import tr
from ovcf.language.worded import say
from ovcf.scores.prognosis.nasovcf import GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import ArrayLike

    from ovcf.cohort.missing.imputation import Imputed

DIFFERENCE = "Zou GY, Donner A. Stat Med 2008;27:1693-1702 (difference from two intervals)"


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
    """Of every group, low risk first."""

    outcome: str
    groups: tuple[GroupRate, ...]

    def plot(self, ax: Any = None) -> Any:
        """What happened in each group against its published rate; the line is where both are the same."""
        axes = new_axes(ax, size=(4.2, 3.6))
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
                f"{g.group}, n = {g.n:.0f}",
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
    places = [(y, (t >= 2).astype(int) + (t > 4)) for y, t in sets]
    groups = []
    for i, (name, (k, m)) in enumerate(zip(GROUPS, published.groups, strict=True)):
        n = np.array([float((at == i).sum()) for _, at in places])
        events = np.array([float(y[at == i].sum()) for y, at in places])
        printed = proportion(k, m)
        here = pooled_proportion(events, n) if n.min() > 0 else None
        apart = _difference(here, printed) if here else None
        groups.append(GroupRate(name, float(n.mean()), float(events.mean()), here, printed, apart))
    return GroupRates(
        title=say("{label} by group of the score, multiply imputed", label=published.label),
        method=say(
            "Rates over {sets} imputations with Wilson's interval by Lott and Reiter, HAN's with "
            "Wilson's; the difference by Zou and Donner, which reduces to Newcombe's. Patients "
            "and events are means over imputations",
            sets=len(sets),
        ),
        references=(REFERENCE, DIFFERENCE, HAN),
        n=len(imputed.frames[0]),
        missing=imputed.missing,
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
        ),
        outcome=outcome,
        groups=tuple(groups),
    )


def _difference(a: Estimate, b: Estimate) -> Estimate:
    """Of two independent estimates, from how far each one's limits lie from it."""
    d = a.value - b.value
    low = d - math.hypot(a.value - a.low, b.high - b.value)
    return Estimate(d, low, d + math.hypot(a.high - a.value, b.value - b.low), None, a.coverage)
