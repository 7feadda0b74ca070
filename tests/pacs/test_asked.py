"""Archives are asked and answered: found, fetched, sent to, told what we keep; foreign programs among them."""

import shutil
import socket
import subprocess
import sys
from io import BytesIO

import pytest
from pydicom import dcmread

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import FoundStudy, Query
from ovcf.pacs.dimse import ask, send
from ovcf.pacs.line.catch_up import catch_up
from ovcf.pacs.line.deliver import answer_promises
from ovcf.pacs.settings import CatchUp
from ovcf.pacs.spool.spool import State
from tests.pacs.conftest import as_file, dcmtk, free_port, mr, settings_of, waiting


def test_echo_tells_an_archive_that_is_there_from_one_that_is_not(archive):
    settings = settings_of(11112, {"a": archive.peer, "b": {**archive.peer, "port": free_port()}})
    ask.echo(settings, *settings.peer("a"))
    with pytest.raises(PacsError, match="does not answer"):
        ask.echo(settings, *settings.peer("b"))


def test_a_refusal_says_that_the_names_do_not_fit(receiving):
    known = {"friend": {"ae_title": "FRIEND", "host": "127.0.0.1", "port": 104}}
    ours = receiving(known, known_only=True)
    here = {"ae_title": ours.here.ae_title, "host": "127.0.0.1", "port": ours.here.port}
    settings = settings_of(11112, {"ours": here}, ae_title="STRANGER")
    with pytest.raises(PacsError, match="AE title"):
        ask.echo(settings, *settings.peer("ours"))


@pytest.mark.parametrize("asked", [{}, {"date": "2026-01-01"}, {"date": "yesterday", "modality": "MR"}])
def test_a_query_that_asks_for_everything_or_for_no_date_is_refused(asked):
    with pytest.raises(PacsError):
        Query(**asked)


class Dcmqrscp:
    """dcmtk's own archive, which answers C-FIND, C-MOVE and C-GET."""

    def __init__(self, folder, move_to):
        self.port = free_port()
        store = folder / "store"
        store.mkdir()
        (folder / "dcmqrscp.cfg").write_text(
            f"NetworkTCPPort = {self.port}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            f"HostTable BEGIN\nours = ({move_to[0]}, 127.0.0.1, {move_to[1]})\nHostTable END\n"
            f"VendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\nQRSCP {store} RW (100, 1024mb) ANY\nAETable END\n"
        )
        program = shutil.which("dcmqrscp")
        if program is None:
            pytest.skip("dcmqrscp (Debian: dcmtk) is not installed")
        self.process = subprocess.Popen([program, "-c", str(folder / "dcmqrscp.cfg")], stderr=subprocess.DEVNULL)

    peer = property(lambda self: {"ae_title": "QRSCP", "host": "127.0.0.1", "port": self.port})


@pytest.fixture
def dcmqrscp(tmp_path):
    started = []

    def start(*move_to):
        started.append(Dcmqrscp(tmp_path, move_to))
        return started[0]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def test_a_foreign_archive_is_sent_to_asked_and_fetched_from(line, spool, receiving, dcmqrscp):
    ours = receiving()
    foreign = dcmqrscp(ours.here.ae_title, ours.here.port)
    settings = settings_of(ours.here.port, {"foreign": foreign.peer})
    named = settings.peer("foreign")
    with waiting() as until:

        def there():
            try:
                ask.echo(settings, *named)
            except PacsError:
                return False
            return True

        until(there)
    images = [mr("1.2.3"), mr("1.2.3"), mr("1.2.4", number="H-2")]
    answers = send.store(settings, *named, [as_file(ds) for ds in images])
    assert [a.taken for a in answers] == [True] * 3

    (found,) = ask.find(settings, *named, Query(patient_id="H-4711"))
    assert (found.study_uid, found.patient_name, found.date) == ("1.2.3", "Doe^Jane", "20260301")
    assert len(ask.find(settings, *named, Query(date="20260101-20261231"))) == 2
    assert ask.find(settings, *named, Query(date="19990101")) == []

    got = {}
    assert ask.get(settings, *named, "1.2.3", got.__setitem__) == (2, 0)
    assert set(got) == {ds.SOPInstanceUID for ds in images[:2]}
    assert ask.move(settings, *named, "1.2.3", to=ours.here.ae_title) == (2, 0)
    assert {one.sop_uid for one in spool.waiting("1.2.3")} == set(got)
    with pytest.raises(PacsError, match="NOBODY"):
        ask.move(settings, *named, "1.2.3", to="NOBODY")

    # What never came is missed, and sent by C-MOVE: the archive has no DICOMweb.
    behind = settings.model_copy(update={"catch_up": CatchUp(peers=("foreign",), days=3650, modalities=("MR",))})
    assert catch_up(line(behind)) == 1
    assert {one.sop_uid for one in spool.waiting("1.2.4")} == {str(images[2].SOPInstanceUID)}
    assert catch_up(line(behind)) == 0


def test_whoever_asks_is_told_what_we_keep_and_what_not(line, spool, receiving, archive, tmp_path):
    ours = receiving({"archive": archive.peer})
    here = {"ae_title": ours.here.ae_title, "host": "127.0.0.1", "port": ours.here.port}
    asking = settings_of(11112, {"ours": here}, ae_title=archive.ae_title)
    kept, aside = mr("1.2.3"), mr("1.2.4")
    answers = send.store(asking, *asking.peer("ours"), [as_file(kept), as_file(aside)], transaction_uid="2.25.1")
    assert all(a.taken for a in answers)
    spool.end(spool.waiting("1.2.4"), State.ASIDE, "cannot be taken")
    spool.end(spool.waiting("1.2.3"), State.TAKEN)
    answer_promises(line(ours))
    ((kind, said),) = archive.answered
    assert (kind, said.TransactionUID) == (2, "2.25.1")
    assert [i.ReferencedSOPInstanceUID for i in said.ReferencedSOPSequence] == [kept.SOPInstanceUID]
    assert [i.ReferencedSOPInstanceUID for i in said.FailedSOPSequence] == [aside.SOPInstanceUID]
    answer_promises(line(ours))
    assert len(archive.answered) == 1


def test_who_asked_and_is_away_is_told_later(line, spool, receiving, archive):
    from ovcf.pacs.spool.promises import Promises

    ours = receiving({"archive": archive.peer})
    archive.away()
    Promises(spool).ask("2.25.7", archive.ae_title, [("1.2", "1.2.3")])
    answer_promises(line(ours))
    assert Promises(spool).due() == []  # it waits
    with spool.index() as db:
        db.execute("UPDATE asked SET next_at = 0")
    with archive:
        answer_promises(line(ours))
    assert [kind for kind, _ in archive.answered] == [2]


def test_tls_lets_in_who_is_vouched_for_and_nobody_else(receiving, spool, tmp_path):
    def openssl(command):
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True, cwd=tmp_path)

    self_signed = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={0} -keyout {0}.key -out {0}.pem"
    (tmp_path / "ext").write_text("subjectAltName=IP:127.0.0.1")
    for name in ("authority", "stranger"):
        openssl(self_signed.format(name))
    for name in ("ours", "theirs"):
        openssl(f"req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr")
        openssl(
            f"x509 -req -in {name}.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile ext "
            f"-out {name}.pem"
        )

    def tls(name):
        own = {"certificate": tmp_path / f"{name}.pem", "key": tmp_path / f"{name}.key"}
        return {**own, "authority": tmp_path / "authority.pem"}

    ours = receiving(tls=tls("ours"), timeout_s=3.0)
    silent = socket.create_connection(("127.0.0.1", ours.here.port))  # says nothing, and keeps nobody waiting
    peer = {"ae_title": ours.here.ae_title, "host": "127.0.0.1", "port": ours.here.port, "tls": True}
    friend = settings_of(11112, {"ours": peer}, tls=tls("theirs"))
    assert send.store(friend, *friend.peer("ours"), [as_file(mr("1.2.3"))])[0].taken
    stranger = settings_of(11112, {"ours": peer}, tls=tls("stranger"), timeout_s=3.0)
    plain = settings_of(11112, {"ours": {**peer, "tls": False}}, timeout_s=3.0)
    for other in (stranger, plain):
        with pytest.raises(PacsError, match="does not answer"):
            ask.echo(other, *other.peer("ours"))
    silent.close()
    assert len(spool.waiting("1.2.3")) == 1


def test_an_answer_without_this_and_that_is_still_a_study():
    from pydicom import Dataset

    ds = Dataset()
    ds.StudyInstanceUID, ds.ModalitiesInStudy, ds.NumberOfStudyRelatedInstances = "1.2", ["CT", "MR"], "7"
    found = FoundStudy.of(ds)
    assert (found.modalities, found.instances, found.patient_id) == (("CT", "MR"), 7, "")
    assert FoundStudy.of(Dataset()).instances is None


def ovcf(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "ovcf", "pacs", *arguments], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_the_commands_send_and_ask_and_say_what_is_wrong(archive, tmp_path):
    told = f'[peers.a]\nae_title = "ARCHIVE"\nhost = "127.0.0.1"\nport = {archive.port}\n'
    (tmp_path / "pacs.toml").write_text(told)
    (tmp_path / "image.dcm").write_bytes(as_file(mr("1.2.3")))
    said = ovcf("echo", cwd=tmp_path)
    assert (said.returncode, "answers" in said.stdout) == (0, True), said.stderr
    said = ovcf("send", "image.dcm", cwd=tmp_path)
    assert (said.returncode, said.stdout) == (0, "a: 1 of 1 taken\n"), said.stderr
    assert dcmread(BytesIO(next(iter(archive.kept.values()))[0])).StudyInstanceUID == "1.2.3"
    archive.refuse = 0xA900
    said = ovcf("send", "image.dcm", cwd=tmp_path)
    assert (said.returncode, "0xA900" in said.stderr) == (2, True)
    (tmp_path / "pacs.toml").write_text(told + 'hots = "x"\n')
    said = ovcf("echo", cwd=tmp_path)
    assert (said.returncode, "peers.a.hots is no entry" in said.stderr.replace(": ", " ")) == (2, True), said.stderr
    said = ovcf("echo", "--config", "nowhere.toml", cwd=tmp_path)
    assert (said.returncode, "is not there" in said.stderr) == (2, True)


def test_an_archive_that_dcmtk_plays_takes_what_we_send(tmp_path):
    port = free_port()
    program = shutil.which("storescp")
    if program is None:
        pytest.skip("storescp (Debian: dcmtk) is not installed")
    (tmp_path / "in").mkdir()
    process = subprocess.Popen([program, "-od", str(tmp_path / "in"), str(port)])
    try:
        settings = settings_of(11112, {"a": {"ae_title": "ANY", "host": "127.0.0.1", "port": port}})
        with waiting() as until:
            until(lambda: dcmtk("echoscu", "127.0.0.1", port).returncode == 0)
        assert send.store(settings, *settings.peer(), [as_file(mr("1.2.3"))])[0].taken
        (path,) = (tmp_path / "in").iterdir()
        assert dcmread(path).StudyInstanceUID == "1.2.3"
    finally:
        process.kill()
        process.wait()
