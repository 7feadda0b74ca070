"""NASOVCF in patients it was not made from, in one call: a report along the TRIPOD statement.

The paper prints no intercept (so no risk of a single patient can be checked) but it prints the outcome of each of its
three groups: those rates are the predictions that are compared with what happened here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.checklists import PROBAST_REFERENCE, TRIPOD_AI_REFERENCE
from ovcf.cohort.data.columns import binary, numbers
from ovcf.cohort.data.design import need_columns
from ovcf.cohort.data.nasovcf_column import nasovcf_of
from ovcf.cohort.groups.case_mix import case_mix
from ovcf.cohort.groups.contingency import proportion, proportion_difference
from ovcf.cohort.groups.mover import ratio
from ovcf.cohort.p_value import two_sided_p
from ovcf.cohort.prediction.calibration import CalibrationResult, calibration
from ovcf.cohort.prediction.decision import DecisionCurveResult, decision_curve
from ovcf.cohort.prediction.delong import auc
from ovcf.cohort.prediction.validation_checklists import FEW_EVENTS, validation_checklists
from ovcf.cohort.published.han_published import HAN, PUBLISHED, Published
from ovcf.cohort.published.observed_expected import METHOD, ObservedExpected, observed_expected
from ovcf.cohort.published.observed_expected import REFERENCES as OF_BOTH_ERRORS
from ovcf.cohort.regression.logistic import logistic
from ovcf.cohort.result import Column, Estimate, PlottedResult, Table
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.spoken import tr
from ovcf.language.worded import joined, say
from ovcf.scores.prognosis.nasovcf import GROUPS, TOTALS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """One group of the score: events here, events in HAN, the difference with Newcombe's interval, Fisher's P."""

    group: str
    events: int
    n: int
    observed: Estimate | None
    published: Estimate
    difference: Estimate | None
    p: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationResult(PlottedResult):
    """Performance of NASOVCF in new patients.

    ``odds_ratio`` is per point; ``slope`` its logarithm over that of the published one (1 ideal; below, the score
    separates less here); ``intercept`` is the local one that goes with the published odds ratio. ``calibration`` and
    ``decision`` take HAN's group rates as predicted risks, as printed; ``observed_expected`` has the ratio with their
    sampling error, too.
    """

    outcome: str
    events: int
    auc: Estimate
    auc_difference_p: float | None
    odds_ratio: Estimate
    slope: Estimate
    intercept: float
    groups: tuple[GroupOutcome, ...]
    calibration: CalibrationResult
    decision: DecisionCurveResult
    observed_expected: ObservedExpected
    flow: tuple[tuple[str, int], ...] = ()

    def plot(self, ax: Any = None) -> Any:
        """Observed beside published rate of each group, and observed over expected; ``ax`` takes the former alone."""
        ax = self.observed_expected.beside() if ax is None else ax
        for shift, colour, marker, label in ((-0.1, "#999999", "s", "HAN 2025"), (0.1, "#0072B2", "o", "here")):
            for i, g in enumerate(self.groups):
                rate = g.published if label == "HAN 2025" else g.observed
                if rate is not None:
                    ax.plot([i + shift] * 2, [rate.low, rate.high], color=colour)
                    ax.plot(i + shift, rate.value, marker, color=colour, label=tr(label) if i == 2 else None)
        ax.set(
            ylim=(-0.02, 1.02),
            ylabel=tr(say("{outcome} (95% CI)", outcome=PUBLISHED[self.outcome].label)),
            xlim=(-0.5, 2.5),
        )
        ax.set_xticks(range(3), [tr(say("{group}\nn = {n}", group=g.group, n=g.n)) for g in self.groups])
        ax.legend(frameon=False, loc="upper left")
        return ax


def validate_nasovcf(
    frame: pd.DataFrame,
    outcome: str = "non_union",
    *,
    score: str | None = None,
    outcome_column: str | None = None,
    answers: Mapping[str, str] | None = None,
    checklists: bool = True,
) -> ValidationResult:
    """Validate NASOVCF on your patients.

    Args:
        frame: one patient per row, with the total in ``score`` (default ``nasovcf``), or else the items from which it
            is computed: ``fracture_type``, ``vhl_percent_0mo``, ``ka_deg_0mo``, ``t2_pattern``, ``t_score``.
        outcome: ``non_union`` or ``progressive_kyphosis``.
        score: another name of the column of the total.
        outcome_column: another name of the column of the outcome, 0 and 1.
        answers: what the report says elsewhere, by the item of TRIPOD+AI.
        checklists: put PROBAST and TRIPOD+AI among the tables; a report of several analyses fills them once, by
            :func:`validation_checklists`.

    Raises:
        CohortDataError: an unknown outcome, an absent column, a total that the score cannot have, a constant outcome.
    """
    if outcome not in PUBLISHED:
        raise CohortDataError(
            say("outcome {outcome!r}", outcome=outcome),
            "is not one of HAN 2025",
            say("Choose {published}.", published=joined(" or ", PUBLISHED)),
        )
    column = outcome_column or outcome
    need_columns(frame, [column, *([score] if score else [])])
    total, outside = _totals(frame, score)
    y = binary(frame[column], column)
    whole = ~(np.isnan(total) | np.isnan(y))
    if not whole.any():
        raise CohortDataError("table", "has no patient with both total and outcome", "See which items are missing.")
    flow = (
        ("in the table", len(frame)),
        ("T-score above -1.0, outside the score's population", outside),
        ("no total, for an item is missing", int(np.isnan(total).sum()) - outside),
        ("total, but outcome not known", int((~np.isnan(total) & np.isnan(y)).sum())),
        ("analysed", int(whole.sum())),
    )
    left_out = y[np.isnan(total) & ~np.isnan(y)]
    y, total = binary(y[whole], column), total[whole]
    published = PUBLISHED[outcome]
    groups = _groups(y, total, published)
    area = auc(y, total)
    p_auc = _against_published(area, published.auc)
    model = logistic(_pair(frame, y, total), "event", ["total"])
    effect = model.effects[0]
    per_point = math.log(published.odds_ratio.value)
    limits = (math.log(v) / per_point for v in (effect.odds_ratio.low, effect.odds_ratio.high))
    slope = Estimate(effect.coefficient / per_point, *limits)
    predicted = published_risk(total, outcome)
    calibrated, decision = calibration(y, predicted), decision_curve(y, {"HAN's group rates": predicted})
    events = int(y.sum())
    both = _both_errors(groups, calibrated.observed_to_expected, outcome)
    figures = (
        ("AUC of the total", area, None, published.auc),
        ("Odds ratio per point", effect.odds_ratio, None, published.odds_ratio),
        (
            "Slope of the total: ln OR here / published (ideal 1)",
            slope,
            _slope_with_error(effect.odds_ratio, published.odds_ratio),
            None,
        ),
        (
            "Events here / expected from HAN's groups (ideal 1)",
            calibrated.observed_to_expected,
            both.whole.with_error,
            None,
        ),
        ("Calibration in the large, group rates (ideal 0)", calibrated.intercept, None, None),
        ("Brier score, group rates", calibrated.brier, None, None),
    )
    few = min(events, len(y) - events)
    intercept = _local_intercept(y, total, per_point)
    made = ValidationResult(
        title=say("External validation of NASOVCF: {label}", label=published.label.lower()),
        method=say(
            "Discrimination by AUC (DeLong); odds ratio per point by logistic regression ({estimator}); "
            "calibration against the observed rates of HAN's groups, for the paper prints no intercept; "
            "Wilson and Newcombe intervals, Fisher's tests; net benefit; complete cases. {both}",
            estimator=model.estimator.lower(),
            both=METHOD,
        ),
        references=(
            *(HAN, TRIPOD_AI_REFERENCE, PROBAST_REFERENCE),
            *(*calibrated.references, *decision.references, *OF_BOTH_ERRORS),
        ),
        n=len(y),
        missing=tuple((name, int(frame[name].isna().sum())) for name in frame.columns if frame[name].isna().any()),
        assumptions=(
            say("{events} events and {events_2} non-events", events=events, events_2=len(y) - events)
            + (
                say(": fewer than {few_events}, the result is imprecise", few_events=FEW_EVENTS)
                if few < FEW_EVENTS
                else ""
            ),
        ),
        notes=(
            *model.notes[2:],
            *(
                (say("AUC here against published: {said_p} (independent samples).", said_p=said_p(p_auc)),)
                if p_auc is not None
                else ()
            ),
            say(
                "With the published odds ratio their intercept is {intercept:.3f}: of these patients, not HAN's.",
                intercept=intercept,
            ),
            *both.notes(),
            "HAN counts 47 patients in the low group; where the paper prints 46, its own totals need 47.",
            _left_out(left_out, y),
        ),
        tables=(
            Table("Patients", (Column("patients", "Patients"), Column("n", "n", "d")), flow),
            *(mix for mix in (case_mix(frame[whole]),) if mix.rows),
            _groups_table(published.label, groups),
            Table(
                "Performance",
                (
                    Column("figure", "Figure"),
                    Column("here", "Here", ".3f"),
                    Column("with_error", "With HAN's sampling error", ".3f"),
                    Column("han", "HAN 2025", ".3f"),
                ),
                figures,
            ),
            both.table(),
            _cut_offs(y, total),
            _decisions(decision),
        ),
        outcome=outcome,
        events=events,
        auc=area,
        auc_difference_p=p_auc,
        odds_ratio=effect.odds_ratio,
        slope=slope,
        intercept=intercept,
        groups=groups,
        calibration=calibrated,
        decision=decision,
        observed_expected=both,
        flow=flow,
    )
    return replace(made, tables=(*made.tables, *validation_checklists(made, answers))) if checklists else made


def published_risk(total: Array, outcome: str = "non_union") -> Array:
    """HAN's observed rate of the group that each total belongs to; NaN where there is none."""
    rates = np.array([k / n for k, n in PUBLISHED[outcome].groups])
    known = np.isfinite(total)
    return np.where(known, rates[group_of_total(np.where(known, total, 0.0))], np.nan)


def _totals(frame: pd.DataFrame, score: str | None) -> tuple[Array, int]:
    """Total of each patient, NaN if unknown, and how many the score does not apply to."""
    if score is None and "nasovcf" not in frame.columns:
        return nasovcf_of(frame)
    name = score or "nasovcf"
    total = numbers(frame[name], name)
    wrong = ~np.isnan(total) & ~np.isin(total, TOTALS)
    if wrong.any():
        raise CohortDataError(
            say("column {name!r}, row {index}", name=name, index=frame.index[wrong][0]),
            say("{total:g} is no total of NASOVCF", total=total[wrong][0]),
            "Totals are even, 0 to 12.",
        )
    return total, 0


def _left_out(outcome: Array, analysed: Array) -> str:
    """Whether those without a total fared like the others."""
    if len(outcome) == 0:
        return "No patient with a known outcome was left out."
    here, others = (proportion(int(v.sum()), len(v)) for v in (analysed, outcome))
    return say(
        "Events in those left out for want of a total: {others:.3f}; in those analysed: {here:.3f}.",
        others=others,
        here=here,
    )


def _pair(frame: pd.DataFrame, y: Array, total: Array) -> pd.DataFrame:
    return type(frame)({"event": y, "total": total})


def group_of_total(total: Array) -> NDArray[np.int64]:
    """0, 1 or 2: the low, medium or high group."""
    return (total >= 2).astype(np.int64) + (total > 4)


def _groups(y: Array, total: Array, published: Published) -> tuple[GroupOutcome, ...]:
    from scipy.stats import fisher_exact

    found, index = [], group_of_total(total)
    for i, (name, (k, m)) in enumerate(zip(GROUPS, published.groups, strict=True)):
        n, events = int((index == i).sum()), int(y[index == i].sum())
        if n == 0:
            found.append(GroupOutcome(name, 0, 0, None, proportion(k, m), None, None))
            continue
        p = float(fisher_exact([[events, n - events], [k, m - k]]).pvalue)
        difference = proportion_difference(events, n, k, m)
        found.append(GroupOutcome(name, events, n, proportion(events, n), proportion(k, m), difference, p))
    return tuple(found)


def _both_errors(groups: Sequence[GroupOutcome], whole: Estimate, outcome: str) -> ObservedExpected:
    """Observed over expected in each group and in all, with and without the error of the published rates."""
    n, events = [float(g.n) for g in groups], [float(g.events) for g in groups]
    return observed_expected(outcome, n, events, [g.observed for g in groups], whole)


def _slope_with_error(here: Estimate, printed: Estimate) -> Estimate:
    """The logarithm of the odds ratio here over that of the printed one, whose error follows from its interval."""
    a, b = (Estimate(*(math.log(v) for v in (e.value, e.low, e.high))) for e in (here, printed))
    return ratio(a, b)


def _against_published(here: Estimate, printed: Estimate | None) -> float | None:
    """P of equal AUC in two independent samples; the printed error follows from the printed interval."""
    if printed is None or not here.standard_error:
        return None
    error = math.hypot(here.standard_error, (printed.high - printed.low) / (2 * NormalDist().inv_cdf(0.975)))
    return two_sided_p((here.value - printed.value) / error)


def _local_intercept(y: Array, total: Array, per_point: float) -> float:
    """The intercept at which the mean risk is the observed one, the slope being the published one."""
    from scipy.optimize import brentq
    from scipy.special import expit

    return float(brentq(lambda a: float(expit(a + per_point * total).sum() - y.sum()), -60, 60))


def _cut_offs(y: Array, total: Array) -> Table:
    """The two limits of the groups as tests."""
    rows = []
    for label, positive in (("medium or high (2 or more)", total >= 2), ("high (more than 4)", total > 4)):
        parts = [(positive & (y == 1), y == 1), (~positive & (y == 0), y == 0)]
        parts += [(positive & (y == 1), positive), (~positive & (y == 0), ~positive)]
        rows.append((label, *(proportion(int(a.sum()), int(b.sum())) if b.any() else None for a, b in parts)))
    columns = (
        Column("group", "Positive"),
        Column("sensitivity", "Sensitivity", ".2f"),
        Column("specificity", "Specificity", ".2f"),
        Column("ppv", "PPV", ".2f"),
        Column("npv", "NPV", ".2f"),
    )
    return Table("The limits of the groups", columns, tuple(rows))


def _groups_table(label: str, groups: tuple[GroupOutcome, ...]) -> Table:
    columns = (
        Column("group", "Group"),
        Column("n", "n", "d"),
        Column("events", "Events", "d"),
        Column("observed", "Rate here (Wilson)", ".1%"),
        Column("published", "HAN 2025 (Wilson)", ".1%"),
        Column("difference", "Difference (Newcombe)", ".1%"),
        Column("p", "P, Fisher", "p"),
    )
    rows = tuple((g.group, g.n, g.events, g.observed, g.published, g.difference, g.p) for g in groups)
    return Table(say("{label} by group", label=label), columns, rows)


def _decisions(decision: DecisionCurveResult) -> Table:
    """Net benefit at the thresholds between HAN's rates of the groups, beside acting on everyone."""
    model, shown = decision.intervals[0][1], (0.05, 0.1, 0.2, 0.3, 0.5)
    at = [decision.thresholds.index(min(decision.thresholds, key=lambda t: abs(t - wanted))) for wanted in shown]
    columns = (
        Column("threshold", "Threshold of risk", ".0%"),
        Column("score", "Net benefit of the score (interval)", ".3f"),
        Column("everyone", "Of acting on everyone", ".3f"),
    )
    rows = tuple((decision.thresholds[i], model[i], decision.treat_all[i]) for i in at)
    return Table("Net benefit of acting on HAN's group rates", columns, rows)
