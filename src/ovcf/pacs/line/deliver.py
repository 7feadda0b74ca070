"""What lies in the outbox goes to the archives, again and again until it is there or too often in vain."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from ovcf.errors import PacsError
from ovcf.pacs.archive_query import Answer
from ovcf.pacs.dimse import send
from ovcf.pacs.settings import By
from ovcf.pacs.spool.promises import Promises
from ovcf.pacs.web import client as web
from ovcf.registry.access import within
from ovcf.registry.columns import now
from ovcf.registry.tables import OutboxItem, WorkItem
from ovcf.registry.words import OutState, PacsEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.pacs.line.line import Line
    from ovcf.pacs.settings import Peer
    from ovcf.registry.store import Writer

_ORDER = ("SEG", "KO", "PDF", "SR")
"""The report last: whoever sees it finds what it speaks of."""


def deliver(line: Line) -> int:
    """Send what is due; how many objects were taken."""
    with line.registry.reading() as session:
        asked = select(OutboxItem).where(OutboxItem.state == OutState.WAITING, OutboxItem.next_at <= now())
        rows = list(session.scalars(within(asked, line.who, OutboxItem)))
    taken = 0
    rows.sort(key=lambda row: (row.peer, row.reading, row.version, _ORDER.index(row.kind)))
    for (peer, _, _), batch in itertools.groupby(rows, key=lambda row: (row.peer, row.reading, row.version)):
        taken += _deliver(line, peer, list(batch))
    return taken


def _deliver(line: Line, name: str, batch: Sequence[OutboxItem]) -> int:
    """Send the objects of one reading to one archive; an object that it has already is taken again, as the same."""
    peer = line.settings.peers.get(name)
    transaction = f"2.25.{uuid4().int}" if peer is not None and peer.commitment else ""
    try:
        if peer is None:
            raise PacsError(name, "is no peer any more", "Name it in the settings.")
        files = [line.registry.files.get(row.sha256) for row in batch]
        answers = {a.sop_uid: a for a in _sent(line, name, peer, files, transaction, batch)}
        problem = ""
    except PacsError as error:
        answers, problem = {}, error.problem
    with line.registry.writing(line.who.person) as writer:
        for row in batch:
            said = answers.get(row.sop_uid) or Answer(row.sop_uid, False, problem or "did not answer")
            _note(line, writer, row, said, transaction)
    count = sum(a.taken for a in answers.values())
    line.tell(f"{name}: {count} of {len(batch)} objects taken{f'; {problem}' if problem else ''}")
    return count


def _sent(
    line: Line, name: str, peer: Peer, files: Sequence[bytes], transaction: str, batch: Sequence[OutboxItem]
) -> list[Answer]:
    if transaction:  # before it is asked for: the answer may be quicker than we are
        with line.registry.working() as session:
            for row in batch:
                session.get_one(OutboxItem, row.id).transaction_uid = transaction
    if peer.by is By.STOW:
        return web.store(name, peer, files)
    return send.store(line.settings, name, peer, files, transaction_uid=transaction)


def _note(line: Line, writer: Writer, sent: OutboxItem, said: Answer, transaction: str) -> None:
    row = writer.session.get(OutboxItem, sent.id)
    if row is None or row.state is not OutState.WAITING:
        return
    row.attempts, row.why, row.changed_at = row.attempts + 1, said.why, now()
    row.transaction_uid = transaction or None
    if said.taken:
        row.state = OutState.SENT
        _record(line, writer, PacsEvent.SENT, row)
    elif not said.again or row.attempts >= line.settings.results.attempts:
        row.state = OutState.GIVEN_UP
        _record(line, writer, PacsEvent.GIVEN_UP, row)
        line.tell(f"{row.peer}: {row.kind} given up after {row.attempts} attempts: {said.why}")
    else:
        results = line.settings.results
        wait = min(results.longest_wait_s, results.first_wait_s * 2 ** (row.attempts - 1))
        row.next_at = now() + timedelta(seconds=wait)


def _record(line: Line, writer: Writer, event: PacsEvent, row: OutboxItem) -> None:
    item = writer.session.get(WorkItem, row.work_item_id)
    line.record(
        writer,
        event,
        item,
        peer=row.peer,
        reading=row.reading,
        version=row.version,
        kind=row.kind,
        images=1,
        why=row.why if event is PacsEvent.GIVEN_UP else "",
    )


def take_promises(line: Line) -> None:
    """Take over what archives said of storage commitment: what is kept, and what must be sent again."""
    promises = Promises(line.spool)
    said = promises.promised()
    if not said:
        return
    with line.registry.writing(line.who.person) as writer:
        for transaction, sop_uid, kept in said:
            asked = select(OutboxItem).where(OutboxItem.transaction_uid == transaction, OutboxItem.sop_uid == sop_uid)
            for row in writer.session.scalars(within(asked, line.who, OutboxItem)).all():
                if kept and row.state in (OutState.SENT, OutState.WAITING):
                    row.state, row.changed_at = OutState.COMMITTED, now()
                    _record(line, writer, PacsEvent.COMMITTED, row)
                elif not kept and row.state is OutState.SENT and row.attempts < line.settings.results.attempts:
                    row.state, row.next_at, row.changed_at = OutState.WAITING, now(), now()
                    row.why = "the archive does not keep it"
    promises.taken(said)


def ask_again(line: Line) -> int:
    """Ask anew for storage commitment of what was sent a while ago and not answered for; how many objects."""
    results = line.settings.results
    late = now() - timedelta(seconds=results.commitment_wait_s)
    with line.registry.reading() as session:
        asked = select(OutboxItem).where(
            OutboxItem.state == OutState.SENT,
            OutboxItem.transaction_uid.is_not(None),
            OutboxItem.changed_at <= late,
            OutboxItem.attempts < results.attempts,
        )
        rows = sorted(session.scalars(within(asked, line.who, OutboxItem)), key=lambda row: row.peer)
    for name, batch in itertools.groupby(rows, key=lambda row: row.peer):
        peer, own = line.settings.peers.get(name), list(batch)
        if peer is None or not peer.commitment:
            continue
        transaction = f"2.25.{uuid4().int}"
        with line.registry.working() as session:  # before it is asked: the answer may be quicker than we are
            for row in own:
                there = session.get_one(OutboxItem, row.id)
                there.transaction_uid, there.attempts, there.changed_at = transaction, there.attempts + 1, now()
        try:
            send.ask_whether_kept(line.settings, name, peer, transaction, [(r.sop_class, r.sop_uid) for r in own])
        except PacsError as error:
            line.tell(f"{error.where}: {error.problem}; it is asked again whether it keeps {len(own)} objects")
    return len(rows)


def answer_promises(line: Line) -> None:
    """Tell those who asked which of their instances we keep."""
    promises = Promises(line.spool)
    for asked in promises.due():
        name, peer = next(
            ((n, p) for n, p in line.settings.peers.items() if p.ae_title == asked.sender), (asked.sender, None)
        )
        kept = [one for one in asked.instances if line.spool.safe(one[1], one[0])]
        try:
            if peer is None:
                raise PacsError(name, "is no peer", "Name it in the settings.")
            send.say_kept(line.settings, name, peer, asked, kept)
        except PacsError as error:
            promises.later(asked)
            line.tell(f"{error.where}: {error.problem}; the answer about storage commitment waits")
        else:
            promises.answered(asked)


def again(line: Line) -> int:
    """Let what was given up be sent again; how many objects."""
    with line.registry.working() as session:
        asked = select(OutboxItem).where(OutboxItem.state == OutState.GIVEN_UP)
        rows = list(session.scalars(within(asked, line.who, OutboxItem)))
        for row in rows:
            row.state, row.attempts, row.next_at, row.changed_at = OutState.WAITING, 0, now(), now()
    return len(rows)
