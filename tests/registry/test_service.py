"""A patient over a year: admitted, seen, read, followed; and another state of a reading never overwrites one."""

from datetime import date

import pytest
from sqlalchemy import select

from ovcf.errors import ConflictError, FollowUpError, RegistryError
from ovcf.follow_up.visit import Quantity
from ovcf.reading.file import to_bytes
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry import service
from ovcf.registry.course import course_of
from ovcf.registry.tables import MeasuredValue, Reading, ScoreValue
from tests.reading.conftest import made, patient  # noqa: F401


@pytest.fixture(scope="session")
def reading(made):  # noqa: F811
    from ovcf.workflow.begin import begin_reading

    return begin_reading(made)


@pytest.fixture
def episode(registry):
    with registry.writing(registry.admin.id) as writer:
        _, made_ = service.admit(
            writer, registry.admin, "P-007", sex="female", levels=["L1"], fractured_on=date(2025, 1, 3)
        )
        writer.session.flush()
        writer.session.expunge(made_)
        return made_


def visit(registry, episode, window, on, reading=None, **answers):
    with registry.writing(registry.admin.id) as writer:
        held = service.hold_visit(writer, episode, window=window, on=on, answers=answers)
        if reading is not None:
            service.keep_reading(writer, registry, held, reading)
        writer.session.flush()
        writer.session.expunge(held)
        return held


def test_the_numbers_of_a_reading_can_be_searched(registry, episode, reading):
    visit(registry, episode, "pretreatment", date(2025, 1, 7), reading)
    assessment = ReadingSession(reading).assessment()
    with registry.reading() as session:
        kept = {(v.method, v.level, v.value) for v in session.scalars(select(MeasuredValue))}
        scores = {s.score for s in session.scalars(select(ScoreValue))}
    assert kept == {(m.method.id, m.index_level and m.index_level.value, m.value) for m in assessment.measurements}
    assert "NASOVCF" in {s.upper() for s in scores}
    assert registry.faults() == []


def test_a_reading_comes_back_as_it_was(registry, episode, reading):
    held = visit(registry, episode, "pretreatment", date(2025, 1, 7), reading)
    with registry.reading() as session:
        _, again = service.newest_reading(session, registry, held)
    assert to_bytes(again) == to_bytes(reading)


def test_two_people_cannot_save_the_same_state(registry, episode, reading):
    visit(registry, episode, "pretreatment", date(2025, 1, 7), reading)
    with registry.reading() as session:
        (first,) = session.scalars(select(Reading))
    columns = [c.key for c in Reading.__table__.columns if c.key != "id"]
    twin = Reading(**{name: getattr(first, name) for name in columns})
    with pytest.raises(ConflictError), registry.writing(registry.admin.id) as writer:
        writer.add(twin)
    with registry.reading() as session:
        assert [r.id for r in session.scalars(select(Reading))] == [first.id]


def test_a_year_of_a_patient(registry, episode, reading):
    for window, on, vas, odi in (
        ("pretreatment", date(2025, 1, 7), 8, 70),
        ("1 month", date(2025, 2, 4), 5, 50),
        ("6 months", date(2025, 7, 8), 2, 20),
    ):
        visit(registry, episode, window, on, reading, VAS=vas, ODI=odi)
    with registry.reading() as session:
        found = course_of(session, registry, episode, today=date(2025, 8, 1))
    assert [v.name for v in found.visits] == ["pretreatment", "1 month", "6 months"]
    (pain,) = (c for c in found.courses if c.quantity is Quantity.PAIN)
    assert [v.value for v in pain.values] == [8, 5, 2]
    assert [(p.months, p.due.value) for p in found.plan] == [(1, "held"), (3, "missed"), (6, "held"), (12, "coming")]


def test_a_fracture_whose_level_was_left_open_takes_it_from_its_readings(registry, reading):
    with registry.writing(registry.admin.id) as writer:
        _, unread = service.admit(writer, registry.admin, "P-008", levels=[])
        writer.session.flush()
        writer.session.expunge(unread)
    visit(registry, unread, "pretreatment", date(2025, 1, 7))
    visit(registry, unread, "1 month", date(2025, 2, 4))
    with registry.reading() as session, pytest.raises(FollowUpError, match="no vertebra yet"):
        course_of(session, registry, unread, today=date(2025, 8, 1))
    visit(registry, unread, "3 months", date(2025, 4, 8), reading)
    with registry.reading() as session:
        found = course_of(session, registry, unread, today=date(2025, 8, 1))
    assert found.level == ReadingSession(reading).assessment().index_level


def test_a_visit_is_held_once(registry, episode):
    visit(registry, episode, "1 month", date(2025, 2, 4))
    for window, on in (("1 month", date(2025, 2, 9)), ("3 months", date(2025, 2, 4))):
        with pytest.raises(RegistryError, match="one already"):
            visit(registry, episode, window, on)


def test_who_acts_must_be_clear(registry):
    with registry.reading() as session:
        assert service.person_named(session, None).code == "admin"
        with pytest.raises(RegistryError, match="admin"):
            service.person_named(session, "nobody")


OF_THE_FIELD = """
index_level = "L1"
recent_fracture = true
treatment = "conservative"
aetiology = "osteoporosis"
sex = "female"
t_score = -3.0
weeks_since_onset = 5
cleft = "fluid"

[several_fractures]
compression = 1
burst = 1
long_signal = 1
cleft = 1
pain = "no obvious pain"

[before_augmentation]
instability_mm = 6
focal_kyphosis_deg = 12
previous_fracture = false
single_level = true

[height_losses]
t8 = 22
l1 = 30
others_sound = true
"""


def test_scores_of_the_field_can_be_searched_without_a_line_for_them(registry, episode, tmp_path):
    """ASTLOF 1 + 2 + 1 + 2 + 1 + 0; AVA 1 + 1 + 1 + 1 + 0; OVFss -1 - 1.5."""
    from ovcf.workflow.begin import begin_reading
    from ovcf.workflow.from_files import draft_from_files

    (tmp_path / "case.toml").write_text(OF_THE_FIELD)
    file = begin_reading(draft_from_files(clinical=tmp_path / "case.toml", engine=None))
    visit(registry, episode, "pretreatment", date(2025, 1, 7), file)
    with registry.reading() as session:
        kept = {s.score: (s.total, s.group) for s in session.scalars(select(ScoreValue))}
    assert kept["ASTLOF"] == (7, "5 or more: surgery in the source")
    assert kept["AVA score"] == (4, "high")
    assert kept["OVFss"] == (-2.5, None)
