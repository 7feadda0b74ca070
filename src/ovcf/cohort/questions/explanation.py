"""What goes with the outcome: linear, logistic or Cox regression, as the outcome is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.cohort.centres.mixed_logistic import clustered_logistic
from ovcf.cohort.data.design import levels_of
from ovcf.cohort.questions.answer import Answer, answer, events
from ovcf.cohort.questions.time_to_event import bends_in_words, ratios_in_words
from ovcf.cohort.regression.linear import linear
from ovcf.cohort.regression.logistic import logistic, regression_table
from ovcf.cohort.survival.cox import cox
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from ovcf.cohort.result import AnalysisResult


def explanation(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    event: str | None = None,
    time: str | None = None,
    references: Mapping[str, Any] | None = None,
    splines: Mapping[str, int] | None = None,
    cluster: str | None = None,
    strata: Sequence[str] = (),
) -> Answer:
    """A regression of ``outcome`` on all ``predictors``: Cox with ``time``, linear for a number, logistic for an event.

    Args:
        frame: one row per patient.
        outcome, event: the event, where it is none by itself the value that counts.
        predictors: numbers enter linearly (or by ``splines``), others by level.
        time: of follow-up.
        references: level to compare with, by predictor.
        splines: how many knots, by predictor.
        cluster: patients of one belong together, such as a centre; linear and logistic models only.
        strata: have baseline hazards of their own; Cox only.

    Raises:
        CohortDataError: as the model does, or an option that it has not.
    """
    results: list[tuple[str, AnalysisResult]]
    if strata and time is None:
        raise CohortDataError("strata", "are for a Cox model", "Give the time of follow-up, or a cluster instead.")
    if time is not None:
        if cluster:
            raise CohortDataError(cluster, "Cox models take no cluster here", "Give it as a stratum.")
        happened, said = events(frame, outcome, event)
        data = frame.assign(**{outcome: happened.astype("object")})
        hazards = cox(data, time, outcome, predictors, references=references, splines=splines, strata=strata)
        results, headline = [("cox", hazards)], ratios_in_words(hazards)
        what = say("Cox regression of the time ({time}) to the event ({said})", time=time, said=said)
    elif event is None and _is_number(frame, outcome):
        line = linear(frame, outcome, predictors, references=references, splines=splines, cluster=cluster)
        results = [("linear", line)]
        headline = [
            say("{term}: {difference:.2f}, {said_p}", term=e.term, difference=e.difference, said_p=said_p(e.p))
            for e in line.effects
            if "'" not in e.term.variable
        ]
        what = say("Linear regression of {outcome}", outcome=outcome)
    else:
        happened, said = events(frame, outcome, event)
        data = frame.assign(**{outcome: happened})
        bends: list[str] = []
        options: dict[str, Any] = {"references": references, "splines": splines}
        if cluster:
            if splines:
                raise CohortDataError("splines", "do not go with clusters here", "Leave one of them out.")
            options = {"references": references}
            odds: Any = clustered_logistic(data, outcome, predictors, cluster, **options)
            results = [("logistic", odds)]
        else:
            odds = logistic(data, outcome, predictors, **options)
            bends = bends_in_words(odds.smooth)
            results = [("logistic", odds)]
            if len(predictors) > 1 and not splines:
                results.append(("crude-and-adjusted", regression_table(data, outcome, predictors, **options)))
        bent = set(splines or {})
        straight = [e for e in odds.effects if e.term.variable.rstrip("'") not in bent]
        headline = [
            say("OR of {term} {odds_ratio:.2f}, {said_p}", term=e.term, odds_ratio=e.odds_ratio, said_p=said_p(e.p))
            for e in straight
        ] + bends
        what = say("Logistic regression of the event ({said})", said=said)
    return answer(
        frame,
        kind="regression",
        title=say("{outcome}: {predictors}", outcome=outcome, predictors=joined(", ", predictors)),
        design=say("{what} on {predictors}.", what=what, predictors=", ".join(predictors)),
        results=results,
        headline=headline,
    )


def _is_number(frame: pd.DataFrame, outcome: str) -> bool:
    column = frame[outcome]
    return not levels_of(column) and not set(column.dropna().unique()) <= {0, 1}
