"""Facts of a bundle into a clinical case or an open reading. What is there stays."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import with_fact
from ovcf.errors import ClinicalDataError, OvcfError, ReadingError
from ovcf.fhir.incoming.resources import Told
from ovcf.reading.editing.changes import Change, changes
from ovcf.reading.editing.edits import EnterFact
from ovcf.reading.session import Session
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from ovcf.fhir.incoming.understand import Fact, Understood
    from ovcf.reading.file import ReadingFile


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken over, and what was not since something else is there already."""

    facts: tuple[Fact, ...]
    kept: tuple[Told, ...]


def into_case(case: ClinicalCase, said: Understood, *, overwrite: bool = False) -> tuple[ClinicalCase, Taken]:
    """The case with the facts that it lacks; with ``overwrite`` also those that it says otherwise."""
    taken, kept = [], []
    for fact in said.facts:
        try:
            found = with_fact(case, fact.field, fact.value)
        except ClinicalDataError as error:
            kept.append(Told(fact.source, f"does not fit the rest ({error.where} {error.problem})"))
            continue
        before, after = _get(case, fact.field), _get(found, fact.field)
        if before == after:
            continue
        if before not in (None, (), "") and not overwrite:
            kept.append(Told(fact.source, f"{fact.field} is there already: {words(before)}, not {words(after)}"))
            continue
        case = found
        taken.append(fact)
    return case, Taken(tuple(taken), tuple(kept))


def into_reading(
    file: ReadingFile, said: Understood, *, reader: str, at: str, overwrite: bool = False
) -> tuple[ReadingFile, Taken, tuple[Change, ...]]:
    """The draft with the facts as edits of a reader, and what follows from them.

    Raises:
        ReadingError: it is signed.
    """
    if file.reading.current.status is not ReadingStatus.DRAFT:
        raise ReadingError(f"reading {file.reading.id}", "is signed", "Begin an addendum first, with its reason.")
    session = Session(file)
    before = session.assessment()
    _, wanted = into_case(session.now().case, said, overwrite=overwrite)
    taken, kept = [], list(wanted.kept)
    for fact in wanted.facts:
        told = f"{fact.field}\0{fact.value!r}\0{len(session.version.edits)}"
        id_ = hashlib.sha256(f"fhir\0{session.version.id}\0{told}".encode()).hexdigest()[:32]
        value = fact.value
        try:
            session.make(EnterFact(id=id_, reader=reader, at=at, field=fact.field, value=value))
            taken.append(fact)
        except OvcfError as error:
            kept.append(Told(fact.source, f"{error.where}: {error.problem}"))
    return session.file, Taken(tuple(taken), tuple(kept)), changes(before, session.assessment())


def _get(case: ClinicalCase, field: str) -> Any:
    found: Any = case
    for part in field.split("."):
        found = getattr(found, part)
    return found


def words(value: object) -> str:
    """A value, for people."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
