"""What ``ovcf cohort`` is asked about: a table in a file, or a registry."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ovcf.exchange.dataset.build import DataSet

ADDRESS = "OVCF_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class RegistrySource:
    """The data set of a registry, with the end of its audit: what was looked at, to be found again."""

    data: DataSet
    name: str
    head: str

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """For the provenance of a report."""
        return ((f"registry {self.name}, end of its audit", self.head),)


def is_registry(path: Path) -> bool:
    """Whether a path is the data folder of a registry: files and ledger lie there, and its database or an address."""
    from ovcf.registry.store import DATABASE

    return path.is_dir() and ((path / DATABASE).is_file() or bool(os.environ.get(ADDRESS)))


def read_registry(path: Path, *, answers: bool = True) -> RegistrySource:
    """The data set of the registry in a data folder; with OVCF_DATABASE_URL its tables lie there.

    Raises:
        RegistryError, CohortDataError, MissingExtraError: it cannot be used.
    """
    from ovcf.exchange.dataset.build import data_set
    from ovcf.registry.audit import head
    from ovcf.registry.store import Registry

    registry = Registry.open(path, database=os.environ.get(ADDRESS) or None)
    try:
        with registry.reading() as session:
            return RegistrySource(data_set(session, answers=answers), path.resolve().name, str(head(session)))
    finally:
        registry.close()
