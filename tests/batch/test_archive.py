"""A picture archive as the source of a batch: found, fetched whole, fetched once, and never half."""

import shutil
import socket
import subprocess

import pytest

pytest.importorskip("pynetdicom", reason="needs the extra `pacs`")

from dataclasses import replace
from functools import partial

from pydicom import dcmread

from ovcf.batch.sources import picture_archive
from ovcf.batch.sources.manifest import manifest_id, read_manifest, to_csv
from ovcf.batch.store.store import open_store
from ovcf.batch.work.run import Asked, Batch
from ovcf.batch.work.shard import shards_of
from ovcf.errors import MissingFileError, NoWayFromPacsError, PacsError
from ovcf.jobs.process import Limits
from ovcf.pacs import fetch
from ovcf.pacs.archive_query import Query
from ovcf.pacs.dimse import ask, send
from tests.batch.conftest import tables_of
from tests.cli.conftest import command  # noqa: F401  # a fixture
from tests.pacs.conftest import as_file, free_port, mr, settings_of, waiting

STUDIES = {"1.2.1": "20260105", "1.2.2": "20260120", "1.2.3": "20251224"}
JANUARY = Query(date="20260101-20260131", modality="MR")
SR = "1.2.840.10008.5.1.4.1.1.88.33"


def objects():
    """Two images of each study, and a report that somebody stored beside those of the first."""
    found = [
        mr(study, number=f"H-{study[-1]}", StudyDate=date, StudyDescription="SPINE", InstanceNumber=n)
        for study, date in STUDIES.items()
        for n in (1, 2)
    ]
    report = mr("1.2.1", number="H-1", StudyDate=STUDIES["1.2.1"], Modality="SR")
    report.SeriesInstanceUID, report.SOPClassUID = "1.2.1.9", SR
    report.file_meta.MediaStorageSOPClassUID = SR
    for name in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(report, name)
    return [*found, report]


class Qrscp:
    """dcmtk's own archive, asked by C-FIND with C-GET or, where ``own_port`` is known to it, C-MOVE."""

    def __init__(self, folder, way):
        program = shutil.which("dcmqrscp")
        if program is None:
            pytest.skip("dcmqrscp (Debian: dcmtk) is not installed")
        self.port, self.own_port, self.store = free_port(), free_port(), folder / "store"
        self.store.mkdir(parents=True)
        (folder / "q.cfg").write_text(
            f"NetworkTCPPort = {self.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            f"HostTable BEGIN\nours = (OVCF, 127.0.0.1, {self.own_port})\nHostTable END\n"
            f"VendorTable BEGIN\nVendorTable END\nAETable BEGIN\nQRSCP {self.store} RW (100, 1024mb) ANY\nAETable END\n"
        )
        self.command = [program, "-c", str(folder / "q.cfg")]
        self.peer = {"ae_title": "QRSCP", "host": "127.0.0.1", "port": self.port, "get_by": way}
        self.settings = settings_of(self.own_port, {"old": self.peer})
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        with waiting() as until:
            until(self.answers)

    def answers(self):
        try:
            ask.echo(self.settings, *self.settings.peer("old"))
        except PacsError:
            return False
        return True

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def way():
    return "C-GET"


by_move = pytest.mark.parametrize("way", ["C-MOVE"])


@pytest.fixture
def qrscp(tmp_path, monkeypatch, way):
    """The archive, filled; the settings lie where a batch looks for them."""
    found = Qrscp(tmp_path / "qrscp", way)
    files = [as_file(ds) for ds in objects()]
    found.files = files
    answers = send.store(found.settings, *found.settings.peer("old"), files)
    assert all(answer.taken for answer in answers), answers
    told = "".join(f"{name} = {value!r}\n" for name, value in found.peer.items())
    (tmp_path / "pacs.toml").write_text(
        f"[here]\nport = {found.own_port}\n[fetch]\nquiet_s = 0.3\n[peers.old]\n" + told.replace("'", '"')
    )
    monkeypatch.setenv(picture_archive.SETTINGS, str(tmp_path / "pacs.toml"))
    monkeypatch.setattr(picture_archive, "_WAITS_S", (0.01,))
    picture_archive._read.cache_clear()
    yield found
    found.kill()


@pytest.fixture
def fetched(monkeypatch):
    """The addresses that were fetched."""
    from ovcf.batch.sources import fetch

    seen = []

    def noted(address, folder):
        seen.append(address)
        return picture_archive.fetch(address, folder)

    monkeypatch.setitem(fetch.FETCH, picture_archive.SCHEME, noted)
    return seen


def run(studies, out, child, **more):
    (shard,) = shards_of(manifest_id(studies), len(studies))
    store = open_store(out, create=True)
    batch = Batch(store, [(shard, studies)], Asked(limits=Limits(seconds=20), child=tuple(child), **more))
    batch.run(every_s=0.05)
    return store, batch.count.now()


def test_a_query_finds_the_studies_of_a_month_oldest_first(qrscp):
    found = picture_archive.studies_of("old", JANUARY)
    assert [(one.study, one.patient) for one in found] == [("1.2.1", "H-1"), ("1.2.2", "H-2")]
    assert found[0].paths == ("pacs://old/1.2.1",)
    assert read_manifest(to_csv(found), "m.csv") == found
    with pytest.raises(MissingFileError, match="no such study"):
        picture_archive.studies_of("old", Query(date="19990101"))


@pytest.mark.parametrize("way", ["C-GET", "C-MOVE"])
def test_images_are_fetched_and_reports_are_not(qrscp, tmp_path, command):  # noqa: F811
    (tmp_path / "to").mkdir()
    folder = picture_archive.fetch("pacs://old/1.2.1", tmp_path / "to")
    sent = {str(ds.SOPInstanceUID) for ds in map(dcmread, map(_open, qrscp.files)) if ds.Modality == "MR"}
    there = [dcmread(path) for path in folder.iterdir()]
    assert {str(ds.SOPInstanceUID) for ds in there} < sent
    assert [(str(ds.StudyInstanceUID), ds.Modality) for ds in there] == [("1.2.1", "MR")] * 2
    code, said, error = command("pacs", "get", "1.2.1", "--out", tmp_path / "got", "-c", tmp_path / "pacs.toml")
    assert (code, said) == (0, f"{tmp_path / 'got'}: 2 images\n"), error


def test_a_batch_of_an_archive_is_done_once_and_goes_on_without_fetching(qrscp, child, fetched, tmp_path):
    studies = picture_archive.studies_of("old", JANUARY)
    store, now = run(studies, tmp_path / "out", child)
    assert (now.computed, len(fetched)) == (2, 2)
    tables = tables_of(store)
    assert [(row["study"], row["outcome"]) for row in tables["studies"]] == [
        ("1.2.1", "assessed"),
        ("1.2.2", "assessed"),
    ]
    # The shard is finished: nothing is fetched.
    assert run(studies, tmp_path / "out", child)[1].computed == 0
    # A batch that was cut off before its shard was finished: what is done is not fetched either.
    for path in (tmp_path / "out").rglob("state/shards/*.json"):
        path.unlink()
    assert run(studies, tmp_path / "out", child)[1].computed == 0
    assert len(fetched) == 2
    assert tables_of(store) == tables
    # Another query, of which these studies are a part, in the same place: only what is new.
    more = picture_archive.studies_of("old", Query(date="20251201-", description="SP*"))
    assert [one.study for one in more] == ["1.2.3", "1.2.1", "1.2.2"]
    assert run(more, tmp_path / "out", child)[1].computed == 1
    assert fetched[2:] == ["pacs://old/1.2.3"]


def test_images_that_come_later_are_another_study_and_it_is_done_again(qrscp, child, tmp_path):
    studies = picture_archive.studies_of("old", JANUARY)
    run(studies, tmp_path / "out", child)
    late = mr("1.2.2", number="H-2", StudyDate=STUDIES["1.2.2"])
    send.store(qrscp.settings, *qrscp.settings.peer("old"), [as_file(late)])
    assert run(studies, tmp_path / "out", child)[1].computed == 1


def test_part_of_a_study_is_no_study(qrscp, child, tmp_path, monkeypatch):
    """What hides in an image that did not come would count as sound."""
    get = ask.get
    monkeypatch.setattr(ask, "get", lambda *args: get(*args[:-1], _but_one(args[-1])))
    store, now = run(picture_archive.studies_of("old", JANUARY), tmp_path / "out", child)
    assert now.computed == 0
    told = tables_of(store)["studies"]
    assert [row["outcome"] for row in told] == ["missing"] * 2
    assert "came without 1 of 2 images" in told[0]["problem"]
    monkeypatch.setattr(ask, "get", get)
    assert run(picture_archive.studies_of("old", JANUARY), tmp_path / "out", child)[1].computed == 2


def test_a_study_that_the_archive_lost_is_missing_and_an_archive_that_is_away_ends_the_batch(qrscp, child, tmp_path):
    studies = picture_archive.studies_of("old", JANUARY)
    gone = (replace(studies[0], study="gone", paths=("pacs://old/9.9",)), *studies)
    store, _ = run(gone, tmp_path / "out", child)
    assert [row["outcome"] for row in tables_of(store)["studies"]] == ["missing", "assessed", "assessed"]
    before = tables_of(store)
    qrscp.kill()
    with pytest.raises(PacsError):
        run(gone, tmp_path / "out", child)
    assert tables_of(store) == before  # nobody was called missing
    qrscp.start()
    assert run(gone, tmp_path / "out", child)[1].computed == 0


@by_move
def test_several_workers_fetch_at_once_by_one_port(qrscp, child, tmp_path):
    studies = picture_archive.studies_of("old", Query(date="20251201-", description="SP*"))
    store, now = run(studies, tmp_path / "out", child, workers=3)
    assert now.computed == 3
    assert [row["outcome"] for row in tables_of(store)["studies"]] == ["assessed"] * 3


@by_move
def test_where_nothing_can_come_to_us_the_batch_ends_and_no_study_is_called_missing(
    qrscp, child, tmp_path, monkeypatch
):
    studies = picture_archive.studies_of("old", JANUARY)
    text = (tmp_path / "pacs.toml").read_text()
    (tmp_path / "pacs.toml").write_text(text.replace("[fetch]", '[fetch]\nae_title = "NOBODY"'))
    picture_archive._read.cache_clear()
    with pytest.raises(NoWayFromPacsError, match="NOBODY"):
        run(studies, tmp_path / "out", child)
    (tmp_path / "pacs.toml").write_text(text)
    picture_archive._read.cache_clear()
    monkeypatch.setattr(fetch, "get", partial(fetch.get, patience_s=0.2))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", qrscp.own_port))
        taken.listen()
        with pytest.raises(NoWayFromPacsError, match="in use"):
            run(studies, tmp_path / "out", child)
    assert run(studies, tmp_path / "out", child)[1].computed == 2


def test_as_it_is_typed(qrscp, command, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(picture_archive.SETTINGS)
    asked = ("--pacs", "old", "--date", "20260101-20260131", "--modality", "MR")
    code, said, error = command("batch", "manifest", *asked, "--out", "m.csv")
    assert (code, said) == (0, "2 studies: m.csv\n"), error
    assert "pacs://old/1.2.1" in (tmp_path / "m.csv").read_text("utf-8-sig")
    for words, why in (
        (("--date", "20260101", "--out", "n.csv"), "which archive"),
        (("--pacs", "old", "--out", "n.csv"), "asks for everything"),
        (("--pacs", "new", "--date", "20260101", "--out", "n.csv"), "not among the peers"),
        (("--pacs", "old", "--date", "20260101", "-c", "none.toml", "--out", "n.csv"), "is not there"),
        ((".", *asked, "--out", "n.csv"), "stands alone"),
    ):
        code, _, error = command("batch", "manifest", *words)
        assert code == 2
        assert why in " ".join(error.split()), error


def _open(data):
    from io import BytesIO

    return BytesIO(data)


def _but_one(keep):
    first = []

    def kept(uid, data):
        if first:
            keep(uid, data)
        first.append(uid)

    return kept
