"""How predicted risks do in each centre: discrimination, calibration, usefulness, and all of them pooled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ovcf.cohort.centres.figures import CentreFigure, Judged, figures_with, judge
from ovcf.cohort.centres.forests import Forests, drawn, pages, within_sentence
from ovcf.cohort.centres.pooling import REFERENCES, PooledCentres, pool_centres
from ovcf.cohort.data.columns import binary, complete_rows, numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.missing.imputation import REFERENCES as OF_IMPUTATION
from ovcf.cohort.missing.imputation import pool
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.scale import from_scale, to_scale
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say
from ovcf.plain_text import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from ovcf.cohort.missing.imputation import Imputed

    Array = NDArray[np.float64]

FEW_EVENTS = 10
"""Below this many events, or non-events, what a centre says of calibration is hardly more than chance."""
_IMPUTED_THEN_POOLED = (
    "Burgess S, White IR, Resche-Rigon M, Wood AM. Stat Med 2013;32:4499-4514 (imputations within, then over centres)"
)
_MODIFIED = "Röver C, Knapp G, Friede T. BMC Med Res Methodol 2015;15:99 (no narrower than the plain interval)"
_FLOOR = ", no narrower than the plain one, for a common imputation model makes centres alike"


@dataclass(frozen=True, slots=True, kw_only=True)
class CentrePerformance(PlottedResult):
    """Every figure over centres; ``figures`` holds one meta-analysis each, reached by name."""

    figures: tuple[PooledCentres, ...]

    def __getitem__(self, figure: str) -> PooledCentres:
        return next(f for f in self.figures if f.figure == figure)

    def plot(self, ax: Any = None) -> Any:
        """Forests in two columns, as many as a page holds; ``ax`` takes the first alone."""
        return self.figures[0].plot(ax) if ax is not None else drawn(pages(self.figures)[0])

    def further(self) -> tuple[Forests, ...]:
        """The forests that do not fit on the page of :meth:`plot`, a page each: where there are many centres."""
        return tuple(
            Forests(
                title=f"{self.title}: {listed([page[0].figure, *(within_sentence(f.figure) for f in page[1:])])}",
                method="Forests of the table above",
                n=self.n,
                tables=(),
                figures=page,
            )
            for page in pages(self.figures)[1:]
        )


@dataclass(frozen=True, slots=True)
class _Size:
    """Of one centre; counts are means over imputations."""

    name: str
    n: float
    events: float
    expected: float


class _Columns(NamedTuple):
    """Complete columns of one data set, a row each."""

    y: Array
    p: Array
    score: Array
    centre: NDArray[Any]


def performance_by_centre(
    frame: pd.DataFrame,
    outcome: str,
    risk: str,
    centre: str,
    *,
    score: str | None = None,
    threshold: float | None = None,
    coverage: float = 0.95,
) -> CentrePerformance:
    """Judge predicted risks in every centre by itself, and pool what was found by random effects.

    Args:
        frame: one patient per row.
        outcome: column of 0 and 1.
        risk: column of predicted probabilities.
        centre: column that names the centre.
        score: column that the AUC is of, where it is finer than the risks (the points behind rates of groups).
        threshold: of risk at which one would act; gives net benefit by centre.
        coverage: of all intervals.

    Raises:
        CohortDataError: an absent column, or fewer than two centres in which anything can be estimated.
    """
    need_columns(frame, [outcome, risk, centre, *([score] if score else [])])
    y, p = binary(frame[outcome], outcome), numbers(frame[risk], risk)
    absent = np.where(frame[centre].isna(), np.nan, 0.0)
    finer = [(score, numbers(frame[score], score))] if score else []
    whole, missing = complete_rows((outcome, y), (risk, p), (centre, absent), *finer)
    kept = frame.loc[whole, centre].astype(str).to_numpy()
    title = say("{risk} by {centre}", risk=risk, centre=centre)
    return by_centre(
        y[whole], p[whole], kept, missing, threshold, coverage, title=title, score=finer[0][1][whole] if finer else None
    )


def pooled_performance_by_centre(
    imputed: Imputed,
    outcome: str,
    risk: str | Callable[[pd.DataFrame], ArrayLike],
    centre: str,
    *,
    score: str | Callable[[pd.DataFrame], ArrayLike] | None = None,
    threshold: float | None = None,
    coverage: float = 0.95,
) -> CentrePerformance:
    """The same over imputations: in each centre by Rubin's rules, then over centres by random effects.

    Args:
        imputed: completed data sets.
        outcome, centre: columns.
        risk: column of probabilities, or a function that gives them for a completed table.
        score: what the AUC is of, where it is finer than the risks.
        threshold: of risk at which one would act.
        coverage: of all intervals.

    Raises:
        CohortDataError: as :func:`performance_by_centre` does.
    """
    made = []
    for frame in imputed.frames:
        need_columns(frame, [outcome, centre])
        p = np.asarray(frame[risk] if isinstance(risk, str) else risk(frame), float)
        finer = p if score is None else np.asarray(frame[score] if isinstance(score, str) else score(frame), float)
        made.append(_Columns(binary(frame[outcome], outcome), p, finer, frame[centre].astype(str).to_numpy()))
    name = risk if isinstance(risk, str) else "Predicted risk"
    return _pooled(
        made,
        imputed.missing,
        threshold,
        coverage,
        title=say("{name} by {centre}, multiply imputed", name=name, centre=centre),
        method=say("{method}; Rubin's rules within each centre. ", method=imputed.method),
        notes=(),
    )


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
    score: Array | None = None,
) -> CentrePerformance:
    """The same from complete columns."""
    data = _Columns(y, p, p if score is None else score, centre)
    return _pooled([data], missing, threshold, coverage, title=title, method=method, notes=notes)


def _pooled(
    made: Sequence[_Columns],
    missing: tuple[tuple[str, int], ...],
    threshold: float | None,
    coverage: float,
    *,
    title: str,
    method: str,
    notes: Sequence[str],
) -> CentrePerformance:
    """Of one data set, or of several completed ones."""
    wanted = figures_with(threshold)
    found: dict[CentreFigure, list[tuple[str, float, float]]] = {figure: [] for figure in wanted}
    said, sizes = [], []
    for name in sorted(set(made[0].centre.tolist())):
        parts = [_Columns(*(column[d.centre == name] for column in d)) for d in made]
        n, events, expected = (float(np.mean([f(d) for d in parts])) for f in _SIZES)
        sizes.append(_Size(name, n, events, expected))
        if min(events, n - events) < FEW_EVENTS:
            said.append(
                say(
                    "{name} has {count} events and {count_2} non-events.",
                    name=name,
                    count=_count(events),
                    count_2=_count(n - events),
                )
            )
        judged = [judge(d.y, d.p, d.score, threshold) for d in parts]
        reasons: dict[str, list[str]] = {}
        for figure in wanted:
            if all(figure in each for each, _ in judged):
                found[figure].append((name, *_over_imputations(figure, [each[figure] for each, _ in judged])))
            else:
                why = next(failed[figure] for _, failed in judged if figure in failed)
                reasons.setdefault(why, []).append(figure.name)
        said += [
            say("{name} is left out of {names}: {why}.", name=name, names=joined(", ", names), why=why)
            for why, names in reasons.items()
        ]
    if max(len(rows) for rows in found.values()) < 2:
        raise CohortDataError(
            "centres", "fewer than two can be judged", " ".join(said) or "Name the column of centres."
        )
    imputed = len(made) > 1
    figures = tuple(
        pool_centres(
            *zip(*rows, strict=True),
            figure=f.name,
            scale=f.scale,
            ideal=f.ideal,
            at_least_plain=imputed,
            coverage=coverage,
        )
        for f, rows in found.items()
        if len(rows) > 1
    )
    return CentrePerformance(
        title=title,
        method=say(
            "{method}Each centre by itself (DeLong, logistic recalibration), then random effects by "
            "restricted maximum likelihood with Hartung and Knapp's interval{floor}: AUC on the logit "
            "scale, observed / expected and Brier score on the logarithmic one; tau is the spread between "
            "centres on that scale",
            method=method,
            floor=_FLOOR if imputed else "",
        ),
        references=(*REFERENCES, *((*OF_IMPUTATION, _IMPUTED_THEN_POOLED, _MODIFIED) if imputed else ())),
        n=len(made[0].y),
        missing=missing,
        notes=tuple(dict.fromkeys((*notes, *said, *(note for f in figures for note in f.notes)))),
        tables=(_summary(figures, coverage), _sizes(sizes), *(replace(f.tables[0], in_figure=True) for f in figures)),
        figures=figures,
    )


_SIZES: tuple[Callable[[_Columns], float], ...] = (
    lambda d: float(len(d.y)),
    lambda d: float(d.y.sum()),
    lambda d: float(d.p.mean()),
)


def _over_imputations(figure: CentreFigure, same: Sequence[Judged]) -> tuple[float, float]:
    """Value as printed and standard error on the scale of pooling; Rubin's rules where there are several."""
    if len(same) == 1:
        return same[0]
    values = to_scale(figure.scale, [one.value for one in same])
    e = pool(values, [one.standard_error**2 for one in same]).estimate
    return float(from_scale(figure.scale, e.value)), e.standard_error or 0.0


def _summary(figures: Sequence[PooledCentres], coverage: float) -> Table:
    return Table(
        "Pooled over centres",
        (
            Column("figure", "Figure"),
            Column("centres", "Centres", "d"),
            Column("pooled", say("Mean of centres ({coverage:g}% CI)", coverage=100 * coverage), ".3f"),
            Column("prediction", "New centre (prediction interval)", ".3f"),
            Column("tau", "tau (interval)", ".2f"),
            Column("i_squared", "I²", ".0%"),
            Column("p", "P, Q", "p"),
        ),
        tuple(
            (
                f.figure,
                len(f.centres),
                f.pooled,
                Estimate(f.pooled.value, f.prediction.low, f.prediction.high),
                Estimate(f.tau, f.tau_low, f.tau_high, None, coverage),
                f.i_squared,
                f.q_p,
            )
            for f in figures
        ),
    )


def _sizes(sizes: Sequence[_Size]) -> Table:
    return Table(
        "Centres",
        (
            Column("centre", "Centre"),
            Column("n", "n", "g"),
            Column("events", "Events"),
            Column("observed", "Observed", ".1%"),
            Column("expected", "Mean predicted", ".1%"),
        ),
        tuple((s.name, s.n, _count(s.events), s.events / s.n, s.expected) for s in sizes),
    )


def _count(mean: float) -> str:
    """A count, with one decimal where it is a mean over imputations."""
    return f"{mean:.0f}" if mean == round(mean) else f"{mean:.1f}"
