"""Images that come by C-MOVE: only those that were asked for, also when the archive answers first and sends later."""

import threading
import time
from types import SimpleNamespace

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelFind as Find
from pynetdicom.sop_class import StudyRootQueryRetrieveInformationModelMove as Move

from ovcf.pacs.dimse import send
from ovcf.pacs.dimse.arrive import get_by_move
from tests.pacs.conftest import as_file, free_port, mr, settings_of


@pytest.fixture
def slow_archive():
    """An archive that says that it has sent everything, and begins to send a little later: images of any study."""
    port, answers = free_port(), []
    own = free_port()
    settings = settings_of(own, {"slow": {"ae_title": "SLOW", "host": "127.0.0.1", "port": port, "get_by": "C-MOVE"}})
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
        ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_FIND, found), (evt.EVT_C_MOVE, moved)]
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
