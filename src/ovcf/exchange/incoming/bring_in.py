"""A table into the registry: told what it would do, or done, all of it in one transaction with its audit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ovcf.exchange.incoming.compare import Comparison, Place
from ovcf.exchange.incoming.ids import patient_id
from ovcf.exchange.incoming.said import Problem
from ovcf.exchange.incoming.todo import Add, Correct
from ovcf.exchange.records import Sites, page_of
from ovcf.exchange.redcap.field import Fault
from ovcf.registry.access import principal_of
from ovcf.registry.bulk.write import bulk
from ovcf.registry.tables import Erasure, Patient, PatientKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from uuid import UUID

    from ovcf.exchange.incoming.said import Reading, Said
    from ovcf.exchange.records import Record
    from ovcf.registry.access import Principal
    from ovcf.registry.bulk.write import Bulk
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Person

_PAGE = 200


@dataclass(slots=True)
class Outcome:
    """What an import does, or would do: new rows by table, corrections, and every problem."""

    added: Counter[str] = field(default_factory=Counter)
    corrections: list[Correct] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    taken_back: int = 0
    patients: int = 0
    rows: int = 0
    bad_rows: int = 0
    written: bool = False


def bring_in(
    registry: Registry,
    person: Person,
    reading: Reading,
    *,
    source: str,
    write: bool = False,
    accept_good_rows: bool = False,
) -> Outcome:
    """Compare a table with the registry and, with ``write``, add and correct what it says.

    Nothing is written while there is a problem, unless ``accept_good_rows``: then rows with one are left out, and so is
    what depends on them. A correction says ``source`` as its reason. Cells that are empty change nothing.

    Raises:
        RegistryError: a row does not fit the others.
    """
    with registry.reading() as session:
        found, plans = _compared(session, person, reading)
    if write and (not found.problems or accept_good_rows) and (plans is not None):
        with bulk(registry, person.id) as many:
            # Compared again in the transaction that writes: nobody else can change it meanwhile.
            found, plans = _compared(many.session, person, reading)
            if found.problems and not accept_good_rows:
                return found
            _write(many, plans, f"import of {source}")
        found.written = True
    return found


def _compared(session: Session, person: Person, reading: Reading) -> tuple[Outcome, list[list[Add | Correct]]]:
    found = Outcome(problems=list(reading.problems), rows=reading.rows)
    plans: list[list[Add | Correct]] = []
    who = principal_of(session, person)
    sites = Sites.of(session)
    by_code = {code: id_ for id_, code in sites.codes.items()}
    today = datetime.now(UTC).date()
    by_record: dict[str, list[Said]] = {}
    for line in reading.lines:
        by_record.setdefault(line.record, []).append(line)
    bad = {problem.row for problem in reading.problems}
    for page in _pages(list(by_record.items())):
        placed: list[tuple[list[Said], Place]] = []
        for _, lines in page:
            place = _place(lines, who, sites, by_code, found)
            if place is not None:
                placed.append((lines, place))
        there = _there(session, placed, sites)
        gone = set(
            session.scalars(
                select(Erasure.patient_id).where(
                    Erasure.patient_id.in_([patient_id(place.site, lines[0].record) for lines, place in placed])
                )
            )
        )
        for lines, place in placed:
            code = lines[0].record
            if patient_id(place.site, code) in gone:
                found.problems += [
                    Problem(
                        row=x.row,
                        record=code,
                        column="record_id",
                        value=code,
                        fault=Fault.ERASED,
                        remedy="Take the patient out of the table.",
                    )
                    for x in lines
                ]
                continue
            record = there.get((place.site, code))
            todo = _agreed(lines, bad, record, place, today, found)
            found.patients += 1
            found.added.update(one.kind.__tablename__ for one in todo if isinstance(one, Add))
            found.corrections += [one for one in todo if isinstance(one, Correct)]
            if todo:
                plans.append(todo)
    found.bad_rows = len({problem.row for problem in found.problems})
    return found, plans


def _agreed(
    lines: Sequence[Said], bad: Collection[int], record: Record | None, place: Place, today: date, found: Outcome
) -> list[Add | Correct]:
    """What is to be done with a patient's good lines: lines with a problem are taken out until none is left.

    Lines of ``bad`` rows are looked at all the same, so that everything wrong with them is told at once.
    """
    told: set[Problem] = set()
    if any(line.row in bad for line in lines):
        for problem in Comparison(lines, record, place, today).run().problems:
            if problem.row in bad and problem.fault not in (Fault.DEPENDS, Fault.MISSING):
                told.add(problem)
    left = [line for line in lines if line.row not in bad]
    todo: list[Add | Correct] = []
    while left:
        compared = Comparison(left, record, place, today).run()
        if not compared.problems:
            found.taken_back += compared.taken_back
            todo = compared.todo
            break
        told |= set(compared.problems)
        rows = {problem.row for problem in compared.problems}
        left = [line for line in left if line.row not in rows]
    found.problems += sorted(told, key=lambda p: (p.row, p.column))
    return todo


def _place(
    lines: Sequence[Said], who: Principal, sites: Sites, by_code: dict[str, UUID], found: Outcome
) -> Place | None:
    line = lines[0]
    code = next((c for x in lines if (c := x.values.get("patient", {}).get("site_code"))), None)
    site = who.site if code is None else by_code.get(code)
    fault, remedy = None, ""
    if site is None:
        fault, remedy = Fault.UNKNOWN_SITE, f"Sites are {', '.join(sorted(by_code))}."
    elif site != who.site and not who.all_sites:
        fault, remedy = Fault.OTHER_SITE, "Let an administrator import it."
    if fault is not None or site is None:
        found.problems += [
            Problem(row=x.row, record=x.record, column="site_code", value=code or "", fault=fault, remedy=remedy)
            for x in lines
            if fault is not None and (x is line or "patient" in x.values)
        ]
        return None
    return Place(site, site in sites.simulated)


def _there(
    session: Session, placed: Sequence[tuple[list[Said], Place]], sites: Sites
) -> dict[tuple[UUID, str], Record]:
    wanted = {(place.site, lines[0].record) for lines, place in placed}
    named = select(Patient.id, Patient.site_id, Patient.code).where(Patient.code.in_({code for _, code in wanted}))
    ids = [row.id for row in session.execute(named) if (row.site_id, row.code) in wanted]
    return {(record.row["site_id"], record.row["code"]): record for record in page_of(session, ids, sites)}


def _write(many: Bulk, plans: Sequence[list[Add | Correct]], reason: str) -> None:
    for page in _pages(plans):
        corrected = {one.old["patient_id"] for todo in page for one in todo if isinstance(one, Correct)}
        known = {
            one.values["patient_id"]
            for todo in page
            for one in todo
            if isinstance(one, Add) and one.kind is not Patient
        }
        keys = select(PatientKey.patient_id, PatientKey.key).where(PatientKey.patient_id.in_(corrected | known))
        many.know({row.patient_id: row.key for row in many.session.execute(keys)})
        for todo in page:
            for one in todo:
                if isinstance(one, Add):
                    many.add(one.kind, **one.values)
                else:
                    own = {"id", "replaces_id", "reason", "recorded_at", "recorded_by", "retracted"}
                    kept = {name: value for name, value in one.old.items() if name not in own}
                    many.add(one.kind, **{**kept, **one.values, "replaces_id": one.old["id"], "reason": reason})
        many.write()


def _pages(given: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(given), _PAGE):
        yield given[start : start + _PAGE]
