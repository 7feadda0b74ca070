"""Who are the patients, and how do the groups differ?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.cohort.data.design import levels_of
from ovcf.cohort.groups.baseline import BaselineResult, baseline
from ovcf.cohort.questions.answer import Answer, answer
from ovcf.cohort.recipes.study_report import NotMade
from ovcf.cohort.wording import said_p
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def table1(frame: pd.DataFrame, by: str, columns: Sequence[str]) -> Answer:
    """Table 1: ``columns`` described in each group of ``by`` and compared; what cannot be compared is left out by name.

    Raises:
        CohortDataError: fewer than two groups, or no column that can be compared.
    """
    made, left = [], []
    for name in columns:
        try:
            baseline(frame, by, [name])
        except CohortDataError as error:
            if error.where == by:
                raise
            left.append(
                NotMade(
                    name,
                    "Results",
                    say("{where}: {problem}", where=error.where, problem=error.problem),
                    error.remedy.text,
                    name,
                )
            )
        else:
            made.append(name)
    if not made:
        raise CohortDataError(", ".join(columns), "cannot be compared", left[0].reason if left else "Name columns.")
    found = baseline(frame, by, made)
    return answer(
        frame,
        kind="table1",
        title=say("Table 1: patients by {by}", by=by),
        design=say("Patients described in each group of {by}; the groups compared.", by=by),
        results=[("table-1", found)],
        headline=_headline(found),
        not_made=left,
    )


def _headline(found: BaselineResult) -> tuple[str, ...]:
    differ = [
        say("{variable} ({p})", variable=x.variable, p=said_p(x.comparison.p))
        for x in found.lines
        if x.comparison.p < 0.05
    ]
    if not differ:
        return (say("No variable differs between the groups at P < .05 ({lines} compared).", lines=len(found.lines)),)
    said = say("Different between the groups at P < .05: {differ}", differ=", ".join(differ))
    return (say("{said}; {lines} variables were compared.", said=said, lines=len(found.lines)),)


def columns_to_describe(frame: pd.DataFrame, by: str) -> list[str]:
    """Every column but the groups that has more than one value, and is no name of a patient."""
    found = []
    for name in frame.columns:
        if name == by or frame[name].nunique() < 2:
            continue
        if len(levels_of(frame[name])) > 0.5 * len(frame) > 2:
            continue
        found.append(str(name))
    return found
