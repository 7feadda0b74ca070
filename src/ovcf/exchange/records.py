"""Patients of the registry with all that is known of them, a page at a time, as plain rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import String, Uuid, func, select, type_coerce

from ovcf.reading.version import ReadingStatus
from ovcf.registry.audit import types_of
from ovcf.registry.columns import Versioned
from ovcf.registry.tables import (
    Base,
    ClinicalEntry,
    Consent,
    Densitometry,
    Episode,
    Event,
    ImagingStudy,
    MeasuredValue,
    MovedStudy,
    Patient,
    PatientReport,
    Reading,
    ScoreValue,
    Simulation,
    Site,
    StudyFile,
    Treatment,
    Visit,
)
from ovcf.registry.words import ConsentScope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

Row = dict[str, Any]
Only = Mapping[type[Base], Collection[str]]
_ALWAYS = frozenset({Patient, Episode, Visit})
PAGE = 500
_KEYS = frozenset(
    {
        "id",
        "entity_id",
        "replaces_id",
        "retracted",
        "patient_id",
        "site_id",
        "code",
        "episode_id",
        "visit_id",
        "reading_id",
        "reading",
        "revision",
        "status",
    }
)
"""Columns by which rows are put together."""


@dataclass(slots=True)
class Seen:
    """A visit. ``row`` is what stands now; lists are (number, row), numbered in the order of their first recording."""

    row: Row
    facts: Row = field(default_factory=dict)
    entry: Row | None = None
    reports: list[tuple[int, Row]] = field(default_factory=list)
    bone: list[tuple[int, Row]] = field(default_factory=list)
    reading: Row | None = None
    reading_facts: Row = field(default_factory=dict)
    measured: list[Row] = field(default_factory=list)
    scores: list[Row] = field(default_factory=list)
    images: list[tuple[int, Row]] = field(default_factory=list)


@dataclass(slots=True)
class Course:
    """A fracture, by its number among those of the patient."""

    number: int
    row: Row
    treatments: list[tuple[int, Row]] = field(default_factory=list)
    events: list[tuple[int, Row]] = field(default_factory=list)
    visits: list[Seen] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """A patient. ``taken_back`` are the ids of facts that were retracted; nothing else is known of them here."""

    row: Row
    site: str
    simulated: bool
    consents: list[tuple[int, Row]] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    taken_back: set[UUID] = field(default_factory=set)

    @property
    def withdrawn(self) -> bool:
        """Whether the patient took back the consent to research; a consent that nobody recorded is not taken back."""
        last = [row for _, row in self.consents if row["scope"] is ConsentScope.RESEARCH]
        return bool(last) and not max(last, key=lambda r: (r["on"], r["recorded_at"]))["given"]


@dataclass(frozen=True, slots=True)
class Sites:
    """The sites by id, and which of them are simulated."""

    codes: dict[UUID, str]
    simulated: frozenset[UUID]

    @classmethod
    def of(cls, session: Session) -> Sites:
        """As the registry has them."""
        codes = {row.id: row.code for row in session.execute(select(Site.id, Site.code))}
        return cls(codes, frozenset(session.scalars(select(Simulation.site_id))))


def records(
    session: Session,
    sites: Collection[UUID] | None = None,
    codes: Sequence[str] | None = None,
    only: Only | None = None,
) -> Iterator[Record]:
    """Every patient of the given sites, or those of them with the given pseudonyms; by site and pseudonym.

    ``only`` are the tables to read beside patients, episodes and visits, and of each table the columns that are asked
    for; then nothing else is promised of a row, and ids are as the database keeps them. Without it rows are whole.
    """
    known = Sites.of(session)
    wanted = select(Patient.id, Patient.site_id, Patient.code)
    if sites is not None:
        wanted = wanted.where(Patient.site_id.in_(sites))
    if codes is not None:
        wanted = wanted.where(Patient.code.in_(codes))
    order = sorted(known.codes, key=lambda id_: known.codes[id_])
    for site in order:
        after = ""
        while page := session.execute(
            wanted.where(Patient.site_id == site, Patient.code > after).order_by(Patient.code).limit(PAGE)
        ).all():
            yield from page_of(session, [row.id for row in page], known, only)
            after = page[-1].code


def page_of(session: Session, ids: Sequence[UUID], sites: Sites, only: Only | None = None) -> Iterator[Record]:
    """The patients of some ids, in that order."""
    return iter(_Page(session, ids, only).read(sites))


class _Page:
    """Some patients while they are put together, by the ids that their rows hold."""

    def __init__(self, session: Session, ids: Sequence[UUID], only: Only | None) -> None:
        self._connection, self._ids, self._only = session.connection(), ids, only
        self._found: dict[Any, Record] = {}
        self._courses: dict[Any, Course] = {}
        self._visits: dict[Any, Seen] = {}

    def read(self, sites: Sites) -> list[Record]:
        """All of them."""
        rows = {_uuid(row["id"]): row for row in self._rows(Patient, "id", self._ids)}
        for row in (rows[id_] for id_ in self._ids if id_ in rows):
            site = _uuid(row["site_id"])
            self._found[row["id"]] = Record(row, sites.codes[site], site in sites.simulated)
        for number, row in self._current(Episode, "patient_id"):
            course = self._courses[row["entity_id"]] = Course(number, row)
            self._found[row["patient_id"]].courses.append(course)
        for _, row in self._current(Visit, "episode_id"):
            if row["episode_id"] in self._courses:
                seen = self._visits[row["entity_id"]] = Seen(row)
                self._courses[row["episode_id"]].visits.append(seen)
        for number, row in self._current(Consent, "patient_id"):
            self._found[row["patient_id"]].consents.append((number, row))
        for number, row in self._current(Treatment, "episode_id"):
            if row["episode_id"] in self._courses:
                self._courses[row["episode_id"]].treatments.append((number, row))
        for number, row in self._current(Event, "episode_id"):
            if row["episode_id"] in self._courses:
                self._courses[row["episode_id"]].events.append((number, row))
        self._of_visits()
        if self._asked(Reading):
            self._readings()
        return list(self._found.values())

    def _of_visits(self) -> None:
        for number, row in self._current(PatientReport, "visit_id"):
            if row["visit_id"] in self._visits:
                self._visits[row["visit_id"]].reports.append((number, row))
        for number, row in self._current(Densitometry, "visit_id"):
            if row["visit_id"] in self._visits:
                self._visits[row["visit_id"]].bone.append((number, row))
        # Facts of several entries stand together, the newest first; the oldest entry is the one corrected.
        for _, row in self._current(ClinicalEntry, "visit_id"):
            if row["reading_id"] is None and row["visit_id"] in self._visits:
                seen = self._visits[row["visit_id"]]
                seen.facts |= row["facts"]
                seen.entry = row
        if self._asked(ImagingStudy):
            files = self._files()
            for number, row in self._current(ImagingStudy, "visit_id"):
                if row["visit_id"] in self._visits:
                    row["files"] = files.get(_uuid(row["entity_id"]), 0)
                    self._visits[row["visit_id"]].images.append((number, row))

    def _readings(self) -> None:
        """The reading of each visit that counts, with its numbers: a signed one before drafts, the newest of those."""
        moved = select(MovedStudy.reading).where(MovedStudy.patient_id.in_(self._ids))
        elsewhere = set(self._connection.scalars(moved))
        for row in self._rows(Reading, "patient_id", self._ids):
            seen = self._visits.get(row["visit_id"])
            if seen is None or row["reading"] in elsewhere:
                continue
            if seen.reading is None or _rank(row) > _rank(seen.reading):
                seen.reading = row
        by_id = {seen.reading["id"]: seen for seen in self._visits.values() if seen.reading is not None}
        if not by_id:
            return
        ids = [_uuid(id_) for id_ in by_id]
        for row in self._rows(ClinicalEntry, "reading_id", ids):
            by_id[row["reading_id"]].reading_facts = row["facts"]
        for row in self._rows(MeasuredValue, "reading_id", ids):
            by_id[row["reading_id"]].measured.append(row)
        for row in self._rows(ScoreValue, "reading_id", ids):
            by_id[row["reading_id"]].scores.append(row)

    def _files(self) -> dict[UUID, int]:
        """How many files each study has."""
        of_patients = StudyFile.patient_id.in_(self._ids)
        counted = select(StudyFile.study_id, func.count()).where(of_patients).group_by(StudyFile.study_id)
        return {row[0]: row[1] for row in self._connection.execute(counted)}

    def _asked(self, kind: type[Base]) -> bool:
        return self._only is None or kind in self._only or kind in _ALWAYS

    def _rows(self, kind: type[Base], owner: str, ids: Sequence[UUID]) -> Iterator[Row]:
        """The rows of a table whose ``owner`` is one of some ids, in the order of their recording."""
        if not self._asked(kind):
            return
        names = _names(kind, None if self._only is None else frozenset(self._only.get(kind, ())))
        columns = {c.key: c.columns[0] for c in kind.__mapper__.column_attrs}
        as_ids = [name for name in names if isinstance(columns[name].type, Uuid)]
        wanted = [type_coerce(columns[n], String) if n in as_ids else columns[n] for n in names]
        order = [columns[name] for name in ("recorded_at", "id") if name in columns]
        asked = select(*wanted).where(columns[owner].in_(ids)).order_by(*order)
        for row in self._connection.execute(asked).all():
            values = dict(zip(names, row, strict=True))
            if self._only is None:
                for name in as_ids:
                    if values[name] is not None:
                        values[name] = _uuid(values[name])
            yield values

    def _current(self, kind: type[Versioned], parent: str) -> Iterator[tuple[int, Row]]:
        """What stands of each fact, numbered within its parent in the order of first recording; those taken back count.

        They are told to the record of the patient.
        """
        first: dict[Any, Row] = {}
        follows: dict[Any, Row] = {}
        for row in self._rows(kind, "patient_id", self._ids):
            if row["replaces_id"] is None:
                first[row["entity_id"]] = row
            else:
                follows[row["replaces_id"]] = row
        numbers: dict[Any, int] = {}
        for entity, begun in first.items():
            row = begun
            while follows and (later := follows.get(row["id"])) is not None:
                row = later
            number = numbers[begun[parent]] = numbers.get(begun[parent], 0) + 1
            if row["retracted"]:
                self._found[row["patient_id"]].taken_back.add(entity)
            else:
                yield number, row


def _rank(row: Row) -> tuple[bool, Any, int]:
    return row["status"] is ReadingStatus.CONFIRMED, row["recorded_at"], row["revision"]


@cache
def _names(kind: type[Base], only: frozenset[str] | None) -> tuple[str, ...]:
    """The columns that are read: if nothing else is asked for, all that say something of the patient.

    Who recorded a row, when and why is read of consents alone.
    """
    if only is not None:
        return tuple(name for name in types_of(kind) if name in only or name in _KEYS)
    if not issubclass(kind, Versioned) or kind is Consent:
        return tuple(types_of(kind))
    return tuple(name for name in types_of(kind) if name not in ("recorded_by", "recorded_at", "reason"))


def _uuid(found: Any) -> UUID:
    return found if isinstance(found, UUID) else _id(found)


@lru_cache(maxsize=50_000)
def _id(text: str) -> UUID:
    """SQLite keeps ids as text, and each of them stands in many rows."""
    return UUID(text)
