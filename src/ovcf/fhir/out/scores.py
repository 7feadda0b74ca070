"""Scores with their items as components; a score that is not complete has no value, and its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.fhir.out.measured import probability
from ovcf.fhir.out.source import component, notes
from ovcf.fhir.parts import absent, body_site, coded, quantity
from ovcf.scores.result import Status
from ovcf.units import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.fhir.out.source import Resources
    from ovcf.fhir.parts import Json
    from ovcf.scores.result import ScoreResult

_WHY = {
    Status.INCOMPLETE: "unknown",
    Status.NOT_APPLICABLE: "not-applicable",
    Status.OUT_OF_DERIVATION_POPULATION: "not-applicable",
    Status.COMPLETE: "unknown",
}


def scores(into: Resources) -> list[Json]:
    """Keep every score; references to them."""
    return [_score(into, one) for one in into.of.assessment.scores]


def _score(into: Resources, score: ScoreResult) -> Json:
    of = into.of
    told = [*score.reasons, *(f"missing: {name}" for name in score.missing)]
    total: Json
    if score.total is None:
        total = absent(_WHY[score.status], "; ".join(told) or str(score.status))
    else:
        total = {"valueQuantity": quantity(score.total, Unit.POINT)}
    return into.observation(
        {
            "code": coded("score", score.score, f"{score.score}, {score.version}"),
            "bodySite": body_site(of.assessment.index_level),
            "derivedFrom": [of.study(uid) for uid in of.studies],
            **total,
            "component": list(_components(score)),
            "note": notes((*score.alerts, score.condition, *told, *score.advisories)),
        },
        "score",
        score.score,
    )


def _components(score: ScoreResult) -> Iterator[Json]:
    yield component("item", "score status", {"valueCodeableConcept": coded("word", score.status)})
    yield component("item", "score version", {"valueString": score.version})
    if score.group is not None:
        yield component("item", "score group", {"valueString": score.group})
    if score.total is None and score.attainable is not None:
        for end, value in zip(("lowest total", "highest total"), score.attainable, strict=True):
            yield component("item", end, {"valueQuantity": quantity(value, Unit.POINT)})
    for item in score.items:
        known = item.points is not None
        points = {"valueQuantity": quantity(item.points or 0.0, Unit.POINT)} if known else absent("unknown")
        yield component("item", "score item", points, item.name)
        if item.finding:
            yield component("item", "item finding", {"valueString": item.finding}, item.name)
    for total, share in score.total_probability:
        yield probability(f"a total of {total:g}", share)
    for group, share in score.group_probability:
        yield probability(group, share)
