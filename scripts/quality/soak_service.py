"""Kill a real service while people work with it, and look whether anything that it acknowledged is lost.

`ovcf serve --people` on SQLite, or on PostgreSQL (`--postgres`: Debian's programs; else OVCF_DATABASE_URL names an
empty database). Two coordinators send digital patients' studies over tus and have them assessed, two readers edit what
came of it. Meanwhile the whole service, the service alone, a worker, an assessment, a process that concludes readings,
or the line of an upload is killed, at random moments, and a service that is gone is started again. In the end the work
is finished without kills, and everything that was acknowledged must be there, whole and once, with the numbers of an
assessment that nobody interrupted. What is printed is added to ``build/soak-service.log``.
"""

import argparse
import os
import random
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, redirect_stdout
from itertools import count
from pathlib import Path

from ovcf.registry.people import accounts, sign_in
from ovcf.registry.safekeeping.check import astray
from ovcf.registry.store import Registry
from ovcf.registry.words import Role
from ovcf.server.api.tus.store import UploadStore
from ovcf.server.people.address import Address
from scripts.quality.soaked.asking import Asking
from scripts.quality.soaked.editor import Editor
from scripts.quality.soaked.left import aged, open_to_others
from scripts.quality.soaked.outcome import Outcome
from scripts.quality.soaked.promised import Promised
from scripts.quality.soaked.running import KINDS, Running
from scripts.quality.soaked.sender import Sender
from scripts.quality.soaked.studies import models

_FINISH_S = 1800.0
_TOLD_EVERY = 20
_AT_WORK_S = 20.0


class Soak:
    """One service, the people who work with it, and who kills it."""

    def __init__(self, folder, database, seed):
        self.data, self.temporary, self.chance = folder / "data", folder / "temporary", random.Random(seed)
        self.temporary.mkdir(mode=0o700)
        self.database, self.promised, self.killed = database, Promised(), Counter()
        self.stop, self.enough = threading.Event(), threading.Event()
        self.registry = Registry.open(self.data, database=database, create=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.service = Running(self.data, port, temporary=self.temporary, log=folder / "service.log", database=database)
        self.models = models(folder)
        admin = self.registry.begin("SOAK", "Soak", "admin", "Admin")
        address, numbers = Address.parse(self.service.address), count(1)
        self.admin = self._asking(admin, address)
        work = {"numbers": numbers, "enough": self.enough}
        self.senders = [
            Sender(self._asking(admin, address), self.promised, self.models, self._own(), **work) for _ in range(2)
        ]
        readers = [self._reader(admin, n) for n in range(2)]
        self.editors = [Editor(self._asking(one, address), self.promised, self._own()) for one in readers]

    def run(self, kills, minutes):
        """Work, kill so often or for so long, finish; whether nothing is amiss."""
        until = time.monotonic() + 60 * minutes
        self.service.start()
        threads = [threading.Thread(target=one.run, daemon=True) for one in (*self.senders, *self.editors)]
        for thread in threads:
            thread.start()
        if not self.admin.ready():
            raise SystemExit(f"the service does not start: {self.service.log.read_text()[-2000:]}")
        while sum(self.killed.values()) < kills and time.monotonic() < until:
            self._kill_one()
        self._finish(threads)
        self._look()
        return not self.promised.faults

    def _kill_one(self):
        # Something was acknowledged since the last kill, however slow the machine is: who does nothing loses nothing.
        before, until = self.promised.number(), time.monotonic() + _AT_WORK_S
        while self.promised.number() == before and time.monotonic() < until:
            time.sleep(0.02)
        self.stop.wait(self.chance.choice((self.chance.uniform(0, 1), self.chance.uniform(0, 6))))
        kind = self.chance.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "an upload":
            self.chance.choice(self.senders).break_next = True
        elif not self.service.kill(kind, self.chance):
            return
        self.killed[kind] += 1
        if kind in ("the whole service", "the service alone"):
            self.service.process.wait()
            if left := self.service.left_over():
                self.promised.fault(f"{kind} was killed, and {len(left)} of its processes live on")
            for path in open_to_others(self.temporary, self.data):
                self.promised.fault(f"others may read {path.name}")
            self.service.start()
            if self.chance.random() < 0.7 and not self.admin.ready():  # else it is killed while it starts
                self.promised.fault("the service does not start again")
                raise SystemExit(self.service.log.read_text()[-3000:])
        elif self.service.ended():
            self.promised.fault(f"{kind} was killed, and the service ended")
            self.service.start()
        if sum(self.killed.values()) % _TOLD_EVERY == 0:
            print(f"{sum(self.killed.values())} kills; {self.promised.told()}", flush=True)

    def _finish(self, threads):
        """Everything that was sent is assessed, and everybody goes home; then the service is asked to stop."""
        self.admin.ready()
        self.enough.set()
        for thread in threads[: len(self.senders)]:
            thread.join(_FINISH_S)
        until = time.monotonic() + _FINISH_S
        while time.monotonic() < until:
            lines = self.admin.lines()
            self.senders[0].see_to(lines)
            if all(line["status"] not in ("waiting", "being assessed", "set aside") for line in lines):
                break
            time.sleep(1)
        else:
            self.promised.fault("studies wait still")
        self.stop.set()
        for thread in threads:
            thread.join(180)
            if thread.is_alive():
                self.promised.fault("somebody still waits for an answer")
        if (code := self.service.stop()) not in (0, 128 + signal.SIGTERM):
            self.promised.fault(f"the service stopped with {code}")
        if left := self.service.left_over():
            self.promised.fault(f"the service stopped, and {len(left)} of its processes live on")

    def _look(self):
        found = Outcome(self.registry, self.promised, self.models).look()
        for fault in found.faults:
            self.promised.fault(fault)
        for command in (("audit", "verify"), ("db", "check")):
            code, said = self.service.run(*command)
            print(f"ovcf {' '.join(command)}: {said}", flush=True)
            if code:
                self.promised.fault(f"ovcf {' '.join(command)} ends with {code}")
        if left := sorted(path.name for path in self.temporary.iterdir()):
            self.promised.fault(f"temporary files are left: {left[:10]} ({len(left)})")
        for folder in (self.data / "uploads", self.data / "files"):
            aged(folder)
        UploadStore(self.data / "uploads").sweep()
        self.registry.sweep()
        if left := [*(self.data / "uploads").iterdir(), *(self.data / "files").glob("??/*.part")]:
            self.promised.fault(f"{len(left)} files are left a day later")
        if unlisted := astray(self.registry).unlisted:
            self.promised.fault(f"{len(unlisted)} files that no row lists are left a day later")
        if "Traceback" in (said := self.service.log.read_text(errors="replace")):
            wrong = Counter(re.findall(r"^(?:\w+\.)*\w*(?:Error|Exception)\b.*", said, re.MULTILINE))
            print(f"tracebacks in the log of the service: {dict(wrong)}", flush=True)
        print(f"killed: {dict(self.killed)}\nworked: {self.promised.told()}\nfound: {dict(found.counts)}", flush=True)

    def _asking(self, person, address):
        cookie = f"{address.cookie}={sign_in.begin(self.registry, person)}"
        return Asking(self.service.address, cookie, self.promised, self.stop)

    def _own(self):
        return random.Random(self.chance.random())

    def _reader(self, admin, n):
        with self.registry.writing(admin.id) as writer:
            site = accounts.site_coded(writer.session, "SOAK")
            person = accounts.add_person(writer, site=site, code=f"r{n}", name=f"Reader {n}", role=Role.READER)
            writer.session.flush()
            writer.session.expunge(person)
        return person


class Both:
    """Whatever is printed goes to the terminal and to a file."""

    def __init__(self, file):
        self.each = (sys.__stdout__, file)

    def write(self, text):
        """To both."""
        for one in self.each:
            one.write(text)
        return len(text)

    def flush(self):
        """Both."""
        for one in self.each:
            one.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=24 * 60, help="no kill is begun later")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--postgres", action="store_true", help="a PostgreSQL of its own, in place of SQLite")
    parser.add_argument("--log", type=Path, default=Path("build/soak-service.log"))
    parser.add_argument("--keep", type=Path, help="a folder that is kept; a temporary one unless given")
    given = parser.parse_args()
    given.log.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as until, given.log.open("a", encoding="utf-8") as log:
        until.enter_context(redirect_stdout(Both(log)))
        database = os.environ.get("OVCF_DATABASE_URL") or None
        if given.postgres:
            from tests.registry import postgres

            if postgres.programs() is None:
                print("PostgreSQL is not installed here: left out")
                return
            database = postgres.new_database(until.enter_context(postgres.server(durable=True)), "soak")
        # A short name: of a long folder of temporary files the service does not sweep the sockets of a killed one.
        folder = given.keep or Path(until.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        folder.mkdir(parents=True, exist_ok=True)
        kind = "PostgreSQL" if database else "SQLite"
        print(f"\n{time.strftime('%Y-%m-%d %H:%M')}: seed {given.seed}, {given.kills} kills, {kind}", flush=True)
        begun, soak = time.monotonic(), Soak(folder, database, given.seed)
        try:
            well = soak.run(given.kills, given.minutes)
        finally:
            soak.service.end()
        print(f"{time.monotonic() - begun:.0f} s, {len(soak.promised.faults)} faults", flush=True)
        soak.registry.close()
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
