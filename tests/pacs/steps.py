"""The steps of the line, as the tests of it take them."""

from dataclasses import replace
from io import BytesIO

from pydicom import dcmread
from sqlalchemy import func, select

from ovcf.jobs import queue
from ovcf.pacs.line.deliver import deliver
from ovcf.pacs.line.reading_objects import queue_results
from ovcf.pacs.line.take import take_complete
from ovcf.pacs.spool.content_digest import content_digest
from ovcf.reading.editing.edits import Acknowledge
from ovcf.reading.session import Session
from ovcf.registry.clinic import intake
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import keep_reading, load_reading, newest_row
from ovcf.registry.service import visit_named
from ovcf.registry.tables import OutboxItem, PacsRecord, WorkItem
from ovcf.registry.words import OutState
from tests.pacs.conftest import as_file, settings_of


def put(spool, *images, sender="ARCHIVE"):
    """As if the receiver had taken them."""
    for ds in images:
        data = as_file(ds)
        read = dcmread(BytesIO(data))
        spool.put(
            data,
            sop_uid=str(ds.SOPInstanceUID),
            sop_class=str(ds.SOPClassUID),
            study_uid=str(ds.StudyInstanceUID),
            content=content_digest(read),
            sender=sender,
        )


def pending(archive=None, **here):
    peers = {} if archive is None else {"archive": archive.peer}
    return settings_of(11112, peers, {"to": list(peers)}, quiet_s=1e-6, **here)


def assess(line, file):
    """What a worker does with the job that waits, without the minutes that it takes."""
    held = queue.lease(line.registry, "test")
    with line.registry.writing(line.who.person) as writer:
        assert queue.done(writer.session, held, seconds=1, peak_bytes=None)
        item = writer.session.get(WorkItem, held.work_item)
        facts = clinic.facts_at(writer.session, item.patient_id, item.visit_id)
        intake.drafted(writer, line.registry, item, file, facts=facts)
        return item.id


def sign(line, study):
    """A reader signs the reading of a study."""
    with line.registry.writing(line.who.person) as writer:
        row = newest_row(writer.session, writer.session.get(WorkItem, study).reading)
        session = Session(load_reading(line.registry, row))
        for n, statement in enumerate(session.assessment().guidance):
            session.make(
                Acknowledge(id=f"s{n}", reader="Ada Min", at="2026-03-04T05:06:07+00:00", statement=statement.id)
            )
        reading = session.file.reading.confirmed(session.assessment(), reader="Ada Min", at="2026-03-04T05:06:08+00:00")
        visit_ = visit_named(writer.session, row.visit_id)
        keep_reading(writer, line.registry, visit_, replace(session.file, reading=reading), after=row.revision)


def records(line, *events):
    with line.registry.reading() as session:
        asked = select(PacsRecord).where(PacsRecord.event.in_(events)).order_by(PacsRecord.recorded_at)
        return list(session.scalars(asked))


def count(line, table):
    with line.registry.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def nowhere_in(line, *words):
    """No file of the data folder holds one of these in clear."""
    for path in line.registry.files.folder.parent.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        for word in words:
            assert word.encode() not in data, (word, path)


def sealed_results(line, spool, archive, images, made, **options):
    """A line whose results wait to be sent."""
    results = {"to": ["archive"], "attempts": options.pop("attempts", 20)}
    peer = archive.peer | options.pop("peer", {})
    here = line(settings_of(11112, {"archive": peer}, results, quiet_s=1e-6, patients="admit"))
    put(spool, *images)
    take_complete(here)
    sign(here, assess(here, made))
    assert queue_results(here) == 1
    return here


def outbox(here):
    with here.registry.reading() as session:
        return list(session.scalars(select(OutboxItem)))


def until_sent(here):
    for _ in range(200):
        deliver(here)
        if all(row.state is not OutState.WAITING for row in outbox(here)):
            return
    raise AssertionError("still waits")
