"""What a service keeps of readings that are open: nothing of it changes what anybody is told."""

import uuid
from dataclasses import replace

import pytest

from ovcf.reading.file import write_reading
from ovcf.server.at_hand import Opened, OpenReadings
from ovcf.server.open_reading import VIEW, OpenReading
from tests.server.small_reading import small_reading

MOVE = {"kind": "move point", "vertebra": "a3", "point": "superior_anterior", "to": [21.0, 92.0]}


@pytest.fixture(autouse=True)
def no_thinking_ahead(monkeypatch):
    """Who thinks ahead of a reader is at work on the reading for a moment, whenever that is."""
    monkeypatch.setattr(Opened, "_ahead", lambda self: None)


def opened(tmp_path, readings, name):
    path = tmp_path / f"{name}.ovcf"
    if not path.exists():
        file = small_reading()
        write_reading(replace(file, reading=replace(file.reading, id=uuid.uuid4().hex)), path)
    return OpenReading(path, "A. Reader", readings.get(name))


def parts(view):
    """A view without what differs by itself: who it is, and when it was edited."""
    return {k: v for k, v in VIEW.dump_python(view).items() if k not in ("reading", "history", "versions")}


def test_of_many_readings_the_last_are_whole_and_the_others_say_the_same(tmp_path):
    readings = OpenReadings(most=10, whole=2)
    names = [f"r{n}" for n in range(5)]
    before = {name: parts(opened(tmp_path, readings, name).view()) for name in names}
    for _ in names:
        readings.tidy()
    assert [readings.get(name).whole for name in names] == [False, False, False, True, True]
    for name in names:
        assert parts(opened(tmp_path, readings, name).view()) == before[name]
    edited = [parts(o.edit(MOVE, o.view().reading.revision)) for o in (opened(tmp_path, readings, n) for n in names)]
    assert all(one == edited[0] for one in edited)  # trimmed or whole


def test_steps_go_and_results_stay(tmp_path):
    readings = OpenReadings()
    one = opened(tmp_path, readings, "r")
    view = one.view()
    session = readings.get("r").session
    assessment = session.assessment()
    assert readings.get("r").trim()
    assert readings.get("r").session is session
    assert session.assessment() == assessment
    assert one.view() is view


def test_one_that_somebody_is_at_work_on_is_left_as_it_is(tmp_path):
    readings = OpenReadings(whole=0)
    opened(tmp_path, readings, "r").view()
    with readings.get("r").lock:
        readings.tidy()
    assert readings.get("r").whole
    readings.tidy()
    assert not readings.get("r").whole


def test_more_than_can_be_kept_are_opened_again(tmp_path):
    readings = OpenReadings(most=2)
    first = parts(opened(tmp_path, readings, "r0").view())
    for name in ("r1", "r2"):
        opened(tmp_path, readings, name).view()
    assert readings.get("r0").session is None
    assert parts(opened(tmp_path, readings, "r0").view()) == first


def test_the_view_is_written_once_for_all_who_ask(tmp_path):
    readings = OpenReadings()
    one = opened(tmp_path, readings, "r")
    revision, told = one.told()
    assert one.told()[1] is told
    assert told == VIEW.dump_json(one.view())
    after = one.edit(MOVE, revision)
    assert one.told() == (after.reading.revision, VIEW.dump_json(after))
