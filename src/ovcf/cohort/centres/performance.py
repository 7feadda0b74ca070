"""How predicted risks do in each centre: discrimination, calibration, usefulness, and all of them pooled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ovcf.cohort.centres.pooling import REFERENCES, PooledCentres, pool_centres
from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.scale import Scale, logit_error
from ovcf.errors import CohortDataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

FEW_EVENTS = 10
"""Below this many events, or non-events, what a centre says of calibration is hardly more than chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CentrePerformance(PlottedResult):
    """Every figure over centres; ``figures`` holds one meta-analysis each, reached by name."""

    figures: tuple[PooledCentres, ...]

    def __getitem__(self, figure: str) -> PooledCentres:
        return next(f for f in self.figures if f.figure == figure)

    def plot(self, ax: Any = None) -> Any:
        """One forest below the other; ``ax`` takes the first alone."""
        if ax is not None:
            return self.figures[0].plot(ax)
        heights = [len(f.centres) + 5 for f in self.figures]
        figure = optional_import("matplotlib.figure").Figure(figsize=(6.4, 0.28 * sum(heights)), layout="constrained")
        axes = figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        for one, place in zip(self.figures, axes, strict=True):
            place.spines[["top", "right"]].set_visible(False)
            one.plot(place)
        return axes[0]


class _Figure(NamedTuple):
    """What is pooled: its name, the scale of pooling and the ideal."""

    name: str
    scale: Scale
    ideal: float | None


AUC = _Figure("AUC", "logit", None)
IN_THE_LARGE = _Figure("Calibration in the large", "identity", 0.0)
SLOPE = _Figure("Calibration slope", "identity", 1.0)
RATIO = _Figure("Observed / expected", "log", 1.0)
# Of near nought its error is small too: on the logarithmic scale that does not give such centres all the weight.
BRIER = _Figure("Brier score", "log", None)


def performance_by_centre(
    frame: pd.DataFrame, outcome: str, risk: str, centre: str, *, threshold: float | None = None, coverage: float = 0.95
) -> CentrePerformance:
    """Judge predicted risks in every centre by itself, and pool what was found by random effects.

    Args:
        frame: one patient per row.
        outcome: column of 0 and 1.
        risk: column of predicted probabilities.
        centre: column that names the centre.
        threshold: of risk at which one would act; gives net benefit by centre.
        coverage: of all intervals.

    Raises:
        CohortDataError: an absent column, or fewer than two centres in which anything can be estimated.
    """
    need_columns(frame, [outcome, risk, centre])
    y, p = binary(frame[outcome], outcome), numbers(frame[risk], risk)
    absent = np.where(frame[centre].isna(), np.nan, 0.0)
    whole, missing = complete_rows((outcome, y), (risk, p), (centre, absent))
    kept = frame.loc[whole, centre].astype(str).to_numpy()
    return by_centre(y[whole], p[whole], kept, missing, threshold, coverage, title=f"{risk} by {centre}")


def by_centre(
    y: Array,
    p: Array,
    centre: NDArray[Any],
    missing: tuple[tuple[str, int], ...],
    threshold: float | None,
    coverage: float,
    *,
    title: str,
    method: str = "",
    notes: Sequence[str] = (),
) -> CentrePerformance:
    """The same from complete columns."""
    names = sorted(set(centre.tolist()))
    benefit = _Figure(f"Net benefit at {threshold:g}", "identity", 0.0) if threshold is not None else None
    wanted = [AUC, IN_THE_LARGE, SLOPE, RATIO, BRIER, *([benefit] if benefit else [])]
    found: dict[_Figure, list[tuple[str, float, float]]] = {figure: [] for figure in wanted}
    said, sizes = [], []
    for name in names:
        rows = centre == name
        events, others = int(y[rows].sum()), int((1 - y[rows]).sum())
        sizes.append((name, events + others, events, float(p[rows].mean())))
        if min(events, others) < FEW_EVENTS:
            said.append(f"{name} has {events} events and {others} non-events.")
        try:
            one = calibration(y[rows], p[rows], coverage=coverage)
        except CohortDataError as error:
            said.append(f"{name} is in no pooled figure: {error.where} {error.problem}.")
            continue
        parts: list[tuple[_Figure, Estimate]] = [(IN_THE_LARGE, one.intercept), (SLOPE, one.slope)]
        brier = replace(one.brier, standard_error=(one.brier.standard_error or 0.0) / one.brier.value)
        parts += [(RATIO, one.observed_to_expected), (BRIER, brier)]
        if benefit and threshold is not None:
            curve = decision_curve(y[rows], {"risk": p[rows]}, thresholds=[threshold], coverage=coverage)
            parts.append((benefit, curve.intervals[0][1][0]))
        parts.append((AUC, Estimate(one.auc.value, one.auc.low, one.auc.high, logit_error(one.auc))))
        for figure, e in parts:
            if e.standard_error and np.isfinite(e.standard_error):
                found[figure].append((name, e.value, e.standard_error))
            else:
                said.append(f"{name} has no {figure.name.lower()} with an error; it is left out there.")
    if max(len(rows) for rows in found.values()) < 2:
        raise CohortDataError(
            "centres", "fewer than two can be judged", " ".join(said) or "Name the column of centres."
        )
    figures = tuple(
        pool_centres(*zip(*rows, strict=True), figure=f.name, scale=f.scale, ideal=f.ideal, coverage=coverage)
        for f, rows in found.items()
        if len(rows) > 1
    )
    summary = tuple(
        (
            f.figure,
            len(f.centres),
            f.pooled,
            Estimate(f.pooled.value, f.prediction.low, f.prediction.high),
            f.i_squared,
            f.q_p,
        )
        for f in figures
    )
    return CentrePerformance(
        title=title,
        method=f"{method}Each centre by itself (DeLong, logistic recalibration), then random effects by restricted "
        "maximum likelihood with Hartung and Knapp's interval: AUC on the logit scale, observed / expected and Brier "
        "score on the logarithmic one",
        references=REFERENCES,
        n=len(y),
        missing=missing,
        assumptions=tuple(f"{f.figure}: {text}" for f in figures for text in f.assumptions),
        notes=tuple(dict.fromkeys((*notes, *said, *(note for f in figures for note in f.notes)))),
        tables=(
            Table(
                "Pooled over centres",
                (
                    Column("figure", "Figure"),
                    Column("centres", "Centres", "d"),
                    Column("pooled", f"Pooled ({100 * coverage:g}% CI)", ".3f"),
                    Column("prediction", "Prediction interval", ".3f"),
                    Column("i_squared", "I²", ".0%"),
                    Column("p", "P, Q", "p"),
                ),
                summary,
            ),
            Table(
                "Centres",
                (
                    Column("centre", "Centre"),
                    Column("n", "n", "d"),
                    Column("events", "Events", "d"),
                    Column("expected", "Mean predicted", ".3f"),
                ),
                tuple(sizes),
            ),
            *(f.tables[0] for f in figures),
        ),
        figures=figures,
    )
