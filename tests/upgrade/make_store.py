"""Make a registry with the code of an earlier release, and write down what that release says of it.

Not a test: this runs once, in a checkout of the earlier release with an environment of its own, whose packages ``ovcf``
and ``tests`` it imports. ``docs/tests.md`` has the commands. ``test_release_0_2.py`` upgrades what this left.
"""

import base64
import io
import json
import sqlite3
import sys
import tarfile
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch
from uuid import UUID, uuid4

import numpy as np
from PIL import Image
from sqlalchemy import select

from ovcf import __version__
from ovcf.anatomy import Level
from ovcf.reading.file import digest
from ovcf.registry import service
from ovcf.registry.safekeeping.backup import write_backup
from ovcf.registry.store import DATABASE
from ovcf.registry.tables import Person, Site, Visit
from ovcf.registry.words import Window
from ovcf.server.api.app import make_service
from ovcf.server.people.address import Address
from ovcf.server.people.people import People
from ovcf.study.conduct import queries, studies
from ovcf.study.data import data_set, lock
from ovcf.study.readers import rounds
from ovcf.study.readers.adjudicate import adjudicate
from ovcf.study.sites import bundle, keys
from tests.people.conftest import ADDRESS, browser
from tests.server import small_reading as small
from tests.server.small_reading import small_reading as whole
from tests.study.conftest import DAY
from tests.study.served import StudyPlace
from tests.study.test_queries import BASELINE

BICONCAVE = ((0.0, 2.0), (34.0, 0.0), (0.0, 26.0), (34.0, 26.0), (17.0, 9.0), (17.0, 22.0))
READER, COORDINATOR = "reader-A", "coordinator-A"


def slim(make, **facts):
    """A small reading of T12, L1 and L2 on MR with one picture, so that what is kept of it stays small."""
    file = make(**facts)
    (seen,) = file.observations.values()
    mr = seen.landmarks[0]
    mr = replace(mr, vertebrae=tuple(v for v in mr.vertebrae if v.level in (Level.T12, Level.L1, Level.L2)))
    seen = replace(seen, series=seen.series[1:], landmarks=(mr,))
    version = replace(file.reading.current, observations=digest(seen))
    reading = replace(file.reading, versions=(version,))
    return replace(file, reading=reading, observations={version.observations: seen}, pictures=file.pictures[1:2])


class Maker:
    """The registry, and the pages of its people."""

    def __init__(self, folder):
        self.folder = folder
        with patch.object(small, "small_reading", partial(slim, whole)):
            self.place = StudyPlace(folder, depths=(4.0, 9.0))
        self.registry = self.place.registry
        people = People(self.registry, Address.parse(ADDRESS))
        self.app = make_service(self.registry, people=people, data=folder, hosts=(people.address.host,))
        self.app.state.people = people
        self.pages = {}

    def ask(self, code, method, path, expect=(200, 201, 202, 204), **options):
        """What a door says to somebody."""
        if code not in self.pages:
            self.pages[code] = browser(self.app, secret=self.place.session(code))
        answer = self.pages[code].request(method, path if path[0] == "/" else f"/api/v1/{path}", **options)
        assert answer.status_code in expect, (path, answer.text)
        return answer

    def told(self, code, path):
        """The same as JSON."""
        return self.ask(code, "GET", path).json()

    def patient(self, code, windows=("pretreatment", "3 months")):
        """A patient with a fracture and visits; the ids of patient, episode and visits."""
        new = {"code": code, "sex": "female", "birth_year": 1951}
        new["episode"] = {
            "levels": ["L1"],
            "fractured_on": "2026-01-05",
            "mechanism": "fall from standing height or less",
        }
        patient = self.ask(COORDINATOR, "POST", "patients", json=new).json()
        visits = [
            self.ask(
                COORDINATOR,
                "POST",
                f"patients/{patient['id']}/visits",
                json={"window": window, "held_on": str(DAY + timedelta(days=90 * n))},
            ).json()["id"]
            for n, window in enumerate(windows)
        ]
        return patient["id"], patient["episodes"][0]["id"], visits

    def reading(self, visit, file):
        """A reading of a visit, as a draft."""
        file = replace(file, reading=replace(file.reading, id=uuid4().hex))
        with self.registry.writing(self.place.people[READER].id) as writer:
            row = writer.session.scalars(select(Visit).where(Visit.id == UUID(visit))).one()
            return service.keep_reading(writer, self.registry, row, file).reading

    def edit(self, reading, *edits):
        """Edit a reading as its reader, one after the other."""
        for one in edits:
            state = self.told(READER, f"readings/{reading}")["reading"]["revision"]
            self.ask(READER, "PATCH", f"readings/{reading}", json=one, headers={"If-Match": state})

    def sign(self, reading):
        """Acknowledge what is urgent, and sign."""
        view = self.told(READER, f"readings/{reading}")
        self.edit(reading, *({"kind": "acknowledge", "statement": u["id"]} for u in view["urgent"]))
        state = self.told(READER, f"readings/{reading}")["reading"]["revision"]
        self.ask(READER, "POST", f"readings/{reading}/confirm", headers={"If-Match": state})

    def addendum(self, reading, reason):
        """Take a signed reading up again."""
        state = self.told(READER, f"readings/{reading}")["reading"]["revision"]
        self.ask(READER, "POST", f"readings/{reading}/addendum", json={"reason": reason}, headers={"If-Match": state})

    def upload(self, name, content):
        """Send a file whole; the id of the upload."""
        tus = {"Tus-Resumable": "1.0.0"}
        named = f"filename {base64.b64encode(name.encode()).decode()}"
        begun = self.ask(
            COORDINATOR,
            "POST",
            "uploads",
            headers={**tus, "Upload-Length": str(len(content)), "Upload-Metadata": named},
        )
        more = {**tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        self.ask(COORDINATOR, "PATCH", begun.headers["location"], content=content, headers=more)
        return begun.headers["location"].rsplit("/", 1)[1]


def film(seed):
    """A grey picture: it is kept and waits, and nobody assesses it here."""
    out = io.BytesIO()
    Image.fromarray(np.full((64, 48), 40 * seed, np.uint8)).save(out, "PNG")
    return out.getvalue()


def of_the_ward(m):
    """Patients in all states of their work; their ids and those of their readings, by what they stand for."""
    found = {}
    # Signed, taken up again, signed again; and what was answered, corrected, taken back.
    patient, episode, visits = m.patient("W-1")
    first = m.reading(visits[0], slim(whole))
    m.edit(
        first,
        {"kind": "enter fact", "field": "t_score", "value": -3.4},
        {"kind": "move point", "vertebra": "a3", "point": "superior_anterior", "to": [20.5, 95.0]},
    )
    m.sign(first)
    m.addendum(first, "the second look")
    m.edit(first, {"kind": "move point", "vertebra": "a3", "point": "superior_anterior", "to": [20.5, 96.0]})
    m.sign(first)
    later = m.reading(visits[1], slim(whole))
    m.sign(later)
    found["amended"] = {"patient": patient, "readings": [first, later]}
    answer = m.ask(COORDINATOR, "POST", f"visits/{visits[0]}/answers", json={"instrument": "VAS", "value": 8}).json()
    m.ask(COORDINATOR, "PATCH", f"facts/answers/{answer['id']}", json={"reason": "mistyped", "changes": {"value": 7}})
    odi = m.ask(COORDINATOR, "POST", f"visits/{visits[0]}/answers", json={"instrument": "ODI", "value": 60}).json()
    m.ask(COORDINATOR, "POST", f"facts/answers/{odi['id']}/retraction", json={"reason": "another patient's"})
    m.ask(COORDINATOR, "POST", f"visits/{visits[1]}/answers", json={"instrument": "VAS", "value": 3})
    dxa = {"site": "femoral neck", "t_score": -3.1, "measured_on": "2026-01-08"}
    m.ask(COORDINATOR, "POST", f"visits/{visits[0]}/densitometry", json=dxa)
    drug = {"kind": "drug", "started_on": "2026-01-12", "detail": {"drug": "zoledronate"}}
    m.ask(COORDINATOR, "POST", f"episodes/{episode}/treatments", json=drug)
    m.ask(COORDINATOR, "POST", f"episodes/{episode}/events", json={"kind": "union", "on": "2026-07-01", "level": "L1"})

    # A draft with edits that nobody has signed.
    patient, _, visits = m.patient("W-2", windows=("pretreatment",))
    draft = m.reading(visits[0], slim(whole))
    m.edit(draft, {"kind": "enter fact", "field": "t2_pattern", "value": "diffuse high"})
    found["draft"] = {"patient": patient, "readings": [draft]}

    # Signed past a body that looks fractured: the earlier release did not ask about it.
    patient, _, visits = m.patient("W-3", windows=("pretreatment",))
    past = m.reading(visits[0], slim(whole, index_level=None))
    m.sign(past)
    found["signed past"] = {"patient": patient, "readings": [past]}

    # A biconcave body: the later release reports another of its heights.
    patient, _, visits = m.patient("W-4", windows=("pretreatment",))
    small.WEDGE, wedge = BICONCAVE, small.WEDGE
    hollow = m.reading(visits[0], slim(whole, fracture_type="burst"))
    small.WEDGE = wedge
    m.sign(hollow)
    found["biconcave"] = {"patient": patient, "readings": [hollow]}
    return found


def waiting(m):
    """A study in the queue, one that waits for an assessment, and an upload of which nothing was made yet."""
    queued = m.ask(
        COORDINATOR, "POST", "studies", json={"uploads": [m.upload("queued.png", film(1))], "assess": True}
    ).json()
    lying = m.ask(
        COORDINATOR, "POST", "studies", json={"uploads": [m.upload("lying.png", film(2))], "assess": False}
    ).json()
    return {"queued": queued, "lying": lying, "upload": m.upload("half.png", film(3))}


def of_the_study(m):
    """A round of readers, judgements, forms, queries, and the data locked; what the study says."""
    place = m.place
    tasks = place.assign()
    for code, mine in tasks.items():
        for task in (t for t in mine if not t.repeat):
            at = f"/blinded/{task.id}/api"
            state = m.told(code, f"{at}/reading")["reading"]["revision"]
            fact = {"kind": "enter fact", "field": "t2_pattern", "value": "diffuse low" if code == "r1" else "none"}
            edited = m.ask(code, "POST", f"{at}/edits", json=fact, headers={"If-Match": state}).json()
            m.ask(code, "POST", f"{at}/confirm", headers={"If-Match": edited["reading"]["revision"]})
    for number in place.numbers:
        place.fill(number, Window.PRETREATMENT, "baseline", BASELINE)
    boss = place.people[COORDINATOR]
    with m.registry.writing(boss.id) as writer:
        queries.raise_queries(writer, place.study, today=DAY + timedelta(days=200))
    for code, answer in (("r1", True), ("r2", True)):
        with m.registry.writing(place.people[code].id) as writer:
            one = studies.enrolment_of(writer.session, place.study, place.numbers[0])
            adjudicate(writer, place.study, one, "non-union", place.people[code], answer, "cleft seen on CT")
    with m.registry.writing(boss.id) as writer:
        round_ = rounds.round_named(writer.session, place.study, "main")
        rounds.close(writer, round_, "the repeats were not read")
    key = keys.new_key()
    with m.registry.writing(boss.id) as writer:
        locked = lock.lock(writer, place.study, "to be published").digest
    with m.registry.reading() as session:
        table = data_set.as_csv(data_set.data_set(session, place.study))
        site = session.scalars(select(Site).where(Site.code == "A")).one()
        private = keys.parse_key(key.decode(), "key")
        packed = bundle.make_bundle(session, m.registry, place.study, site, site, private)
    return {"digest": locked, "table": table, "numbers": place.numbers}, packed, str(keys.public_half(private, "A"))


def said(m, ward, jobs):
    """What the release says of everything, by the addresses of its doors."""
    patients = m.told(COORDINATOR, "patients")
    paths = ["patients", "worklist", "worklist/due", "jobs", "clinical-studies"]
    for patient in patients["items"]:
        at = f"patients/{patient['id']}"
        paths += [
            at,
            f"{at}/readings",
            *(f"{at}/facts/{k}" for k in ("answers", "densitometry", "treatments", "events")),
        ]
    readings = [r for one in ward.values() for r in one["readings"]]
    paths += [f"readings/{r}{more}" for r in readings for more in ("", "/draft", "/outlines")]
    paths += [f"patients/{one['patient']}/timeline" for one in ward.values()]
    paths += [f"studies/{jobs[kind]['study']}" for kind in ("queued", "lying")]
    study = "clinical-studies/HAN-VAL"
    paths += [study, f"{study}/flow", f"{study}/patients", f"{study}/candidates", f"{study}/queries"]
    paths += [f"{study}/rounds/main", f"{study}/rounds/main/results", f"{study}/outcomes", f"{study}/lock"]
    answers = {}
    for path in paths:
        answer = m.ask(COORDINATOR, "GET", path, expect=(200, 404, 422, 403))
        answers[path] = {"status": answer.status_code, "said": answer.json()}
    return answers


def main(folder, out):
    """Make the registry in ``folder``; ``out`` is the file that holds it and what was said of it."""
    m = Maker(folder)
    ward, jobs = of_the_ward(m), waiting(m)
    study, packed, public = of_the_study(m)
    m.place.password("r1")
    backup = folder.parent / "backup.zip"
    write_backup(m.registry, backup)
    answers = said(m, ward, jobs)
    with m.registry.reading() as session:
        people = {p.code: str(p.id) for p in session.scalars(select(Person))}
    told = {
        "version": __version__,
        "head": str(m.registry.head()),
        "people": people,
        "ward": ward,
        "jobs": jobs,
        "study": study,
        "answers": answers,
    }
    for page in m.pages.values():
        page.close()
    m.registry.close()
    members = {"told.json": json.dumps(told, indent=1, sort_keys=True).encode(), "study.ovcf-study": packed}
    members |= {"A.pub": public.encode(), "registry.sql": dumped(folder / DATABASE), "backup.zip": unpacked(backup)}
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(DATABASE)):
        members[f"data/{path.relative_to(folder)}"] = path.read_bytes()
    with tarfile.open(out, "w:xz", preset=9) as archive:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))


def dumped(database):
    """A SQLite file as the statements that make it: what is the same in the backup is then packed once."""
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump()).encode()


def unpacked(backup):
    """The backup with its members as they are, not packed, for the same reason."""
    out = io.BytesIO()
    with zipfile.ZipFile(backup) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for info in made.infolist():
            archive.writestr(zipfile.ZipInfo(info.filename), made.read(info))
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
