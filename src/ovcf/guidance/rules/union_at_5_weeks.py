"""Mobility at 5 weeks, where heights sitting and lying on the side were entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.scores.evaluate import classify
from ovcf.scores.prognosis.mobility import EARLY_WEEKS, LATE_WEEKS, MOBILITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.findings import Findings


RULE = Rule(
    what="Mobility at 5 weeks",
    whom="4 to 6 weeks after the onset, not after augmentation",
    not_for="other weeks, and union itself",
)


def statements(findings: Findings) -> Iterator[Statement]:
    """Not after augmentation, nor while cord, tumour or infection come first; and only about 5 weeks after onset."""
    case, found = findings.case, findings.applicability
    heights = (case.anterior_height_sitting_mm, case.anterior_height_decubitus_mm)
    if None in heights or findings.level is None or found.urgent or found.cause_in_doubt or found.treated:
        return
    weeks = case.weeks_since_onset
    if weeks is None or not EARLY_WEEKS - 1e-9 <= weeks <= LATE_WEEKS + 1e-9:
        said = "when the pain began is not recorded" if weeks is None else f"this is {weeks:g} weeks after the onset"
        yield Statement(
            id="mobility-not-at-5-weeks", topic="Follow-up", urgency=Urgency.INFORMATION,
            evidence=("fracture-union-2020",),
            text=f"Anterior heights sitting and lying on the side are entered, but {said}: Sato 2020 judged at 5 "
            "weeks, so that nothing is said of them.",
        )  # fmt: skip
        return
    judged = classify(MOBILITY, anterior_height_sitting_mm=heights[0], anterior_height_decubitus_mm=heights[1])
    yield Statement(
        id="mobility-at-5-weeks", topic="Follow-up", urgency=Urgency.INFORMATION, evidence=("fracture-union-2020",),
        text=f"Mobility at 5 weeks, sitting against lying on the side, is {judged.label}: the body {judged.meaning} "
        "(Sato 2020, abstract: 44 inpatients of 82 years on average; the limit was not tested on others). Union itself "
        "is judged at 6 months.",
    )  # fmt: skip
