"""What a table says of a patient against what the registry has: what is new, what is another value, what cannot be.

A fact of the table is that of the registry where it has the same place: the patient's pseudonym, the number of the
fracture, the planned visit, and of several of a kind the number of the instance. What the table added gets an id that
follows from its place, so that the same table never adds twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovcf.exchange.incoming.changes import Changes, Subject
from ovcf.exchange.incoming.ids import fracture_id, patient_id
from ovcf.exchange.incoming.todo import Add
from ovcf.exchange.incoming.visits import Visits, main_line
from ovcf.exchange.redcap.columns import CONSENT, OCCURRENCE, THERAPY
from ovcf.exchange.redcap.field import Fault
from ovcf.exchange.redcap.rows import levels_of
from ovcf.registry.tables import Consent, Episode, Event, Patient, Treatment
from ovcf.registry.words import Mechanism

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from ovcf.exchange.incoming.changes import Compared
    from ovcf.exchange.incoming.said import Said, Values
    from ovcf.exchange.records import Course, Record, Row
    from ovcf.registry.words import Window


@dataclass(frozen=True, slots=True)
class Place:
    """The site that a patient belongs to."""

    site: UUID
    simulated: bool


class Comparison:
    """One patient's lines against the registry; ``record`` is None for a patient who is new there."""

    def __init__(self, lines: Sequence[Said], record: Record | None, place: Place, today: date) -> None:
        self._lines, self._record, self._place = lines, record, place
        self._code = lines[0].record
        self._patient: UUID = record.row["id"] if record else patient_id(place.site, self._code)
        taken_back = record.taken_back if record else ()
        shifted = any(line.values.get("patient", {}).get("dates_shifted") for line in lines)
        self._changes = Changes(Subject(self._patient, self._code, place.site, taken_back, shifted), today)
        self._courses = self._matched(record.courses if record else [])
        self._episodes: dict[int, UUID] = {number: c.row["entity_id"] for number, c in self._courses.items()}
        self._fractured: dict[int, date | None] = {n: c.row["fractured_on"] for n, c in self._courses.items()}

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
                self._changes.refuse(line, "record_id", self._code, Fault.DEPENDS, "Give the patient's first row, too.")
            return self._changes.found
        self._compare_patient([line for line in of_fracture if not line.form])
        for line in of_fracture:
            if not line.form:
                self._compare_fracture(line)
        consents = [x for x in of_fracture if x.form == "consent"]
        self._changes.repeated(consents, Consent, self._consents(), CONSENT, lambda _line: {})
        for kind, form, name, columns in (
            (Treatment, "therapy", "treatments", THERAPY),
            (Event, "occurrence", "events", OCCURRENCE),
        ):
            for arm in sorted({x.arm for x in of_fracture if x.form == form}):
                mine = [x for x in of_fracture if x.form == form and x.arm == arm]
                there = getattr(self._courses[arm], name) if arm in self._courses else []
                self._changes.repeated(mine, kind, there, columns, self._of_episode)
        visits: dict[tuple[int, Window | None, int], list[Said]] = {}
        for line in self._lines:
            if line.window is not None:
                visits.setdefault((line.arm, line.window, line.further), []).append(line)
        compared = Visits(self._changes, self._lines, self._courses)
        for lines in visits.values():
            main = main_line(lines)
            above = self._of_episode(main)
            if above is not None:
                compared.compare(lines, above, self._fractured.get(main.arm))
        return self._changes.found

    def _compare_patient(self, lines: Sequence[Said]) -> None:
        said: Values = {}
        for line in lines:
            said |= line.values.get("patient", {})
        line = lines[0] if lines else self._lines[0]
        if said.get("simulated") and not self._place.simulated:
            for one in self._lines:
                self._changes.refuse(one, "simulated", True, Fault.SIMULATED, "Import it into a registry of its own.")
        if self._record is None:
            self._changes.found.todo.append(
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
                self._changes.refuse(line, name, said[name], Fault.FIXED, remedy)

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
                self._changes.refuse(
                    line, "refracture_of", said["refracture_of"], Fault.IMPOSSIBLE, "Name an earlier fracture."
                )
                return
            given["refracture_of"] = earlier
        course = self._courses.get(line.arm)
        self._changes.not_late(line, said)
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
            self._changes.correct(Episode, line, old, given)
            return
        if not said and not (self._record is None and line.arm == 1):
            return
        if not given.get("levels"):
            if said:
                self._changes.refuse(line, "index_level", "", Fault.MISSING, "Say which vertebra broke.")
            return
        new = self._fracture_id(line)
        self._episodes[line.arm] = new
        self._fractured[line.arm] = given.get("fractured_on")
        self._changes.add(
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
            self._changes.refuse(line, "redcap_event_name", line.arm, Fault.DEPENDS, "Its fracture is not there.")
            return None
        return {"episode_id": episode}

    def _fracture_id(self, line: Said) -> UUID:
        return fracture_id(self._place.site, line)
