"""All rules, in one place: findings in, cited statements out, the most urgent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.advice_input import AdviceInput
from ovcf.guidance.evidence import evidence
from ovcf.guidance.rules import (
    augmentation,
    bone_quality,
    close_call,
    edema,
    follow_up,
    imaging_next,
    imminent_risk,
    l1_on_ct,
    malignancy_infection,
    nasovcf_outcomes,
    secondary_prevention,
    t2_advisory,
    urgent,
)
from ovcf.guidance.statement import Statement, Urgency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["AdviceInput", "advise"]

_RULES: tuple[Callable[[AdviceInput], Iterable[Statement]], ...] = (
    urgent.statements,
    malignancy_infection.statements,
    nasovcf_outcomes.statements,
    close_call.statements,
    t2_advisory.statements,
    augmentation.statements,
    imminent_risk.statements,
    secondary_prevention.statements,
    bone_quality.statements,
    l1_on_ct.statements,
    edema.statements,
    imaging_next.statements,
    follow_up.statements,
)
_ORDER = tuple(Urgency)


def advise(findings: AdviceInput) -> tuple[Statement, ...]:
    """What the sources say about a patient like this.

    Raises:
        EvidenceError: a rule cites an entry that does not exist.
    """
    made = [statement for rule in _RULES for statement in rule(findings)]
    for statement in made:
        for id_ in statement.evidence:
            evidence(id_)
    return tuple(sorted(made, key=lambda s: _ORDER.index(s.urgency)))
