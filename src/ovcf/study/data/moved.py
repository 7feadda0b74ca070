"""What a new model would change: new drafts beside the old readings, and what moved by level, group and grade."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from statistics import mean, stdev
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.assessment.findings.kinds import SqGrade
from ovcf.measures.shape.height import VERTEBRAL_HEIGHT_LOSS
from ovcf.measures.shape.kyphosis import LOCAL_KYPHOSIS_ANGLE
from ovcf.reading.editing.changes import same
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry import service
from ovcf.registry.clinic.readings import counting_readings, load_reading
from ovcf.registry.store import current
from ovcf.registry.tables import Episode, ImagingStudy, Reading, StudyFile
from ovcf.study.conduct.form_values import level_of, newest_row, visit_of
from ovcf.study.conduct.records import one_that_counts
from ovcf.study.conduct.studies import enrolments_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from ovcf.assessment.result import Assessment
    from ovcf.reading.file import ReadingFile
    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import Enrolment, Study, Visit
    from ovcf.registry.words import Window

Figure = float | str | None
Pair = tuple["Enrolment", "Visit", Reading, "ReadingFile"]
GRADE, GROUP = "semiquantitative grade", "NASOVCF group"
_MEASURED = {VERTEBRAL_HEIGHT_LOSS.id: "vertebral height loss", LOCAL_KYPHOSIS_ANGLE.id: "local kyphosis angle"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One figure of one patient that is not what it was. ``level`` is empty for what is of the patient."""

    patient: str
    visit: str
    what: str
    level: str
    before: Figure
    after: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Figures that both have, how many of them moved, and by how much: mean and SD of numbers."""

    what: str
    level: str
    compared: int
    moved: int
    mean: float | None
    sd: float | None


def models_of(file: ReadingFile) -> tuple[str, ...]:
    """The models that looked at the images, as ``name version (first digits of its SHA-256)``."""
    return tuple(f"{name} ({digest[:12]})" if digest else name for name, digest in file.current.models)


def beside(
    session: Session, study: Study, made: Mapping[tuple[str, Window], ReadingFile]
) -> list[tuple[Enrolment, Visit, Reading, ReadingFile]]:
    """New drafts with the reading that counts for their visit: (patient, visit, old, new).

    ``made`` names each by patient number and visit.
    """
    found = []
    for enrolment in enrolments_of(session, study):
        for (number, window), file in made.items():
            visit = visit_of(session, enrolment, window) if number == enrolment.number else None
            rows = (
                []
                if visit is None
                else list(
                    session.scalars(
                        counting_readings().where(
                            Reading.visit_id == visit.entity_id, Reading.reading != file.reading.id
                        )
                    )
                )
            )
            if visit is not None and rows:
                found.append((enrolment, visit, one_that_counts(rows), file))
    return found


def keep(writer: Writer, registry: Registry, pairs: Sequence[Pair]) -> int:
    """Keep the new drafts beside the readings, which stay as they are and go on to count; how many were new.

    Raises:
        LockedError (at the end of the transaction): the study is locked.
    """
    new = 0
    for _, visit, _, file in pairs:
        if writer.session.scalars(select(Reading).where(Reading.reading == file.reading.id)).first() is None:
            service.keep_reading(writer, registry, visit, file)
            new += 1
    return new


def from_stored_images(
    session: Session, registry: Registry, study: Study, *, engine: str = "builtin"
) -> Iterator[tuple[tuple[str, Window], ReadingFile]]:
    """A new draft of every visit whose images are in the registry, by the engine and model that are installed now."""
    from ovcf.workflow.begin import begin_reading
    from ovcf.workflow.from_files import draft_from_files

    for enrolment in enrolments_of(session, study):
        for visit in service.visits_of(session, _episode(session, enrolment)):
            files = _files(session, visit)
            if not files or newest_row(session, visit) is None:
                continue
            with tempfile.TemporaryDirectory() as folder:
                for n, file in enumerate(files):
                    name = PurePosixPath(file.name.replace("\\", "/")).name or "image"
                    (Path(folder) / f"{n:05d}-{name}").write_bytes(registry.files.get(file.sha256))
                made = draft_from_files([Path(folder)], engine=engine, fracture=level_of(session, enrolment))
                yield (enrolment.number, visit.window), begin_reading(made)


def compared(registry: Registry, pairs: Sequence[Pair]) -> tuple[list[Moved], list[Comparison]]:
    """What moved between the old and the new readings, each, and summed up by figure and level."""
    moved: list[Moved] = []
    all_: dict[tuple[str, str], list[tuple[Figure, Figure]]] = {}
    for enrolment, visit, old, new in pairs:
        was = load_reading(registry, old)
        before, after = (figures_of(ReadingSession(file).assessment()) for file in (was, new))
        for key in dict.fromkeys((*before, *after)):
            one, other = before.get(key), after.get(key)
            all_.setdefault(key, []).append((one, other))
            if not same(one, other):
                moved.append(
                    Moved(
                        patient=enrolment.number,
                        visit=visit.window.value,
                        what=key[0],
                        level=key[1],
                        before=one,
                        after=other,
                    )
                )
    return moved, [_summed(what, level, values) for (what, level), values in sorted(all_.items())]


def figures_of(assessment: Assessment) -> dict[tuple[str, str], Figure]:
    """Height loss, kyphosis and grade of every level, and the group of the score."""
    found: dict[tuple[str, str], Figure] = {}
    for m in assessment.measurements:
        if m.method.id in _MEASURED and m.index_level is not None:
            found.setdefault((_MEASURED[m.method.id], m.index_level.value), float(m.value))
    for f in assessment.findings:
        if isinstance(f.data, SqGrade) and f.level is not None:
            found.setdefault((GRADE, f.level.value), str(f.data.grade))
    for score in assessment.scores:
        if score.score.casefold() == "nasovcf":
            found[GROUP, ""] = score.group
    return found


def _summed(what: str, level: str, values: Sequence[tuple[Figure, Figure]]) -> Comparison:
    differences = [b - a for a, b in values if isinstance(a, float) and isinstance(b, float)]
    return Comparison(
        what=what,
        level=level,
        compared=len(values),
        moved=sum(not same(a, b) for a, b in values),
        mean=mean(differences) if differences else None,
        sd=stdev(differences) if len(differences) > 1 else None,
    )


def _episode(session: Session, enrolment: Enrolment) -> Episode:
    return session.scalars(current(Episode).where(Episode.entity_id == enrolment.episode_id)).one()


def _files(session: Session, visit: Visit) -> list[StudyFile]:
    studies = session.scalars(current(ImagingStudy).where(ImagingStudy.visit_id == visit.entity_id)).all()
    asked = select(StudyFile).where(StudyFile.study_id.in_([s.id for s in studies])).order_by(StudyFile.name)
    return list(session.scalars(asked))
