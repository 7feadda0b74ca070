"""DICOMweb both ways: results out by STOW-RS, and by QIDO-RS and WADO-RS in what came while the listener was down."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from pydicom import dcmread

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import Query
from ovcf.pacs.line.catch_up import catch_up
from ovcf.pacs.line.deliver import deliver
from ovcf.pacs.line.take import take_complete
from ovcf.pacs.settings import Settings
from ovcf.pacs.spool.content_digest import content_digest
from ovcf.pacs.web import client as web
from ovcf.registry.tables import WorkItem
from ovcf.registry.words import OutState, PacsEvent
from tests.pacs.conftest import RETRY, as_file, mr
from tests.pacs.steps import count, outbox, put, records, sealed_results, until_sent
from tests.pacs.web_archive import WebArchive

TODAY = datetime.now(UTC).strftime("%Y%m%d")
LONG_AGO = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y%m%d")
SR = "1.2.840.10008.5.1.4.1.1.88.33"


@pytest.fixture
def archive():
    with WebArchive() as found:
        yield found


# --- out ---


def test_results_go_out_by_stow_each_once_and_the_report_last(line, spool, archive, images, made):
    here = sealed_results(line, spool, archive, images, made)
    before = {row.sop_uid: here.registry.files.get(row.sha256) for row in outbox(here)}
    until_sent(here)
    deliver(here)
    assert archive.order == ["SEG", "KO", "DOC", "SR"]
    assert {uid: len(files) for uid, files in archive.kept.items()} == dict.fromkeys(before, 1)
    for uid, (data,) in archive.kept.items():
        assert content_digest(dcmread(BytesIO(data))) == content_digest(dcmread(BytesIO(before[uid])))
    assert {row.state for row in outbox(here)} == {OutState.SENT}
    assert len(records(here, PacsEvent.SENT)) == 4


def test_an_archive_that_is_away_or_busy_gets_the_same_later(line, spool, archive, images, made):
    archive.away()
    here = sealed_results(line, spool, archive, images, made)
    deliver(here)
    assert {(row.state, row.attempts) for row in outbox(here)} == {(OutState.WAITING, 1)}
    assert all("cannot be reached" in row.why for row in outbox(here))
    with archive:
        archive.refuse = 503
        while not any("503" in row.why for row in outbox(here)):
            deliver(here)
        assert {row.state for row in outbox(here)} == {OutState.WAITING}
        archive.refuse = None
        until_sent(here)
        assert sorted(len(files) for files in archive.kept.values()) == [1] * 4


@pytest.mark.parametrize(
    ("reason", "state", "attempts"),
    [(0x0110, OutState.GIVEN_UP, 1), (0xA700, OutState.GIVEN_UP, 3)],
    ids=["processing failure: not asked again", "out of resources: asked again"],
)
def test_what_an_archive_says_of_one_object_is_said_of_it_alone(
    line, spool, archive, images, made, reason, state, attempts
):
    archive.fails = {"SEG": reason}
    here = sealed_results(line, spool, archive, images, made, attempts=3)
    until_sent(here)
    found = {row.kind: (row.state, row.attempts) for row in outbox(here)}
    assert found.pop("SEG")[0] == state
    assert set(found.values()) == {(OutState.SENT, 1)}


def test_whom_an_archive_does_not_let_in_is_told_so_and_may_be_let_in_later(
    line, spool, archive, images, made, tmp_path
):
    (tmp_path / "token").write_text("secret\n")
    archive.refuse = 401
    here = sealed_results(line, spool, archive, images, made, peer={"token_file": str(tmp_path / "token")})
    deliver(here)
    assert {row.why for row in outbox(here)} == {"refuses us (HTTP 401)"}
    archive.refuse = None
    until_sent(here)
    assert set(archive.tokens) == {"Bearer secret"}


# --- in ---


def catching(archive, *more):
    """Settings of a listener that asks archives for what did not come."""
    peers = {f"web{n}": {**one.peer, "by": "STOW-RS"} for n, one in enumerate((archive, *more))}
    return Settings.model_validate(
        {
            "here": {"quiet_s": 1e-6, "patients": "admit"},
            "results": RETRY,
            "peers": peers,
            "catch_up": {"peers": list(peers), "days": 3, "modalities": ["MR"]},
        }
    )


def test_what_came_to_the_archive_while_we_were_down_is_fetched_once(line, spool, archive):
    """Of one study half had come before; of another nothing; reports, and what is older, are left."""
    half = [mr("1.2.3", StudyDate=TODAY, InstanceNumber=n) for n in (1, 2)]
    new = [mr("1.2.4", number="H-2", StudyDate=TODAY)]
    old = mr("1.2.5", number="H-3", StudyDate=LONG_AGO)
    report = mr("1.2.3", StudyDate=TODAY)
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = SR
    archive.put(*half, *new, old, report)
    here = line(catching(archive))
    put(spool, half[0])
    assert catch_up(here) == 2
    assert line.told == ["2 images that had not come were fetched"]
    for study, sent in (("1.2.3", half), ("1.2.4", new)):
        assert {one.sop_uid for one in spool.waiting(study)} == {str(ds.SOPInstanceUID) for ds in sent}
    assert spool.waiting("1.2.5") == []
    assert catch_up(here) == 0
    take_complete(here)
    assert count(here, WorkItem) == 2
    assert catch_up(here) == 0  # the registry knows them


def test_of_a_study_that_was_taken_only_what_is_new_is_fetched_and_it_grows(line, spool, archive):
    first, late = mr("1.2.3", StudyDate=TODAY), mr("1.2.3", StudyDate=TODAY, InstanceNumber=2)
    archive.put(first)
    here = line(catching(archive))
    catch_up(here)
    take_complete(here)
    archive.put(late)
    archive.asked.clear()
    assert catch_up(here) == 1
    fetched = [path for path in archive.asked if "/instances/" in path]
    assert [path.rpartition("/")[2] for path in fetched] == [str(late.SOPInstanceUID)]
    take_complete(here)
    assert len(records(here, PacsEvent.GREW)) == 1


def test_an_archive_that_is_away_is_said_and_the_other_is_asked_all_the_same(line, spool, archive):
    with WebArchive() as other:
        here = line(catching(archive, other))
        archive.away()
        other.put(mr("1.2.4", StudyDate=TODAY))
        assert catch_up(here) == 1
        assert "web0: cannot be reached" in line.told[0]
        assert "asked again" in line.told[0]


def test_an_image_that_changes_at_the_archive_is_refused_like_any_other(line, spool, archive):
    first = mr("1.2.3", StudyDate=TODAY)
    put(spool, first)
    here = line(catching(archive))
    other = dcmread(BytesIO(as_file(first)))
    other.PixelData = b"\1" * len(first.PixelData)
    archive.put(other)
    assert catch_up(here) == 0  # it is known by its UID, and what is known is not fetched anew
    (kept,) = spool.waiting("1.2.3")
    assert kept.sop_uid == str(first.SOPInstanceUID)


def test_more_studies_than_one_answer_holds_are_all_found(archive):
    archive.put(*(mr(f"1.2.{n}", number=f"H-{n}", StudyDate=TODAY) for n in range(100, 350)))
    peer = Settings.model_validate({"peers": {"web": archive.peer}}).peer("web")
    assert len({one.study_uid for one in web.find_all(*peer, Query(date=f"{TODAY}-"))}) == 250
    archive.away()
    with pytest.raises(PacsError, match="cannot be reached"):
        web.find_all(*peer, Query(date=f"{TODAY}-"))
