"""Odds ratios, and forests: of odds ratios, of differences, of hazard ratios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.result import new_axes
from ovcf.language.spoken import tr

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
    return draw_intervals([(str(e.term), e.odds_ratio) for e in effects], ax, ratio="Odds ratio")


def draw_intervals(rows: Sequence[tuple[str, Estimate]], ax: Any = None, *, ratio: str = "", label: str = "") -> Any:
    """Estimates with their intervals and figures, the first above; a ``ratio`` stands on a logarithmic scale."""
    axes = new_axes(ax, size=(5.6, 0.9 + 0.34 * len(rows)))
    for i, (_, estimate) in enumerate(rows):
        axes.plot([estimate.low, estimate.high], [i, i], color="#0072B2", linewidth=1.4)
        axes.plot([estimate.value], [i], "s", color="#0072B2", markersize=5)
        axes.annotate(
            tr(format(estimate, ".2f")),
            (1.02, i),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            annotation_clip=False,
        )
    axes.axvline(1 if ratio else 0, color="#999999", linewidth=0.8)
    axes.set(yticks=range(len(rows)), yticklabels=[tr(name) for name, _ in rows], xlabel=tr(ratio or label))
    if ratio:
        ticker = optional_import("matplotlib.ticker")
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if high < 200 * low else (1,)))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes
