"""What archives send lies on the disk before success is answered; what breaks leaves nothing; the same comes once."""

import concurrent.futures
import os
import socket
import subprocess
import sys
import time
from io import BytesIO

import pytest
from pydicom import dcmread
from pydicom.uid import ImplicitVRLittleEndian, generate_uid
from pynetdicom import AE, build_context
from pynetdicom.sop_class import MRImageStorage, SegmentationStorage, Verification

from ovcf.pacs.place import spool_of
from ovcf.pacs.settings import Settings
from ovcf.pacs.spool.keep import keep
from ovcf.pacs.spool.spool import Put, State
from ovcf.registry.place import write_key
from tests.pacs.conftest import as_file, dcmtk, free_port, mr, waiting

KILLS = int(os.environ.get("OVCF_PACS_KILLS", "3"))
SUCCESS, DUPLICATE = 0x0000, 0x0111


def associate(settings, contexts=(MRImageStorage,), ae_title="SENDER", called=None):
    ae = AE(ae_title=ae_title)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 10
    here = settings.here
    return ae.associate(
        "127.0.0.1", here.port, contexts=[build_context(c) for c in contexts], ae_title=called or here.ae_title
    )


def send(settings, *images, **options):
    found = associate(settings, **options)
    assert found.is_established
    try:
        return [found.send_c_store(ds).get("Status") for ds in images]
    finally:
        found.release()


def files_of(spool):
    return sorted(p for p in (spool.files.folder).rglob("*") if p.is_file())


def test_what_was_answered_with_success_lies_whole_and_sealed_on_the_disk(spool, receiving):
    settings, image = receiving(), mr("1.2.3")
    assert send(settings, image) == [SUCCESS]
    (there,) = spool.waiting("1.2.3")
    assert (there.sop_uid, there.sender) == (image.SOPInstanceUID, "SENDER")
    kept = dcmread(BytesIO(spool.files.get(there.file)))
    assert kept == image
    (path,) = files_of(spool)
    assert path.stat().st_mode & 0o077 == 0
    assert b"Doe" not in path.read_bytes()
    assert b"4711" not in path.read_bytes()


def test_the_same_image_again_is_taken_once_and_another_of_its_name_is_refused(spool, receiving):
    settings, image = receiving(), mr("1.2.3")
    implicit = mr("1.2.3", sop_uid=image.SOPInstanceUID)
    implicit.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    other = mr("1.2.3", sop_uid=image.SOPInstanceUID)
    other.PixelData = b"\1" * len(other.PixelData)
    assert send(settings, image, image) == [SUCCESS, SUCCESS]
    found = AE(ae_title="SENDER").associate(
        "127.0.0.1",
        settings.here.port,
        contexts=[build_context(MRImageStorage, ImplicitVRLittleEndian)],
        ae_title=settings.here.ae_title,
    )
    assert found.send_c_store(implicit).Status == SUCCESS  # the same, written in another way
    found.release()
    assert send(settings, other) == [DUPLICATE]
    assert len(spool.waiting("1.2.3")) == len(files_of(spool)) == 1
    assert [(r.study_uid, r.sender) for r in spool.refused()] == [("1.2.3", "SENDER")]


def test_an_image_that_was_taken_is_still_known(spool, receiving):
    settings, image = receiving(), mr("1.2.3")
    send(settings, image)
    spool.end(spool.waiting("1.2.3"), State.TAKEN)
    assert files_of(spool) == []
    other = mr("1.2.3", sop_uid=image.SOPInstanceUID, number="H-1")
    assert send(settings, image, other) == [SUCCESS, DUPLICATE]
    assert spool.waiting("1.2.3") == []


def test_what_is_no_image_is_not_negotiated(receiving):
    found = associate(receiving(), (MRImageStorage, SegmentationStorage, Verification))
    assert {c.abstract_syntax for c in found.accepted_contexts} == {MRImageStorage, Verification}
    found.release()


def test_what_is_not_what_it_was_called_or_belongs_to_no_study_is_not_taken(spool):
    image, nowhere = mr("1.2.3"), mr("1.2.3", StudyInstanceUID="")
    named = (str(image.SOPClassUID), generate_uid())
    assert keep(spool, as_file(image), sender="S", named=named) is Put.MISNAMED
    assert keep(spool, as_file(nowhere), sender="S") is Put.UNREADABLE
    assert keep(spool, as_file(image)[:200], sender="S") is Put.UNREADABLE
    assert keep(spool, b"no DICOM", sender="S") is Put.UNREADABLE
    assert spool.counts()[State.WAITING] == 0


@pytest.mark.skipif(os.name != "posix", reason="kills processes")
def test_a_receiver_killed_at_any_moment_has_kept_whatever_it_said_that_it_kept(tmp_path, monkeypatch):
    """Senders that try again until success, and a receiver that is killed again and again: nothing lost or doubled."""
    key, data, port = tmp_path / "key", tmp_path / "data", free_port()
    write_key(key)
    monkeypatch.setenv("OVCF_KEY_FILE", str(key))
    (tmp_path / "pacs.toml").write_text(f"[here]\nport = {port}\nknown_only = false\ntimeout_s = 5\n")
    settings = Settings.read(tmp_path / "pacs.toml")
    command = [sys.executable, "-m", "ovcf.pacs.dimse.receiver", str(tmp_path / "pacs.toml"), str(data)]

    def started():
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert int(process.stdout.readline()) == port
        return process

    def again_and_again(images):
        for ds in images:
            while True:
                found = associate(settings)
                if found.is_established:
                    status = found.send_c_store(ds).get("Status")
                    found.release() if found.is_established else found.abort()
                    if status == SUCCESS:
                        break
                time.sleep(0.02)

    images = [[mr(f"1.2.{n}", rows=64) for _ in range(max(25, 8 * KILLS))] for n in range(4)]
    struck = 0  # kills while images were on their way
    process = started()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sending = [pool.submit(again_and_again, some) for some in images]
        for _ in range(KILLS):
            time.sleep(0.1)
            struck += not all(one.done() for one in sending)
            process.kill()
            process.wait()
            process = started()
        for one in sending:
            one.result(timeout=120 + 10 * KILLS)
    assert struck, "every image had come before the first kill"
    process.kill()
    process.wait()
    spool = spool_of(data)
    for n, some in enumerate(images):
        kept = {one.sop_uid: spool.files.get(one.file) for one in spool.waiting(f"1.2.{n}")}
        assert set(kept) == {ds.SOPInstanceUID for ds in some}
        assert all(dcmread(BytesIO(kept[ds.SOPInstanceUID])) == ds for ds in some)
    spool.sweep(remember_s=3600, unpromised_s=-1)
    assert len(files_of(spool)) == sum(map(len, images))
    assert not list(data.rglob("*.part"))


def test_a_full_disk_is_said_and_nothing_is_promised(spool, receiving, monkeypatch):
    settings = receiving()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(spool.files), "put", full)
    assert send(settings, mr("1.2.3")) == [0xA700]
    assert spool.counts()[State.WAITING] == 0


def test_only_whom_the_settings_name_is_heard_under_our_own_name(receiving):
    known = {"friend": {"ae_title": "FRIEND", "host": "127.0.0.1", "port": 104}}
    settings = receiving(known, known_only=True)
    assert associate(settings, (Verification,), "FRIEND").is_established
    assert associate(settings, (Verification,), "STRANGER").is_rejected
    assert associate(settings, (Verification,), "FRIEND", called="OTHER").is_rejected


def test_fifty_at_once_slow_and_broken_ones_among_them(spool, receiving):
    settings = receiving(max_associations=60, timeout_s=3.0)
    data = as_file(mr("9.9", rows=64))

    def whole(number):
        images = [mr(f"1.{number}") for _ in range(3)]
        return send(settings, *images, ae_title=f"S{number}")

    def breaks(number):
        """Ends in the middle of an image, without a word."""
        found = associate(settings, ae_title=f"B{number}")
        raw = found.dul.socket.socket
        raw.sendall(b"\x04\x00" + (len(data)).to_bytes(4, "big") + data[: len(data) // 2])
        raw.close()
        found.abort()
        return []

    def says_nothing(_):
        with socket.create_connection(("127.0.0.1", settings.here.port)):
            time.sleep(1.0)
        return []

    def slow(number):
        found = associate(settings, ae_title=f"L{number}")
        time.sleep(1.0)
        status = found.send_c_store(mr(f"1.{number}")).get("Status")
        found.release()
        return [status]

    kinds = [whole] * 30 + [breaks] * 8 + [says_nothing] * 6 + [slow] * 6
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda pair: pair[1](pair[0]), enumerate(kinds)))
    said = [status for answer in answers for status in answer]
    assert said == [SUCCESS] * (30 * 3 + 6)
    assert spool.counts()[State.WAITING] == len(said) == len(files_of(spool))
    assert send(settings, mr("2.1")) == [SUCCESS]  # it still listens


def test_dcmtk_sends_and_asks_us(spool, receiving, tmp_path):
    settings = receiving()
    path = tmp_path / "image.dcm"
    path.write_bytes(as_file(mr("1.2.3")))
    address = ("-aec", settings.here.ae_title, "127.0.0.1", settings.here.port)
    assert dcmtk("echoscu", *address).returncode == 0
    said = dcmtk("storescu", *address, path)
    assert said.returncode == 0, said.stderr
    assert len(spool.waiting("1.2.3")) == 1


def test_a_study_is_complete_once_nothing_comes_any_more(spool, receiving):
    settings = receiving()
    send(settings, mr("1.2.3"))
    assert spool.complete(3600) == []
    with waiting() as until:
        until(lambda: spool.complete(0.05) == ["1.2.3"])


def test_files_that_nobody_was_promised_go_and_others_stay(spool, receiving):
    settings = receiving()
    send(settings, mr("1.2.3"))
    spool.files.put(b"a file whose row was never written")
    spool.sweep(remember_s=3600, unpromised_s=-1)
    assert [p.name.partition(".")[0] for p in files_of(spool)] == [spool.waiting("1.2.3")[0].file]


@pytest.mark.parametrize("asked", [{"rows": 8}, {"PatientName": "Other^Name"}])
def test_the_digest_of_content_tells_what_is_other(asked):
    from ovcf.pacs.spool.content_digest import content_digest

    one = mr("1.2.3", sop_uid="1.1")
    other = mr("1.2.3", sop_uid="1.1", **asked)
    assert (content_digest(one) == content_digest(other)) == (one == other)
