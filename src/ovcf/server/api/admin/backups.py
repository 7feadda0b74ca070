"""Backups: made, listed, taken away, checked, as ``ovcf db backup`` makes them. The command line restores them."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse
from sqlalchemy import select

from ovcf.errors import ForbiddenError
from ovcf.registry.access import Act, require
from ovcf.registry.safekeeping.backups import Kept
from ovcf.registry.tables import Site
from ovcf.server.api.admin.audit import chore_shape
from ovcf.server.api.admin.shapes import BackupName, BackupShape, BackupsShape, ChoreShape
from ovcf.server.api.here import Here, Who
from ovcf.server.chores import ChoreKind, Outcome

router = APIRouter(tags=["administration"], prefix="/admin/backups")


@router.get("")
def list_(here: Here, who: Who) -> BackupsShape:
    """The backups that lie in the folder of the service, newest first."""
    require(who, Act.MANAGE_REGISTRY)
    return BackupsShape(folder=str(here.backups.folder), items=[_shape(one) for one in here.backups])


@router.post("", status_code=202)
def make(here: Here, who: Who) -> ChoreShape:
    """Make a backup now, while others go on working. `GET /admin/chores` tells when it is done."""
    require(who, Act.MANAGE_REGISTRY)

    def do() -> Outcome:
        name, made = here.backups.make(here.registry, who.person)
        return Outcome(name, made.rows)

    return chore_shape(here, here.chores.begin(ChoreKind.BACKUP, who.person, do))


@router.post("/{backup}/check", status_code=202)
def check(here: Here, who: Who, backup: BackupName) -> ChoreShape:
    """Read a backup whole and compare every table and file with its digest. `GET /admin/chores` tells the outcome."""
    require(who, Act.MANAGE_REGISTRY)
    here.backups.path(backup)

    def do() -> Outcome:
        return Outcome(backup, 1, tuple(here.backups.faults(here.registry, backup)))

    return chore_shape(here, here.chores.begin(ChoreKind.BACKUP_CHECK, who.person, do, about=backup))


@router.get("/{backup}/file", response_class=FileResponse, responses={200: {"content": {"application/zip": {}}}})
def take(here: Here, who: Who, backup: BackupName) -> FileResponse:
    """The backup itself. It holds pseudonyms, dates and figures that anybody can read: keep it as safe as the registry.
    The audit keeps that it was taken. Who sees one site of several is not given the patients of the others."""
    require(who, Act.MANAGE_REGISTRY)
    here.backups.path(backup)
    with here.registry.reading() as session:
        several = len(session.scalars(select(Site.id).limit(2)).all()) > 1
    if several and not who.all_sites:
        raise ForbiddenError(
            "this backup", "holds the patients of other sites", "Ask an administrator who sees every site."
        )
    path = here.backups.taken(here.registry, backup, who.person)
    return FileResponse(path, media_type="application/zip", filename=path.name)


def _shape(one: Kept) -> BackupShape:
    return BackupShape(
        name=one.name,
        size=one.size,
        made_at=one.made_at,
        rows=one.rows,
        files=one.files,
        head=one.head,
        revision=one.revision,
        fits=one.fits,
    )
