"""Everything the six points of one image give, level by level."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import Morphometry, RadiographShape, ReadersGrade, SqGrade, Ungraded
from ovcf.assessment.measured.ledger import Ledger
from ovcf.errors import OvcfError
from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.measures.declare import TAKEN
from ovcf.measures.from_landmarks import measure, measure_together, usable
from ovcf.measures.registry import from_landmarks
from ovcf.measures.shape.morphometry import eastell, two_criteria
from ovcf.measures.shape.radiograph_signs import radiograph_signs
from ovcf.measures.shape.reader_grade import PRIOR, greatest_loss, reader_grade
from ovcf.measures.shape.reference import has_reference
from ovcf.measures.shape.semiquantitative import sq_from_measurement
from ovcf.vocabulary import FractureShape, Modality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.anatomy import Level
    from ovcf.clinical.case import ClinicalCase
    from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
    from ovcf.measures.declare import FromLandmarks, Points
    from ovcf.vocabulary import Sex


def measure_landmarks(spine: SpineLandmarks, case: ClinicalCase, ledger: Ledger, index: Level | None) -> None:
    """Measure and grade every vertebra of one image; what cannot be measured is withheld with its reason.

    A vertebra at the end of the field of view has no second neighbour: that is reported for the index vertebra only.
    """
    of_index = index if index in spine else None
    ledger.add(_measured_on(_by_nobody(spine), spine.vertebrae[0].source, case.sex, case.age_years, of_index))


@kept
def _measured_on(
    spine: SpineLandmarks, source: Source, sex: Sex | None, age_years: float | None, index: Level | None
) -> Ledger:
    """Everything of one image, whose points nobody has signed; the results are said to be of ``source``."""
    found = Ledger()
    lost = {v.level: _most_lost(spine.around(v.level, 1), v.level) for v in spine}
    for vertebra in spine:
        level = vertebra.level
        if level.region == "sacral":  # its superior endplate serves L5; a sacral body has no height loss or grade
            continue
        beside = spine.around(level, 1)
        found.add(_measured_of(beside, level, sex, source, is_index=level == index))
        found.add(_morphometry(spine.around(level, 2), level, sex, age_years))
        elsewhere = max((loss for other, loss in lost.items() if other != level), default=0.0)
        found.add(_as_read(beside, level, sex, age_years, elsewhere))
        if level == index:
            found.add(_signs(beside, level))
    return found


def _by_nobody(spine: SpineLandmarks) -> SpineLandmarks:
    """The same points without who placed them: one vertebra that a reader corrects leaves the others as they were."""
    return replace(spine, vertebrae=tuple(_unsigned(v) for v in spine))


@kept
def _unsigned(vertebra: VertebraLandmarks) -> VertebraLandmarks:
    return replace(vertebra, source=replace(vertebra.source, placed_by=""))


@kept
def _measured_of(spine: SpineLandmarks, level: Level, sex: Sex | None, source: Source, *, is_index: bool) -> Ledger:
    """The same with the measurements said to be of ``source``."""
    found = _measured(spine, level, sex, is_index=is_index)
    return replace(found, measurements=[replace(m, source=source) for m in found.measurements])


@kept
def _measured(spine: SpineLandmarks, level: Level, sex: Sex | None, *, is_index: bool) -> Ledger:
    """Heights, angles, losses and grade of one vertebra, from it and its neighbours."""
    ledger = Ledger()
    for points, group in _groups():
        if is_index or _has_neighbours(spine, level, TAKEN[points]):
            able = [one for one in group if spine[level].has_middle or not one.middle]
            try:
                ledger.measurements += measure_together(able, spine, level)
            except OvcfError:  # each alone, to say which cannot be made, and why
                for one in able:
                    ledger.take(one.method.name, level, partial(measure, one, spine, level))
    _grade(spine, level, sex, ledger)
    return ledger


def _groups() -> tuple[tuple[Points, tuple[FromLandmarks, ...]], ...]:
    """The declared measurements by the vertebrae whose points they take."""
    groups: dict[Points, list[FromLandmarks]] = {}
    for one in from_landmarks():
        groups.setdefault(one.points, []).append(one)
    return tuple((points, tuple(group)) for points, group in groups.items())


def _has_neighbours(spine: SpineLandmarks, level: Level, steps: Iterable[int]) -> bool:
    """Whether the neighbours at these places can serve as a reference."""
    beside = {-1: spine.column.above(level), 0: level, 1: spine.column.below(level)}
    return all(step == 0 or usable(spine, beside[step]) is not None for step in steps)


def _grade(spine: SpineLandmarks, level: Level, sex: Sex | None, ledger: Ledger) -> None:
    try:
        grade = sq_from_measurement(spine, level, sex=sex)
    except OvcfError as error:
        ledger.withhold(
            "SQ_from_measurement",
            level,
            say("{where}: {problem}", where=error.where, problem=error.problem),
            error.remedy,
        )
        ledger.ungraded.append(
            Ungraded(level=level, reason=error.problem, image=spine[level].source.image, marrow=True)
        )
        return
    ledger.measurements += grade.losses
    ledger.grades.append((level, grade.grade))
    compared = () if grade.rule == "plain" else ("heights compared with the shape that is normal for the level",)
    boundary = ("exactly on a boundary between grades",) if grade.boundary else ()
    ledger.findings.append(
        Finding(
            level=level,
            reasons=(*compared, *boundary, *grade.notes),
            evidence=grade.evidence,
            sources=(spine[level].source,),
            data=SqGrade(
                grade=grade.grade, shape=_shape(grade.shape), boundary=grade.boundary, probability=grade.probability
            ),
        )
    )


@kept
def _morphometry(spine: SpineLandmarks, level: Level, sex: Sex | None, age_years: float | None) -> Ledger:
    """The calls by Eastell and by two criteria, for levels and people that the reference table covers."""
    ledger = Ledger()
    if not has_reference(level):
        return ledger
    for call in (eastell, two_criteria):
        try:
            result = call(spine, level, sex=sex, age_years=age_years)
        except OvcfError as error:
            ledger.withhold("morphometry (Eastell, two criteria)", level, error.problem, error.remedy)
            return ledger
        met = (
            say("{type}: ", type=c.type) + joined(", ", (say("{r} {z:+.1f} SD", r=r.name, z=r.z) for r in c.ratios))
            for c in result.criteria
            if c.met
        )
        ledger.findings.append(
            Finding(
                level=level,
                reasons=(*met, *result.missing, *result.notes),
                evidence=result.evidence,
                sources=(spine[level].source,),
                data=Morphometry(
                    algorithm=result.algorithm,
                    fractured=result.fractured,
                    shape=_shape(result.type),
                    grade=result.grade or None,
                    probability=result.probability,
                ),
            )
        )
    return ledger


def _shape(name: str) -> FractureShape | None:
    return FractureShape(name) if name in set(FractureShape) else None


@kept
def _most_lost(spine: SpineLandmarks, level: Level) -> float:
    return greatest_loss(spine, level)


@kept
def _as_read(spine: SpineLandmarks, level: Level, sex: Sex | None, age_years: float | None, elsewhere: float) -> Ledger:
    """What the survey's readers would likely have said, where it can be told: beside the rule's grade."""
    ledger = Ledger()
    try:
        read = reader_grade(spine, level, sex=sex, age_years=age_years, elsewhere=elsewhere)
    except OvcfError:
        return ledger
    ledger.findings.append(
        Finding(
            level=level,
            reasons=(*read.reasons, PRIOR),
            evidence=read.evidence,
            sources=(spine[level].source,),
            data=ReadersGrade(probability=tuple(enumerate(read.probability))),
        )
    )
    return ledger


@kept
def _signs(spine: SpineLandmarks, level: Level) -> Ledger:
    ledger = Ledger()
    source = spine[level].source
    elsewhere = source.modality in (Modality.MR, Modality.CT)
    note = ("read on a cross-section; the teaching case describes it on radiographs",) if elsewhere else ()
    for sign in radiograph_signs(spine, level):
        ledger.findings.append(
            Finding(
                level=level,
                reasons=((sign.note, *note) if sign.note else note),
                evidence=("unc-case",),
                sources=(source,),
                data=RadiographShape(sign=sign.sign, present=sign.present, probability=sign.probability),
            )
        )
    return ledger
