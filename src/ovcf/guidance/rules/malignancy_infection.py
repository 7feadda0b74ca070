"""Not every fracture of an old person is osteoporotic: flags of malignancy and infection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rules.wording import listed
from ovcf.guidance.statement import Statement, Urgency
from ovcf.vocabulary import Aetiology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.findings import Findings

_TOPIC = "Cause of the fracture"


def statements(findings: Findings) -> Iterator[Statement]:
    """One statement per kind of flag; none where no flag is raised."""
    flags, decided = findings.case.red_flags, findings.case.aetiology
    if flags.malignancy:
        yield Statement(
            id="flags-malignancy", topic=_TOPIC, urgency=Urgency.IMPORTANT,
            evidence=("jung-2003", "abdel-wanis-2011", "rule-red-flags"),
            text=f"MRI shows what suggests a malignant fracture: {listed(flags.malignancy)}. Consider an oncological "
            "work-up. The NASOVCF group is not shown.",
        )  # fmt: skip
    if flags.infection:
        yield Statement(
            id="flags-infection", topic=_TOPIC, urgency=Urgency.IMPORTANT,
            evidence=("infection-signs", "rule-red-flags"),
            text=f"MRI shows what suggests infection: {listed(flags.infection)}. Consider a work-up for infection. "
            "The NASOVCF group is not shown.",
        )  # fmt: skip
    if flags.history:
        shown = "" if decided else " The NASOVCF group is not shown until the cause is decided."
        yield Statement(
            id="flags-history", topic=_TOPIC, urgency=Urgency.IMPORTANT, evidence=("rule-red-flags",),
            text=f"The history has {listed(flags.history)}. Consider a work-up for malignancy and infection.{shown}",
        )  # fmt: skip
    if decided not in (None, Aetiology.OSTEOPOROSIS):
        yield Statement(
            id="cause-not-osteoporosis", topic=_TOPIC, urgency=Urgency.INFORMATION, evidence=("han-2025",),
            text=f"The recorded cause is {decided}. Han 2025 took only osteoporotic fractures after low-energy "
            "trauma: its score does not apply.",
        )  # fmt: skip
