"""A blinded case on the page: kept while it is read, its time counted by the registry's clock, given back once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from ovcf.errors import ConflictError, NotThereError, StudyError
from ovcf.reading.editing.edits import EnterFact
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry import service
from ovcf.registry.clinic.readings import keep_reading, load_reading, newest_row
from ovcf.registry.tables import BlindedDraft, TaskReading
from ovcf.study.readers import rounds, sitting
from tests.study.conftest import enrol, hold, person
from tests.study.served import wedged

NOW = datetime.now(UTC) + timedelta(days=1)
"""Later than whatever the tests make, however long they wait for their turn."""


@pytest.fixture
def begun(registry, study):
    """Two readers, two cases each; (round, tasks of the first reader, readers)."""
    readers = [person(registry, code) for code in ("r1", "r2")]
    with registry.writing(registry.admin.id) as writer:
        for n in (1, 2):
            one = enrol(writer, study, registry.admin, f"P-{n}")
            visit = hold(writer, one, "pretreatment", 0)
            service.keep_reading(writer, registry, visit, wedged(5.0 + n))
        round_, tasks = rounds.open_round(writer, study, "main", ["r1", "r2"], seed=1)
        writer.session.flush()
        writer.session.expunge_all()
    return round_, [t for t in tasks if t.reader_id == readers[0].id and not t.repeat], readers


def keep(registry, task, reader, file, after, now):
    with registry.writing(reader.id) as writer:
        round_, found = sitting.task_for(writer.session, reader.id, task.id, now=now)
        return sitting.keep(writer, registry, round_, found, file, after=after, now=now)


def draft(registry, task, reader, now=NOW):
    with registry.reading() as session:
        _, found = sitting.task_for(session, reader.id, task.id, now=now)
        return sitting.draft_of(session, registry, found)


def here(registry, task, reader, now):
    with registry.working() as session:
        _, found = sitting.task_for(session, reader.id, task.id, now=now)
        return sitting.sign_of_life(session, found, now=now)


def edited(file):
    session = ReadingSession(file)
    session.make(EnterFact(id=uuid4().hex, reader="r1", at=NOW.isoformat(), field="t2_pattern", value="diffuse low"))
    return session


def signed(file):
    session = edited(file)
    reading = session.file.reading.confirmed(session.assessment(), reader="r1", at=NOW.isoformat())
    return replace(session.file, reading=reading)


def test_what_was_done_is_there_when_the_case_is_opened_again(registry, begun):
    _, (task, _), (reader, _) = begun
    given = draft(registry, task, reader)
    after = edited(given).file
    assert keep(registry, task, reader, after, 0, NOW) == 1
    assert draft(registry, task, reader).reading == after.reading
    assert draft(registry, task, reader).current == given.current
    with pytest.raises(ConflictError, match="changed meanwhile"):
        keep(registry, task, reader, after, 0, NOW)


def test_time_is_counted_while_the_reader_is_there_and_not_while_away(registry, begun):
    _, (task, _), (reader, _) = begun
    at = [0, 10, 20, 50, 81, 3600, 3607]  # seconds: 10 + 10 + 30, then away twice, then 7
    told = [here(registry, task, reader, NOW + timedelta(seconds=s)) for s in at]
    assert told == [0, 10, 20, 50, 50, 50, 57]
    file = signed(draft(registry, task, reader))
    keep(registry, task, reader, file, 0, NOW + timedelta(seconds=3610))
    with registry.reading() as session:
        (kept,) = session.query(TaskReading)
        assert kept.minutes == pytest.approx(1.0)
        assert kept.values["t2_pattern"] == "diffuse low"
        assert session.query(BlindedDraft).count() == 0


def test_a_case_is_its_readers_alone_and_given_back_once(registry, begun):
    _, (task, _), (reader, other) = begun
    with pytest.raises(NotThereError):
        draft(registry, task, other)
    with pytest.raises(NotThereError), registry.reading() as session:
        sitting.task_for(session, reader.id, uuid4(), now=NOW)
    keep(registry, task, reader, signed(draft(registry, task, reader)), 0, NOW)
    for again in (draft, here):
        with pytest.raises(StudyError, match="was read already"):
            again(registry, task, reader, NOW)


def test_a_repeat_waits_for_its_washout_on_the_page_too(registry, begun):
    round_, _, (reader, _) = begun
    with registry.reading() as session:
        repeat = next(t for t in rounds.tasks_of(session, round_) if t.repeat and t.reader_id == reader.id)
        session.expunge_all()
    with pytest.raises(StudyError, match="must wait"):
        draft(registry, repeat, reader)


def test_a_draft_goes_with_its_patient(registry, begun):
    _, (task, _), (reader, _) = begun
    here(registry, task, reader, NOW)
    with registry.writing(registry.admin.id) as writer:
        writer.erase(task.patient_id, "asked for")
    with registry.reading() as session:
        assert session.query(BlindedDraft).count() == 0


def test_a_case_is_made_of_a_reading_that_was_edited_since(registry, study):
    """Later states of a reading are stored without the images, which lie with the first."""
    readers = [person(registry, code) for code in ("r1", "r2")]
    with registry.writing(registry.admin.id) as writer:
        visit = hold(writer, enrol(writer, study, registry.admin, "P-1"), "pretreatment", 0)
        row = keep_reading(writer, registry, visit, wedged(6.0))
        keep_reading(writer, registry, visit, edited(load_reading(registry, row)).file, after=1)
        _, tasks = rounds.open_round(writer, study, "main", ["r1", "r2"], seed=1)
        writer.session.flush()
        assert newest_row(writer.session, row.reading).revision == 2
        writer.session.expunge_all()
    file = draft(registry, tasks[0], next(r for r in readers if r.id == tasks[0].reader_id))
    assert file.reading.current.edits == ()
    assert file.reading.current.case.t2_pattern is None
