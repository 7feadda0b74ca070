"""What does not fit together: files left out, another number of vertebrae, a neighbour that looks fractured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import DoubtfulNeighbour, Ungraded
from ovcf.language.worded import say
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
