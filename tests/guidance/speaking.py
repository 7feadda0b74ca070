"""Short words for tests of guidance: make a score, hear what is said, read the criteria."""

from ovcf.guidance.advise import advise
from ovcf.scores.result import ScoreResult, Status

ALL_SERIES = frozenset({"lateral radiograph", "sagittal T1", "sagittal T2", "sagittal STIR", "CT"})


def nasovcf(total=None, group=None, status=Status.COMPLETE, **more):
    score = ScoreResult(score="NASOVCF", version="Han 2025", status=status, items=(), total=total, group=group, **more)
    return {"nasovcf": score}


def by_id(statements):
    return {s.id: s for s in statements}


def said(findings):
    return by_id(advise(findings))


def answers(statement):
    return {c.text: c.answer for c in statement.criteria}
