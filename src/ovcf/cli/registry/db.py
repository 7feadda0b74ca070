"""``ovcf db`` and ``ovcf audit``: the registry's database, its backups and its audit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.registry.opened import need_the_extra, open_registry
from ovcf.cli.registry.prevention import prevention
from ovcf.cli.streams import say
from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from ovcf.registry.store import Registry

app = App(name="db", help="Make, bring up to date, back up, restore and check the registry.")
app.command(prevention)
audit_app = App(name="audit", help="The audit of the registry: every row that was recorded or erased, chained.")


@app.command
def upgrade(*, site: str | None = None, person: str | None = None) -> None:
    """Make the registry, or bring it to the newest revision. Write a backup before; an older ovcf opens it no more.

    It lies in the user's data folder (or OVCF_DATA); with OVCF_DATABASE_URL its tables lie in PostgreSQL. OVCF_KEY_FILE
    names a file with the key that seals stored images; it must not lie in the data folder.

    Try

        ovcf db upgrade --site "AKH=General Hospital" --person "mm=Maria Muster"

    Args:
        site: CODE=NAME of the first site, for a registry that is new.
        person: CODE=NAME of its first person, who becomes its administrator.
    """
    from ovcf.registry.migrate import newest

    registry = open_registry(create=True, upgrading=True)
    try:
        if site or person:
            codes = [_named(text, what) for text, what in ((site, "--site"), (person, "--person"))]
            registry.begin(*codes[0], *codes[1])
        say(f"{_where(registry)}: revision {newest()}")
    finally:
        registry.close()


@app.command
def backup(out: Path) -> None:
    """Write the whole registry, with its files, to one file. Others may go on working.

    A registry that an older ovcf made is written as it is: that ovcf restores the backup, and so does this one.

    Try

        ovcf db backup registry-2026-11-29.zip

    Args:
        out: The file; one that is there is never replaced.
    """
    if out.exists():
        raise RegistryError(out, "is there already", "Choose another name.")
    registry = open_registry(older=True)
    from ovcf.registry.safekeeping.backup import write_backup

    try:
        done = write_backup(registry, out)
    finally:
        registry.close()
    say(f"{out}: {done.rows} rows, {done.files} files; the audit ends at {done.head}")


@app.command
def restore(backup: Path) -> None:
    """Fill a new, empty registry from a backup; who was erased since is erased again.

    A backup of an older ovcf is brought up to date as it is restored.

    OVCF_DATA and OVCF_DATABASE_URL say where. The file erasures.jsonl of the old data folder must lie in the new one.

    Try

        OVCF_DATA=restored ovcf db restore registry-2026-11-29.zip

    Args:
        backup: What `ovcf db backup` wrote.
    """
    need_the_extra()
    from ovcf.registry.safekeeping.backup import restore as fill
    from ovcf.registry.safekeeping.backup import revision_of

    registry = open_registry(create=True, made_at=revision_of(backup))

    try:
        found = fill(backup, registry)
        say(f"{_where(registry)}: restored")
    finally:
        registry.close()
    _end(found)


@app.command
def check() -> None:
    """Check every row against the audit, and every stored file against its digest."""
    registry = open_registry()
    from ovcf.registry.safekeeping.check import damaged_files

    try:
        found = [*registry.faults(), *damaged_files(registry)]
    finally:
        registry.close()
    _end(found)


@audit_app.command
def head() -> None:
    """Print the end of the audit, to be kept where nobody can change both it and the registry."""
    registry = open_registry()
    try:
        say(str(registry.head()))
    finally:
        registry.close()


@audit_app.command
def verify(*, anchor: Annotated[str | None, Parameter(help="What `ovcf audit head` printed earlier.")] = None) -> None:
    """Find changed, added and missing rows and entries; with an anchor also a chain written anew or cut at its end.

    Try

        ovcf audit verify --anchor 4711:9f2c…
    """
    registry = open_registry()
    from ovcf.registry.audit import Anchor

    try:
        known = None if anchor is None else Anchor.parse(anchor)
    except ValueError:
        raise RegistryError("anchor", "is not what `ovcf audit head` prints", "Give it whole: NUMBER:DIGITS.") from None
    else:
        found = registry.faults(known)
    finally:
        registry.close()
    _end(found)


def _named(text: str | None, option: str) -> tuple[str, str]:
    code, found, name = (text or "").partition("=")
    if not found or not code.strip() or not name.strip():
        raise RegistryError(option, "is not CODE=NAME", "Give both --site CODE=NAME and --person CODE=NAME.")
    return code.strip(), name.strip()


def _where(registry: Registry) -> str:
    return registry.engine.url.render_as_string()


def _end(found: list[str]) -> None:
    if not found:
        say("Nothing is amiss.")
        return
    say("\n".join(found), error=True)
    raise SystemExit(1)
