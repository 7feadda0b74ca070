"""Triggers that keep rows as they were written: no update, and no deletion but of an erased patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def guards(dialect: str, never: Iterable[str], erasable: Iterable[str]) -> Iterator[str]:
    """Statements that guard tables: of ``never`` no row is deleted, of ``erasable`` those of an erased patient may be.

    ``erasable`` tables name their patient in ``patient_id``; the patient table itself in ``id``.
    """
    if dialect == "postgresql":
        yield (
            "CREATE OR REPLACE FUNCTION ovcf_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$"
        )
        for owner in ("patient_id", "id"):
            yield (
                f"CREATE OR REPLACE FUNCTION ovcf_kept_unless_erased_{owner}() RETURNS trigger "  # noqa: S608
                f"LANGUAGE plpgsql AS $$ BEGIN "
                f"IF EXISTS (SELECT 1 FROM erasure WHERE patient_id = OLD.{owner}) THEN RETURN OLD; END IF; "
                "RAISE EXCEPTION 'rows of % go only when their patient is erased', TG_TABLE_NAME; END $$"
            )
    yield from guards_of_more(dialect, never, erasable)


def guards_of_more(dialect: str, never: Iterable[str], erasable: Iterable[str]) -> Iterator[str]:
    """The same for tables that a later revision adds: what the first one made is there."""
    never, erasable = list(never), list(erasable)
    for table in [*never, *erasable]:
        yield _no_update(dialect, table)
    for table in never:
        yield _no_delete(dialect, table)
    for table in erasable:
        yield _no_delete(dialect, table, owner="id" if table == "patient" else "patient_id")


def _no_update(dialect: str, table: str) -> str:
    if dialect == "postgresql":
        return f'CREATE TRIGGER {table}_kept BEFORE UPDATE ON "{table}" FOR EACH ROW EXECUTE FUNCTION ovcf_kept()'
    return (
        f'CREATE TRIGGER {table}_kept BEFORE UPDATE ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
    )


def _no_delete(dialect: str, table: str, owner: str | None = None) -> str:
    if dialect == "postgresql":
        function = "ovcf_kept" if owner is None else f"ovcf_kept_unless_erased_{owner}"
        return f'CREATE TRIGGER {table}_stays BEFORE DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {function}()'
    unless = f" WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE patient_id = OLD.{owner})" if owner else ""  # noqa: S608
    said = "never go" if owner is None else "go only when their patient is erased"
    return (
        f'CREATE TRIGGER {table}_stays BEFORE DELETE ON "{table}"{unless} '
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} {said}'); END"
    )
