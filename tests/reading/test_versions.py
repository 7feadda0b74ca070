"""A reading is a chain of versions: signed ones stay as they are."""

import pytest

from ovcf.cli.reading.reading_words import urgent_named
from ovcf.errors import ReadingError
from ovcf.reading.session import Session
from ovcf.reading.version import ReadingStatus, open_questions
from tests.reading.words import edit, moved

AT = "2026-01-05T09:00:00+00:00"


def test_a_signed_reading_takes_no_edit_and_an_addendum_leaves_it_as_it_was(reading_file, seen):
    session = Session(reading_file)
    session.make(moved(seen, "L1", by=(0, -1)))
    signed = session.file.reading.confirmed(session.assessment(), reader="AB", at=AT)
    assert signed.current.status is ReadingStatus.CONFIRMED
    with pytest.raises(ReadingError, match="is signed"):
        signed.with_edit(moved(seen, "L1", by=(0, -2)))
    with pytest.raises(ReadingError, match="needs a reason"):
        signed.addendum(id_="v2", reader="CD", at=AT, reason=" ")
    again = signed.addendum(id_="v2", reader="CD", at=AT, reason="wrong level").with_edit(moved(seen, "L1", by=(0, -2)))
    first, second = again.versions
    assert first.status is ReadingStatus.SUPERSEDED
    assert (first.edits, first.reader, first.confirmed_at) == (signed.current.edits, "AB", AT)
    assert second.parent == first.id
    assert second.edits[:-1] == first.edits


def test_signing_waits_until_what_is_urgent_was_seen(reading_file):
    session = Session(reading_file)
    session.make(edit("EnterFact", field="neurology.saddle_anaesthesia", value=True))
    assessment = session.assessment()
    (question,) = open_questions(assessment, session.version.edits)
    with pytest.raises(ReadingError, match="cannot be signed yet"):
        session.file.reading.confirmed(assessment, reader="AB", at=AT)
    (urgent,) = (s for s in assessment.guidance if s.must_be_seen)
    assert question.endswith(urgent.topic)
    session.make(edit("Acknowledge", statement=urgent.id))
    assert session.file.reading.confirmed(session.assessment(), reader="AB", at=AT).current.reader == "AB"


def test_undo_and_redo_walk_back_and_forth(reading_file, seen):
    session = Session(reading_file)
    start = session.assessment()
    first, second = moved(seen, "L1", by=(0, -1)), moved(seen, "L2", by=(0, 1))
    after_first = session.make(first)
    after_second = session.make(second)
    assert session.make(edit("Revoke", edit=session.last_edit().id)) == after_first
    assert session.make(edit("Revoke", edit=session.last_edit().id)) == start
    assert session.last_edit() is None
    assert session.make(edit("Revoke", edit=session.last_undo().id)) == after_first
    assert session.make(edit("Revoke", edit=session.last_undo().id)) == after_second
    assert session.last_undo() is None


def test_a_preview_saves_nothing_and_a_refused_edit_changes_nothing(reading_file, seen):
    session = Session(reading_file)
    before = session.assessment()
    _, previewed = session.preview(moved(seen, "L1", by=(0, -3)))
    assert previewed != before
    with pytest.raises(ReadingError):
        session.make(edit("ChooseImage", landmark_set="z"))
    assert session.file == reading_file
    assert session.assessment() == before


def test_the_command_line_takes_the_topic_that_the_refusal_to_sign_names(reading_file):
    session = Session(reading_file)
    session.make(edit("EnterFact", field="neurology.saddle_anaesthesia", value=True))
    (urgent,) = (s for s in session.assessment().guidance if s.must_be_seen)
    assert urgent_named("neurology", session) == urgent_named(urgent.id, session) == (urgent.id,)
    with pytest.raises(ReadingError, match="What is urgent here: Neurology"):
        urgent_named("neurologist", session)
