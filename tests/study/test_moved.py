"""A new model makes new drafts beside the old readings, and what moved is counted; what is not pinned is named."""

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import select

import ovcf
from ovcf.anatomy import Level
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry import service
from ovcf.registry.tables import ImagingStudy, Reading, StoredFile, StudyFile
from ovcf.registry.words import Window
from ovcf.study.conduct import studies
from ovcf.study.conduct.form_values import newest_row, visit_of
from ovcf.study.conduct.progress import standing, unpinned
from ovcf.study.data import moved
from ovcf.study.protocol.read import parse_protocol, shipped
from ovcf.workflow.begin import begin_reading
from tests.reading.conftest import made, patient  # noqa: F401
from tests.study.conftest import enrol, hold

PRE = Window.PRETREATMENT


@pytest.fixture(scope="session")
def old(made):  # noqa: F811
    return begin_reading(made)


@pytest.fixture(scope="session")
def new(old):
    """The same images by another model: L1 is 2 mm lower at the front on every image."""
    seen = old.current
    sets = tuple(
        replace(one, vertebrae=tuple(lowered(v) if v.level is Level.L1 else v for v in one)) for one in seen.landmarks
    )
    other = replace(seen, landmarks=sets, models=(("another model 2.0", "f" * 64),), software="ovcf 9.9")
    version = replace(old.reading.versions[0], id="new-1", observations=digest(other), software="ovcf 9.9")
    return ReadingFile(reading=replace(old.reading, id="new", versions=(version,)), observations={digest(other): other})


def lowered(vertebra):
    points = np.array(vertebra.points)
    points[0, 1] += 2.0  # y runs caudally: the upper anterior corner comes down
    return replace(vertebra, points=tuple(map(tuple, points.tolist())))


@pytest.fixture
def number(registry, study, old):
    with registry.writing(registry.admin.id) as writer:
        one = enrol(writer, study, registry.admin, "P-1")
        service.keep_reading(writer, registry, hold(writer, one, "pretreatment", 0), old)
        return one.number


def compare(registry, study, made_):
    with registry.writing(registry.admin.id) as writer:
        pairs = moved.beside(writer.session, study, made_)
        moved.keep(writer, registry, pairs)
        return moved.compared(registry, pairs)


def heights(file):
    return {
        level: value
        for (what, level), value in moved.figures_of(ReadingSession(file).assessment()).items()
        if what == "vertebral height loss"
    }


def test_what_moved_is_counted_by_level_group_and_grade(registry, study, number, old, new):
    each, summed = compare(registry, study, {(number, PRE): new})
    by = {(one.what, one.level): one for one in summed}
    loss = by["vertebral height loss", "L1"]
    assert (loss.compared, loss.moved) == (1, 1)
    assert loss.mean == pytest.approx(heights(new)["L1"] - heights(old)["L1"])
    assert loss.mean > 0
    assert {one.level for one in each if one.what == "local kyphosis angle"} <= {"L1"}
    assert moved.GROUP in {what for what, _ in by}
    untouched = [one for one in summed if one.what == moved.GRADE and one.level not in ("T12", "L1", "L2")]
    assert all(one.moved == 0 for one in untouched)


def test_the_old_reading_stays_and_the_new_draft_is_kept_once(registry, study, number, old, new):
    for _ in range(2):
        compare(registry, study, {(number, PRE): new})
    with registry.reading() as session:
        rows = list(session.scalars(select(Reading).order_by(Reading.recorded_at)))
    assert [(r.reading, r.software) for r in rows] == [
        (old.reading.id, old.reading.versions[0].software),
        ("new", "ovcf 9.9"),
    ]
    with registry.reading() as session:  # until somebody signs it, the draft counts for nothing
        visit = visit_of(session, studies.enrolment_of(session, study, number), PRE)
        assert newest_row(session, visit).reading == old.reading.id


def test_the_same_draft_again_moves_nothing(registry, study, number, old):
    again = replace(old, reading=replace(old.reading, id="again"))
    each, summed = compare(registry, study, {(number, PRE): again})
    assert each == []
    assert summed
    assert all(one.moved == 0 for one in summed)


def test_the_images_of_the_registry_are_read_anew(registry, study, number, patient):  # noqa: F811
    """Images that the registry holds are drafted again, by whatever is installed now."""
    with registry.writing(registry.admin.id) as writer:
        one = studies.enrolment_of(writer.session, study, number)
        visit = visit_of(writer.session, one, PRE)
        kept = writer.add(ImagingStudy(patient_id=one.patient_id, visit_id=visit.entity_id))
        for path in patient.images:
            content = path.read_bytes()
            name = registry.files.put(content)
            writer.session.add(StoredFile(sha256=name, size=len(content)))
            writer.add(StudyFile(patient_id=one.patient_id, study_id=kept.id, sha256=name, name=f"../{path.name}"))
    with registry.reading() as session:
        ((key, file),) = moved.from_stored_images(session, registry, study, engine="builtin")
    assert key == (number, PRE)
    assert len(file.current.series) == len(patient.images)
    assert file.reading.current.case.index_level is Level.L1


def test_what_the_protocol_does_not_pin_is_named(registry, study, number, new):
    pinned = (
        shipped("han-validation")
        .replace('version = "1.0"', 'version = "1.1"')
        .replace('software = "ovcf 0.1"', 'software = "ovcf 9"\nmodels = ["none of these"]')
    )
    with registry.writing(registry.admin.id) as writer:
        studies.amend(writer, study, parse_protocol(pinned, "x"), "pins")
    with registry.reading() as session:
        found = list(unpinned(session, registry, study))
        told = list(standing(session, registry, study))
    assert found[0].startswith(f"S1-001, pretreatment: was read by ovcf {ovcf.__version__}, ")
    assert found[0].endswith("not by ovcf 9.")
    assert told[0] == "Screened: 1 (1 eligible); enrolled: 1 of 425 planned."
    assert found[0] in told
