"""What a service keeps of readings that are open: nothing of it changes what anybody is told."""

import uuid
from dataclasses import replace
from threading import Thread

import pytest

from ovcf import budget
from ovcf.reading.file import read_reading, write_reading
from ovcf.server.at_hand import Opened, OpenReadings
from ovcf.server.open_reading import VIEW, InFile, OpenReading, StaleError
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


def test_one_is_opened_at_a_time_while_others_are_edited(tmp_path, monkeypatch):
    readings, at_once, reading = OpenReadings(), [], InFile.read
    ready = opened(tmp_path, readings, "ready")
    state = ready.view().reading.revision
    edited = []

    def read(place):
        at_once.append(place.path.name)
        if not edited:  # the first one that is opened lasts until somebody else has edited
            edited.append(ready.edit(MOVE, state).reading.edits)
        found = reading(place)
        assert at_once == [place.path.name]
        at_once.remove(place.path.name)
        return found

    monkeypatch.setattr(InFile, "read", read)
    others = [opened(tmp_path, readings, f"r{n}") for n in range(3)]
    threads = [Thread(target=one.told) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert edited == [1]
    assert at_once == []
    assert all(one.at_hand() is not None for one in others)


def test_the_view_is_written_once_for_all_who_ask(tmp_path):
    readings = OpenReadings()
    one = opened(tmp_path, readings, "r")
    first = one.told()
    assert one.told().body is first.body
    assert first.body == VIEW.dump_json(one.view())
    after = one.edit(MOVE, first.revision)
    assert one.told()[1:] == (after.reading.revision, VIEW.dump_json(after))


def test_what_is_open_keeps_within_its_memory_and_nothing_is_lost(tmp_path):
    # Each edited before the next is opened, in memory for one and a half.
    one = opened(tmp_path, OpenReadings(), "r0")
    before = parts(one.view())
    readings = OpenReadings(most_bytes=one.opened.nbytes * 3 // 2, whole=0)
    names = [f"r{n}" for n in range(4)]
    moved = {}
    for name in names:
        of = opened(tmp_path, readings, name)
        moved[name] = parts(of.edit(MOVE, of.view().reading.revision))
    assert readings.nbytes <= one.opened.nbytes * 3 // 2
    assert [readings.get(name).session is None for name in names] == [True, True, True, False]
    for name in names:  # opened again from what was saved
        of = opened(tmp_path, readings, name)
        assert parts(of.view()) == moved[name]
        assert len(of.opened.session.version.edits) == 1
        assert parts(of.undo(of.view().reading.revision)) == before


def test_what_is_told_of_a_reading_stays_when_the_rest_is_let_go(tmp_path, monkeypatch):
    readings = OpenReadings(most_bytes=0)
    one = opened(tmp_path, readings, "r")
    told = one.told()
    opened(tmp_path, readings, "another").told()
    assert readings.get("r").session is None
    monkeypatch.setattr(type(one), "_now", lambda *_: pytest.fail("opened again to be read"))
    assert one.told() == told


def test_another_state_on_the_disk_is_told_although_an_answer_is_at_hand(tmp_path):
    readings, elsewhere = OpenReadings(), OpenReadings()
    one, other = opened(tmp_path, readings, "r"), opened(tmp_path, elsewhere, "r")
    one.told()
    after = other.edit(MOVE, other.view().reading.revision)
    assert one.told()[1:] == (after.reading.revision, VIEW.dump_json(after))


def test_who_reads_waits_for_nobody_who_edits(tmp_path):
    one = opened(tmp_path, OpenReadings(), "r")
    before = one.told()
    with one.opened.lock, one.opened.turn:  # as while somebody's edit of it is concluded, and another's
        assert one.told() == before
    after = one.edit(MOVE, before.revision)
    assert one.told().revision == after.reading.revision != before.revision


def test_two_who_edit_at_once_lose_nothing(tmp_path):
    """Each on what it has seen; who comes second is told, looks again and edits again."""
    readings = OpenReadings(whole=0)
    made = {"A": [], "B": []}

    def work(reader):
        path = tmp_path / "r.ovcf"
        one = OpenReading(path, reader, readings.get("r"))
        for n in range(4):
            edit = MOVE | {"id": uuid.uuid4().hex, "to": [21.0 + n / 10, 92.0]}
            while True:
                try:
                    one.edit(edit, one.told().revision)
                except StaleError:
                    continue
                made[reader].append(edit["id"])
                break

    opened(tmp_path, readings, "r").view()
    threads = [Thread(target=work, args=(reader,)) for reader in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = read_reading(tmp_path / "r.ovcf").reading.current.edits
    assert sorted(e.id for e in kept) == sorted(made["A"] + made["B"])
    assert {e.reader: [x.id for x in kept if x.reader == e.reader] for e in kept} == made
    assert parts(opened(tmp_path, readings, "r").view()) == parts(opened(tmp_path, OpenReadings(), "r").view())


def test_memory_for_readings_is_what_is_said_or_a_third_of_the_machine(monkeypatch):
    monkeypatch.setenv("OVCF_OPEN_MIB", "300")
    assert budget.open_readings_bytes() == 300 * 2**20
    monkeypatch.delenv("OVCF_OPEN_MIB")
    monkeypatch.setattr(budget, "memory_bytes", lambda: 3 * 2**30)
    assert budget.open_readings_bytes() == 2**30


def test_a_container_may_have_less_memory_than_its_machine(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(budget, "_OF_CONTAINER", limit)
    limit.write_text("max\n")
    whole = budget.memory_bytes()
    limit.write_text(f"{whole // 4}\n")
    assert budget.memory_bytes() == whole // 4
