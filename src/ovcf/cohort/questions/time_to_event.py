"""When does the event happen, and sooner in which group?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cohort.questions.answer import Answer, answer, events
from ovcf.cohort.recipes.study_report import NotMade
from ovcf.cohort.survival.cox import HazardResult, cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.regression.smooth import SmoothEffect
    from ovcf.cohort.result import AnalysisResult


def time_to_event(
    frame: pd.DataFrame,
    time: str,
    outcome: str,
    *,
    by: str | None = None,
    event: str | None = None,
    at: Sequence[float] = (),
    unit: str = "months",
) -> Answer:
    """Kaplan-Meier curves with numbers at risk; of groups ``by`` the log-rank test and hazard ratios (Cox).

    Everybody without the event is followed to ``time`` and no further. Where death may come first, competing risks are
    the better question.

    Raises:
        CohortDataError: an unknown column or value, times that are none, no event, one group only.
    """
    happened, said = events(frame, outcome, event)
    data = frame.assign(**{outcome: happened.astype("object")})
    curves = kaplan_meier(data, time, outcome, group=by, at=at, unit=unit)
    results: list[tuple[str, AnalysisResult]] = [("kaplan-meier", curves)]
    headline = [
        say(
            "{int} events in {n} patients ({said})",
            int=int(sum(c.events for c in curves.curves)),
            n=curves.n,
            said=said,
        )
    ]
    left = []
    if by is not None and curves.log_rank is not None:
        headline.append(say("Log-rank test of {by}: {said_p}", by=by, said_p=said_p(curves.log_rank.p)))
        data = data.assign(**{by: data[by].astype(str).where(data[by].notna())})
        try:
            ratio = cox(data, time, outcome, [by], references={by: curves.curves[0].group})
        except CohortDataError as error:
            left.append(
                NotMade(
                    "hazard-ratio",
                    "Results",
                    say("{where}: {problem}", where=error.where, problem=error.problem),
                    error.remedy.text,
                )
            )
        else:
            results.append(("hazard-ratio", ratio))
            headline += ratios_in_words(ratio)
    return answer(
        frame,
        kind="km",
        title=say("Time to {outcome}", outcome=outcome) + (say(" by {by}", by=by) if by else ""),
        design=say(
            "Time ({time}, {unit}) to the event ({said}); everybody else is censored.", time=time, unit=unit, said=said
        ),
        results=results,
        headline=headline,
        not_made=left,
    )


def ratios_in_words(found: HazardResult) -> list[str]:
    """``HR of group: b vs a 2.10 (1.20 to 3.70), P = .009``."""
    bent = {e.variable for e in found.smooth}
    straight = [r for r in found.ratios if r.term.rstrip("'") not in bent]
    return [
        *(say("HR of {term} {ratio:.2f}, {said_p}", term=r.term, ratio=r.ratio, said_p=said_p(r.p)) for r in straight),
        *bends_in_words(found.smooth),
    ]


def bends_in_words(smooth: Sequence[SmoothEffect]) -> list[str]:
    """Of predictors that entered by a spline: whether they matter, and whether their effect bends."""
    return [
        say(
            "{variable}: {said_p}; that its effect bends: {said_p_2}",
            variable=e.variable,
            said_p=said_p(e.p),
            said_p_2=said_p(e.p_bend),
        )
        for e in smooth
    ]
