"""What every step of the line needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ovcf.registry.access import Act, Principal, principal_of, require
from ovcf.registry.service import person_named
from ovcf.registry.tables import PacsRecord
from ovcf.registry.words import PacsEvent, ResultKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from ovcf.pacs.settings import Settings
    from ovcf.pacs.spool.spool import Spool
    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import WorkItem


def _quiet(_text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line of one registry. ``who`` receives studies and is named in the audit; ``tell`` gets what is done."""

    registry: Registry
    spool: Spool
    settings: Settings
    who: Principal
    key: bytes = field(repr=False)
    tell: Callable[[str], None] = _quiet

    @classmethod
    def of(cls, registry: Registry, spool: Spool, settings: Settings, tell: Callable[[str], None] = _quiet) -> Line:
        """The line of a registry whose files are sealed.

        Raises:
            RegistryError: it is not clear who receives. ForbiddenError: they may not. PacsError: nothing is sealed.
        """
        from ovcf.errors import PacsError

        if registry.files.key is None:
            raise PacsError("registry", "has no key that seals its files", "Name the key file.")
        with registry.reading() as session:
            who = principal_of(session, person_named(session, settings.here.person))
        require(who, Act.WRITE_FACTS)
        return cls(registry, spool, settings, who, registry.files.key, tell)

    def record(
        self,
        writer: Writer,
        event: PacsEvent,
        item: WorkItem | None,
        *,
        peer: str = "",
        reading: str = "",
        version: str = "",
        kind: ResultKind | None = None,
        images: int = 0,
        identity: UUID | None = None,
        why: str = "",
    ) -> None:
        """Write down what passed, in the audited record."""
        writer.add(
            PacsRecord(
                patient_id=None if item is None else item.patient_id,
                work_item=None if item is None else item.id,
                event=event,
                peer=peer,
                reading=reading,
                version=version,
                kind=kind,
                images=images,
                identity=identity,
                why=why,
            )
        )
