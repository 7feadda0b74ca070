"""Contents in the file store, listed; and what was made of a study, which could be made again."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from ovcf.registry.store import put_file
from ovcf.registry.tables import Base, DerivedFile, StoredFile

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import WorkItem


def keep_file(writer: Writer, registry: Registry, content: bytes) -> str:
    """Put a content into the file store and list it; its SHA-256."""
    name = put_file(registry.files, content, writer.new_files)
    row = {"sha256": name, "size": len(content), "sealed": registry.files.key is not None}
    writer.session.execute(_listing(writer.session.get_bind().dialect.name), row)
    return name


@cache
def _listing(dialect: str) -> Any:
    """List a file, unless it is listed."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(Base.metadata.tables[StoredFile.__tablename__]).on_conflict_do_nothing()


def derived(session: Session, item: WorkItem, kind: str) -> str | None:
    """The file of a kind that was made of a study, by its SHA-256."""
    asked = select(DerivedFile.sha256).where(DerivedFile.work_item_id == item.id, DerivedFile.kind == kind)
    return session.scalars(asked).first()


def keep_derived(writer: Writer, registry: Registry, item: WorkItem, kind: str, content: bytes | None) -> None:
    """Keep what was made of a study in place of what was made before; None keeps nothing."""
    old = select(DerivedFile).where(DerivedFile.work_item_id == item.id, DerivedFile.kind == kind)
    gone = []
    for row in writer.session.scalars(old).all():
        gone.append(row.sha256)
        writer.session.delete(row)
    writer.session.flush()
    if content is not None:
        name = keep_file(writer, registry, content)
        writer.session.add(DerivedFile(work_item_id=item.id, patient_id=item.patient_id, kind=kind, sha256=name))
        writer.session.flush()
    writer.forget(gone)
