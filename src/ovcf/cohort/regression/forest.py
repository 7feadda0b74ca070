"""Odds ratios, and a forest of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import new_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.cohort.data.design import Term
    from ovcf.cohort.result import Estimate


@dataclass(frozen=True, slots=True)
class Effect:
    """One coefficient on the logit scale and its odds ratio."""

    term: Term
    odds_ratio: Estimate
    coefficient: float
    standard_error: float
    p: float


def draw_forest(effects: Sequence[Effect], ax: Any = None) -> Any:
    """Odds ratios with intervals, one line each, on a logarithmic scale."""
    axes = new_axes(ax, size=(5.6, 0.9 + 0.34 * len(effects)))
    for i, e in enumerate(effects):
        ratio = e.odds_ratio
        axes.plot([ratio.low, ratio.high], [i, i], color="#0072B2", linewidth=1.4)
        axes.plot([ratio.value], [i], "s", color="#0072B2", markersize=5)
        axes.annotate(
            f"{ratio:.2f}",
            (1.02, i),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            annotation_clip=False,
        )
    axes.axvline(1, color="#999999", linewidth=0.8)
    axes.set(xscale="log", yticks=range(len(effects)), yticklabels=[str(e.term) for e in effects], xlabel="Odds ratio")
    ticker = optional_import("matplotlib.ticker")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if high < 200 * low else (1,)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_ylim(len(effects) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes
