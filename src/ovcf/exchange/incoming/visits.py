"""What a table says of a visit against what the registry has of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.clinical.facts import facts_of
from ovcf.clinical.read_case import case_from_mapping
from ovcf.errors import ClinicalDataError, SeveralClinicalDataError
from ovcf.exchange.redcap.columns import DXA, VISIT
from ovcf.exchange.redcap.field import Fault
from ovcf.exchange.redcap.forms import INSTRUMENTS, SECTIONS
from ovcf.exchange.redcap.rows import events_of
from ovcf.registry.tables import ClinicalEntry, Densitometry, PatientReport, Visit
from ovcf.registry.words import Instrument, VisitStatus, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from ovcf.exchange.incoming.changes import Changes
    from ovcf.exchange.incoming.said import Said
    from ovcf.exchange.records import Course, Row, Seen


def main_line(lines: Sequence[Said]) -> Said:
    """The line of the visit itself among its lines, or the first where it has none."""
    return next((x for x in lines if not x.form), lines[0])


class Visits:
    """The visits of a patient: ``lines`` are all lines of the table, ``courses`` the registry's by their number."""

    def __init__(self, changes: Changes, lines: Sequence[Said], courses: Mapping[int, Course]) -> None:
        self._changes, self._lines, self._courses = changes, lines, courses

    def compare(self, lines: Sequence[Said], above: Row, fractured: date | None) -> None:
        """The lines of one visit; ``above`` is the fracture that it belongs to, ``fractured`` its day."""
        main = main_line(lines)
        seen = self._visit_there(main)
        said = main.values.get("visit", {})
        given = VISIT.given(said)
        self._changes.not_late(main, said)
        if given.get("held_on") and fractured and given["held_on"] < fractured:
            self._changes.refuse(main, "visit_date", given["held_on"], Fault.ORDER, f"The fracture is of {fractured}.")
        if seen is not None:
            visit: UUID = seen.row["entity_id"]
            self._changes.correct(Visit, main, seen.row, given)
        else:
            visit = self._changes.id_of(main, "visit")
            assert main.window is not None
            held = given.get("held_on") is not None or any(x.values.keys() - {"visit"} for x in lines)
            status = given.get("status", (VisitStatus.HELD if held else VisitStatus.PLANNED).value)
            if not self._changes.add(
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
        there = seen.bone if seen else []
        self._changes.repeated(bone, Densitometry, there, DXA, lambda _line: {"visit_id": visit})

    def _visit_there(self, line: Said) -> Seen | None:
        """The visit of the registry: by the id that this line would have given it, else by its event."""
        course = self._courses.get(line.arm)
        if course is None:
            return None
        own = self._changes.id_of(line, "visit")
        for seen in course.visits:
            if seen.row["entity_id"] == own:
                return seen
        others = {self._changes.id_of(x, "visit") for x in self._lines if x.window is not None}
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
            for one in error.each if isinstance(error, SeveralClinicalDataError) else (error,):
                where = str(one.where).strip(": ") or "clinical facts"
                self._changes.refuse(line, where, said.get(where, ""), Fault.IMPOSSIBLE, f"{one.problem}. {one.remedy}")
            return
        # Numbers as the clinical file has them; an empty list says that there is none, and is kept.
        kept = facts_of(case) | {name: [] for name, value in facts.items() if value == []}
        old = seen.entry if seen else None
        if old is None:
            self._changes.add(
                ClinicalEntry,
                self._changes.id_of(line, "clinical"),
                {"visit_id": visit, "reading_id": None, "facts": kept},
            )
        elif kept != before:
            changes = tuple(
                (name, before.get(name), kept.get(name))
                for name in sorted(before.keys() | kept.keys())
                if before.get(name) != kept.get(name)
            )
            self._changes.note_correction(ClinicalEntry, line, old, {"facts": kept}, changes)

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
                self._changes.add(PatientReport, self._changes.id_of(line, instrument.value), new)
            else:
                new = {"answers": {**old["answers"], **answers}}
                if value is not None:
                    new["value"] = value
                self._changes.correct(PatientReport, line, old, new)
