"""Readings concluded in processes of their own: the same answers, and nothing lost or made twice however one ends.

One process for all of these tests: to start one takes a second.
"""

import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import pytest

from ovcf.files.workspace import workspace
from ovcf.language.spoken import speaking
from ovcf.registry.clinic import readings as clinic
from ovcf.registry.store import Registry
from ovcf.server.api.readings import InRegistry
from ovcf.server.concluding.answering import InThisProcess
from ovcf.server.concluding.processes import Processes
from ovcf.server.open_reading import OpenReading, StaleError, StoppedError
from tests.server.api.conftest import let_in

EDIT = {"kind": "move point", "vertebra": "a3", "point": "superior_anterior", "to": [21.0, 92.0]}

MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.+]+")


@dataclass(frozen=True, slots=True)
class Deadly(InRegistry):
    """A place where the process that saves is killed, as long as a file is there; ``saved`` says whether before or
    after the edit is on the disk."""

    fuse: Path = Path()
    saved: bool = False
    often: bool = False

    def write(self, session, after):
        """Save and die, or die and do not save."""
        stamp = InRegistry.write(self, session, after) if self.saved or not self.fuse.exists() else None
        if self.fuse.exists():
            if not self.often:
                self.fuse.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return stamp


@pytest.fixture(scope="module")
def shared(made_once, tmp_path_factory):
    """A registry with a reading, its administrator, and the processes on it."""
    root, admin, ids = made_once
    folder = tmp_path_factory.mktemp("processes") / "data"
    shutil.copytree(root / "kept", folder)
    registry = Registry.open(folder)
    registry.admin = admin
    with Processes(registry, 1) as processes:
        yield registry, processes, ids[2]
    registry.close()


@pytest.fixture
def place(shared):
    """``place(...)``: where the reading is kept, as whoever asks now finds it."""
    registry, _, reading = shared

    def made(kind=InRegistry, **more):
        with registry.reading() as session:
            newest = clinic.newest_row(session, reading).revision
        return kind(registry, reading, registry.admin.id, newest, **more)

    return made


@pytest.fixture
def ask(shared, place):
    """``ask("told")``: of the reading as it is, in the process for it."""
    _, processes, reading = shared

    def asked(method, *args, **more):
        return getattr(processes.reading(reading, place(**more), "A. Reader"), method)(*args)

    return asked


@pytest.fixture
def here(place):
    """The same in this process, from what is on the disk."""

    def asked(method, *args):
        return getattr(InThisProcess(OpenReading(place(), "A. Reader")), method)(*args)

    return asked


def edits_of(shared):
    registry, _, reading = shared
    with registry.reading() as session:
        return clinic.load_reading(registry, clinic.newest_row(session, reading)).reading.current.edits


@pytest.fixture
def fuse(tmp_path):
    (tmp_path / "fuse").touch()
    return tmp_path / "fuse"


def test_answers_are_the_same_bytes_as_in_this_process(ask, here):
    state = here("told").revision
    for method, *args in (
        ("told",),
        ("preview", [EDIT | {"id": "e" * 32}], state),
        ("picture", 0),
        ("picture", 99),
        ("slices", "a3"),
    ):
        assert ask(method, *args) == here(method, *args), method
    told = [one("conflict", [EDIT | {"id": "e" * 32}], state, []) for one in (ask, here)]
    assert MOMENT.sub(b"", told[0]) == MOMENT.sub(b"", told[1])
    with speaking("zh"):
        assert ask("told") == here("told")
        assert ask("told").body != here("told").body.decode().encode("ascii", "ignore")
    edited = ask("edit", [EDIT], state)
    assert edited == here("told")
    assert edited.revision != state
    assert ask("undo", edited.revision) == here("told")
    assert ask("draft") == here("draft")


def test_errors_are_those_of_this_process(ask, here):
    for asked in (("edit", [EDIT], "of yesterday"), ("edit", [{"kind": "none"}], here("told").revision)):
        errors = []
        for one in (ask, here):
            with pytest.raises(Exception) as caught:  # noqa: PT011  # whichever it is, it is the same
                one(*asked)
            errors.append((type(caught.value), str(caught.value)))
        assert errors[0] == errors[1]


@pytest.mark.parametrize("saved", [False, True], ids=["before it is saved", "after it is saved"])
def test_an_edit_whose_process_is_killed_is_made_once(shared, ask, here, fuse, saved):
    before, ids = edits_of(shared), shared[1].ids()
    told = ask("edit", [EDIT], here("told").revision, kind=Deadly, fuse=fuse, saved=saved)
    assert not fuse.exists()
    assert shared[1].ids() != ids
    assert len(edits_of(shared)) == len(before) + 1
    assert told == here("told")


def test_an_undo_whose_process_is_killed_is_not_made_twice(shared, ask, here, fuse):
    told = ask("edit", [EDIT], ask("edit", [EDIT], here("told").revision).revision)
    before = edits_of(shared)
    with pytest.raises(StaleError):  # it is done, and whoever asked for it looks again
        ask("undo", told.revision, kind=Deadly, fuse=fuse, saved=True)
    assert len(edits_of(shared)) == len(before) + 1
    assert edits_of(shared)[-1].edit == before[-1].id


def test_what_kills_each_process_is_refused_and_others_are_answered(shared, ask, here, fuse):
    before, state = edits_of(shared), here("told").revision
    with pytest.raises(StoppedError, match="ended twice"):
        ask("edit", [EDIT], state, kind=Deadly, fuse=fuse, often=True)
    assert edits_of(shared) == before
    assert ask("edit", [EDIT], state) == here("told")


def test_two_who_edit_at_once_lose_nothing(shared, ask):
    made, before = [], len(edits_of(shared))

    def work():
        for n in range(3):
            edit = EDIT | {"id": uuid.uuid4().hex, "to": [21.0 + n / 10, 92.0]}
            while True:
                try:
                    ask("edit", [edit], ask("told").revision)
                except StaleError:
                    continue
                made.append(edit["id"])
                break

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(e.id for e in edits_of(shared)[before:]) == sorted(made)
    assert len(made) == 6


def test_the_service_answers_as_one_that_concludes_itself(shared, serve, monkeypatch):
    registry, processes, reading = shared
    browser = let_in(serve(processes=processes, over=registry))
    address = f"/api/v1/readings/{reading}"
    first = browser.get(address)
    assert browser.get(address, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    state = {"If-Match": first.headers["etag"]}
    assert "a3" in browser.post(f"{address}/preview", json=EDIT, headers=state).json()["vertebrae"]
    assert browser.get(address).content == first.content
    edited = browser.patch(address, json=EDIT, headers=state)
    assert (edited.status_code, browser.get(address).content) == (200, edited.content)
    assert browser.patch(address, json=EDIT, headers=state).status_code == 412
    outlines = {o["vertebra"]: o["points"] for o in browser.get(f"{address}/outlines").json()}
    assert outlines["a3"] == edited.json()["vertebrae"]["a3"]["points"]
    monkeypatch.setattr(processes, "ask", lambda asked: pytest.fail(f"{asked.method} was asked to look again"))
    assert browser.get(address).content == edited.content  # whoever looks again waits for no process


def test_each_reading_has_one_process_and_all_have_readings(shared):
    many = Processes.__new__(Processes)
    many._processes = [None] * 4
    numbers = [many.number_of(uuid.uuid4().hex) for _ in range(200)]
    assert set(numbers) == {0, 1, 2, 3}
    assert many.number_of("r1") == many.number_of("r1")


def test_what_was_asked_is_finished_when_the_service_ends(made_once, tmp_path):
    root, admin, (_, _, reading) = made_once
    shutil.copytree(root / "kept", tmp_path / "data")
    registry = Registry.open(tmp_path / "data")
    processes = Processes(registry, 1)
    place = InRegistry(registry, reading, admin.id, 1)
    one = processes.reading(reading, place, "A. Reader")
    state, answers = one.told().revision, []
    thread = Thread(target=lambda: answers.append(one.edit([EDIT], state)))
    thread.start()
    while not processes._processes[0]._waiting:
        pass
    processes.close()
    thread.join()
    assert answers[0] == InThisProcess(OpenReading(replace(place, newest=2), "A. Reader")).told()
    assert not processes._processes[0].process.is_alive()
    registry.close()


STARTED = """
import multiprocessing, os, signal
from ovcf.server.concluding import processes
one = processes._made(target=print)
one.start()
one.join()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="it needs no socket here")
def test_of_a_service_that_was_killed_the_next_run_leaves_no_file(tmp_path, monkeypatch):
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = ["-c", f"if __name__ == '__main__': exec({STARTED!r})"]
    subprocess.run([sys.executable, *command], env=environment, check=False, stdout=subprocess.DEVNULL)
    assert list(tmp_path.rglob("listener-*"))  # the socket of what starts the processes
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with workspace():
        pass
    assert list(tmp_path.iterdir()) == []
