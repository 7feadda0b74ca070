"""Who a patient of the registry is, for the few who may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.fhir.out.source import Known
from ovcf.pacs.line.whose import known_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Patient


def known_in(registry: Registry) -> Callable[[Session, Patient], Sequence[Known]]:
    """What tells who a patient of a registry is: nothing where it has no key, or nobody has told it."""

    def known(session: Session, patient: Patient) -> Sequence[Known]:
        key = registry.files.key
        found = () if key is None else known_of(session, key, patient.id)
        return [Known(number=p.number, issuer=p.issuer, name=p.name, born=p.born) for p in found]

    return known
