"""A bundle: what a registry knows of a study's patients of one site, signed, in one file.

A zip: ``manifest.json`` (study, site, who made it, rows and SHA-256 of each table and file), ``signature`` (Ed25519,
over the manifest), ``tables/NAME.jsonl``, ``files/SHA256``. No identity goes along, and no key of a patient's audit.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

from ovcf.errors import StudyError
from ovcf.language.worded import say
from ovcf.registry.columns import now
from ovcf.registry.safekeeping.backup import plain_row
from ovcf.registry.tables import Erasure, Person, ProtocolVersion, ReadingTask, Site, Study, TaskReading
from ovcf.study.data.database_lock import patient_rows
from ovcf.study.sites.keys import known_key, signature_holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from sqlalchemy.orm import Session

    from ovcf.registry.columns import Base
    from ovcf.registry.store import Registry

FORMAT = "ovcf bundle 1"
_OF_A_ROUND = (ReadingTask, TaskReading)
"""They belong to a round of blinded readings, which stays where it is led."""
_MOST_BYTES = 8_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle whose signature holds: its rows by table, as plain data, and its files by digest."""

    study: str
    site: str
    made_by: str
    made_at: str
    digest: str
    erased: Mapping[str, str]
    tables: Mapping[str, tuple[dict[str, Any], ...]]
    files: Mapping[str, bytes]


def make_bundle(
    session: Session, registry: Registry, study: Study, site: Site, made_by: Site, key: Ed25519PrivateKey
) -> bytes:
    """Everything of a study about the patients of a site; ``made_by`` is the site that signs.

    Raises:
        StudyError: no patient of that site was screened. RegistryError: a file of a reading is not in the store.
    """
    rows: list[Base] = list(session.scalars(select(ProtocolVersion).where(ProtocolVersion.study_id == study.id)))
    theirs = [row for _, row in patient_rows(session, study, site=site.id) if not isinstance(row, _OF_A_ROUND)]
    if not theirs:
        raise StudyError(
            say("site {code}", code=site.code),
            say("has no patient in {code}", code=study.code),
            "There is nothing to send.",
        )
    rows += theirs
    people = session.scalars(select(Person).where(Person.id.in_(_people(rows)))).all()
    sites = session.scalars(select(Site).where(Site.id.in_({site.id, *(p.site_id for p in people)}))).all()
    tables: dict[str, list[Base]] = {}
    for row in [*sites, *people, *rows]:
        tables.setdefault(row.__tablename__, []).append(row)
    files = sorted({name for row in rows for name in _files(row)})
    return _packed(session, registry, study, site, made_by, key, tables, files)


def read_bundle(session: Session, content: bytes, where: str) -> Bundle:
    """A bundle, once it is certain who made it and that nothing in it was changed.

    Raises:
        StudyError: no bundle, a site whose key is not known, a signature that does not hold, or a changed content.
    """
    refused = "Ask the site to send it again; nothing was merged."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(i.file_size for i in archive.infolist()) > _MOST_BYTES:
                raise StudyError(where, "unpacks to an absurd size", refused)
            told = archive.read("manifest.json")
            about = json.loads(told)
            if about.get("format") != FORMAT:
                raise StudyError(where, "is no bundle of a study", "Give the file that `ovcf study bundle` made.")
            key = known_key(session, str(about["made_by"]))
            if not signature_holds(key, archive.read("signature"), told):
                raise StudyError(
                    where, say("is not signed with the key of {site}, or was changed", site=key.site), refused
                )
            tables = {name: _rows_of(archive, name, entry, where, refused) for name, entry in about["tables"].items()}
            files = {name: archive.read(f"files/{name}") for name in about["files"]}
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError, OSError) as error:
        raise StudyError(where, say("is no whole bundle ({error})", error=error), refused) from None
    if any(hashlib.sha256(file).hexdigest() != name for name, file in files.items()):
        raise StudyError(where, "holds a file that was changed", refused)
    return Bundle(
        study=about["study"],
        site=about["site"],
        made_by=key.site,
        made_at=about["made_at"],
        digest=hashlib.sha256(told).hexdigest(),
        erased=about["erased"],
        tables=tables,
        files=files,
    )


def _rows_of(
    archive: zipfile.ZipFile, name: str, entry: Mapping[str, Any], where: str, refused: str
) -> tuple[dict[str, Any], ...]:
    lines = archive.read(f"tables/{name}.jsonl")
    if hashlib.sha256(lines).hexdigest() != entry["sha256"]:
        raise StudyError(where, say("holds a table {name} that was changed", name=name), refused)
    return tuple(json.loads(line) for line in lines.splitlines())


def _packed(
    session: Session,
    registry: Registry,
    study: Study,
    site: Site,
    made_by: Site,
    key: Ed25519PrivateKey,
    tables: Mapping[str, list[Base]],
    files: list[str],
) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        listed = {}
        for name, rows in tables.items():
            lines = [json.dumps(as_plain(row), ensure_ascii=False, sort_keys=True) for row in _in_order(rows)]
            content = ("\n".join(lines) + "\n").encode()
            archive.writestr(f"tables/{name}.jsonl", content)
            listed[name] = {"rows": len(rows), "sha256": hashlib.sha256(content).hexdigest()}
        for name in files:
            archive.writestr(f"files/{name}", registry.files.get(name))
        erased = {str(e.patient_id): e.reason for e in session.scalars(select(Erasure))}
        about = {
            "format": FORMAT,
            "study": study.code,
            "site": site.code,
            "made_by": made_by.code,
            "made_at": now().isoformat(timespec="seconds"),
            "erased": erased,
            "tables": listed,
            "files": files,
        }
        told = json.dumps(about, indent=1, sort_keys=True).encode()
        archive.writestr("manifest.json", told)
        archive.writestr("signature", key.sign(told))
    return held.getvalue()


def as_plain(row: Base) -> dict[str, Any]:
    """A row as JSON holds it."""
    table = type(row).__table__
    return plain_row(table, {c.key: getattr(row, c.key) for c in inspect(row).mapper.column_attrs})


def _in_order(rows: Iterable[Base]) -> list[Base]:
    """What a row replaces comes before it."""
    return sorted(rows, key=lambda r: (str(getattr(r, "recorded_at", "")), getattr(r, "replaces_id", None) is not None))


def _people(rows: Iterable[Base]) -> set[UUID]:
    return {
        value
        for row in rows
        for column in type(row).__table__.columns
        if any(k.column.table.name == "person" for k in column.foreign_keys)
        and (value := getattr(row, column.key)) is not None
    }


def _files(row: Base) -> list[str]:
    return [
        value
        for column in type(row).__table__.columns
        if any(k.column.table.name == "stored_file" for k in column.foreign_keys)
        and (value := getattr(row, column.key)) is not None
    ]
