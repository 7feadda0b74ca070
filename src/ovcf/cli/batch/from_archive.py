"""What ``ovcf batch`` is told of studies that lie in a picture archive."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.batch.sources.study_source import StudySource

Config = Annotated[
    Path | None,
    Parameter(name=["--config", "-c"], help="Settings of archives (docs/how-to/pacs.md); pacs.toml unless given."),
]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class FromArchive:
    """Studies that an archive has, by a query."""

    pacs: Annotated[str, Parameter(help="Ask this archive of the settings for studies, in place of SOURCE.")] = ""
    date: Annotated[str, Parameter(help="Study date YYYYMMDD, or a range: 20260101-20260131.")] = ""
    modality: Annotated[str, Parameter(help="MR, CT, DX, CR.")] = ""
    description: Annotated[str, Parameter(help="Study description; * and ? stand for any letters.")] = ""
    patient: Annotated[str, Parameter(help="The hospital's patient id.")] = ""

    @property
    def asks(self) -> bool:
        """Whether anything was said."""
        return any(getattr(self, field.name) for field in fields(self))

    def studies(self) -> Sequence[StudySource]:
        """The studies that fit.

        Raises:
            PacsError: no archive or nothing is asked for, or it cannot be asked.
        """
        from ovcf.batch.sources.picture_archive import studies_of
        from ovcf.errors import PacsError
        from ovcf.pacs.archive_query import Query

        if not self.pacs:
            raise PacsError("query", "does not say which archive is asked", "Name it: --pacs NAME.")
        query = Query(date=self.date, modality=self.modality, description=self.description, patient_id=self.patient)
        return studies_of(self.pacs, query)


NO_ARCHIVE = FromArchive()


def use_settings(config: Path | None) -> None:
    """Let every part of this process, and what it starts, find the settings of archives."""
    import os

    from ovcf.batch.sources.picture_archive import SETTINGS

    if config is not None:
        os.environ[SETTINGS] = str(config.absolute())
