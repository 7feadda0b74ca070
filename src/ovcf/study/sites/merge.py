"""Merging a bundle: what is new is added as it was recorded; what contradicts is listed, patient by patient.

Of a patient with a conflict nothing is taken, so that no half of a contradiction slips in. Merging twice adds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import UniqueConstraint, select

from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.columns import Kept, Versioned
from ovcf.registry.safekeeping.backup import typed_row
from ovcf.registry.store import current
from ovcf.registry.tables import (
    Base,
    Enrolment,
    Erasure,
    FormEntry,
    MergedBundle,
    Patient,
    Person,
    ProtocolVersion,
    Screening,
    Site,
    StoredFile,
    Visit,
    Withdrawal,
)
from ovcf.registry.words import Window
from ovcf.study.conduct.studies import study_named
from ovcf.study.data.database_lock import patient_tables
from ovcf.study.sites.site_bundle import as_plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Registry, Writer
    from ovcf.registry.tables import Study
    from ovcf.study.sites.site_bundle import Bundle

_ONCE: dict[type[Versioned], tuple[str, ...]] = {
    Visit: ("episode_id", "window"),
    FormEntry: ("enrolment_id", "window", "form"),
    Enrolment: ("study_id", "number"),
    Screening: ("study_id", "patient_id"),
    Withdrawal: ("enrolment_id",),
}
"""Facts that there can be only one of: two registries may each have recorded one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of a bundle. ``conflicts`` are sentences; of the patients they name nothing was taken."""

    site: str
    patients: int
    added: int
    there: int
    conflicts: tuple[str, ...]


def merge(writer: Writer, registry: Registry, bundle: Bundle) -> Merged:
    """Add what a bundle brings that is not here.

    Raises:
        StudyError: its study is not here, or its site or protocol contradict those here. LockedError: the study is
        locked, and the bundle brings something new.
    """
    session = writer.session
    study = study_named(session, bundle.study)
    _sites(writer, bundle)
    _people(writer, bundle)
    _protocols(writer, study, bundle)
    taken: list[Any] = [Patient, *patient_tables()]
    kinds: dict[str, Any] = {kind.__tablename__: kind for kind in taken}
    order = {t.name: n for n, t in enumerate(Base.metadata.sorted_tables)}
    of: dict[str, list[Kept]] = {}
    for table, lines in bundle.tables.items():
        kind = kinds.get(table)
        if kind is None:
            continue
        for line in lines:
            row = kind(**typed_row(kind.__table__, line))
            of.setdefault(str(line["id"] if kind is Patient else line["patient_id"]), []).append(row)
    added = there = 0
    conflicts = list(_erased(session, bundle))
    own = {line["id"] for line in bundle.tables.get("site", ()) if line["code"] == bundle.made_by}
    for rows in of.values():
        new, found, same = [], [], 0
        for row in rows:
            old = session.get(type(row), row.id)
            if old is None:
                new.append(row)
            elif as_plain(old) == as_plain(row):
                same += 1
            else:
                found.append(say("{name}: {told} differs from the one here", name=_name(rows), told=_told(row)))
        found += [f"{_name(rows)}: {why}" for row in new for why in _against(session, row)]
        found += [
            say("{name}: is no patient of {made_by}, who signed", name=_name(rows), made_by=bundle.made_by)
            for row in new
            if isinstance(row, Patient) and str(row.site_id) not in own
        ]
        there += same
        if found:
            conflicts += dict.fromkeys(found)
            continue
        new.sort(key=lambda r: (order[r.__tablename__], r.recorded_at, getattr(r, "replaces_id", None) is not None))
        for row in new:
            _bring_files(writer, registry, bundle, row)
            writer.bring(row)
        added += len(new)
    if added or not _known(session, bundle):
        writer.add(MergedBundle(study_id=study.id, site_code=bundle.site, digest=bundle.digest, rows=added))
    return Merged(site=bundle.site, patients=len(of), added=added, there=there, conflicts=tuple(conflicts))


def _known(session: Session, bundle: Bundle) -> bool:
    return session.scalars(select(MergedBundle).where(MergedBundle.digest == bundle.digest)).first() is not None


def _sites(writer: Writer, bundle: Bundle) -> None:
    for line in bundle.tables.get("site", ()):
        code, id_ = line["code"], UUID(line["id"])
        same = writer.session.scalars(select(Site).where(Site.code == code)).first()
        if same is not None and same.id != id_:
            raise StudyError(
                say("site {code}", code=code),
                "is another site here, by the same code",
                "One of the two must use a registry with another code.",
            )
        if writer.session.get(Site, id_) is None:
            writer.bring(Site(**typed_row(Site.__table__, line)))


def _people(writer: Writer, bundle: Bundle) -> None:
    """People of other sites bear the code of their site before their own: two sites may each have an ``admin``."""
    codes = {line["id"]: line["code"] for line in bundle.tables.get("site", ())}
    for line in bundle.tables.get("person", ()):
        if writer.session.get(Person, UUID(line["id"])) is not None:
            continue
        own = line["code"] if "/" in line["code"] else f"{codes[line['site_id']]}/{line['code']}"
        if writer.session.scalars(select(Person).where(Person.code == own)).first() is not None:
            raise StudyError(say("person {own}", own=own), "is somebody else here", "Give one of the two another code.")
        writer.bring(Person(**typed_row(Person.__table__, {**line, "code": own})))


def _protocols(writer: Writer, study: Study, bundle: Bundle) -> None:
    here = {
        v.version: v
        for v in writer.session.scalars(select(ProtocolVersion).where(ProtocolVersion.study_id == study.id))
    }
    for line in bundle.tables.get("protocol_version", ()):
        mine = here.get(line["version"])
        if mine is not None and mine.digest != line["digest"]:
            raise StudyError(
                say("protocol {line}", line=line["version"]),
                say("says something else at {site} than here", site=bundle.site),
                "Agree on one, and amend it as a new version at both.",
            )
        if mine is None:
            writer.bring(ProtocolVersion(**typed_row(ProtocolVersion.__table__, line)))


def _erased(session: Session, bundle: Bundle) -> Iterator[str]:
    for id_, reason in bundle.erased.items():
        patient = session.get(Patient, UUID(id_))
        if patient is not None:
            yield say(
                "patient {code} was erased at {made_by} ({reason}), and is still here: erase it, too",
                code=patient.code,
                made_by=bundle.made_by,
                reason=reason,
            )


def _against(session: Session, row: Kept) -> Iterator[str]:
    """Why a new row contradicts what is here."""
    if isinstance(row, Patient):
        if session.get(Erasure, row.id) is not None:
            yield "was erased here; ask the site to erase it, too"
        asked = select(Patient).where(Patient.site_id == row.site_id, Patient.code == row.code)
        if session.scalars(asked).first() is not None:
            yield "another patient has this pseudonym here"
        return
    for columns in _unique(type(row)):
        values = [getattr(row, name) for name in columns]
        if None in values:
            continue
        same = [getattr(type(row), name) == value for name, value in zip(columns, values, strict=True)]
        if session.scalars(select(type(row)).where(*same)).first() is not None:
            said = "was corrected here, too" if columns == ("replaces_id",) else "is there already, another one"
            yield f"{_told(row)} {said}"
    if not isinstance(row, Versioned) or row.id != row.entity_id:
        return
    once = _ONCE.get(type(row))
    if once and getattr(row, "window", None) is not Window.UNSCHEDULED:
        same = [getattr(type(row), name) == getattr(row, name) for name in once]
        there = session.scalars(current(type(row)).where(*same)).first()
        if there is not None:
            yield say("{told} was recorded here, too", told=_told(row))


def _unique(kind: type[Base]) -> list[tuple[str, ...]]:
    table: Any = kind.__table__
    found = [tuple(c.name for c in u.columns) for u in table.constraints if isinstance(u, UniqueConstraint)]
    return [*found, *((c.name,) for c in table.columns if c.unique and (c.name,) not in found)]


def _bring_files(writer: Writer, registry: Registry, bundle: Bundle, row: Base) -> None:
    for column in type(row).__table__.columns:
        if any(k.column.table.name == "stored_file" for k in column.foreign_keys):
            name = getattr(row, column.key)
            if name is not None and writer.session.get(StoredFile, name) is None:
                if name not in bundle.files:
                    raise StudyError(
                        "bundle", say("lacks the file {name}", name=name[:12]), "Ask the site to send it again."
                    )
                registry.files.put(bundle.files[name])
                sealed = registry.files.key is not None
                writer.session.add(StoredFile(sha256=name, size=len(bundle.files[name]), sealed=sealed))
                writer.session.flush()


def _name(rows: Sequence[Base]) -> str:
    number = next((r.number for r in rows if isinstance(r, Enrolment)), None)
    code = next((r.code for r in rows if isinstance(r, Patient)), "")
    return say("patient {code}", code=code) + (f" ({number})" if number else "")


def _told(row: Base) -> str:
    what = row.__tablename__.replace("_", " ")
    more = [
        str(getattr(row, n))
        for n in ("number", "window", "form", "kind", "instrument", "outcome", "place")
        if getattr(row, n, None) is not None
    ]
    return f"{what} {', '.join(more)}".strip()
