"""One question to named columns, as data: asked on a page or by another program, answered like on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ovcf.cohort.data.design import levels_of
from ovcf.cohort.data.dictionary import Dictionary, VariableType
from ovcf.cohort.data.infer import inferred
from ovcf.errors import CohortDataError
from ovcf.language.worded import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.questions.answer import Answer


class Question(StrEnum):
    """What may be asked of any columns of any table."""

    TABLE1 = "table1"
    ROC = "roc"
    KM = "km"
    REGRESSION = "regression"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its columns, each by its heading.

    ``by`` are the groups (table 1, Kaplan-Meier), markers, predictors or readings; ``columns`` what table 1 describes,
    all where there are none; ``lower`` the markers of which less speaks for the event; ``reference`` the group to
    compare with and ``splines`` the number of knots (3 to 7), by column; ``category`` and ``number`` say what a column
    is where its values do not.
    """

    question: Question
    outcome: str = ""
    by: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    time: str = ""
    event: str | None = None
    lower: tuple[str, ...] = ()
    cut_offs: tuple[float, ...] = ()
    at: tuple[float, ...] = ()
    unit: str = "months"
    reference: Mapping[str, str] = field(default_factory=dict)
    splines: Mapping[str, int] = field(default_factory=dict)
    cluster: str = ""
    strata: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    number: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        needed = {
            Question.TABLE1: (("by", self.by),),
            Question.ROC: (("outcome", self.outcome), ("by", self.by)),
            Question.KM: (("time", self.time), ("outcome", self.outcome)),
            Question.REGRESSION: (("outcome", self.outcome), ("by", self.by)),
            Question.AGREEMENT: (("by", self.by),),
        }[self.question]
        for name, value in needed:
            if not value:
                raise CohortDataError(f"{self.question}, {name}", "is not chosen", "Choose a column.")
        if self.question in (Question.TABLE1, Question.KM) and len(self.by) > 1:
            raise CohortDataError(say("{question}, by", question=self.question), "are several columns", "Choose one.")

    @property
    def wanted(self) -> tuple[str, ...]:
        """Every column that is asked for, once."""
        every = (self.outcome, self.time, *self.by, *self.columns, *self.lower, self.cluster, *self.strata)
        return tuple(dict.fromkeys(name for name in every if name))

    @property
    def kinds(self) -> dict[str, VariableType]:
        """What columns are by what they are asked for."""
        groups, numbers = [*self.strata, self.cluster], [self.time, *self.splines]
        if self.question in (Question.TABLE1, Question.KM):
            groups += self.by
        if self.question in (Question.ROC, Question.AGREEMENT):
            numbers += self.by
        found = dict.fromkeys((c for c in (*groups, *self.category) if c), VariableType.CATEGORY)
        return found | dict.fromkeys((c for c in (*numbers, *self.number) if c), VariableType.NUMBER)

    def answer(self, frame: pd.DataFrame) -> Answer:
        """Ask it of a typed table whose columns are the headings.

        Raises:
            CohortDataError: the columns do not allow it.
        """
        event = self.event or None
        if self.question is Question.TABLE1:
            from ovcf.cohort.questions.table1 import columns_to_describe, table1

            return table1(frame, self.by[0], self.columns or columns_to_describe(frame, self.by[0]))
        if self.question is Question.ROC:
            from ovcf.cohort.questions.discrimination import discrimination

            return discrimination(frame, self.outcome, self.by, event=event, lower=self.lower, cut_offs=self.cut_offs)
        if self.question is Question.KM:
            from ovcf.cohort.questions.time_to_event import time_to_event

            return time_to_event(
                frame, self.time, self.outcome, by=next(iter(self.by), None), event=event, at=self.at, unit=self.unit
            )
        if self.question is Question.AGREEMENT:
            from ovcf.cohort.questions.agreement import agreement

            return agreement(frame, self.by)[0]
        from ovcf.cohort.questions.explanation import explanation

        return explanation(
            frame,
            self.outcome,
            self.by,
            event=event,
            time=self.time or None,
            references={name: level_of(frame, name, value) for name, value in self.reference.items()},
            splines=self.splines,
            cluster=self.cluster or None,
            strata=self.strata,
        )


def described(
    raw: pd.DataFrame, chosen: Sequence[str], own: Dictionary | None, kinds: Mapping[str, VariableType]
) -> Dictionary:
    """The user's own dictionary of the chosen columns, and what the values say of the others; named by heading.

    Raises:
        CohortDataError: a heading that is not there, or without any value.
    """
    mine = {v.source: replace(v, name=v.source, heading="") for v in own.variables} if own else {}
    found = inferred(raw, [c for c in chosen if c not in mine], kinds)
    by_name = mine | {v.name: v for v in found.variables}
    variables = tuple(by_name[c] for c in chosen)
    if own is None:
        return replace(found, variables=variables)
    codes = tuple(dict.fromkeys((*own.missing_codes, *found.missing_codes)))
    return replace(own, variables=variables, missing_codes=codes)


def level_of(frame: pd.DataFrame, column: str, value: str) -> object:
    """A level as it stands in the frame: of yes and no the boolean."""
    words = {
        ("yes" if level else "no") if isinstance(level, bool) else str(level).casefold(): level
        for level in levels_of(frame[column])
    }
    return words.get(value.casefold(), value)
