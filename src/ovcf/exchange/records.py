"""Patients of the registry with all that is known of them, a page at a time, as plain rows."""

from __future__ import annotations

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
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy.orm import Session

Row = dict[str, Any]
PAGE = 500
ALL = frozenset(
    {
        Consent,
        Treatment,
        Event,
        PatientReport,
        Densitometry,
        ClinicalEntry,
        Reading,
        MeasuredValue,
        MovedStudy,
        ScoreValue,
        ImagingStudy,
    }
)


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
    kinds: Collection[type[Base]] = ALL,
) -> Iterator[Record]:
    """Every patient of the given sites, or those of them with the given pseudonyms; by site and pseudonym.

    ``kinds`` are the tables to read beside patients, episodes and visits.
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
            yield from page_of(session, [row.id for row in page], known, kinds)
            after = page[-1].code


def page_of(
    session: Session, ids: Sequence[UUID], sites: Sites, kinds: Collection[type[Base]] = ALL
) -> Iterator[Record]:
    """The patients of some ids, in that order."""
    rows = {row["id"]: row for row in _rows(session, Patient, Patient.id, ids)}
    found = {
        id_: Record(rows[id_], sites.codes[rows[id_]["site_id"]], rows[id_]["site_id"] in sites.simulated)
        for id_ in ids
        if id_ in rows
    }
    courses: dict[UUID, Course] = {}
    for number, row in _current(session, Episode, ids, "patient_id", found):
        course = courses[row["entity_id"]] = Course(number, row)
        found[row["patient_id"]].courses.append(course)
    visits: dict[UUID, Seen] = {}
    for _, row in _current(session, Visit, ids, "episode_id", found):
        if row["episode_id"] in courses:
            seen = visits[row["entity_id"]] = Seen(row)
            courses[row["episode_id"]].visits.append(seen)
    if Consent in kinds:
        for number, row in _current(session, Consent, ids, "patient_id", found):
            found[row["patient_id"]].consents.append((number, row))
    below: tuple[tuple[type[Versioned], str], ...] = ((Treatment, "treatments"), (Event, "events"))
    for kind, name in below:
        for number, row in _current(session, kind, ids, "episode_id", found) if kind in kinds else ():
            if row["episode_id"] in courses:
                getattr(courses[row["episode_id"]], name).append((number, row))
    below = ((PatientReport, "reports"), (Densitometry, "bone"), (ImagingStudy, "images"))
    for kind, name in below:
        for number, row in _current(session, kind, ids, "visit_id", found) if kind in kinds else ():
            if row["visit_id"] in visits:
                getattr(visits[row["visit_id"]], name).append((number, row))
    if ClinicalEntry in kinds:
        _add_facts(session, ids, visits, found)
    if Reading in kinds:
        _add_readings(session, ids, visits, kinds)
    if ImagingStudy in kinds:
        _count_files(session, ids, visits)
    yield from found.values()


def _add_facts(session: Session, ids: Sequence[UUID], visits: dict[UUID, Seen], found: dict[UUID, Record]) -> None:
    """Entered facts: those of several entries together, the newest first; the oldest entry is the one corrected."""
    for _, row in _current(session, ClinicalEntry, ids, "visit_id", found):
        seen = visits.get(row["visit_id"])
        if seen is not None and row["reading_id"] is None:
            seen.facts |= row["facts"]
            seen.entry = row


def _add_readings(
    session: Session, ids: Sequence[UUID], visits: dict[UUID, Seen], kinds: Collection[type[Base]]
) -> None:
    """The reading of each visit that counts, with its numbers: a signed one before drafts, the newest of those."""
    elsewhere = set(session.scalars(select(MovedStudy.reading).where(MovedStudy.patient_id.in_(ids))))
    for row in _rows(session, Reading, Reading.patient_id, ids):
        seen = visits.get(row["visit_id"])
        if seen is None or row["reading"] in elsewhere:
            continue
        if seen.reading is None or _rank(row) > _rank(seen.reading):
            seen.reading = row
    by_id = {seen.reading["id"]: seen for seen in visits.values() if seen.reading is not None}
    if not by_id:
        return
    for row in _rows(session, ClinicalEntry, ClinicalEntry.reading_id, list(by_id)):
        by_id[row["reading_id"]].reading_facts = row["facts"]
    of_readings: tuple[tuple[type[MeasuredValue | ScoreValue], str], ...]
    of_readings = ((MeasuredValue, "measured"), (ScoreValue, "scores"))
    for kind, name in of_readings:
        for row in _rows(session, kind, kind.reading_id, list(by_id)) if kind in kinds else ():
            getattr(by_id[row["reading_id"]], name).append(row)


def _rank(row: Row) -> tuple[bool, Any, int]:
    return row["status"] is ReadingStatus.CONFIRMED, row["recorded_at"], row["revision"]


def _count_files(session: Session, ids: Sequence[UUID], visits: dict[UUID, Seen]) -> None:
    counted = select(StudyFile.study_id, func.count()).where(StudyFile.patient_id.in_(ids)).group_by(StudyFile.study_id)
    files: dict[UUID, int] = {row[0]: row[1] for row in session.execute(counted)}
    for seen in visits.values():
        for _, row in seen.images:
            row["files"] = files.get(row["entity_id"], 0)


def _rows(session: Session, kind: type[Base], owner: Any, ids: Sequence[UUID]) -> Iterable[Row]:
    names = _names(kind)
    types = types_of(kind)
    columns = [
        type_coerce(getattr(kind, name), String) if isinstance(types[name], Uuid) else getattr(kind, name)
        for name in names
    ]
    as_ids = [place for place, name in enumerate(names) if isinstance(types[name], Uuid)]
    order = [c for name in ("recorded_at", "id") if (c := getattr(kind, name, None)) is not None]
    for row in session.execute(select(*columns).where(owner.in_(ids)).order_by(*order)):
        values = list(row)
        for place in as_ids:
            if type(values[place]) is str:
                values[place] = _id(values[place])
        yield dict(zip(names, values, strict=True))


@cache
def _names(kind: type[Base]) -> tuple[str, ...]:
    """The columns that say something; who recorded a row, when and why only where that is asked for."""
    if not issubclass(kind, Versioned) or kind is Consent:
        return tuple(types_of(kind))
    return tuple(name for name in types_of(kind) if name not in ("recorded_by", "recorded_at", "reason"))


@lru_cache(maxsize=50_000)
def _id(text: str) -> UUID:
    """SQLite keeps ids as text, and each of them stands in many rows."""
    return UUID(text)


def _current(
    session: Session, kind: type[Versioned], ids: Sequence[UUID], parent: str, of: dict[UUID, Record]
) -> Iterator[tuple[int, Row]]:
    """What stands of each fact, numbered within its parent in the order of first recording; taken back ones count."""
    first: dict[UUID, Row] = {}
    newest: dict[UUID, Row] = {}
    pending: list[Row] = []
    for row in _rows(session, kind, kind.patient_id, ids):
        if row["replaces_id"] is None:
            first[row["entity_id"]] = newest[row["entity_id"]] = row
        else:
            pending.append(row)
    follows = {row["replaces_id"]: row for row in pending}
    numbers: dict[UUID, int] = {}
    for entity in first:
        row = newest[entity]
        while (later := follows.get(row["id"])) is not None:
            row = later
        number = numbers[first[entity][parent]] = numbers.get(first[entity][parent], 0) + 1
        if row["retracted"]:
            of[row["patient_id"]].taken_back.add(entity)
        else:
            yield number, row
