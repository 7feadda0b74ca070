"""UIDs that follow from what they are of: the same reading gives the same ones wherever and whenever it is written."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING

from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from ovcf.reading.version import Reading, Version


def uid_of(*what: str) -> str:
    """A UID of a UUID (DICOM PS3.5 B.2) that is the same whenever ``what`` is."""
    digest = hashlib.sha256("\0".join(("ovcf dicom", *what)).encode()).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"


def tracking_uid(reading: Reading, *what: str) -> str:
    """Of one thing that is measured; the same in every version of the reading."""
    return uid_of("tracking", reading.id, *what)


def body_key(reading: Reading, vertebra: str) -> str:
    """Twelve digits that stand for one vertebra of one reading, short enough for a code value."""
    return hashlib.sha256(f"ovcf body\0{reading.id}\0{vertebra}".encode()).hexdigest()[:12].upper()


def instance_uid(reading: Reading, version: Version, kind: str) -> str:
    """Of the object of one kind that is made of a version.

    A signed version has one for ever. A draft has another after each edit, as what is written then is another object.
    """
    return uid_of("instance", reading.id, version.id, kind, *_state(version))


def series_uid(reading: Reading, version: Version, kind: str) -> str:
    """Of the series that the object of one kind stands in."""
    return uid_of("series", reading.id, version.id, kind, *_state(version))


def _state(version: Version) -> tuple[str, ...]:
    if version.status is ReadingStatus.DRAFT:
        case = hashlib.sha256(repr(version.case).encode()).hexdigest()
        return ("draft", case, *(edit.id for edit in version.edits))
    return ("signed",)
