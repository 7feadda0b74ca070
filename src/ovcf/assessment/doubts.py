"""What does not fit together: the images and the clinical file, the index vertebra and what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.anatomy import STANDARD_COLUMN
from ovcf.assessment.finding import DoubtfulNeighbour, Finding, Ungraded
from ovcf.segmentation.level_labels import TO_CHECK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ovcf.anatomy import Level, VertebralColumn
    from ovcf.clinical.case import ClinicalCase
    from ovcf.imaging.study import Patient

_MOST_NAMED = 10
"""Files left out for one reason that are named one by one."""
_SEX = {"F": "female", "M": "male"}
_YEARS_APART = 2.0
"""Ages that differ by less may be of one patient: a birthday, an older image, a rounded figure."""


def other_patient(case: ClinicalCase, patient: Patient) -> Iterator[str]:
    """Why the clinical file may be of another patient than the images, by sex and age (identifiers are pseudonyms)."""
    sex = _SEX.get(patient.sex or "")
    if sex and case.sex and sex != case.sex:
        yield f"the images are of a {sex} patient, the clinical file says {case.sex}: check that both are of one person"
    if patient.age is not None and case.age_years is not None and abs(patient.age - case.age_years) >= _YEARS_APART:
        yield (
            f"the images are of a patient of {patient.age:.0f} years, the clinical file says {case.age_years:g}: check "
            "that both are of one person"
        )


def left_out(skipped: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Every file that was not read; many with one reason are named by the first and counted."""
    by_reason: dict[str, list[str]] = {}
    for name, why in skipped:
        by_reason.setdefault(why, []).append(name)
    for why, names in by_reason.items():
        if len(names) <= _MOST_NAMED:
            yield from (f"left out {name}: {why}" for name in names)
        else:
            yield f"left out {len(names)} files, {names[0]} the first: {why}"


def transitional(column: VertebralColumn) -> Iterator[str]:
    """What to check where a person is taken to have another number of vertebrae than most."""
    if column != STANDARD_COLUMN:
        yield (
            f"transitional anatomy: {column} are assumed. Surgeon, radiologist and this report may count differently, "
            f"by one level: {TO_CHECK}"
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
                data=DoubtfulNeighbour(neighbour=at), level=index,
                reasons=(f"height loss and angles of {index} take it as intact; {remedy}", *finding.reasons),
                evidence=finding.evidence,
            )  # fmt: skip
