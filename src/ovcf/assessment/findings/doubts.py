"""What does not fit together: files left out, another number of vertebrae, a neighbour that looks fractured."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import DoubtfulNeighbour, Ungraded
from ovcf.language.worded import joined, say
from ovcf.segmentation.levels.level_labels import TO_CHECK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ovcf.anatomy import Level, VertebralColumn
    from ovcf.clinical.case import ClinicalCase

_MAX_NAMED = 10
"""Files left out for one reason that are named one by one."""


def left_out(skipped: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Every file that was not read; many with one reason are named by the first and counted."""
    by_reason: dict[str, list[str]] = {}
    for name, why in skipped:
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        if len(names) <= _MAX_NAMED:
            yield from (say("left out {name}: {why}", name=name, why=why) for name in names)
        else:
            yield say("left out {names} files, {names_2} the first: {why}", names=len(names), names_2=names[0], why=why)


def transitional(column: VertebralColumn) -> Iterator[str]:
    """What to check where a person is taken to have another number of vertebrae than most."""
    if column != STANDARD_COLUMN:
        yield (
            say(
                "transitional anatomy: {column} are assumed. Surgeon, radiologist and this report may "
                "count differently, by one level: {to_check}",
                column=column,
                to_check=TO_CHECK,
            )
        )


def fractions_of_one(case: ClinicalCase) -> Iterator[str]:
    """What was entered as a percentage and is so small that a fraction of 1 may have been meant: 0.178 for 17.8%."""
    loss, edema = case.vhl_percent, case.bme_percent
    if loss is not None and 0 < abs(loss) < 1:
        yield say("a height loss of {x:g}% was entered: correct it if {y:g}% was meant", x=loss, y=100 * loss)
    if edema is not None and 0 < edema < 1:
        yield say("edema of {x:g}% was entered: correct it if {y:g}% was meant", x=edema, y=100 * edema)


def old_and_recent(case: ClinicalCase) -> Iterator[str]:
    """Levels that are entered as a recent and as an old fracture: what is scored and advised rests on which it is."""
    both = [level for level in case.fractured if level in case.old_fractures]
    if both:
        yield say(
            "{both} is entered as a recent and as an old fracture: take it out of one of the two",
            both=joined(", ", both),
        )


def in_the_future(case: ClinicalCase, days: Sequence[str], made_at: str) -> Iterator[str]:
    """A visit, or images, dated (ISO) more than a year after the assessment was made: a year is mistyped.

    A reading may be concluded some months after it was begun, so that less is no sign. ``made_at`` may be unknown.
    """
    try:
        latest = (date.fromisoformat(made_at[:10]) + timedelta(days=366)).isoformat()
    except (ValueError, OverflowError):
        return
    for what, day in (("the visit", case.visit_date), ("an image", max(days, default=None))):
        if day is not None and day > latest:
            yield say(
                "{what} is dated {day}, in the future: correct the date, times are counted from it", what=what, day=day
            )


def doubtful_neighbours(
    index: Level, column: VertebralColumn, suggested: Iterable[Finding], named: Sequence[Level]
) -> Iterator[Finding]:
    """Neighbours of the index vertebra that look fractured and that nobody named: its height loss rests on them."""
    if index not in column.levels:
        return
    beside = (column.above(index), column.below(index))
    remedy = "if it is fractured, name it (other_fractures, old_fractures) and they are withheld"
    for finding in suggested:
        at = finding.level
        if at is not None and at in beside and at not in named and not isinstance(finding.data, Ungraded):
            yield Finding(
                data=DoubtfulNeighbour(neighbour=at),
                level=index,
                reasons=(
                    say("height loss and angles of {index} take it as intact; {remedy}", index=index, remedy=remedy),
                    *finding.reasons,
                ),
                evidence=finding.evidence,
            )
