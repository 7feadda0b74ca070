"""What is found to be done for one patient: facts to add, values to correct, and what cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.exchange.incoming.ids import fact_id
from ovcf.exchange.incoming.said import Problem
from ovcf.exchange.incoming.todo import Add, Correct
from ovcf.exchange.redcap.field import Fault
from ovcf.exchange.redcap.forms import form_named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from uuid import UUID

    from ovcf.exchange.incoming.said import Said, Values
    from ovcf.exchange.records import Row
    from ovcf.exchange.redcap.columns import Columns
    from ovcf.registry.columns import Base

_NEVER_AFTER = ("visit_date", "event_on", "fractured_on", "dxa_on", "consent_on", "therapy_start")


@dataclass(slots=True)
class Compared:
    """What is to be done for one patient."""

    todo: list[Add | Correct] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose lines they are. ``taken_back`` are ids of facts that the registry has had and took back."""

    id: UUID
    code: str
    site: UUID
    taken_back: Collection[UUID]
    dates_shifted: bool


class Changes:
    """Gathers what is to be done for one patient; ``today`` is the last day that can have been."""

    def __init__(self, subject: Subject, today: date) -> None:
        self._patient, self._code, self._site = subject.id, subject.code, subject.site
        self._taken_back, self._shifted, self._today = subject.taken_back, subject.dates_shifted, today
        self.found = Compared()

    def repeated(
        self,
        lines: Sequence[Said],
        kind: type[Base],
        there: Sequence[tuple[int, Row]],
        columns: Columns,
        above: Callable[[Said], Row | None],
    ) -> None:
        """Instances against what is there: first by the id that they would have been given, then by their number."""
        by_id = {row["entity_id"]: row for _, row in there}
        by_number = dict(there)
        form = form_named(lines[0].form) if lines else None
        needed = {f.name for f in form.fields if f.required} if form else set()
        matched: dict[Any, Row] = {}
        taken: set[UUID] = set()
        for line in lines:
            if (row := by_id.get(self.id_of(line, line.form))) is not None:
                matched[line.key] = row
                taken.add(row["entity_id"])
        for line in sorted(lines, key=lambda x: x.instance):
            said = line.values.get(line.form, {})
            self.not_late(line, said)
            old = matched.get(line.key)
            candidate = by_number.get(line.instance)
            if old is None and candidate is not None and candidate["entity_id"] not in taken:
                old = candidate
                taken.add(candidate["entity_id"])
            values = {**(columns.values(old) if old else {}), **said}
            if not needed <= values.keys():  # the reader of the table has named what is missing
                continue
            if old is not None:
                self.correct(kind, line, old, columns.row(values))
                continue
            owner = above(line)
            if owner is not None:
                self.add(kind, self.id_of(line, line.form), {**owner, **columns.row(said)})

    def add(self, kind: type[Base], id_: UUID, values: Row) -> bool:
        """A new fact, unless it was taken back in the registry: then it is not put there again."""
        if id_ in self._taken_back:
            self.found.taken_back += 1
            return False
        self.found.todo.append(Add(kind=kind, values={"id": id_, "patient_id": self._patient, **values}))
        return True

    def correct(self, kind: type[Base], line: Said, old: Row, given: Row) -> None:
        """Other values for a fact that is there, where they differ."""
        changes = tuple((name, old[name], value) for name, value in given.items() if old[name] != value)
        if changes:
            self.note_correction(kind, line, old, {name: value for name, _, value in changes}, changes)

    def note_correction(
        self, kind: type[Base], line: Said, old: Row, values: Row, changes: tuple[tuple[str, Any, Any], ...]
    ) -> None:
        """The same with its changes as they shall be shown; dates of a shifted export correct nothing."""
        if self._shifted and any(isinstance(new, date) for _, _, new in changes):
            name, _, new = next(change for change in changes if isinstance(change[2], date))
            self.refuse(line, name, new, Fault.SHIFTED, "Export with true dates for corrections.")
            return
        self.found.todo.append(
            Correct(kind=kind, old=old, values=values, changes=changes, record=self._code, row=line.row)
        )

    def not_late(self, line: Said, said: Values) -> None:
        """Refuse days that have not come yet."""
        for name in _NEVER_AFTER:
            value = said.get(name)
            if value is not None and value > self._today:
                self.refuse(line, name, value, Fault.FUTURE, "Correct the date.")

    def id_of(self, line: Said, what: str) -> UUID:
        """The id that the line gives to what it adds."""
        return fact_id(self._site, line, what)

    def refuse(self, line: Said, column: str, value: object, fault: Fault, remedy: str) -> None:
        """Name a value that cannot be taken."""
        self.found.problems.append(
            Problem(
                row=line.row,
                record=self._code,
                column=line.columns.get(column, column),
                value=str(value),
                fault=fault,
                remedy=remedy,
            )
        )
