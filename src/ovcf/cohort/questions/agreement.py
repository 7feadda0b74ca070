"""How well do readers agree on a measurement: ICC, standard error, smallest detectable change, limits of agreement."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ovcf.cohort.agreement.reliability import IccResult, bland_altman, icc
from ovcf.cohort.questions.answer import Answer, answer
from ovcf.cohort.recipes.study_report import NotMade
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.result import AnalysisResult


def agreement(frame: pd.DataFrame, readings: Sequence[str]) -> tuple[Answer, IccResult]:
    """Agreement of two or more columns, each one reader's (or one reader's repeat), one row per patient.

    Raises:
        CohortDataError: fewer than two columns, fewer than two complete patients, no spread.
    """
    if len(readings) < 2:
        raise CohortDataError("agreement", "needs at least two columns", "Name one column for each reader or repeat.")
    found = icc(frame[list(readings)].to_numpy())
    results: list[tuple[str, AnalysisResult]] = [("icc", found)]
    not_made = []
    for number, (one, other) in enumerate(combinations(readings, 2), 1):
        key = "bland-altman" if len(readings) == 2 else f"bland-altman-{number}"
        try:
            results.append((key, bland_altman(frame[one], frame[other])))
        except CohortDataError as error:
            not_made.append(
                NotMade(
                    key,
                    "Results",
                    say("{one} and {other}: {problem}", one=one, other=other, problem=error.problem),
                    error.remedy.text,
                    say("limits of agreement: {one} and {other}", one=one, other=other),
                )
            )
    single = found["ICC(2,1)"]
    headline = say(
        "ICC(2,1) {value:.3f} (95% CI {low:.3f} to {high:.3f}); SEM {sem:.3g}, smallest "
        "detectable change {sdc:.3g}, in the unit of the columns",
        value=single.value,
        low=single.low,
        high=single.high,
        sem=found.sem,
        sdc=found.sdc,
    )
    made = answer(
        frame,
        kind="agreement",
        title=say("Agreement of {readings}", readings=joined(" and ", readings)),
        design="How well readers agree on one measurement, and how large a change of one patient must be to be seen.",
        results=results,
        headline=[headline],
        not_made=not_made,
    )
    return made, found
