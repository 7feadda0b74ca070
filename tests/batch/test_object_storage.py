"""Results in a bucket of an S3 server: moto's, on this machine (`make build/moto/.ready`)."""

import socket
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ovcf.batch.sources.fetch import files_of
from ovcf.batch.sources.manifest import read_manifest
from ovcf.batch.sources.study_source import StudySource
from ovcf.batch.store.store import open_store
from ovcf.errors import MissingFileError, OutputError
from tests.batch.conftest import bytes_of

SERVER = Path(__file__).parents[2] / "build" / "moto" / "bin" / "moto_server"
pytestmark = pytest.mark.skipif(not SERVER.exists(), reason="no S3 server: make build/moto/.ready")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def server():
    port = free_port()
    running = subprocess.Popen([SERVER, "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.kill()
        running.wait()


@pytest.fixture
def bucket(server, monkeypatch, request):
    """The address of an empty bucket; the environment says how to reach it, as for every program of that cloud."""
    name = f"b{abs(hash(request.node.name)) % 10**9}"
    told = {"AWS_ENDPOINT_URL": server, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
    told |= {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}
    for key, value in told.items():
        monkeypatch.setenv(key, value)
    made = urllib.request.Request(f"{server}/{name}", method="PUT")
    urllib.request.urlopen(made).close()
    return f"s3://{name}/results"


def test_a_batch_into_a_bucket_gives_the_bytes_of_one_into_a_folder(studies, batch, bucket):
    folder = studies(3, "refuse")
    in_bucket, count = batch(folder, bucket, workers=2)
    assert count.computed == 4
    in_folder, _ = batch(folder, "folder")
    assert bytes_of(in_bucket) == bytes_of(in_folder)
    _, again = batch(folder, bucket)
    assert again.computed == 0


def test_of_many_who_write_an_object_at_once_one_is_the_first(bucket):
    store = open_store(bucket)
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: store.put_new("state/one", b"%d" % n), range(8)))
    assert won.count(True) == 1
    assert store.get("state/one") == b"%d" % won.index(True)
    assert store.get("state/none") is None
    assert list(store.names("state")) == ["state/one"]


def test_studies_in_a_bucket_are_brought_to_the_worker(bucket, tmp_path):
    store = open_store(bucket)
    store.put("p1/T2/1.dcm", b"slice")
    store.put("p2.zip", b"zip")
    csv = f"study,path\none,{bucket}/p1/\ntwo,{bucket}/p2.zip\nthree,{bucket}/p3.zip\n"
    one, two, three = read_manifest(csv.encode(), "m.csv", beside=tmp_path)
    ((found,), _) = files_of(one, tmp_path / "one")
    assert (found / "T2" / "1.dcm").read_bytes() == b"slice"
    ((found,), _) = files_of(two, tmp_path / "two")
    assert (found.name, found.read_bytes()) == ("p2.zip", b"zip")
    with pytest.raises(MissingFileError, match="not there"):
        files_of(three, tmp_path / "three")


def test_a_bucket_that_is_not_there_is_named(bucket):
    store = open_store("s3://nobody-has-this/results")
    with pytest.raises(OutputError, match="nobody-has-this"):
        store.put("one", b"")


def test_an_address_of_a_kind_that_nothing_knows_is_refused(tmp_path):
    with pytest.raises(MissingFileError, match="nothing knows pigeon://"):
        files_of(StudySource(study="one", paths=("pigeon://loft/1",)), tmp_path)
