"""One assessment as rows of the tables. Pure: equal assessments give equal rows."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from ovcf.assessment.findings.finding import found
from ovcf.assessment.findings.kinds import (
    FindingData,
    PublishedClass,
    ReadersGrade,
    RecencySign,
    SuggestedFracture,
    Ungraded,
)
from ovcf.batch.tables.columns import slug
from ovcf.guidance.statement import Urgency
from ovcf.imaging.study import Role
from ovcf.measures.declare import Of
from ovcf.measures.registry import measurements
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.render.seen import Seen
from ovcf.scores.registry import scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import TypeAdapter

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.result import Assessment, NumberedBody
    from ovcf.measures.measurement import Measurement

    Row = dict[str, Any]

_URGENT = (Urgency.EMERGENCY, Urgency.URGENT)
_RATIOS = ("wedge-ratio", "biconcave-ratio")
"""Ratios of heights inside one body, below 1 where it is deformed."""


def rows_of(assessment: Assessment) -> dict[str, list[Row]]:
    """The rows of ``studies`` (one), ``vertebrae``, ``measurements`` and ``findings``, without study and key."""
    seen = Seen(assessment)
    numbered = [body for question in assessment.questions for body in question.bodies]
    return {
        "studies": [_study(seen, numbered)],
        "vertebrae": [*(_vertebra(seen, level) for level in _levels(assessment)), *map(_body, numbered)],
        "measurements": [
            *map(_measurement, assessment.measurements),
            *(_measurement(m) | {"number": body.number} for body in numbered for m in body.measurements),
        ],
        "findings": [_finding(one) for one in (*assessment.findings, *assessment.suggested_fractures)],
    }


def _study(seen: Seen, numbered: Sequence[NumberedBody]) -> Row:
    a, case, grades = seen.assessment, seen.assessment.case, seen.grades
    read = {s.role for s in a.series} - {Role.OTHER}
    unjudged = grades.ungraded if grades else _open(a)
    least = min(
        ((m.value, body.number) for body in numbered for m in body.measurements if m.method.id in _RATIOS), default=None
    )
    row: Row = {
        "outcome": "assessed",
        "patient": case.patient_id,
        "study_uid": next((s.study_uid for s in a.series if s.study_uid), ""),
        "acquired_on": max((s.acquired_on for s in a.series if s.acquired_on), default=None),
        "sex": None if case.sex is None else case.sex.value,
        "age_years": case.age_years,
        "roles": [role.value for role in Role if role in read],
        "state": seen.state.value,
        "urgent": list(dict.fromkeys(s.topic for s in a.guidance if s.urgency in _URGENT)),
        "index_level": None if a.index_level is None else a.index_level.value,
        "graded": [level.value for level, _ in grades.graded] if grades else [],
        "fractured": [level.value for level in grades.fractured] if grades else [],
        "suspected": _named(seen.looks_fractured),
        "marrow_unclear": _named(seen.unclear),
        "not_judged": [u.level.value for u in unjudged if u.level is not None],
        "not_judged_unnamed": sum(u.level is None for u in unjudged),
        "asked": [q.image for q in a.questions],
        "least_ratio": least and least[0],
        "least_ratio_body": least and least[1],
        "warnings": len(a.warnings),
    }
    spine = [m for m in a.measurements if _declared_of(m) is Of.SPINE]
    return row | _values(spine) | _scores(a)


def _open(a: Assessment) -> tuple[Ungraded, ...]:
    return tuple(f.data for f in a.suggested_fractures if isinstance(f.data, Ungraded))


def _named(findings: Iterable[Finding]) -> list[str]:
    return [f.level.value for f in findings if f.level is not None]


def _levels(a: Assessment) -> list[Level]:
    """Every vertebra that something is said of, cranial to caudal."""
    of = {m.index_level for m in a.measurements if _declared_of(m) is not Of.SPINE}
    of |= {f.level for f in (*a.findings, *a.suggested_fractures)}
    of |= {u.level for f in a.findings for u in getattr(f.data, "ungraded", ())}
    return sorted((level for level in of if level is not None), key=lambda level: level.rank)


def _vertebra(seen: Seen, level: Level) -> Row:
    a = seen.assessment
    suspected = _named(seen.looks_fractured)
    why = [u.reason for u in (seen.grades.ungraded if seen.grades else ()) if u.level == level]
    why += [f.data.reason for f in a.suggested_fractures if isinstance(f.data, Ungraded) and f.level == level]
    grade, readers = seen.grade_of(level), _readers(seen, level)
    recency = found(a.findings, RecencySign, level)
    suggestion = found(a.suggested_fractures, SuggestedFracture, level)
    loss = seen.measured(VERTEBRAL_HEIGHT_LOSS.id, level) or next(iter(seen.of(level)), None)
    recent = recency.recent if recency else suggestion.recent if suggestion else None
    row: Row = {
        "level": level.value,
        "suspected": suspected.index(level.value) + 1 if level.value in suspected else None,
        "marrow_unclear": level.value in _named(seen.unclear),
        "not_judged_because": why[0] if why else None,
        "sq_grade": None if grade is None else grade.grade,
        "sq_shape": grade.shape.value if grade and grade.shape else None,
        "sq_fracture_probability": _at_least_one(grade.probability) if grade else None,
        "readers_fracture_probability": _at_least_one(readers.probability) if readers else None,
        "recent": recent,
        "recent_probability": dict(recency.probability).get(True) if recency else None,
        "image": loss.source.image if loss else None,
    }
    ids = dict.fromkeys(m.method.id for m in seen.of(level))
    return row | _values([m for id_ in ids if (m := seen.measured(id_, level)) is not None])


def _readers(seen: Seen, level: Level) -> ReadersGrade | None:
    """The grade that readers would give on the image that the measured grade is taken from: a radiograph first."""
    by_image = {
        f.image: f.data for f in seen.assessment.findings if f.level == level and isinstance(f.data, ReadersGrade)
    }
    ordered = dict.fromkeys([*(m.source.image for m in seen.of(level)), *by_image])
    return next((by_image[image] for image in ordered if image in by_image), None)


def _at_least_one(probability: Iterable[tuple[int, float]]) -> float | None:
    known = dict(probability)
    return sum(p for grade, p in known.items() if grade >= 1) if known else None


def _body(body: NumberedBody) -> Row:
    return {"number": body.number, "not_judged_because": body.withheld or None} | _values(body.measurements)


def _values(taken: Iterable[Measurement]) -> Row:
    row: Row = {}
    for m in taken:
        if m.method.id in measurements():
            name = slug(m.method.id)
            row |= {name: m.value, f"{name}_sd": m.standard_uncertainty}
    return row


def _declared_of(m: Measurement) -> Of | None:
    one = measurements().get(m.method.id)
    return None if one is None else one.of


def _measurement(m: Measurement) -> Row:
    source, level = m.source, m.index_level
    return {
        "level": None if level is None or _declared_of(m) is Of.SPINE else level.value,
        "levels": [one.value for one in m.levels],
        "measurement": m.method.id,
        "value": m.value,
        "sd": m.standard_uncertainty,
        "unit": m.unit.value,
        "image": source.image,
        "modality": source.modality.value,
        "posture": source.posture.value,
        "placed_by": source.placed_by,
        "series_uid": source.series_uid,
    }


def _finding(one: Finding) -> Row:
    return {
        "level": None if one.level is None else one.level.value,
        "finding": one.id,
        "value": one.value,
        "data": _finding_adapter().dump_json(one.data).decode(),
        "image": one.image,
    }


@cache
def _finding_adapter() -> TypeAdapter[FindingData]:
    from pydantic import TypeAdapter

    return TypeAdapter(FindingData)


def _scores(a: Assessment) -> Row:
    ids = {score.name.casefold(): score for score in scores().values()}
    row: Row = {}
    for result in a.scores:
        if (score := ids.get(result.score.casefold())) is not None:
            least, most = result.attainable or (None, None)
            row |= {
                f"{slug(score.id)}_{part}": value
                for part, value in {
                    "status": result.status.value,
                    "total": result.total,
                    "least": least,
                    "most": most,
                    "group": result.group,
                }.items()
            }
    for finding in a.findings:
        data = finding.data
        if (
            isinstance(data, PublishedClass)
            and (score := ids.get(data.system.casefold())) is not None
            and score.classes
        ):
            row.setdefault(f"{slug(score.id)}_class", data.label)
    return row
