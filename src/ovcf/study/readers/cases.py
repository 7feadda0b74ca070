"""A case for a blinded reader: the observations without anything that tells who or when; and what the reader said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.assessment.findings.kinds import CleftSign, SqGrade, T2Signal
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Patient
from ovcf.measures.registry import measurements
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.session import Session
from ovcf.reading.version import Reading, Version
from ovcf.units import Unit
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.assessment.findings.finding import Finding
    from ovcf.assessment.result import Assessment
    from ovcf.landmarks import Source
    from ovcf.reading.observations import Observations
    from ovcf.study.protocol.model import ReaderPlan

_FINDINGS = {"t2_pattern": (T2Signal, "pattern"), "sq_grade": (SqGrade, "grade"), "cleft": (CleftSign, "cleft")}


def blinded(file: ReadingFile, label: str, level: Level) -> ReadingFile:
    """The draft anew under a label: no patient, no dates, no clinical facts, nothing that another reader did.

    The same draft gives every reader the same observations, so that their readings can be averaged.
    """
    seen, named = without_names(file.observations[file.reading.versions[0].observations])
    name = digest(seen)
    version = Version(id=f"{label}-1", observations=name, software=seen.software, case=ClinicalCase(index_level=level))
    reading = Reading(id=label, versions=(version,))
    pictures = tuple(replace(p, series=named.get(p.series, "")) for p in file.pictures)
    return ReadingFile(reading=reading, observations={name: seen}, pictures=pictures)


def without_names(seen: Observations) -> tuple[Observations, dict[str, str]]:
    """Observations without patient, dates, identifiers of DICOM and names of files; and the new names of the series."""
    named = {s.uid: f"series {n}" for n, s in enumerate(seen.series, 1)}
    bare = replace(
        seen,
        made_at="",
        patient=Patient(),
        skipped=(),
        warnings=(),
        notes=(),
        series=tuple(replace(s, uid=named[s.uid], study_uid="", instances=(), acquired_on=None) for s in seen.series),
        landmarks=tuple(
            replace(s, series=named.get(s.series, ""), source=_unnamed(s.source, named), notes=())
            for s in seen.landmarks
        ),
        marrow=tuple(replace(m, series=named.get(m.series, m.series)) for m in seen.marrow),
    )
    return bare, named


def _unnamed(source: Source, named: dict[str, str]) -> Source:
    series = named.get(source.series_uid, "")
    image = named.get(source.image, source.image)
    return replace(source, acquired_on=None, study_uid="", series_uid=series, instance_uid="", image=image)


def said(file: ReadingFile, plan: ReaderPlan, *, own: bool = True) -> dict[str, Any]:
    """What a reading says of the index vertebra: each measurement and rating of the plan, None where it is silent.

    ``own``: a rating counts only if the reader gave or confirmed it. Two readers who leave the same draft as it is have
    not agreed on anything. Otherwise what follows from the landmarks counts, too.
    """
    assessment = Session(file).assessment()
    measured = {name: _measured(assessment, name) for name in plan.measures}
    return measured | {name: _rated(assessment, name, own=own) for name in plan.ratings}


def left_to_rate(file: ReadingFile, plan: ReaderPlan) -> tuple[str, ...]:
    """The ratings of the plan for which the draft proposes something that the reader neither confirmed nor changed."""
    assessment = Session(file).assessment()
    return tuple(
        name for name in plan.ratings if _rated(assessment, name, own=False) is not None and not _own(assessment, name)
    )


def _measured(assessment: Assessment, name: str) -> float | None:
    """What the reader entered, else of a radiograph before others; lengths only in millimetres."""
    unit = measurements()[name].unit
    level = assessment.index_level
    found = [
        m
        for m in assessment.measurements
        if m.method.id == name and m.index_level in (None, level) and m.unit is (unit or Unit.MM)
    ]
    best = min(found, key=lambda m: (not m.source.entered, m.source.modality is not Modality.RADIOGRAPH), default=None)
    return None if best is None else float(best.value)


def _rated(assessment: Assessment, name: str, *, own: bool) -> str | int | None:
    entered = getattr(assessment.case, name, None)
    if entered is not None:
        return entered if isinstance(entered, int) else str(entered)
    found = _found(assessment, name)
    found = [f for f in found if f.by_reader] or ([] if own else found)
    value = getattr(found[0].data, _FINDINGS[name][1]) if found else None
    return value if value is None or isinstance(value, int) else str(value)


def _own(assessment: Assessment, name: str) -> bool:
    return getattr(assessment.case, name, None) is not None or any(f.by_reader for f in _found(assessment, name))


def _found(assessment: Assessment, name: str) -> list[Finding]:
    if name not in _FINDINGS:
        return []
    kind = _FINDINGS[name][0]
    return [f for f in assessment.findings if f.level == assessment.index_level and isinstance(f.data, kind)]
