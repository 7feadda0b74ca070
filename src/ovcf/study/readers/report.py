"""The report of a round of blinded readings, as the cohort reports are: HTML, PDF, Word, tables, figures."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from ovcf.cohort.agreement.kappa import AgreementResult
from ovcf.cohort.recipes.study_report import Item, NotMade, StudyReport
from ovcf.follow_up.reliability import UNITS
from ovcf.language.worded import capital, in_clauses, say
from ovcf.study.readers.values import called

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
        title=say("Blinded readings of {study}, round {round}", study=study, round=round_),
        design=say(
            "{readers} readers read {cases} cases alone, blinded, in a random order of their own; "
            "some were read again after a washout.",
            readers=len(found.readers),
            cases=found.cases,
        ),
        references=(),
        notices=tuple(_sentences(found)),
        n=found.cases,
        missing=(),
        items=items,
        not_made=tuple(
            NotMade(_slug(key), called(key.partition(",")[0]), why, "Read more cases.", capital(_in_words(key)))
            for key, why in found.not_made
        ),
    )


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
            say(
                "{value}: ICC(2,1) {icc:.3f} between readers, SEM {sem:.2f}{unit}, smallest detectable "
                "change {sdc:.2f}{unit} ({subjects} cases).",
                value=quantity.value,
                icc=error.icc,
                sem=error.sem,
                unit=unit,
                sdc=error.sdc,
                subjects=error.subjects,
            )
        )
    for key, result in found.analyses:
        if isinstance(result, AgreementResult) and key.endswith(", kappa"):
            estimate = result.estimate
            yield (
                say(
                    "{removesuffix}: kappa {value:.3f} (95% CI {low:.3f} to {high:.3f}), {n} cases.",
                    removesuffix=_in_words(key.removesuffix(", kappa")),
                    value=estimate.value,
                    low=estimate.low,
                    high=estimate.high,
                    n=result.n,
                )
            )
    for reader, minutes, count in found.minutes:
        took = (
            say("{minutes:.1f} minutes", minutes=minutes)
            if minutes >= 1
            else say("{value:.0f} seconds", value=60 * minutes)
        )
        yield say("{reader}: {took} a case ({count} cases timed).", reader=reader, took=took, count=count)


def _in_words(key: str) -> str:
    """The key of an analysis, which is made of parts that each have a word."""
    name, *rest = key.split(", ")
    return in_clauses([called(name), *rest])


def _slug(key: str) -> str:
    return _NOT_A_NAME.sub("-", key.casefold()).strip("-")
