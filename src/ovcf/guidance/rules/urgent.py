"""Neurology first: it overrides every score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rules.wording import listed
from ovcf.guidance.statement import Statement, Urgency
from ovcf.vocabulary import NeurologicalGrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

_TOPIC = "Neurology"
_EVIDENCE = ("rule-neurology",)


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """An alert for cord and cauda equina, a notice for roots, a question where nothing is recorded."""
    neurology = findings.case.neurology
    if neurology.urgent:
        seen = neurology.cord_or_cauda_compression is not None
        do = "spine-surgical review" if seen else "emergency MRI and spine-surgical review"
        yield Statement(
            id="urgent-neurology", topic=_TOPIC, urgency=Urgency.EMERGENCY, evidence=_EVIDENCE,
            text=f"Present: {listed(neurology.urgent)}. Now: {do}. This goes before every score.",
        )  # fmt: skip
    elif neurology.radiculopathy or neurology.n_grade in (NeurologicalGrade.N1, NeurologicalGrade.N2):
        yield Statement(
            id="neurology-root", topic=_TOPIC, urgency=Urgency.IMPORTANT, evidence=(*_EVIDENCE, "ao-spine-2013"),
            text="Root or transient neurological symptoms are recorded. Consider spine-surgical review, and examine "
            "again for bladder, bowel, saddle area, strength and gait at each visit.",
        )  # fmt: skip
    elif neurology.symptomatic is None:
        yield Statement(
            id="neurology-unknown", topic=_TOPIC, urgency=Urgency.ADVICE, evidence=_EVIDENCE,
            text="Neurology is not fully recorded. Consider asking for and examining bladder and bowel, saddle "
            "sensation, strength and gait before using any score.",
        )  # fmt: skip
    canal, limit = findings.case.canal_compromise_percent, evidence("hoshino-2009")["canal_occupation_percent"]
    assert isinstance(limit, int | float)
    if canal is not None and canal > limit + 1e-9:
        yield Statement(
            id="canal-compromise", topic=_TOPIC, urgency=Urgency.IMPORTANT, evidence=("hoshino-2009",),
            text=f"The canal is narrowed by {canal:g}%. In 45 patients with insufficient union, bone in more than "
            f"{limit:g}% of the canal went with more severe neurological deficits (Hoshino 2009, abstract). Consider "
            "spine-surgical review even without symptoms.",
        )  # fmt: skip
