"""What the tests kill: ``python -m tests.registry.killed_writer FOLDER DATABASE``.

It imports everything once. Each line on its standard input then asks for a process that starts in a moment:
``writer TAG`` writes to the registry as fast as it can, ``worker`` assesses the studies that wait; ``reap`` waits for
those that were killed. What a writer was promised it says in one line, after the commit: ``kept KIND NAME``.
"""

import os
import sys
import tempfile
import threading
import uuid
from dataclasses import replace
from pathlib import Path

from PIL import Image
from sqlalchemy import select

import ovcf.jobs.queue as queue
from ovcf.jobs.worker import Worker
from ovcf.reading.editing.edits import EnterFact
from ovcf.reading.file import from_bytes, to_bytes
from ovcf.reading.session import Session as ReadingSession
from ovcf.registry.access import Principal
from ovcf.registry.clinic import intake
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.service import visit_named
from ovcf.registry.store import Registry
from ovcf.registry.tables import Person
from ovcf.registry.words import Role
from tests.registry.conftest import admit
from tests.server.small_reading import small_reading

queue.MAX_ATTEMPTS = 10_000  # here the worker is killed; no study kills it
CHILD = (sys.executable, "-m", "tests.jobs.child", "good")


def say(*words):
    """One line, whole or not at all."""
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def write(registry, tag, folder):
    """A study that waits for its assessment, then patients with a reading that goes on from state to state."""
    if tag % 4 == 0:
        film = folder / f"{uuid.uuid4().hex}.png"
        Image.frombytes("L", (8, 8), os.urandom(64)).save(film)
        with registry.writing(registry.admin.id) as writer:
            kept = intake.store_files(writer, registry, (intake.Sent("film.png", film),))
            who = Principal(registry.admin.id, registry.admin.code, registry.admin.site_id, Role.ADMIN)
            item = intake.receive(writer, who, kept, name=f"{tag}.png")
            queue.enqueue(writer.session, item, registry.admin.id)
            study = item.id
        say("kept", "study", study)
    number = 0
    while True:
        code = f"{tag}-{os.getpid()}-{number}"
        _, _, visit_id = admit(registry, code)
        say("kept", "patient", code)
        file = small_reading()
        file = begun_for(replace(file, reading=replace(file.reading, id=uuid.uuid4().hex)), code, {})
        for state in range(1, 6):
            with registry.writing(registry.admin.id) as writer:
                keep_reading(writer, registry, visit_named(writer.session, visit_id), file, after=state - 1)
            say("kept", "state", file.reading.id, state)
            edit = EnterFact(
                id=uuid.uuid4().hex,
                reader="r",
                at="2026-01-01T00:00:00+00:00",
                field="t_score",
                value=-2.0 - state / 10,
            )
            file = replace(file, reading=file.reading.with_edit(edit))
        number += 1


def ready():
    """Everything that a process does once, done before it starts: or most of each life would go to it."""
    file = small_reading()
    from_bytes(to_bytes(file), "a reading")
    assessment = ReadingSession(file).assessment()
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry.open(Path(folder), create=True)
        registry.admin = registry.begin("S1", "Site one", "admin", "Ada Min")
        _, _, visit = admit(registry, "P-1")
        with registry.writing(registry.admin.id) as writer:
            keep_reading(writer, registry, visit_named(writer.session, visit), file, assessment=assessment)
        registry.close()


def main(folder, database):
    ready()
    say("ready")
    for line in sys.stdin:
        what, *rest = line.split()
        if what == "reap":
            while True:
                try:
                    os.waitpid(-1, 0)
                except ChildProcessError:
                    break
            say("reaped")
            continue
        pid = os.fork()
        if pid:
            say("pid", pid)
            continue
        registry = Registry.open(folder, database=database)
        with registry.reading() as session:
            registry.admin = session.scalars(select(Person)).one()
        if what == "worker":
            Worker(registry, child=CHILD, lease_s=0.8, poll_s=0.05).run(threading.Event())
        write(registry, int(rest[0]), folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] or None)
