"""Predicted risks of an event by a given time, where follow-up is cut short and death may come first.

Discrimination and Brier score weigh patients by the inverse of their chance to be followed so far (Blanche P, Dartigues
JF, Jacqmin-Gadda H. Stat Med 2013;32:5381-5397); calibration compares with Aalen and Johansen's incidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.columns import numbers
from ovcf.cohort.prediction.calibration import risk_groups
from ovcf.cohort.result import COLOURS, Column, Estimate, PlottedResult, Table, new_axes
from ovcf.cohort.survival.competing_risks import incidence_of
from ovcf.cohort.survival.follow_up import FollowUp, complete, step
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

REFERENCES = (
    "Blanche P, Dartigues JF, Jacqmin-Gadda H. Stat Med 2013;32:5381-5397",
    "Gerds TA, Schumacher M. Biom J 2006;48:1029-1040 (Brier score)",
    "Aalen OO, Johansen S. Scand J Stat 1978;5:141-150",
)
FEW_EVENTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonResult(PlottedResult):
    """How risks by ``horizon`` agree with what happened.

    ``auc``: of two patients, one with the event by then and one without (alive or dead of something else), how often
    the former has the higher risk. ``groups`` are (mean predicted, observed incidence) by quantile of risk.
    """

    horizon: float
    unit: str
    auc: Estimate
    brier: Estimate
    brier_null: float
    observed: Estimate
    observed_to_expected: Estimate
    groups: tuple[tuple[float, Estimate], ...]

    def plot(self, ax: Any = None) -> Any:
        """Observed against predicted risk by group."""
        axes = new_axes(ax)
        top = 1.08 * max(max(e.high for _, e in self.groups), max(p for p, _ in self.groups))
        axes.plot([0, top], [0, top], color="#999999", linewidth=0.8, linestyle=(0, (2, 3)), label=tr("ideal"))
        for predicted, e in self.groups:
            axes.plot([predicted] * 2, [e.low, e.high], color=COLOURS[1], linewidth=1)
        axes.plot(
            [p for p, _ in self.groups],
            [e.value for _, e in self.groups],
            "o-",
            color=COLOURS[1],
            linewidth=0.8,
            markersize=4,
            label=tr("groups of risk"),
        )
        axes.set(
            xlim=(0, top),
            ylim=(0, top),
            aspect="equal",
            ylabel=tr("Observed incidence"),
            xlabel=tr(say("Predicted risk by {horizon:g} {unit}", horizon=self.horizon, unit=self.unit)),
        )
        axes.legend(loc="upper left", frameon=False, fontsize=8)
        return axes


def risk_at_horizon(
    frame: pd.DataFrame,
    time: str,
    event: str,
    risk: str,
    horizon: float,
    *,
    happened: Any = None,
    competing: Sequence[Any] = (),
    groups: int = 5,
    unit: str = "months",
    coverage: float = 0.95,
) -> HorizonResult:
    """Judge predicted probabilities of the event by ``horizon``, best in patients whom the model has not seen.

    Args:
        frame: one patient per row.
        time, event: columns of the time followed and of what ended it.
        risk: column of probabilities (0 to 1) that the event comes by ``horizon``.
        horizon: in the unit of ``time``.
        happened: the value of ``event`` that is the event; None where the column is true/false or 1/0.
        competing: values that preclude the event, such as death; every other value is censoring.
        groups: of equal size for calibration, or one for each risk where there are no more risks.
        unit: of time, for print.
        coverage: of all intervals.

    Raises:
        CohortDataError: risks outside 0 to 1 or all the same, nobody with or without the event by then, nobody followed
            so far.
    """
    kept, missing = complete(frame, [time, event, risk])
    data = FollowUp.of(kept, time, event, happened=happened, competing=competing)
    p = numbers(kept[risk], risk)
    if p.min() < 0 or p.max() > 1:
        raise CohortDataError(risk, "lies outside 0 to 1", "Give probabilities, not percentages or points.")
    if np.ptp(p) == 0:
        raise CohortDataError(risk, "is the same for everyone", "A constant risk separates nobody.")
    if not 0 < horizon < data.time.max():
        raise CohortDataError(
            "horizon", say("nobody is followed beyond {horizon:g}", horizon=horizon), "Choose an earlier time."
        )
    case, control = _weights(data, horizon)
    events = int((case > 0).sum())
    if events < 2 or (control > 0).sum() < 2:
        raise CohortDataError(
            "horizon",
            say("{events} events by {horizon:g}", events=events, horizon=horizon),
            "Choose a time with more on either side.",
        )
    auc = Estimate.around(*_auc(p, case, control), coverage)
    squares = case * (1 - p) ** 2 + control * p**2
    brier = Estimate.around(float(squares.mean()), float(squares.std(ddof=1)) / math.sqrt(len(p)), coverage)
    observed = incidence_of(data, horizon, coverage)
    null = float((case * (1 - observed.value) ** 2 + control * observed.value**2).mean())
    expected = float(p.mean())
    group = risk_groups(p, groups)
    by_group, said = [], []
    for g in np.unique(group):
        rows = group == g
        if data.time[rows].max() <= horizon:
            said.append(
                say(
                    "Nobody of risk group {g} is followed beyond {horizon:g}: it is not shown.",
                    g=g + 1,
                    horizon=horizon,
                )
            )
            continue
        by_group.append((float(p[rows].mean()), incidence_of(data[rows], horizon, coverage)))
    ratio = Estimate(observed.value / expected, observed.low / expected, observed.high / expected, None, coverage)
    lost = int(((data.status == 0) & (data.time <= horizon)).sum())
    return HorizonResult(
        title=say("{risk} by {horizon:g} {unit}", risk=risk, horizon=horizon, unit=unit),
        method="AUC and Brier score weighted by the inverse probability of being followed (Kaplan-Meier of censoring, "
        "taken as known for the errors); those who meet a competing event are without the event; observed incidence by "
        "Aalen-Johansen; the expected is taken as known",
        references=REFERENCES,
        n=len(p),
        missing=missing,
        assumptions=(
            "Censoring is taken to be unrelated to risk and events.",
            say("{events} events by {horizon:g}, {lost} lost before", events=events, horizon=horizon, lost=lost)
            + (
                say(": fewer than {few_events} events, the result is imprecise", few_events=FEW_EVENTS)
                if events < FEW_EVENTS
                else ""
            ),
        ),
        notes=(data.reading, *said),
        tables=(
            Table(
                "Performance",
                (
                    Column("figure", "Figure"),
                    Column("value", say("Value ({coverage:g}% CI)", coverage=100 * coverage), ".3f"),
                ),
                (
                    ("AUC", auc),
                    ("Brier score", brier),
                    ("Brier score of no model", null),
                    ("observed incidence", observed),
                    ("mean predicted risk", expected),
                    ("observed / expected (ideal 1)", ratio),
                ),
            ),
            Table(
                "Groups of risk",
                (Column("predicted", "Mean predicted", ".3f"), Column("observed", "Observed (interval)", ".3f")),
                tuple(by_group),
            ),
        ),
        horizon=horizon,
        unit=unit,
        auc=auc,
        brier=brier,
        brier_null=null,
        observed=observed,
        observed_to_expected=ratio,
        groups=tuple(by_group),
    )


def auc_at_horizon(
    frame: pd.DataFrame,
    time: str,
    event: str,
    score: str,
    horizon: float,
    *,
    happened: Any = None,
    competing: Sequence[Any] = (),
    coverage: float = 0.95,
) -> Estimate:
    """The same AUC of any score, higher for those likelier to have the event by ``horizon``; complete cases.

    Raises:
        CohortDataError: nobody with or without the event by then, nobody followed so far.
    """
    kept, _ = complete(frame, [time, event, score])
    data = FollowUp.of(kept, time, event, happened=happened, competing=competing)
    case, control = _weights(data, horizon)
    if not (case > 0).any() or not (control > 0).any():
        raise CohortDataError("horizon", "nobody has the event by then, or everyone", "Choose another time.")
    return Estimate.around(*_auc(numbers(kept[score], score), case, control), coverage)


def _weights(data: FollowUp, horizon: float) -> tuple[Array, Array]:
    """Of every patient: the weight as one with the event by then, and as one without it; 0 for both if lost before."""
    counts = data.counts()
    ended = np.diff([*(-counts.at_risk), 0.0])
    censored = ended - counts.events - counts.competing
    # Events come before censorings at the same time.
    at_risk = counts.at_risk - counts.events - counts.competing
    followed = np.asarray(np.cumprod(1 - censored / np.where(at_risk > 0, at_risk, 1)), float)
    before = step(counts.times, followed, np.nextafter(data.time, -np.inf), 1.0)
    by_then = data.time <= horizon
    at_end = float(step(counts.times, followed, [horizon], 1.0)[0])
    if at_end <= 0:
        raise CohortDataError(
            "horizon", say("nobody is followed up to {horizon:g}", horizon=horizon), "Choose an earlier time."
        )
    case = np.where(by_then & (data.status == 1), 1 / np.maximum(before, 1e-300), 0.0)
    other = np.where(by_then & (data.status == 2), 1 / np.maximum(before, 1e-300), 0.0)
    return case, np.where(by_then, other, 1 / at_end)


def _auc(p: Array, case: Array, control: Array) -> tuple[float, float]:
    """Weighted share of pairs in order, ties half, and its error by the influence of every patient."""
    values, at = np.unique(p, return_inverse=True)

    def below(weight: Array) -> Array:
        own = np.bincount(at, weight, minlength=len(values))
        return np.asarray((np.cumsum(own) - own / 2)[at])

    n, cases, controls = len(p), case.sum(), control.sum()
    won, lost = below(control), cases - below(case)
    area = float(case @ won / (cases * controls))
    influence = case * (won / controls - area) * n / cases + control * (lost / cases - area) * n / controls
    return area, float(influence.std(ddof=1) / math.sqrt(n))
