"""Marrow edema: what its course is, and what it must not be taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.statement import Statement, Urgency
from ovcf.guidance.wilson import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.findings import Findings

_TOPIC = "Marrow edema"


def statements(findings: Findings) -> Iterator[Statement]:
    """After augmentation edema says nothing about pain; before it, what Nagao saw."""
    if findings.augmented:
        persists = wilson(*evidence("voormolen-2006").counts("bme_at_1_year"))
        yield Statement(
            id="edema-not-pain", topic=_TOPIC, urgency=Urgency.INFORMATION,
            evidence=("voormolen-2006", "INC-29"),
            text=f"After augmentation edema fades slowly: {persists} of treated fractures still showed it at 1 year "
            "(Voormolen, 64 patients, 89 fractures). Pain relief had no relation to it, so edema is not read as a "
            "measure of pain. A thin bright rim around cement on STIR is not a new fracture.",
        )  # fmt: skip
    elif findings.bme_percent is not None:
        grade_3 = findings.sq_grade is not None and findings.sq_grade >= 3
        yield Statement(
            id="edema-course", topic=_TOPIC, urgency=Urgency.INFORMATION,
            evidence=("nagao-2025", "INC-24", "INC-25", "INC-27"),
            text=f"Edema fills {findings.bme_percent:.0f}% of the body. In Nagao 2025 (103 conservatively treated "
            "patients, grade 0 to 2 at baseline, abstract) severe edema at 3 months was commoner in those whose body "
            "collapsed to grade 3 within the year (71% vs 34%), and its absence at 1 year commoner in those whose did "
            "not (50% vs 5%); denominators are not given. Pain improved in both."
            + (" This body is at grade 3 already, outside that study." if grade_3 else ""),
        )  # fmt: skip
