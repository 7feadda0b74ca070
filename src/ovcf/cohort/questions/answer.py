"""What answers a question: a report of one or more analyses, and the sentence that says what came out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.cohort.data.design import levels_of
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.recipes.study_report import Item, NotMade, StudyReport
from ovcf.errors import CohortDataError
from ovcf.language.worded import joined, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ovcf.cohort.result import AnalysisResult


class EventUnsaidError(CohortDataError):
    """Any of several values of the outcome may be meant as the event."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The analyses, and their main figures in words."""

    report: StudyReport
    headline: tuple[str, ...]


def answer(
    frame: pd.DataFrame,
    *,
    kind: str,
    title: str,
    design: str,
    results: Sequence[tuple[str, AnalysisResult]],
    headline: Sequence[str] = (),
    not_made: Sequence[NotMade] = (),
) -> Answer:
    """An answer whose ``results`` are (id, analysis) in reading order."""
    report = StudyReport(
        recipe=kind,
        title=title,
        design=design,
        references=(),
        notices=(),
        n=len(frame),
        missing=tuple((str(name), int(count)) for name, count in frame.isna().sum().items()),
        items=tuple(Item(key, "Results", result) for key, result in results),
        not_made=tuple(not_made),
    )
    return Answer(report, tuple(headline))


def events(frame: pd.DataFrame, outcome: str, event: str | None = None) -> tuple[Any, str]:
    """An outcome as 0 and 1 with gaps, and the value that counts as the event in words.

    Raises:
        CohortDataError: no such column, no such value, or more than one value that may be meant.
    """
    column = frame[outcome]
    levels = levels_of(column)
    if event is None and set(column.dropna().unique()) <= {0, 1}:
        return column.astype("boolean"), say("{outcome}: yes", outcome=outcome)
    words = [str(level) for level in levels] or sorted({f"{v:g}" for v in column.dropna().unique()})[:8]
    if event is None:
        raise EventUnsaidError(
            outcome, say("holds {words}", words=joined(", ", words)), "Say which of these values is the event."
        )
    chosen = next((level for level in levels if _same(level, event)), None)
    if chosen is None:
        raise CohortDataError(
            outcome,
            say("has no value {event!r}", event=event),
            say("Its values are {words}.", words=joined(", ", words)),
        )
    found = (column == chosen).astype("boolean").mask(column.isna())
    return optional_import("pandas").Series(found, index=frame.index, name=outcome), say(
        "{outcome}: {event}", outcome=outcome, event=event
    )


def _same(level: object, event: str) -> bool:
    said = {True: ("true", "yes", "1"), False: ("false", "no", "0")}
    if isinstance(level, bool):
        return event.casefold() in said[level]
    return str(level).casefold() == event.casefold()
