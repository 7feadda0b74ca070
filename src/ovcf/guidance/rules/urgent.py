"""Neurology first: it overrides every score."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.prognosis.neurological_risk import CANAL_PERCENT, DYNAMIC_DEG
from ovcf.scores.tally import above
from ovcf.vocabulary import NeurologicalGrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="Alerts: cord and cauda equina, roots, a fragment in the canal, movement on dynamic films",
    whom="every patient; the limits of 42% and 15° are of osteoporotic fractures in 11 cohorts",
    not_for="ruling out a deficit: nothing recorded is not nothing there",
)
_TOPIC = "Neurology"
_EVIDENCE = ("rule-neurology",)


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """An alert for cord and cauda equina, a notice for roots, a question where nothing is recorded."""
    neurology = findings.case.neurology
    if neurology.urgent:
        seen = neurology.cord_or_cauda_compression is not None
        do = "spine-surgical review" if seen else "emergency MRI and spine-surgical review"
        yield Statement(
            id="urgent-neurology",
            topic=_TOPIC,
            urgency=Urgency.EMERGENCY,
            evidence=_EVIDENCE,
            text=say(
                "Present: {urgent}. Now: {do}. This goes before every score.", urgent=listed(neurology.urgent), do=do
            ),
        )
    elif neurology.radiculopathy or neurology.n_grade in (NeurologicalGrade.N1, NeurologicalGrade.N2):
        yield Statement(
            id="neurology-root",
            topic=_TOPIC,
            urgency=Urgency.IMPORTANT,
            evidence=(*_EVIDENCE, "ao-spine-2013"),
            text="Root or transient neurological symptoms are recorded. Consider spine-surgical review, and examine "
            "again for bladder, bowel, saddle area, strength and gait at each visit.",
        )
    elif neurology.symptomatic is None:
        yield Statement(
            id="neurology-unknown",
            topic=_TOPIC,
            urgency=Urgency.ADVICE,
            evidence=_EVIDENCE,
            text="Neurology is not fully recorded. Consider asking for and examining bladder and bowel, saddle "
            "sensation, strength and gait before using any score.",
        )
    moved = findings.case.dynamic_angle_change_deg
    if moved is not None and above(moved, DYNAMIC_DEG):
        yield Statement(
            id="dynamic-instability",
            topic="Movement on dynamic films",
            urgency=Urgency.IMPORTANT,
            alert=True,
            evidence=("neuro-risk-review", "hoshino-2009"),
            text=say(
                "The wedge angle of the body changes by {moved:g}° on dynamic films. In a review of 11 "
                "cohorts of osteoporotic fractures (abstract) more than {dynamic_deg:g}° went with "
                "neurological deficits. Examine bladder, bowel, saddle area, strength and gait. Consider "
                "spine-surgical review even without symptoms.",
                moved=moved,
                dynamic_deg=DYNAMIC_DEG,
            ),
        )
    canal = findings.case.canal_compromise_percent
    if canal is not None and above(canal, CANAL_PERCENT):
        yield Statement(
            id="canal-compromise",
            topic="Fragment in the canal",
            urgency=Urgency.IMPORTANT,
            alert=True,
            evidence=("hoshino-2009", "neuro-risk-review"),
            text=say(
                "Bone takes up {canal:g}% of the canal. In 45 patients with insufficient union, more "
                "than {canal_percent:g}% went with more severe neurological deficits (Hoshino 2009, "
                "abstract; a review of 11 cohorts has the same limit). Examine bladder, bowel, saddle "
                "area, strength and gait. Consider spine-surgical review even without symptoms.",
                canal=canal,
                canal_percent=CANAL_PERCENT,
            ),
        )
