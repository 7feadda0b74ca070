"""Where a reading that is named on the command line lies: in a file, or by its id in the registry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ovcf.cli.registry.acting import opened

if TYPE_CHECKING:
    from pathlib import Path

    from ovcf.reading.file import ReadingFile

_ID = re.compile(r"[0-9a-f]{32}")
_revisions: dict[str, int] = {}
"""Of the readings of the registry that this run has read: what it saves follows these states."""


def read_named(name: Path) -> ReadingFile:
    """The reading of a file, or of an id of the registry that OVCF_DATA names.

    Raises:
        OvcfError: there is no such reading, or it cannot be read.
    """
    if not is_id(name):
        from ovcf.reading.file import read_reading

        return read_reading(name)
    from ovcf.errors import MissingFileError
    from ovcf.registry.clinic.readings import load_reading, newest_row

    with opened() as registry, registry.reading() as session:
        row = newest_row(session, name.name)
        if row is None:
            raise MissingFileError(name, "is neither a file nor a reading of the registry", "Check the name.")
        _revisions[row.reading] = row.revision
        return load_reading(registry, row)


def save_named(file: ReadingFile, name: Path) -> None:
    """Save a reading where it was read from.

    Raises:
        OvcfError: it cannot be written, or somebody else saved meanwhile.
    """
    if not is_id(name):
        from ovcf.reading.file import write_reading

        write_reading(file, name)
        return
    from ovcf.registry import service
    from ovcf.registry.clinic.readings import keep_reading, newest_row

    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, None)
        with registry.writing(person.id) as writer:
            row = newest_row(writer.session, name.name)
            assert row is not None
            visit = service.visit_named(writer.session, row.visit_id)
            keep_reading(writer, registry, visit, file, after=_revisions[name.name])


def is_id(name: Path) -> bool:
    """Whether it is the id of a reading of the registry, and no file."""
    return len(name.parts) == 1 and _ID.fullmatch(name.name) is not None and not name.exists()
