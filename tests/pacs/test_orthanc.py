"""The real line in small: a study into Debian's Orthanc, to the listener, assessed, results back; kills on the way."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from urllib.request import urlopen

import pytest
from pydicom import Dataset, dcmread
from sqlalchemy import func, select

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import Query
from ovcf.pacs.dimse import ask, send
from ovcf.pacs.settings import Settings
from ovcf.pacs.web import client as web
from ovcf.registry.place import write_key
from ovcf.registry.store import Registry
from ovcf.registry.tables import OutboxItem, Patient, WorkItem
from ovcf.registry.words import OutState, WorkStatus
from tests.batch.conftest import child  # noqa: F401  # a fixture
from tests.documents import ROOT, blocks
from tests.pacs.conftest import as_file, dcmtk, free_port

ORTHANC = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
PLUGIN = "/usr/share/orthanc/plugins"
SECONDS = 240
KILLS = int(os.environ.get("OVCF_LINE_KILLS", "0"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(ORTHANC is None or os.name != "posix", reason="Orthanc (Debian: orthanc) is not installed"),
]


PAGE = (ROOT / "docs" / "how-to" / "pacs.md").read_text("utf-8")


class Place:
    """Orthanc and the listener as the how-to page sets them up, on free ports and in folders of their own."""

    def __init__(self, root):
        self.root, self.running = root, {}
        self.http, self.dicom, self.own = free_port(), free_port(), free_port()
        (root / "orthanc").mkdir()
        self.key = root / "key"
        write_key(self.key)
        self.environment = {**os.environ, "OVCF_DATA": str(root / "data"), "OVCF_KEY_FILE": str(self.key)}
        with_key = bytes.fromhex(self.key.read_text().strip())
        registry = Registry.open(root / "data", key=with_key, create=True)
        registry.begin("S1", "Site one", "admin", "Ada Min")
        registry.close()
        self.registry_key = with_key
        self.write_orthanc()
        self.write_settings()

    def ports(self, text):
        return text.replace("11112", str(self.own)).replace("4242", str(self.dicom)).replace("8042", str(self.http))

    def write_orthanc(self):
        (told,) = blocks(PAGE, "json")
        (lua,) = blocks(PAGE, "lua")
        config = json.loads(self.ports(told))
        (self.root / "forward.lua").write_text(lua)
        config |= {
            "StorageDirectory": str(self.root / "orthanc"),
            "Plugins": [PLUGIN],
            "LuaScripts": [str(self.root / "forward.lua")],
            "HttpPort": self.http,
            "DicomPort": self.dicom,
            "StableAge": 1,
        }
        (self.root / "orthanc.json").write_text(json.dumps(config))

    def write_settings(self):
        told = self.ports(blocks(PAGE, "toml")[0])
        told = told.replace("quiet_s = 60", "quiet_s = 1").replace('"after signing"', '"drafts too"')
        told = told.replace("every_s = 300", "every_s = 3")
        told = told.replace('to = ["orthanc"]', 'to = ["orthanc"]\ncommitment_wait_s = 4')
        (self.root / "pacs.toml").write_text(told)
        self.settings = Settings.read(self.root / "pacs.toml")
        self.peer = self.settings.peers["orthanc"]

    def start(self, what):
        command = {
            "orthanc": [ORTHANC, str(self.root / "orthanc.json")],
            "listener": [sys.executable, "-m", "ovcf", "pacs", "listen", "--config", str(self.root / "pacs.toml")],
        }[what]
        log = (self.root / f"{what}.log").open("ab")
        self.running[what] = subprocess.Popen(
            command, stdout=log, stderr=log, env=self.environment, start_new_session=True
        )
        self.wait(lambda: self.answers(what), f"{what} does not answer")

    def answers(self, what):
        try:
            if what == "orthanc":
                ask.echo(self.settings, "orthanc", self.peer)
                web.find("orthanc", self.peer, Query(patient_id="nobody"))
                return True
            return dcmtk("echoscu", "-aet", "ORTHANC", "-aec", "OVCF", "127.0.0.1", self.own).returncode == 0
        except PacsError:
            return False

    def kill(self, what):
        process = self.running.pop(what)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def wait(self, true, why):
        until = time.monotonic() + SECONDS
        while not (found := true()):
            assert time.monotonic() < until, (why, self.logs())
            time.sleep(0.3)
        return found

    def logs(self):
        return {path.name: path.read_text("utf-8", "replace")[-3000:] for path in self.root.glob("*.log")}

    def close(self):
        for what in list(self.running):
            self.kill(what)

    def look(self, question):
        registry = Registry.open(self.root / "data", key=self.registry_key)
        try:
            with registry.reading() as session:
                return question(session, registry)
        finally:
            registry.close()

    def status(self):
        return self.look(lambda session, _: list(session.scalars(select(WorkItem.status))))

    def forwarded(self):
        """Whether Orthanc's own rule of the page has sent images on: what `[catch_up]` fetches does not count."""
        with urlopen(f"http://127.0.0.1:{self.http}/jobs?expand") as said:
            jobs = json.load(said)
        return any(job["Type"] == "DicomModalityStore" and job["State"] == "Success" for job in jobs)

    def objects(self, study):
        """SOP instance UIDs of a study in Orthanc by modality, as QIDO-RS tells them."""
        rows = web._client("orthanc", self.peer).search_for_instances(study, fields=["Modality"])
        found = {}
        for row in rows:
            ds = Dataset.from_json(row)
            found.setdefault(str(ds.Modality), []).append(str(ds.SOPInstanceUID))
        return found


@pytest.fixture
def place(tmp_path):
    found = Place(tmp_path)
    yield found
    found.close()


def test_a_study_goes_through_orthanc_and_the_listener_and_its_results_come_back_through_kills(place, images):
    today = f"{datetime.now(UTC):%Y%m%d}"
    sent = [dcmread(BytesIO(as_file(ds))) for ds in images]
    for ds in sent:
        ds.StudyDate = today
    files = [as_file(ds) for ds in sent]
    study, count = str(sent[0].StudyInstanceUID), len(files)

    place.start("orthanc")
    place.start("listener")
    # Orthanc is killed after half a study; the modality sends the study again, as a scanner does.
    send.store(place.settings, "orthanc", place.peer, files[: count // 2])
    place.kill("orthanc")
    place.start("orthanc")
    answers = send.store(place.settings, "orthanc", place.peer, files)
    assert all(answer.taken for answer in answers)
    assert ask.move(place.settings, "orthanc", place.peer, study, to="OVCF") == (count, 0)  # the same, once more
    got = {}
    assert ask.get(place.settings, "orthanc", place.peer, study, got.__setitem__) == (count, 0)
    assert set(got) == {str(ds.SOPInstanceUID) for ds in images}

    place.wait(place.forwarded, "Orthanc does not forward")

    # The listener is killed while the study is assessed, and Orthanc with it.
    place.wait(lambda: WorkStatus.ASSESSING in place.status(), "nothing is assessed")
    place.kill("listener")
    place.kill("orthanc")
    place.start("listener")
    waiting = select(func.count()).select_from(OutboxItem).where(OutboxItem.state == OutState.WAITING)
    place.wait(lambda: place.look(lambda s, _: s.scalar(waiting)) == 4, "no results wait for Orthanc")

    # Results wait for Orthanc, which comes back; the listener is killed once more while it sends.
    place.start("orthanc")
    place.wait(lambda: len(place.objects(study)) > 1, "no result arrives")
    place.kill("listener")
    place.start("listener")
    left = select(func.count()).select_from(OutboxItem).where(OutboxItem.state != OutState.COMMITTED)
    place.wait(lambda: place.look(lambda s, _: s.scalar(left)) == 0, "not everything arrived and is kept")

    found = place.objects(study)
    assert {modality: len(uids) for modality, uids in found.items()} == {
        "MR": count,
        "SR": 1,
        "SEG": 1,
        "DOC": 1,
        "KO": 1,
    }
    (study_found,) = web.find("orthanc", place.peer, Query(study_uid=study))
    assert (study_found.patient_id, study_found.instances) == ("H-4711", count + 4)
    assert ask.find(place.settings, "orthanc", place.peer, Query(study_uid=study)) == [study_found]

    def once(session, registry):
        assert registry.faults() == []
        rows = list(session.scalars(select(WorkItem)))
        return len(rows), rows[0].status, rows[0].images, session.scalar(select(func.count()).select_from(Patient))

    assert place.look(once) == (1, WorkStatus.DRAFT, count, 0)


def copied(images, number):
    """The same study under UIDs of its own, taken today."""
    found = []
    for ds in images:
        one = dcmread(BytesIO(as_file(ds)))
        for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
            setattr(one, keyword, f"{one[keyword].value}.{number}")
        one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID
        one.StudyDate = f"{datetime.now(UTC):%Y%m%d}"
        found.append(one)
    return found


def sends_until_all_is_taken(place, studies):
    """What a modality does: whatever the archive has not answered with success is sent again."""
    for study in studies:
        left = {str(ds.SOPInstanceUID): as_file(ds) for ds in study}
        until = time.monotonic() + 10 * SECONDS
        while left:
            assert time.monotonic() < until
            try:
                answers = send.store(place.settings, "orthanc", place.peer, list(left.values()))
            except PacsError:
                time.sleep(0.5)
                continue
            for answer in answers:
                if answer.taken:
                    left.pop(answer.sop_uid)


@pytest.mark.skipif(not KILLS, reason="OVCF_LINE_KILLS says how often Orthanc and the listener are killed")
def test_nothing_is_lost_or_doubled_whatever_is_killed_and_when(place, images):
    """Orthanc or the listener is killed at any moment, while studies are sent, forwarded, assessed and answered."""
    studies = [copied(images, n) for n in range(1, 2 + KILLS // 10)]
    chance = random.Random(KILLS)
    place.start("orthanc")
    place.start("listener")
    with ThreadPoolExecutor(1) as modality:
        sending = modality.submit(sends_until_all_is_taken, place, studies)
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.2, 6.0))
            what = chance.choice(("orthanc", "listener"))
            place.kill(what)
            place.start(what)
        sending.result(timeout=10 * SECONDS)

    def whole(session, _):
        items = list(session.scalars(select(WorkItem)))
        out = list(session.scalars(select(OutboxItem.state)))
        if len(items) < len(studies) or any(i.status is not WorkStatus.DRAFT or i.images < len(images) for i in items):
            return None
        answered = len(out) >= 4 * len(studies) and set(out) == {OutState.COMMITTED}
        return (len(items), len(out)) if answered else None

    items, results = place.wait(lambda: place.look(whole), "not every study was assessed and answered")
    assert items == len(studies)  # no study was taken twice
    found = [place.objects(str(study[0].StudyInstanceUID)) for study in studies]
    for study, objects in zip(studies, found, strict=True):
        assert sorted(objects.pop("MR")) == sorted(str(ds.SOPInstanceUID) for ds in study)
        # Of a study of which a part was assessed before the rest came there are two drafts, each with its four results.
        assert {len(uids) for uids in objects.values()} in ({1}, {2}, {3})
        assert set(objects) == {"SR", "SEG", "DOC", "KO"}
    assert sum(len(uids) for objects in found for uids in objects.values()) == results
    assert place.look(lambda _, registry: registry.faults()) == []


def test_a_batch_finds_its_studies_in_orthanc_and_fetches_each_once(place, child, tmp_path, monkeypatch):  # noqa: F811
    from ovcf.batch.sources import picture_archive
    from tests.batch.test_archive import JANUARY, STUDIES, objects, run

    monkeypatch.setenv(picture_archive.SETTINGS, str(place.root / "pacs.toml"))
    place.start("orthanc")
    sent = [as_file(ds) for ds in objects()]
    assert all(answer.taken for answer in web.store("orthanc", place.peer, sent))  # STOW-RS
    studies = picture_archive.studies_of("orthanc", JANUARY)
    assert [one.study for one in studies] == [uid for uid, day in STUDIES.items() if day.startswith("202601")]
    (tmp_path / "to").mkdir()
    folder = picture_archive.fetch(studies[0].paths[0], tmp_path / "to")
    assert {dcmread(path).Modality for path in folder.iterdir()} == {"MR"}  # not the report beside them
    assert len(list(folder.iterdir())) == 2
    # The same by C-MOVE to our own AE title; twice, since Orthanc keeps its associations open for a while.
    told = (place.root / "pacs.toml").read_text()
    (place.root / "pacs.toml").write_text(
        told.replace("[catch_up]", "[fetch]\nquiet_s = 1\n[catch_up]") + '\nget_by = "C-MOVE"\n'
    )
    picture_archive._read.cache_clear()
    for one in studies:
        (tmp_path / one.study).mkdir()
        moved = picture_archive.fetch(one.paths[0], tmp_path / one.study)
        assert [dcmread(path).Modality for path in moved.iterdir()] == ["MR"] * 2
        assert one is not studies[0] or {p.name for p in moved.iterdir()} == {p.name for p in folder.iterdir()}
    (place.root / "pacs.toml").write_text(told)
    picture_archive._read.cache_clear()
    _, now = run(studies, tmp_path / "out", child)
    assert (now.computed, now.done) == (2, 2)
    place.kill("orthanc")
    with pytest.raises(PacsError):
        run(studies, tmp_path / "out", child)
    place.start("orthanc")
    assert run(studies, tmp_path / "out", child)[1].computed == 0
