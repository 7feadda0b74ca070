"""What was concluded of a first draft and of a signed state is kept with it, and taken for nothing else."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from ovcf.reading.session import Session as ReadingSession
from ovcf.registry.clinic import concluded as kept
from ovcf.registry.clinic.readings import keep_reading, load_reading, newest_row
from ovcf.registry.course import assessment_of
from ovcf.registry.tables import DerivedFile, Visit
from tests.reading.words import edit
from tests.registry.conftest import admit
from tests.server.small_reading import small_reading

AT = "2026-01-07T10:00:00+00:00"


@pytest.fixture
def keep(registry):
    """``keep(file)``: one more state of the reading of a patient; its row."""
    _, _, visit = admit(registry, "P-1")

    def one(file):
        with registry.writing(registry.admin.id) as writer:
            keep_reading(writer, registry, writer.session.get(Visit, visit), file)
        with registry.reading() as session:
            row = newest_row(session, file.reading.id)
            session.expunge(row)
            return row

    return one


def found(registry, row):
    with registry.reading() as session:
        return kept.concluded(session, registry, row)


def signed(file):
    return replace(file, reading=file.reading.confirmed(ReadingSession(file).assessment(), reader="A", at=AT))


def moved(file):
    move = edit("MovePoint", vertebra="a3", point="superior_anterior", to=(21.0, 92.0))
    return replace(file, reading=file.reading.with_edit(move))


def test_a_signed_state_is_read_as_it_was_concluded_and_not_concluded_again(registry, keep, monkeypatch):
    file = small_reading()
    keep(file)
    edited = moved(file)
    keep(edited)
    row = keep(signed(edited))
    anew = ReadingSession(load_reading(registry, row)).assessment()
    monkeypatch.setattr(ReadingSession, "assessment", lambda _: pytest.fail("concluded again"))
    with registry.reading() as session:
        assert assessment_of(registry, session, row) == anew


def test_an_edited_draft_is_not_taken_for_what_it_began_as(registry, keep):
    file = small_reading()
    first = keep(file)
    assert found(registry, first) == ReadingSession(file).assessment()
    edited = moved(file)
    row = keep(edited)
    assert found(registry, row) is None
    with registry.reading() as session:
        assert assessment_of(registry, session, row) == ReadingSession(edited).assessment()


def test_another_program_concludes_anew(registry, keep, monkeypatch):
    row = keep(small_reading())
    monkeypatch.setattr(kept, "program", lambda: "another release")
    assert found(registry, row) is None


def test_what_cannot_be_read_back_as_it_is_is_not_kept(registry, keep, monkeypatch):
    class Rounded:
        def dump_json(self, _):
            return b"{}"

        def validate_json(self, _):
            return None

    monkeypatch.setattr(kept, "_adapter", Rounded)
    row = keep(small_reading())
    assert found(registry, row) is None


def test_it_goes_with_its_patient(registry, keep):
    row = keep(small_reading())
    with registry.reading() as session:
        name = session.scalars(select(DerivedFile.sha256)).one()
    assert name in registry.files
    with registry.writing(registry.admin.id) as writer:
        writer.erase(row.patient_id, "asked for")
    assert name not in registry.files
