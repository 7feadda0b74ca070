"""Scores of the field beside NASOVCF and the OF score: each that says of itself when an assessment works it out.

Nothing here knows a score by its name. A declaration binds its inputs to the clinical file, or to what is derived here,
and is worked out once something of its own has been entered; what is missing is then named.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.kept import kept
from ovcf.scores.applicability import gated
from ovcf.scores.evaluate import classify, code_of, evaluate
from ovcf.scores.registry import parts
from ovcf.scores.rules import Facts
from ovcf.scores.spine.ovf_sum import LEVELS
from ovcf.scores.tally import at_least
from ovcf.vocabulary import Cleft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.clinical.case import ClinicalCase
    from ovcf.scores.applicability import Applicability
    from ovcf.scores.declare import Score
    from ovcf.scores.result import Classification, ScoreResult

_PROGNOSTIC = "prognosis"
"""The part whose scores hold for a recent, untreated fracture: they are withheld as NASOVCF is."""
_QUARTER, _FIFTH = 25.0, 20.0


@kept
def field_scores(case: ClinicalCase, found: Applicability) -> tuple[ScoreResult, ...]:
    """Every declared score with points that this case has inputs of its own for."""
    results = []
    for score, values, part in _asked(case):
        if score.items:
            result = evaluate(score, **values)
            if part == _PROGNOSTIC or found.cause_in_doubt or found.urgent:
                result = gated(result, found)
            results.append(result)
    return tuple(results)


@kept
def field_classes(case: ClinicalCase, found: Applicability) -> tuple[Classification, ...]:
    """Every declared rule or classification that this case has inputs of its own for; none while the cause is open."""
    if found.cause_in_doubt or found.urgent:
        return ()
    return tuple(classify(score, **values) for score, values, _ in _asked(case) if score.classes)


def _asked(case: ClinicalCase) -> Iterator[tuple[Score, dict[str, Any], str]]:
    derived = derived_facts(case)
    for score, part in parts():
        if score.assessed is None or not _own(case, score):
            continue
        bound = {i.id: derived[i.derived] if i.derived else _fact(case, i.case_field) for i in score.inputs}
        values = {id_: value for id_, value in bound.items() if value is not None}
        if _holds(score, values):
            yield score, values, part


def _own(case: ClinicalCase, score: Score) -> bool:
    """Whether anything is entered in a section of the clinical file that this score asks."""
    heads = {i.case_field.partition(".")[0] for i in score.inputs if i.case_field}
    sections = [part for head in heads if is_dataclass(part := getattr(case, head))]
    return any(getattr(part, f.name) is not None for part in sections for f in fields(part))


def _fact(case: ClinicalCase, name: str) -> Any:
    if not name:
        return None
    if name == "t_score":
        return case.used_t_score
    value: Any = case
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _holds(score: Score, values: dict[str, Any]) -> bool:
    known = {i.id: np.array([code_of(score, i, values[i.id])[0]]) for i in score.inputs if i.id in values}
    return bool(Facts.of(score, known).truth(score.assessed)[0] == 1)


def derived_facts(case: ClinicalCase) -> dict[str, float | bool | None]:
    """What a declaration may bind an input to beside the fields of the clinical file."""
    losses, complete = _losses(case)
    small = [level for level, loss in losses.items() if not at_least(loss, _FIFTH)]
    large = sum(at_least(loss, _QUARTER) for loss in losses.values())
    known: dict[str, float | bool | None] = {
        "days_since_onset": None if case.weeks_since_onset is None else 7 * case.weeks_since_onset,
        "cleft_present": None if case.cleft is None else case.cleft is not Cleft.NONE,
        "losses_from_25": large if complete or large else None,  # one decides, whatever the others are
    }
    counts = {
        "losses_below_20": len(small),
        "losses_non_adjacent": sum(all(abs(a - b) > 1 for b in small if b != a) for a in small),
        "losses_from_20": len(losses) - len(small) - large,
        "largest_loss": max(losses.values(), default=0.0),
    }
    return known | (counts if complete else dict.fromkeys(counts))


def _losses(case: ClinicalCase) -> tuple[dict[int, float], bool]:
    """Height losses above 0 by place from T4 down, and whether every vertebra from T4 to L5 is accounted for."""
    own = case.height_losses
    entered = {place: getattr(own, level.lower()) for place, level in enumerate(LEVELS)}
    complete = bool(own.others_sound) or None not in entered.values()
    return {place: loss for place, loss in entered.items() if loss}, complete
