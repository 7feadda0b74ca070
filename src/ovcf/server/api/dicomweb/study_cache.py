"""What the doors of DICOMweb keep at hand of a study: its objects, and what a list tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.errors import NotThereError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom import Dataset


@dataclass(frozen=True, slots=True)
class Holding:
    """A study with everything in it, by SOP instance UID."""

    study_uid: str
    objects: Mapping[str, Dataset]

    def of_series(self, series: str) -> dict[str, Dataset]:
        """The objects of one series.

        Raises:
            NotThereError: there is none.
        """
        found = {uid: ds for uid, ds in self.objects.items() if str(ds.SeriesInstanceUID) == series}
        if not found:
            raise NotThereError("series", "is not there", "Ask which series the study has.")
        return found

    def one(self, series: str, instance: str) -> Dataset:
        """One object.

        Raises:
            NotThereError: there is none.
        """
        found = self.of_series(series).get(instance)
        if found is None:
            raise NotThereError("instance", "is not there", "Ask which instances the series has.")
        return found


@dataclass(frozen=True, slots=True)
class Outline:
    """What a list tells of a study. Counts are None until its objects were made: only then are they known."""

    modalities: tuple[str, ...]
    description: str = ""
    series: int | None = None
    instances: int | None = None
