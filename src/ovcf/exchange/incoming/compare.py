"""What a table says of a patient against what the registry has: what is new, what is another value, what cannot be.

A fact of the table is that of the registry where it has the same place: the patient's pseudonym, the number of the
fracture, the planned visit, and of several of a kind the number of the instance. What the table added gets an id that
follows from its place, so that the same table never adds twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.clinical.facts import facts_of
from ovcf.clinical.read_case import case_from_mapping
from ovcf.errors import ClinicalDataError
from ovcf.exchange.incoming.ids import fact_id, fracture_id, patient_id
from ovcf.exchange.incoming.said import Problem
from ovcf.exchange.incoming.todo import Add, Correct, consent_row, dxa_row, occurrence_row, therapy_row
from ovcf.exchange.redcap.field import Fault
from ovcf.exchange.redcap.forms import INSTRUMENTS, SECTIONS, form_named
from ovcf.exchange.redcap.rows import (
    consent_values,
    dxa_values,
    events_of,
    levels_of,
    occurrence_values,
    therapy_values,
)
from ovcf.registry.tables import (
    ClinicalEntry,
    Consent,
    Densitometry,
    Episode,
    Event,
    Patient,
    PatientReport,
    Treatment,
    Visit,
)
from ovcf.registry.words import Instrument, Mechanism, VisitStatus, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from ovcf.exchange.incoming.said import Said, Values
    from ovcf.exchange.records import Course, Record, Row, Seen
    from ovcf.registry.columns import Base

_NEVER_AFTER = ("visit_date", "event_on", "fractured_on", "dxa_on", "consent_on", "therapy_start")


@dataclass(slots=True)
class Compared:
    """What is to be done for one patient."""

    todo: list[Add | Correct] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    taken_back: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """The site that a patient belongs to."""

    site: UUID
    simulated: bool


class Comparison:
    """One patient's lines against the registry; ``record`` is None for a patient who is new there."""

    def __init__(self, lines: Sequence[Said], record: Record | None, place: Place, today: date) -> None:
        self._lines, self._record, self._place, self._today = lines, record, place, today
        self._code = lines[0].record
        self.found = Compared()
        self._patient: UUID = record.row["id"] if record else patient_id(place.site, self._code)
        self._courses = self._matched(record.courses if record else [])
        self._episodes: dict[int, UUID] = {number: c.row["entity_id"] for number, c in self._courses.items()}
        self._fractured: dict[int, date | None] = {n: c.row["fractured_on"] for n, c in self._courses.items()}
        self._shifted = any(line.values.get("patient", {}).get("dates_shifted") for line in lines)

    def _matched(self, there: Sequence[Course]) -> dict[int, Course]:
        """The fractures of the registry by their number in the table: by the id it gave them, else by that number."""
        arms = {line.arm: line for line in self._lines}
        by_id = {course.row["entity_id"]: course for course in there}
        found = {arm: by_id[id_] for arm, line in arms.items() if (id_ := self._fracture_id(line)) in by_id}
        taken = {id(course) for course in found.values()}
        for course in there:
            if id(course) not in taken:
                found.setdefault(course.number, course)
        return found

    def run(self) -> Compared:
        """Compare every line; a line that needs another which cannot be taken is a problem, too."""
        of_fracture = sorted(
            (x for x in self._lines if x.window is None), key=lambda x: (x.arm, bool(x.form), x.instance)
        )
        if self._record is None and not any(not x.form for x in of_fracture):
            for line in self._lines:
                self._refuse(line, "record_id", self._code, Fault.DEPENDS, "Give the patient's first row, too.")
            return self.found
        self._compare_patient([line for line in of_fracture if not line.form])
        for line in of_fracture:
            if not line.form:
                self._compare_fracture(line)
        self._repeated(
            [x for x in of_fracture if x.form == "consent"],
            Consent,
            self._consents(),
            consent_row,
            consent_values,
            lambda _line: {},
        )
        for kind, form, name, row, values in (
            (Treatment, "therapy", "treatments", therapy_row, therapy_values),
            (Event, "occurrence", "events", occurrence_row, occurrence_values),
        ):
            for arm in sorted({x.arm for x in of_fracture if x.form == form}):
                mine = [x for x in of_fracture if x.form == form and x.arm == arm]
                there = getattr(self._courses[arm], name) if arm in self._courses else []
                self._repeated(mine, kind, there, row, values, self._of_episode)
        visits: dict[tuple[int, Window | None, int], list[Said]] = {}
        for line in self._lines:
            if line.window is not None:
                visits.setdefault((line.arm, line.window, line.further), []).append(line)
        for lines in visits.values():
            self._compare_visit(lines)
        return self.found

    # The patient and the fractures

    def _compare_patient(self, lines: Sequence[Said]) -> None:
        said: Values = {}
        for line in lines:
            said |= line.values.get("patient", {})
        line = lines[0] if lines else self._lines[0]
        if said.get("simulated") and not self._place.simulated:
            for one in self._lines:
                self._refuse(one, "simulated", True, Fault.SIMULATED, "Import it into a registry of its own.")
        if self._record is None:
            self.found.todo.append(
                Add(
                    kind=Patient,
                    values={
                        "id": self._patient,
                        "site_id": self._place.site,
                        "code": self._code,
                        "sex": said.get("sex"),
                        "birth_year": said.get("birth_year"),
                    },
                )
            )
            return
        for name in ("sex", "birth_year"):
            there = self._record.row[name]
            if name in said and said[name] != there:
                remedy = f"The registry has {'nothing' if there is None else there}. Correct the table."
                self._refuse(line, name, said[name], Fault.FIXED, remedy)

    def _compare_fracture(self, line: Said) -> None:
        said = line.values.get("fracture", {})
        chosen = said.get("fractured_levels") or set()
        index = said.get("index_level")
        given: Row = {}
        if index or chosen:
            given["levels"] = levels_of(index, set(chosen))
        if "fractured_on" in said:
            given["fractured_on"] = said["fractured_on"]
        if "mechanism" in said:
            given["mechanism"] = said["mechanism"]
        if "refracture_of" in said:
            earlier = self._episodes.get(said["refracture_of"])
            if earlier is None:
                self._refuse(
                    line, "refracture_of", said["refracture_of"], Fault.IMPOSSIBLE, "Name an earlier fracture."
                )
                return
            given["refracture_of"] = earlier
        course = self._courses.get(line.arm)
        self._not_late(line, said)
        if course is not None:
            old = course.row
            same_set = (
                given.get("levels")
                and set(given["levels"]) == set(old["levels"])
                and index in (None, *old["levels"][:1])
            )
            if same_set:
                given["levels"] = old["levels"]
            self._fractured[line.arm] = given.get("fractured_on", old["fractured_on"])
            self._correct(Episode, line, old, given)
            return
        if not said and not (self._record is None and line.arm == 1):
            return
        if not given.get("levels"):
            if said:
                self._refuse(line, "index_level", "", Fault.MISSING, "Say which vertebra broke.")
            return
        new = self._fracture_id(line)
        self._episodes[line.arm] = new
        self._fractured[line.arm] = given.get("fractured_on")
        self._add(
            Episode,
            new,
            {
                "levels": given["levels"],
                "fractured_on": given.get("fractured_on"),
                "mechanism": given.get("mechanism", Mechanism.UNKNOWN.value),
                "refracture_of": given.get("refracture_of"),
            },
        )

    def _consents(self) -> list[tuple[int, Row]]:
        return self._record.consents if self._record else []

    def _of_episode(self, line: Said) -> Row | None:
        episode = self._episodes.get(line.arm)
        if episode is None:
            self._refuse(line, "redcap_event_name", line.arm, Fault.DEPENDS, "Its fracture is not there.")
            return None
        return {"episode_id": episode}

    # Visits

    def _compare_visit(self, lines: Sequence[Said]) -> None:
        main = next((x for x in lines if not x.form), lines[0])
        above = self._of_episode(main)
        if above is None:
            return
        seen = self._visit_there(main)
        said = main.values.get("visit", {})
        given = {
            name: said[own]
            for name, own in (
                ("window", "visit_window"),
                ("status", "visit_status"),
                ("planned_on", "visit_planned"),
                ("held_on", "visit_date"),
            )
            if own in said
        }
        self._not_late(main, said)
        fractured = self._fractured.get(main.arm)
        if given.get("held_on") and fractured and given["held_on"] < fractured:
            self._refuse(main, "visit_date", given["held_on"], Fault.ORDER, f"The fracture is of {fractured}.")
        if seen is not None:
            visit: UUID = seen.row["entity_id"]
            self._correct(Visit, main, seen.row, given)
        else:
            visit = self._id(main, "visit")
            assert main.window is not None
            held = given.get("held_on") is not None or any(x.values.keys() - {"visit"} for x in lines)
            status = given.get("status", (VisitStatus.HELD if held else VisitStatus.PLANNED).value)
            if not self._add(
                Visit,
                visit,
                {
                    **above,
                    "window": given.get("window", main.window.value),
                    "status": status,
                    "planned_on": given.get("planned_on"),
                    "held_on": given.get("held_on"),
                },
            ):
                return
        self._compare_facts(main, visit, seen)
        self._compare_answers(main, visit, seen)
        bone = [x for x in lines if x.form == "dxa"]
        self._repeated(
            bone, Densitometry, seen.bone if seen else [], dxa_row, dxa_values, lambda _line: {"visit_id": visit}
        )

    def _visit_there(self, line: Said) -> Seen | None:
        """The visit of the registry: by the id that this line would have given it, else by its event."""
        course = self._courses.get(line.arm)
        if course is None:
            return None
        own = self._id(line, "visit")
        for seen in course.visits:
            if seen.row["entity_id"] == own:
                return seen
        others = {self._id(x, "visit") for x in self._lines if x.window is not None}
        assert line.window is not None
        name = line.window.value if line.window is not Window.UNSCHEDULED else f"unscheduled {line.further}"
        return next(
            (
                seen
                for event, seen in events_of(course)
                if event.name.lower() == name and seen.row["entity_id"] not in others
            ),
            None,
        )

    def _compare_facts(self, line: Said, visit: UUID, seen: Seen | None) -> None:
        said = line.values.get("clinical", {})
        if not said:
            return
        before = seen.facts if seen else {}
        facts = {name: dict(value) if isinstance(value, dict) else value for name, value in before.items()}
        for name, value in said.items():
            prefix, _, inner = name.partition("_")
            plain = value.isoformat() if isinstance(value, date) else value
            if prefix in SECTIONS:
                facts.setdefault(SECTIONS[prefix], {})[inner] = plain
            else:
                facts[name] = plain
        try:
            case = case_from_mapping(facts, where="")
        except ClinicalDataError as error:
            where = str(error.where).strip(": ") or "clinical facts"
            self._refuse(line, where, said.get(where, ""), Fault.IMPOSSIBLE, f"{error.problem}. {error.remedy}")
            return
        # Numbers as the clinical file has them; an empty list says that there is none, and is kept.
        kept = facts_of(case) | {name: [] for name, value in facts.items() if value == []}
        old = seen.entry if seen else None
        if old is None:
            self._add(ClinicalEntry, self._id(line, "clinical"), {"visit_id": visit, "reading_id": None, "facts": kept})
        elif kept != before:
            changes = tuple(
                (name, before.get(name), kept.get(name))
                for name in sorted(before.keys() | kept.keys())
                if before.get(name) != kept.get(name)
            )
            self._note_correction(ClinicalEntry, line, old, {"facts": kept}, changes)

    def _compare_answers(self, line: Said, visit: UUID, seen: Seen | None) -> None:
        said = line.values.get("answers", {})
        there = {report["instrument"]: report for _, report in (seen.reports if seen else [])}
        detail: dict[str, Any] = said.get("answers_detail") or {}
        given: dict[Instrument, tuple[float | None, Row]] = {}
        for name, instrument in INSTRUMENTS.items():
            if name in said or instrument.value in detail:
                value = float(said[name]) if name in said else None
                given[instrument] = value, dict(detail.get(instrument.value, {}))
        domains = {name.removeprefix("joabpeq_"): v for name, v in said.items() if name.startswith("joabpeq_")}
        if domains or Instrument.JOABPEQ.value in detail:
            given[Instrument.JOABPEQ] = None, {**detail.get(Instrument.JOABPEQ.value, {}), **domains}
        new: Row
        for instrument, (value, answers) in given.items():
            old = there.get(instrument)
            if old is None:
                new = {"visit_id": visit, "instrument": instrument.value, "value": value, "answers": answers}
                self._add(PatientReport, self._id(line, instrument.value), new)
            else:
                new = {"answers": {**old["answers"], **answers}}
                if value is not None:
                    new["value"] = value
                self._correct(PatientReport, line, old, new)

    # One of several of a kind

    def _repeated(
        self,
        lines: Sequence[Said],
        kind: type[Base],
        there: Sequence[tuple[int, Row]],
        to_row: Callable[[Values], Row],
        to_values: Callable[[Row], Values],
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
            if (row := by_id.get(self._id(line, line.form))) is not None:
                matched[line.key] = row
                taken.add(row["entity_id"])
        for line in sorted(lines, key=lambda x: x.instance):
            said = line.values.get(line.form, {})
            self._not_late(line, said)
            old = matched.get(line.key)
            candidate = by_number.get(line.instance)
            if old is None and candidate is not None and candidate["entity_id"] not in taken:
                old = candidate
                taken.add(candidate["entity_id"])
            values = {**(to_values(old) if old else {}), **said}
            if not needed <= values.keys():  # the reader of the table has named what is missing
                continue
            if old is not None:
                self._correct(kind, line, old, to_row(values))
                continue
            owner = above(line)
            if owner is not None:
                self._add(kind, self._id(line, line.form), {**owner, **to_row(said)})

    # What is done

    def _add(self, kind: type[Base], id_: UUID, values: Row) -> bool:
        """A new fact, unless it was taken back in the registry: then it is not put there again."""
        if self._record is not None and id_ in self._record.taken_back:
            self.found.taken_back += 1
            return False
        self.found.todo.append(Add(kind=kind, values={"id": id_, "patient_id": self._patient, **values}))
        return True

    def _correct(self, kind: type[Base], line: Said, old: Row, given: Row) -> None:
        changes = tuple((name, old[name], value) for name, value in given.items() if old[name] != value)
        if changes:
            self._note_correction(kind, line, old, {name: value for name, _, value in changes}, changes)

    def _note_correction(
        self, kind: type[Base], line: Said, old: Row, values: Row, changes: tuple[tuple[str, Any, Any], ...]
    ) -> None:
        if self._shifted and any(isinstance(new, date) for _, _, new in changes):
            name, _, new = next(change for change in changes if isinstance(change[2], date))
            self._refuse(line, name, new, Fault.SHIFTED, "Export with true dates for corrections.")
            return
        self.found.todo.append(
            Correct(kind=kind, old=old, values=values, changes=changes, record=self._code, row=line.row)
        )

    def _not_late(self, line: Said, said: Values) -> None:
        for name in _NEVER_AFTER:
            value = said.get(name)
            if value is not None and value > self._today:
                self._refuse(line, name, value, Fault.FUTURE, "Correct the date.")

    def _fracture_id(self, line: Said) -> UUID:
        return fracture_id(self._place.site, line)

    def _id(self, line: Said, what: str) -> UUID:
        return fact_id(self._place.site, line, what)

    def _refuse(self, line: Said, column: str, value: object, fault: Fault, remedy: str) -> None:
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
