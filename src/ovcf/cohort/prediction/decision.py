"""Would acting on a score do good? Net benefit over thresholds of risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionCurveResult(PlottedResult):
    """Net benefit of acting on a model, on everyone, on nobody (zero); per patient, by threshold of risk.

    ``intervals`` are the same as ``models``, each figure with its interval.
    """

    thresholds: tuple[float, ...]
    treat_all: tuple[float, ...]
    models: tuple[tuple[str, tuple[float, ...]], ...]
    intervals: tuple[tuple[str, tuple[Estimate, ...]], ...]

    def plot(self, ax: Any = None) -> Any:
        """Net benefit over thresholds; cut below, where nobody would act on it."""
        axes = new_axes(ax, size=(5.2, 3.8))
        axes.axhline(0, color="#000000", linewidth=0.8, label=tr("nobody"))
        axes.plot(self.thresholds, self.treat_all, color="#999999", linewidth=1, label=tr("everyone"))
        for i, (name, benefit) in enumerate(self.models):
            style = ("-", "--", "-.", ":")[i % 4]
            axes.plot(self.thresholds, benefit, color=COLOURS[i % 6], linestyle=style, linewidth=1.6, label=tr(name))
            band = self.intervals[i][1]
            axes.fill_between(
                self.thresholds, [e.low for e in band], [e.high for e in band], color=COLOURS[i % 6], alpha=0.12, lw=0
            )
        top = max(self.treat_all[0], *(max(b) for _, b in self.models))
        axes.set(ylim=(-0.15 * top, 1.1 * top), xlabel=tr("Threshold of risk"), ylabel=tr("Net benefit"))
        axes.legend(frameon=False, fontsize=8)
        return axes


def gain_over_everyone(outcome: ArrayLike, risk: ArrayLike, threshold: float, coverage: float = 0.95) -> Estimate:
    """Net benefit of acting on the risk less that of acting on everyone, per patient: what is spared below it.

    Raises:
        CohortDataError: an outcome that is not 0 and 1.
    """
    y, p = binary(outcome), numbers(risk, "risk")
    spared = np.where(p < threshold, (1 - y) * threshold / (1 - threshold) - y, 0.0)
    mean, error = float(spared.mean()), float(spared.std(ddof=1)) / len(y) ** 0.5
    return Estimate.around(mean, error, coverage)


def decision_curve(
    outcome: ArrayLike,
    risks: Mapping[str, ArrayLike],
    *,
    thresholds: Sequence[float] | None = None,
    coverage: float = 0.95,
) -> DecisionCurveResult:
    """Net benefit of each model: true positives less false ones weighted by the odds of the threshold, per patient.

    Its interval is that of a mean over patients, whose outcomes are drawn along with their risks.

    Raises:
        CohortDataError: no model, risks or thresholds outside 0 to 1.
    """
    y = binary(outcome)
    columns = {name: numbers(values, name) for name, values in risks.items()}
    if not columns:
        raise CohortDataError("decision curve", "no model is given", "Name at least one.")
    whole, missing = complete_rows(("outcome", y), *columns.items())
    y = binary(y[whole])
    columns = {name: p[whole] for name, p in columns.items()}
    for name, p in columns.items():
        if p.min() < 0 or p.max() > 1:
            raise CohortDataError(name, "lies outside 0 to 1", "Give probabilities, not percentages or points.")
    at = np.asarray(thresholds if thresholds is not None else np.linspace(0.01, 0.99, 99), float)
    if at.min() <= 0 or at.max() >= 1:
        raise CohortDataError("thresholds", "must lie between 0 and 1", "At 0 everyone is treated, at 1 nobody.")
    odds = at / (1 - at)
    everyone = y.mean() - (1 - y.mean()) * odds

    def benefit(p: NDArray[np.float64]) -> tuple[Estimate, ...]:
        hits, alarms = np.sort(p[y == 1]), np.sort(p[y == 0])
        true = len(hits) - np.searchsorted(hits, at, side="left")
        false = len(alarms) - np.searchsorted(alarms, at, side="left")
        mean = (true - false * odds) / len(y)
        error = np.sqrt(np.maximum((true + false * odds**2) / len(y) - mean**2, 0) / (len(y) - 1))
        return tuple(Estimate.around(m, e, coverage) for m, e in zip(mean.tolist(), error.tolist(), strict=True))

    intervals = tuple((name, benefit(p)) for name, p in columns.items())
    models = tuple((name, tuple(e.value for e in band)) for name, band in intervals)
    return DecisionCurveResult(
        title="Decision curve",
        method="Net benefit per patient of acting when the predicted risk is at least the threshold",
        references=("Vickers AJ, Elkin EB. Med Decis Making 2006;26:565-574",),
        n=len(y),
        missing=missing,
        notes=(say("{events} events", events=int(y.sum())),),
        tables=(
            Table(
                "Net benefit",
                (
                    Column("threshold", "Threshold", ".2f"),
                    Column("everyone", "Everyone", ".4f"),
                    *(Column(name, say("{name} (interval)", name=name), ".4f") for name in columns),
                ),
                tuple(zip(at.tolist(), everyone.tolist(), *(b for _, b in intervals), strict=True)),
            ),
        ),
        thresholds=tuple(at.tolist()),
        treat_all=tuple(everyone.tolist()),
        models=models,
        intervals=intervals,
    )
