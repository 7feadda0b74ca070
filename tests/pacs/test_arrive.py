"""Images that come by C-MOVE: only those that were asked for, also when the archive answers first and sends later."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from types import SimpleNamespace

import pytest
from pydicom import dcmread
from pynetdicom import AE, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind as Find
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as Move

from ovcf.errors import NoWayFromPacsError
from ovcf.pacs.dimse import port, send
from ovcf.pacs.dimse.arrive import get_by_move
from tests.pacs.conftest import as_file, free_port, mr, settings_of


@pytest.fixture
def slow_archive():
    """An archive that says that it has sent everything, and begins to send a little later: images of any study."""
    theirs, answers = free_port(), []
    own = free_port()
    settings = settings_of(own, {"slow": {"ae_title": "SLOW", "host": "127.0.0.1", "port": theirs, "get_by": "C-MOVE"}})
    back = settings_of(own, {"ours": {"ae_title": "OVCF", "host": "127.0.0.1", "port": own}}, ae_title="SLOW")
    sending = []

    def found(event):
        yield 0x0000, None

    def moved(event):
        def later():
            time.sleep(0.2)
            answers.extend(send.store(back, *back.peer(), archive.files))

        sending.append(threading.Thread(target=later))
        sending[-1].start()
        yield "127.0.0.1", own
        yield 0

    archive = SimpleNamespace(files=[], answered=answers, ours=settings)
    ae = AE(ae_title="SLOW")
    ae.add_supported_context(Find)
    ae.add_supported_context(Move)
    server = ae.start_server(
        ("127.0.0.1", theirs), block=False, evt_handlers=[(evt.EVT_C_FIND, found), (evt.EVT_C_MOVE, moved)]
    )
    yield archive
    for one in sending:
        one.join()
    server.shutdown()


def test_what_is_sent_after_the_answer_is_waited_for_and_what_was_not_asked_for_is_refused(slow_archive):
    asked, others = [mr("1.2.3"), mr("1.2.3")], [mr("1.2.9")]
    slow_archive.files = [as_file(ds) for ds in (*others, *asked)]
    got = {}
    settings = slow_archive.ours
    wanted = {str(ds.SOPInstanceUID) for ds in asked}
    said = get_by_move(settings, *settings.peer(), "1.2.3", got.__setitem__, wanted=wanted)
    assert said == (2, 0)
    assert set(got) == wanted


def test_a_disk_that_takes_nothing_is_told_and_not_called_an_archive_that_gave_nothing(slow_archive):
    image = mr("1.2.3")
    slow_archive.files = [as_file(image)]

    def full(uid, data):
        raise OSError(28, "No space left on device")

    settings = slow_archive.ours
    with pytest.raises(OSError, match="No space"):
        get_by_move(settings, *settings.peer(), "1.2.3", full, wanted={str(image.SOPInstanceUID)})
    assert [answer.taken for answer in slow_archive.answered] in ([], [False])


@pytest.fixture
def archive_of_two():
    """An archive that sends a study only once it was asked for another one too: it waits until both are under way."""
    theirs, own = free_port(), free_port()
    peer = {"ae_title": "PAIR", "host": "127.0.0.1", "port": theirs, "get_by": "C-MOVE"}
    settings = settings_of(own, {"pair": peer})
    back = settings_of(own, {"ours": {"ae_title": "OVCF", "host": "127.0.0.1", "port": own}}, ae_title="PAIR")
    archive = SimpleNamespace(files={}, ours=settings, port=own, both=threading.Barrier(2, timeout=20))

    def found(event):
        yield 0x0000, None

    def moved(event):
        study = str(event.identifier.StudyInstanceUID)
        yield "127.0.0.1", own
        archive.both.wait()
        send.store(back, *back.peer(), archive.files[study])
        yield 0

    ae = AE(ae_title="PAIR")
    ae.add_supported_context(Find)
    ae.add_supported_context(Move)
    handlers = [(evt.EVT_C_FIND, found), (evt.EVT_C_MOVE, moved)]
    server = ae.start_server(("127.0.0.1", theirs), block=False, evt_handlers=handlers)
    yield archive
    server.shutdown()


def fetched(archive, studies):
    """What came of each study, all asked for at once."""
    got = {study: {} for study in studies}
    troubles = []

    def fetch(study):
        try:
            settings = archive.ours
            get_by_move(settings, *settings.peer(), study, got[study].__setitem__, wanted=wanted_of(archive, study))
        except Exception as error:
            troubles.append(error)

    threads = [threading.Thread(target=fetch, args=(study,)) for study in studies]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert troubles == []
    return {study: set(files) for study, files in got.items()}


def wanted_of(archive, study):
    read = [dcmread(BytesIO(one)) for one in archive.files[study]]
    return {str(ds.SOPInstanceUID) for ds in read if ds.StudyInstanceUID == study}


def test_two_studies_come_at_once_on_one_port_and_each_gets_its_own(archive_of_two):
    own = {study: [as_file(mr(study)) for _ in range(3)] for study in ("1.2.3", "1.2.4")}
    every = [one for pair in zip(*own.values(), strict=True) for one in pair]
    archive_of_two.files = dict.fromkeys(own, every)  # whichever is asked for, images of both come, in turn
    got = fetched(archive_of_two, own)
    assert got == {study: wanted_of(archive_of_two, study) for study in own}
    assert all(len(files) == 3 for files in got.values())


def test_a_study_that_is_asked_for_twice_comes_twice_one_after_the_other(archive_of_two):
    archive_of_two.files = {"1.2.3": [as_file(mr("1.2.3"))]}
    archive_of_two.both = threading.Barrier(1)
    got = [{}, {}]
    settings = archive_of_two.ours
    wanted = wanted_of(archive_of_two, "1.2.3")
    with ThreadPoolExecutor() as pool:
        asked = [
            pool.submit(get_by_move, settings, *settings.peer(), "1.2.3", one.__setitem__, wanted=wanted) for one in got
        ]
        assert [one.result() for one in asked] == [(1, 0), (1, 0)]
    assert set(got[0]) == set(got[1]) == wanted


def test_who_holds_the_port_lets_another_process_have_it_in_turn(archive_of_two, monkeypatch):
    """The turn is over at once, so that a study does not join, but waits until the port is free again."""
    monkeypatch.setattr(port, "TURN_S", 0.0)
    archive_of_two.files = {study: [as_file(mr(study))] for study in ("1.2.3", "1.2.4")}
    archive_of_two.both = threading.Barrier(1)
    got = fetched(archive_of_two, archive_of_two.files)
    assert got == {study: wanted_of(archive_of_two, study) for study in got}


def test_a_port_that_stays_in_use_is_said(archive_of_two):
    archive_of_two.files = {"1.2.3": []}
    settings = archive_of_two.ours
    with socket.create_server(("127.0.0.1", archive_of_two.port)), pytest.raises(NoWayFromPacsError, match="in use"):
        get_by_move(settings, *settings.peer(), "1.2.3", {}.__setitem__, patience_s=0.0)
