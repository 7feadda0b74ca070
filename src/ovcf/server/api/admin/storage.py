"""Room: what takes it, what is free, whether files are sealed, and whether store and database know the same files."""

from __future__ import annotations

from fastapi import APIRouter

from ovcf.registry.access import Act, require
from ovcf.registry.safekeeping.check import astray, damaged_files
from ovcf.registry.safekeeping.space import folder_bytes, room
from ovcf.server.api.admin.audit import chore_shape
from ovcf.server.api.admin.shapes import ChoreShape, Storage, TakenShape
from ovcf.server.api.here import Here, Who
from ovcf.server.chores import ChoreKind, Outcome

router = APIRouter(tags=["administration"], prefix="/admin/storage")


@router.get("")
def show(here: Here, who: Who) -> Storage:
    """What takes room, by what it is, and what is free on the disk of the files."""
    require(who, Act.MANAGE_REGISTRY)
    found = room(here.registry)
    return Storage(
        taken=[TakenShape(kind=t.kind, files=t.files, bytes=t.bytes) for t in found.taken],
        database=found.database,
        backups=folder_bytes(here.backups.folder),
        uploads=folder_bytes(here.uploads.folder),
        free=found.free,
        whole=found.whole,
        files=found.files,
        sealed=found.sealed,
        seals=found.seals,
    )


@router.post("/check", status_code=202)
def check(here: Here, who: Who) -> ChoreShape:
    """Read every stored file and compare it with its digest, as `ovcf db check`; and look for files that no row lists.
    `GET /admin/chores` tells the outcome."""
    require(who, Act.MANAGE_REGISTRY)

    def do() -> Outcome:
        lost = astray(here.registry)
        unlisted = [f"file {name[:12]} is listed nowhere: it goes at the next start" for name in lost.unlisted]
        counted = sum(1 for _ in here.registry.files)
        return Outcome("", counted, (*damaged_files(here.registry), *unlisted))

    return chore_shape(here, here.chores.begin(ChoreKind.FILES, who.person, do))
