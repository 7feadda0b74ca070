"""When an object is from: an instant of the reading, so that writing it again gives the same object."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from pydicom import Dataset


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
