"""The report of a round of blinded readings, as the cohort reports are: HTML, PDF, Word, tables, figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from ovcf.cohort.agreement.kappa import AgreementResult
from ovcf.cohort.recipes.study_report import Item, NotMade, StudyReport
from ovcf.follow_up.reliability import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ovcf.report.cohort.cohort_content import CohortProvenance
    from ovcf.study.readers.results import RoundResult

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


def report_of(study: str, round_: str, found: RoundResult) -> StudyReport:
    """The analyses in reading order; the notices say the main figures."""
    items = tuple(Item(_slug(key), called(key.partition(",")[0]), result) for key, result in found.analyses)
    return StudyReport(
        recipe="readers",
        title=f"Blinded readings of {study}, round {round_}",
        design=f"{len(found.readers)} readers read {found.cases} cases alone, blinded, in a random order of their own; "
        "some were read again after a washout.",
        references=(),
        notices=tuple(_sentences(found)),
        n=found.cases,
        missing=(),
        items=items,
        not_made=tuple(
            NotMade(_slug(key), called(key.partition(",")[0]), why, "Read more cases.") for key, why in found.not_made
        ),
    )


def called(name: str) -> str:
    """What is read, in words: a measurement by its name, a rating by that of its fact."""
    from ovcf.measures.registry import measurements

    known = measurements()
    return known[name].method.name if name in known else name.replace("_", " ")


def write_report(report: StudyReport, out: Path) -> Path:
    """The report in a folder; an earlier one there is replaced.

    Raises:
        OutputError: the folder holds something else, or cannot be written.
    """
    from ovcf.report.cohort.cohort_write import write_cohort_report

    return write_cohort_report(report, out, provenance()) / "report.html"


def provenance() -> CohortProvenance:
    """Whence such a report."""
    from ovcf.report.cohort.cohort_content import CohortProvenance

    return CohortProvenance(
        software=f"ovcf {version('ovcf')}",
        command="ovcf study agreement",
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        inputs=(),
    )


def _sentences(found: RoundResult) -> Iterator[str]:
    for quantity, error in found.reliability.items():
        unit = UNITS[quantity].symbol
        yield (
            f"{quantity.value}: ICC(2,1) {error.icc:.3f} between readers, SEM {error.sem:.2f}{unit}, smallest "
            f"detectable change {error.sdc:.2f}{unit} ({error.subjects} cases)."
        )
    for key, result in found.analyses:
        if isinstance(result, AgreementResult) and key.endswith(", kappa"):
            estimate = result.estimate
            yield (
                f"{key.removesuffix(', kappa')}: kappa {estimate.value:.3f} (95% CI {estimate.low:.3f} to "
                f"{estimate.high:.3f}), {result.n} cases."
            )
    for reader, minutes, count in found.minutes:
        took = f"{minutes:.1f} minutes" if minutes >= 1 else f"{60 * minutes:.0f} seconds"
        yield f"{reader}: {took} a case ({count} cases timed)."


def _slug(key: str) -> str:
    return _NOT_A_NAME.sub("-", key.casefold()).strip("-")
