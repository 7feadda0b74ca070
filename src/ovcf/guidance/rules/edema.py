"""Marrow edema: what its course is, and what it must not be taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.guidance.wilson import wilson
from ovcf.language.worded import say
from ovcf.measures.signal.edema_level import LIMIT_OF_BLANK_PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="What the extent of edema meant in the sources",
    whom="as each source says: after vertebroplasty, or under conservative care",
    not_for="a measure of pain after augmentation",
)
_TOPIC = "Marrow edema"


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """After augmentation edema says nothing about pain; in a recent, untreated fracture, what Nagao saw."""
    found = findings.applicability
    if found.urgent or found.cause_in_doubt:
        return
    if findings.augmented:
        voormolen = evidence("voormolen-2006")
        persists = wilson(*voormolen.counts("bme_at_1_year"))
        yield Statement(
            id="edema-not-pain",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("voormolen-2006", "INC-29"),
            text=say(
                "After augmentation edema fades slowly: {persists} of treated fractures still showed it "
                "at 1 year (Voormolen, 64 patients, 89 fractures); once gone it did not come back: if it "
                "does, another fracture comes to mind (this project's reading). Pain relief, greatest in "
                "the first 3 months, had no relation to it in a subgroup of {voormolen:g} patients with "
                "one treated fracture, so edema is not read as a measure of pain.",
                persists=persists,
                voormolen=voormolen["pain_subgroup"],
            ),
        )
    elif found.holds and findings.bme_percent is not None:
        grade_3 = findings.sq_grade is not None and findings.sq_grade >= 3
        collapse = wilson(*evidence("nagao-2025").counts("severe_collapse"))
        yield Statement(
            id="edema-course",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=("nagao-2025", "INC-24", "INC-25", "INC-27"),
            text=say(
                "{extent} In Nagao 2025 (103 conservatively treated patients, grade 0 to 2 at baseline, "
                "abstract) the body collapsed to grade 3 within the year in {collapse}; patient "
                "characteristics did not differ. Severe edema at 3 months was commoner in them (71% vs "
                "34%), and no edema at 1 year, read as bone healing, in the others (50% vs 5%); "
                "denominators are not given. Pain improved in both.",
                extent=_extent(findings.bme_percent),
                collapse=collapse,
            )
            + (" This body is at grade 3 already, outside that study." if grade_3 else ""),
        )


def _extent(percent: float) -> str:
    """What is too little to be told from noise and the basivertebral vein is no edema."""
    if 0 < percent < LIMIT_OF_BLANK_PERCENT:
        return say(
            "No edema is told from noise ({percent:.1f}% of the body; below {limit_of_blank_percent:g}%).",
            percent=percent,
            limit_of_blank_percent=LIMIT_OF_BLANK_PERCENT,
        )
    return say("Edema fills {percent:.0f}% of the body.", percent=percent)
