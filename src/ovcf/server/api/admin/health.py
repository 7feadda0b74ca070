"""The software, the database and how they are: each thing that should not be left unseen, with the figure behind it."""

from __future__ import annotations

import platform
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import APIRouter
from sqlalchemy import func, select

from ovcf.jobs import queue
from ovcf.registry.access import Act, require
from ovcf.registry.columns import now
from ovcf.registry.migrate import newest, revision
from ovcf.registry.safekeeping.space import disk
from ovcf.registry.tables import Job, OutboxItem, StoredFile
from ovcf.registry.words import JobState, OutState
from ovcf.server.api.admin.models import shipped
from ovcf.server.api.admin.shapes import Finding, Health, Looked
from ovcf.server.api.here import Here, Service, Who
from ovcf.server.chores import ChoreKind, ChoreState
from ovcf.workflow.software import software_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

router = APIRouter(tags=["administration"], prefix="/admin/health")
_LEAST_FREE = 0.05
"""Of the disk: with less an upload may no longer fit."""
_LONGEST_WAIT = timedelta(minutes=10)
"""A job waits so long only where no worker runs, or all are busy."""
_BACKUP_OLD = timedelta(days=2)


@router.get("")
def show(here: Here, who: Who) -> Health:
    """Version, revision of the database, and what should be looked at."""
    require(who, Act.MANAGE_REGISTRY)
    with here.registry.reading() as session:
        of_database = [*_of_database(session)]
    return Health(
        software=f"ovcf {version('ovcf')}",
        source=software_sha256(),
        python=platform.python_version(),
        database=here.registry.engine.dialect.name,
        revision=revision(here.registry.engine) or "",
        newest=newest(),
        findings=[*of_database, *_of_service(here)],
    )


def _of_database(session: Session) -> Iterator[Finding]:
    found = queue.counts(session)
    oldest = queue.oldest_waiting(session)
    held = select(func.count()).select_from(Job).where(Job.state == JobState.RUNNING, Job.leased_until > now())
    works = oldest is None or now() - oldest < _LONGEST_WAIT or bool(session.scalar(held))
    yield Finding(what=Looked.WORKER, good=works, number=found.get(JobState.QUEUED, 0), at=oldest)
    aside = found.get(JobState.SET_ASIDE, 0)
    yield Finding(what=Looked.SET_ASIDE, good=aside == 0, number=aside)
    lost = session.scalar(select(func.count()).select_from(OutboxItem).where(OutboxItem.state == OutState.GIVEN_UP))
    yield Finding(what=Looked.ARCHIVE, good=not lost, number=lost or 0)
    files = session.scalar(select(func.count()).select_from(StoredFile)) or 0
    sealed = session.scalar(select(func.count()).select_from(StoredFile).where(StoredFile.sealed.is_(True))) or 0
    yield Finding(what=Looked.SEALED, good=True if files and sealed == files else None, number=sealed, of=files)


def _of_service(here: Service) -> Iterator[Finding]:
    free, whole = disk(here.registry.files.folder)
    yield Finding(what=Looked.ROOM, good=free > _LEAST_FREE * whole, number=free, of=whole)
    last = next(iter(here.backups), None)
    young = last is not None and last.rows is not None and now() - last.made_at < _BACKUP_OLD
    yield Finding(what=Looked.BACKUP, good=young, at=None if last is None else last.made_at)
    checked = next((c for c in here.chores.last() if c.kind is ChoreKind.AUDIT and c.state is ChoreState.DONE), None)
    amiss = None if checked is None else len(checked.outcome.found)
    at = None if checked is None else checked.ended_at
    yield Finding(what=Looked.AUDIT, good=None if amiss is None else amiss == 0, number=amiss, at=at)
    models = [one.released for one in shipped()]
    yield Finding(what=Looked.MODELS, good=all(models), number=sum(models), of=len(models))
    if here.people.accounts:
        yield Finding(what=Looked.ADDRESS, good=True if here.scheme == "https" else None)
