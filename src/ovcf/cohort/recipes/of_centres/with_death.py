"""Non-union by 6 months with death as a competing event, and what is known of 3 and 12 months."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.data.nasovcf_column import ITEMS
from ovcf.cohort.missing.imputation import impute
from ovcf.cohort.missing.pooled_horizon import cumulative_hazard, pooled_at_horizon
from ovcf.cohort.prediction.at_horizon import risk_at_horizon
from ovcf.cohort.prediction.external_validation import group_of_total, published_risk
from ovcf.cohort.published.han_published import PUBLISHED
from ovcf.cohort.published.observed_expected import (
    LABEL,
    NOT_ALL,
    OTHERS_AS_PRINTED,
    TWO_QUESTIONS,
    what_both_say,
    with_row,
    with_sampling_error,
)
from ovcf.cohort.published.observed_expected import REFERENCES as OF_BOTH_ERRORS
from ovcf.cohort.recipes.nasovcf import CUT_ITEMS, total_of_items
from ovcf.cohort.recipes.of_centres.estimands import HORIZON
from ovcf.cohort.recipes.of_centres.groups_over_time import groups_over_time
from ovcf.cohort.recipes.of_centres.notes import CUT, OF_TOTAL, said
from ovcf.cohort.recipes.of_centres.over_time import auc_over_time
from ovcf.cohort.survival.competing_risks import incidence_of
from ovcf.cohort.survival.follow_up import FollowUp
from ovcf.language.worded import say

if TYPE_CHECKING:
    import pandas as pd

    from ovcf.cohort.missing.imputation import Imputed
    from ovcf.cohort.missing.pooled import PooledAnalysis
    from ovcf.cohort.recipes.of_centres.estimands import Patients
    from ovcf.cohort.recipes.study_report import Workbench
    from ovcf.cohort.result import AnalysisResult

_KINDS: dict[str, Any] = {"happened": "non-union", "competing": ["death"]}
_HAZARDS = {kind: say("hazard of {kind}", kind=kind) for kind in ("non-union", "death")}


def with_death(bench: Workbench, data: pd.DataFrame, who: Patients, *, imputations: int, cycles: int) -> None:
    """Every analysis of follow-up, in all patients within the score's population whose follow-up is known."""
    bench.section = "Death as a competing event"
    needs = ["months", "event", *ITEMS]
    title = say("Non-union by {horizon} months, death as a competing event", horizon=HORIZON)

    @cache
    def followed() -> pd.DataFrame:
        ends = data["event"].astype(object)
        hazards = {name: cumulative_hazard(data["months"], ends == kind) for kind, name in _HAZARDS.items()}
        return data.assign(**hazards)[~who.outside & data["months"].notna() & data["event"].notna()]

    @cache
    def completed() -> Imputed:
        names = (*CUT_ITEMS, "age_years", "sex", "centre", "event", *_HAZARDS.values())
        columns = [n for n in names if n in followed()]
        return impute(followed(), columns, imputations=imputations, cycles=cycles)

    def imputed() -> AnalysisResult:
        found = pooled_at_horizon(completed(), "months", "event", _risk, HORIZON, score=total_of_items, **_KINDS)
        found = with_both_errors(found, completed())
        notes = (alive_then(followed()), OF_TOTAL, CUT)
        return said(bench, found, say("{title}, imputed", title=title), notes)  # type: ignore[no-any-return]  # of the kind that goes in

    def complete() -> AnalysisResult:
        months, event, risk = (bench.printed(n) for n in ("months", "event", "risk"))
        found = risk_at_horizon(bench.frame, months, event, risk, HORIZON, **_KINDS)
        known = data[data["months"].notna() & data["event"].notna() & data["risk"].notna()]
        sizes = _sizes(total_of_items(known))
        ratio = with_sampling_error(found.observed_to_expected, sizes, PUBLISHED["non_union"].groups)
        return replace(
            with_row(found, "observed / expected (ideal 1)", ratio, "the same, with HAN's sampling error"),
            title=say("{title}, complete cases", title=title),
            references=(*found.references, *OF_BOTH_ERRORS),
            notes=(*found.notes, TWO_QUESTIONS, NOT_ALL, alive_then(known)),
        )

    bench.make("risk-by-six-months-imputed", imputed, needs=needs)
    bench.make(
        "auc-over-time",
        lambda: said(bench, auc_over_time(completed(), "months", "event", total_of_items, **_KINDS), notes=(CUT,)),
        needs=needs,
    )
    bench.make(
        "incidence-by-group-over-time",
        lambda: said(bench, groups_over_time(completed(), "months", "event", total_of_items, **_KINDS), notes=(CUT,)),
        needs=needs,
    )
    bench.make("risk-by-six-months", complete, needs=needs)


def with_both_errors(found: PooledAnalysis, imputed: Imputed) -> PooledAnalysis:
    """With a row of observed / expected that carries HAN's sampling error, and what the two rows mean."""
    each = [_sizes(total_of_items(frame)) for frame in imputed.frames]
    sizes = [math.fsum(column) / len(each) for column in zip(*each, strict=True)]
    printed = found[LABEL].estimate
    ratio = with_sampling_error(printed, sizes, PUBLISHED["non_union"].groups)
    meaning = what_both_say(printed, ratio)
    return replace(
        with_row(found, LABEL, ratio),
        references=(*found.references, *OF_BOTH_ERRORS),
        notes=(*found.notes, meaning, TWO_QUESTIONS, OTHERS_AS_PRINTED, NOT_ALL),
    )


def alive_then(frame: pd.DataFrame) -> str:
    """HAN's rates are of those alive; where the dead count as without the event, fewer events are to be expected."""
    follow_up = FollowUp.of(frame, "months", "event", **_KINDS)
    deaths = FollowUp(follow_up.time, np.array([0, 2, 1])[follow_up.status])
    return say(
        "HAN followed every patient beyond {months} months: its rates are of those alive then. Here the dead, "
        "{share:.1%} by {months} months, count as without non-union. So observed / expected may lie below 1 by up to "
        "that share although the rates hold among the living.",
        months=HORIZON,
        share=incidence_of(deaths, HORIZON).value,
    )


def _risk(frame: pd.DataFrame) -> Any:
    return published_risk(total_of_items(frame), "non_union")


def _sizes(total: Any) -> list[float]:
    """Patients in each group of the score."""
    return [float(n) for n in np.bincount(group_of_total(np.asarray(total, float)), minlength=3)]
