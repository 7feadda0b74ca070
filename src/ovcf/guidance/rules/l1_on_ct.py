"""Attenuation of L1 on CT where no T-score is known. It is told, and never scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.anatomy import Level
from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.language.worded import say
from ovcf.scores.evaluate import classify
from ovcf.scores.spine.l1_hu import L1_HU

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.guidance.advice_input import AdviceInput
    from ovcf.scores.result import Classification


RULE = Rule(
    what="Attenuation of L1 on CT", whom="only for want of a T-score, L1 intact", not_for="NASOVCF, or in place of DXA"
)


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """Only for want of a T-score, and not while cord, tumour or infection come first."""
    case, found = findings.named, findings.applicability
    if case.l1_hu is None or case.used_t_score is not None or found.urgent or found.cause_in_doubt:
        return
    judged = band_of(case, case.l1_hu)
    told = (
        judged.meaning
        if _affected(case)
        else say(
            "L1 on CT has {l1_hu:g} HU ({label}): {meaning}",
            l1_hu=case.l1_hu,
            label=judged.label,
            meaning=judged.meaning,
        )
    )
    yield Statement(
        id="l1-on-ct",
        topic="Bone density",
        urgency=Urgency.ADVICE,
        evidence=("pickhardt-2013", "l1-hu-uk-2023", "l1-hu-australia", "rule-l1-hu", "han-2025"),
        text=say(
            "For want of a T-score: {told} (Pickhardt 2013, 1867 adults, abstract; in 407 others the "
            "AUC was 0.64). It is no T-score, and NASOVCF does not take it.",
            told=told,
        ),
    )


def band_of(case: ClinicalCase, l1_hu: float) -> Classification:
    """The published band of an attenuation of L1 in this patient, whose L1 may be fractured or treated."""
    return classify(L1_HU, l1_hu=l1_hu, l1_affected=_affected(case))


def _affected(case: ClinicalCase) -> bool:
    return Level.L1 in {
        *case.fractured,
        *case.old_fractures,
        *case.cemented_levels,
        *case.instrumented_levels,
        *case.focal_lesions,
    }
