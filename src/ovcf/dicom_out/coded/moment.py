"""When an object is from: an instant of the reading, so that writing it again gives the same object."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom import Dataset

    from ovcf.reading.version import Version


def moment_of(version: Version) -> datetime:
    """When a version became what it is, in UTC: signed, else last edited, else begun."""
    last = version.confirmed_at or (version.edits[-1].at if version.edits else "") or version.begun_at
    when = datetime.fromisoformat(last) if last else datetime(1970, 1, 1, tzinfo=UTC)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def dated(ds: Dataset, when: datetime) -> None:
    """Give an object its dates and times, all of one moment."""
    day, time = when.strftime("%Y%m%d"), when.strftime("%H%M%S")
    for keyword in ("SeriesDate", "ContentDate", "InstanceCreationDate"):
        setattr(ds, keyword, day)
    for keyword in ("SeriesTime", "ContentTime", "InstanceCreationTime"):
        setattr(ds, keyword, time)
    for equipment in ds.get("ContributingEquipmentSequence", ()):
        equipment.ContributionDateTime = f"{day}{time}+0000"
    for observer in ds.get("VerifyingObserverSequence", ()):
        observer.VerificationDateTime = f"{day}{time}+0000"
