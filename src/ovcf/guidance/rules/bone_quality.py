"""Vertebral bone quality after augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.statement import Statement, Urgency
from ovcf.guidance.wilson import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

_TOPIC = "Bone quality (VBQ)"


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """What a high VBQ meant in patients after vertebroplasty. A VBQ that is not high reassures of nothing."""
    found = findings.applicability
    if findings.vbq_high is None or found.urgent or found.cause_in_doubt:
        return
    value = "" if findings.vbq is None else f" {findings.vbq:.2f}"
    kadri = evidence("kadri-2025")
    secondary = wilson(*kadri.counts("secondary_fracture"))
    cited = ("kadri-2025", "vbq-normative", "vbq-field-strength-2023", "vbq-thresholds-2025")
    limits = "Of 107 spine patients most above 50 years exceeded 3 (abstract), and VBQ depends on field strength."
    if findings.vbq_high and findings.augmented:
        yield Statement(
            id="vbq-high-after-augmentation", topic=_TOPIC, urgency=Urgency.ADVICE, evidence=cited,
            text=f"VBQ{value} is high (>= {kadri['vbq_high']:g}). In Kadri 2025 (60 patients after vertebroplasty, "
            f"abstract) a further fracture of any bone occurred in {secondary}, more often and earlier with a high "
            "VBQ; no size of the effect is given. Consider closer follow-up and a review of bone treatment. "
            f"{limits}",
        )  # fmt: skip
    else:
        kind = f"high (>= {kadri['vbq_high']:g})" if findings.vbq_high else f"below {kadri['vbq_high']:g}"
        yield Statement(
            id="vbq", topic=_TOPIC, urgency=Urgency.INFORMATION, evidence=cited,
            text=f"VBQ{value} is {kind}. The threshold was studied in 60 patients after vertebroplasty (Kadri 2025, "
            f"abstract); before it, and for a low value as reassurance, there is no such evidence. {limits}",
        )  # fmt: skip
