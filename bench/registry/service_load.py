"""200 people at once on the real service: what they wait for, what it costs, and that nothing of theirs is lost.

Run: uv run python -m bench.registry.service_load --out build/service-load.json

`ovcf serve --people` over PostgreSQL (Debian's programs, a server of its own with every commit on the disk), or over
SQLite with --sqlite. Every session reads its reading every 2 seconds and edits it every 10; two people share some of
the readings. An edit says which state it is for (If-Match); where somebody was faster, it reads again and edits again.
In the end every edit that was acknowledged must be in its reading. Clients and service share the cores of this
machine, and other work on it counts, too: so the processor time of a read, of an edit and of opening a reading is told
beside what they took. Then the pace is raised until the service no longer keeps up. For costs alone: --seconds 5
--no-saturation.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bench.registry.spent import of_postgres, processor_seconds, resident

ROOT = Path(__file__).resolve().parents[2]
BARS = {"read_p95_ms": 50.0, "edit_p95_ms": 250.0}


@dataclass
class Person:
    """One session: whose cookie it holds, which reading it works on, and which edits were acknowledged."""

    cookie: str
    reading: str
    vertebra: str
    at: tuple[float, float]
    reads_per_s: float
    edits_per_s: float
    tag: str = ""
    acknowledged: list[str] = field(default_factory=list)


class Line:
    """One connection that is kept open, as a browser does; plain HTTP/1.1, so that the client costs little."""

    def __init__(self, port, cookie):
        self.port = port
        self.base = f"Host: 127.0.0.1:{port}\r\nCookie: {cookie}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        self.reader = self.writer = None

    async def ask(self, method, path, body=None, **headers):
        """(status, headers, body) of an answer; a line that was closed meanwhile is opened again, as browsers do."""
        try:
            return await self._ask(method, path, body, headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            self.writer = None
            return await self._ask(method, path, body, headers)

    async def _ask(self, method, path, body, headers):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        content = b"" if body is None else json.dumps(body).encode()
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        if content:
            more += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        self.writer.write(f"{method} {path} HTTP/1.1\r\n{self.base}{more}\r\n".encode() + content)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        found = await self.reader.readexactly(int(told.get("content-length", "0")))
        return int(head[0].split()[1]), told, found

    def close(self):
        if self.writer is not None:
            self.writer.close()


class Load:
    """Everybody at work for a while, and what they saw."""

    def __init__(self, port, people):
        self.port, self.people = port, people
        self.took = {"read": [], "edit": []}
        self.counts = Counter()

    async def run(self, seconds, pace=1.0):
        """Work for so many seconds, so many times as fast."""
        end = time.perf_counter() + seconds
        await asyncio.gather(*(self._one(person, end, pace) for person in self.people))

    async def _one(self, person, end, pace):
        to_read, to_edit = Line(self.port, person.cookie), Line(self.port, person.cookie)
        try:
            await asyncio.gather(
                self._every(end, person.reads_per_s * pace, lambda: self._read(to_read, person)),
                self._every(end, person.edits_per_s * pace, lambda: self._edit(to_edit, person)),
            )
        finally:
            to_read.close()
            to_edit.close()

    async def each_once(self, act, people, at_once=4):
        """Each person acts once, so many at the same time: the service has no quiet moment to think ahead in."""

        async def some(part):
            for person in part:
                line = Line(self.port, person.cookie)
                await act(line, person)
                line.close()

        await asyncio.gather(*(some(people[k::at_once]) for k in range(at_once)))

    async def _every(self, end, per_s, act):
        """Act at a steady pace from a random moment on; who waits for an answer does not ask again meanwhile."""
        at = time.perf_counter() + random.random() / per_s
        while at < end:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            await act()
            at = max(at + 1 / per_s, time.perf_counter())

    async def _read(self, line, person):
        begun = time.perf_counter()
        status, headers, body = await line.ask("GET", f"/api/v1/readings/{person.reading}")
        self.took["read"].append(1000 * (time.perf_counter() - begun))
        self.counts[f"read {status}"] += 1
        self.counts["bytes read"] += len(body)
        if status == 200:
            person.tag = headers["etag"]

    async def _edit(self, line, person):
        """One edit of one's own, made until it is taken: another state is read first, and nothing is overwritten."""
        name = uuid.uuid4().hex
        x, y = person.at
        to = [round(x + random.uniform(-0.4, 0.4), 3), round(y + random.uniform(-0.4, 0.4), 3)]
        edit = {"id": name, "kind": "move point", "vertebra": person.vertebra, "point": "superior_anterior", "to": to}
        while True:
            if not person.tag:
                await self._read(line, person)
            begun = time.perf_counter()
            status, headers, _ = await line.ask(
                "PATCH", f"/api/v1/readings/{person.reading}", edit, If_Match=person.tag
            )
            self.counts[f"edit {status}"] += 1
            if status == 412:
                person.tag = ""
                continue
            self.took["edit"].append(1000 * (time.perf_counter() - begun))
            if status == 200:
                person.tag = headers["etag"]
                person.acknowledged.append(name)
            return


def p(values, share):
    """A quantile in ms."""
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1) if values else None


def digital_patient(folder):
    """A reading as the built-in models make it of an MRI and a film of a digital patient."""
    from ovcf.phantom.patient import make_patient
    from ovcf.phantom.recipe import read_recipe
    from ovcf.workflow.begin import begin_reading
    from ovcf.workflow.from_files import draft_from_files

    (visit,) = make_patient(read_recipe(ROOT / "examples" / "phantom.toml"), Path(folder, "patient"))
    return begin_reading(draft_from_files([visit / "study"], clinical=visit / "case.toml", anchors=["11=L5"]))


def filled(registry, file, sessions, readings, port):
    """Readings of as many patients, and people who are signed in; each works on one of them."""
    from ovcf.registry.access import principal_of
    from ovcf.registry.clinic import patients as clinic
    from ovcf.registry.clinic.readings import begun_for, keep_reading
    from ovcf.registry.people import accounts, sign_in
    from ovcf.registry.tables import Person as Row
    from ovcf.registry.tables import Site
    from ovcf.registry.words import Role
    from ovcf.server.people.address import Address

    admin = registry.begin("LOAD", "Load", "admin", "Admin")
    made = []
    for n in range(readings):
        with registry.writing(admin.id) as writer:
            who = principal_of(writer.session, writer.session.get(Row, admin.id))
            patient, _ = clinic.admit(writer, who, f"P-{n + 1:04d}", sex="female", birth_year=1950, levels=["L1"])
            visit = clinic.visit_on(writer, patient, window="pretreatment", on=date(2026, 1, 7))
            own = replace(file, reading=replace(file.reading, id=uuid.uuid4().hex))
            keep_reading(writer, registry, visit, begun_for(own, patient.code, {}))
            made.append(own.reading.id)
    people = []
    cookie = Address.parse(f"http://127.0.0.1:{port}").cookie
    points = [v for s in file.current.landmarks for v in s.vertebrae if v.points]
    for n in range(sessions):
        with registry.writing(admin.id) as writer:
            site = writer.session.get(Site, admin.site_id)
            person = accounts.add_person(writer, site=site, code=f"r{n}", name=f"Reader {n}", role=Role.READER)
            writer.session.flush()
            writer.session.expunge(person)
        secret = sign_in.begin(registry, person)
        v = points[(n // readings) % len(points)]
        people.append(
            Person(
                cookie=f"{cookie}={secret}",
                reading=made[n % readings],
                vertebra=v.id,
                at=v.points[0],
                reads_per_s=0.5,
                edits_per_s=0.1,
            )
        )
    return people


def lost(registry, people):
    """Acknowledged edits that are not in their reading."""
    from ovcf.registry.clinic.readings import load_reading, newest_row

    with registry.reading() as session:
        there = {}
        for reading in {person.reading for person in people}:
            file = load_reading(registry, newest_row(session, reading))
            there[reading] = {edit.id for edit in file.reading.current.edits}
    return [name for person in people for name in person.acknowledged if name not in there[person.reading]]


@contextmanager
def service(folder, database, port, concluding=None):
    """`ovcf serve --people`, as it is started on a server, but without the worker that assesses images: what it takes
    to look for work is not what is measured."""
    environment = os.environ | {"OVCF_DATA": str(folder), "OVCF_DATABASE_URL": database or ""}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    command = [sys.executable, "-m", "ovcf", "serve", "--people", "--port", str(port), "--workers", "0"]
    command += [] if concluding is None else ["--concluding", str(concluding)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if not process.stdout.readline():
        raise SystemExit("the service did not start")
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=120)


def measured(load, process, seconds, pace):
    """One stretch of work: what was waited for, and the processor time of each request."""
    load.took, load.counts = {"read": [], "edit": []}, Counter()
    before = processor_seconds(process.pid), of_postgres(), time.process_time(), time.perf_counter()
    alone = processor_seconds(process.pid, alone=True)
    asyncio.run(load.run(seconds, pace))
    wall = time.perf_counter() - before[3]
    spent = processor_seconds(process.pid) - before[0]
    asked = len(load.took["read"]) + load.counts["edit 200"] + load.counts["edit 412"]
    return {
        "seconds": round(wall, 1),
        "reads": len(load.took["read"]),
        "edits": load.counts["edit 200"],
        "asked_again_after_412": load.counts["edit 412"],
        "other_answers": {
            k: v for k, v in load.counts.items() if k not in ("read 200", "edit 200", "edit 412", "bytes read")
        },
        "read_p50_ms": p(load.took["read"], 0.5),
        "read_p95_ms": p(load.took["read"], 0.95),
        "edit_p50_ms": p(load.took["edit"], 0.5),
        "edit_p95_ms": p(load.took["edit"], 0.95),
        "requests_per_s": round(asked / wall, 1),
        "service_cpu_ms_per_request": round(1000 * spent / max(asked, 1), 2),
        "service_cores": round(spent / wall, 2),
        "of_these_where_nothing_is_concluded": round((processor_seconds(process.pid, alone=True) - alone) / wall, 2),
        "database_cores": round((of_postgres() - before[1]) / wall, 2),
        "clients_cores": round((time.process_time() - before[2]) / wall, 2),
    }


def costs(load, process):
    """Processor milliseconds of service and database for one read and one edit.

    Unlike what is waited for, they hardly depend on what else the machine does.
    """

    found = {}
    for name, act, times in (("read", load._read, 400), ("edit", load._edit, 100)):
        people = [load.people[n % len(load.people)] for n in range(times)]
        before = processor_seconds(process.pid), of_postgres()
        asyncio.run(load.each_once(act, people))
        spent = processor_seconds(process.pid) - before[0], of_postgres() - before[1]
        found[f"{name}_cpu_ms"] = round(1000 * spent[0] / times, 2)
        found[f"{name}_database_cpu_ms"] = round(1000 * spent[1] / times, 2)
    return found


def saturated(load, process):
    """The pace at which the service no longer keeps up, as requests a second that were answered."""
    best = 0.0
    for pace in (2, 4, 8, 16, 32):
        found = measured(load, process, 10, pace)
        print(f"at {pace} times the pace: {found}", flush=True)
        if found["requests_per_s"] < 1.15 * best:
            break
        best = found["requests_per_s"]
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--readings", type=int, default=180, help="some are shared by two people")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--reading", type=Path, help="a reading.ovcf; a digital patient's unless given")
    parser.add_argument("--concluding", type=int, help="processes that conclude; as `ovcf serve` has them unless given")
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--no-saturation", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    from ovcf.reading.file import read_reading
    from ovcf.registry.store import Registry
    from tests.registry import postgres

    with ExitStack() as until, tempfile.TemporaryDirectory(prefix="ovcf-load-") as folder:
        server = None if given.sqlite else until.enter_context(postgres.server(durable=True))
        database = server and postgres.new_database(server, "load")
        file = read_reading(given.reading) if given.reading else digital_patient(folder)
        registry = Registry.open(Path(folder) / "data", database=database, create=True)
        people = filled(registry, file, given.sessions, given.readings, given.port)
        with service(Path(folder) / "data", database, given.port, given.concluding) as process:
            load = Load(given.port, people)
            begun, empty = processor_seconds(process.pid), resident(process.pid)

            each = [replace(people[0], reading=r) for r in dict.fromkeys(person.reading for person in people)]
            asyncio.run(load.each_once(load._read, each))
            cold = 1000 * (processor_seconds(process.pid) - begun) / given.readings
            print(f"every reading is open: {cold:.0f} ms of processor time each", flush=True)
            found = {
                "database": "SQLite" if given.sqlite else "PostgreSQL",
                "sessions": given.sessions,
                "readings": given.readings,
                "python": platform.python_version(),
                "cores": os.cpu_count(),
                "load_before": round(os.getloadavg()[0], 1),
                "opening_cpu_ms": round(cold),
            }
            found |= costs(load, process)
            found |= measured(load, process, given.seconds, 1.0)
            found["service_mib_for_each_reading"] = round((resident(process.pid) - empty) / given.readings, 1)
            found["service_mib"] = round(resident(process.pid))
            found["lost"] = len(lost(registry, people))
            if not given.no_saturation:
                found["saturates_at_requests_per_s"] = saturated(load, process)
                found["lost_at_saturation"] = len(lost(registry, people))
        found["faults"] = len(registry.faults())
        registry.close()
    print("| what | here | bar |\n|---|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value} | {BARS.get(name, 0 if name.startswith(('lost', 'faults')) else '')} |")
    if given.out is not None:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    missed = [name for name, bar in BARS.items() if found[name] is None or found[name] > bar]
    missed += [name for name in ("lost", "lost_at_saturation", "faults") if found.get(name)]
    missed += ["an answer that was none"] * bool(found["other_answers"])
    print("missed: " + ", ".join(missed) if missed else "every bar is kept")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
