"""A patient as lines of REDCap's longitudinal table: a line for each fracture, visit and repeated thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.exchange.redcap.columns import CONSENT, DXA, MEASUREMENT, OCCURRENCE, SCORE, THERAPY, VISIT
from ovcf.exchange.redcap.field import Kind
from ovcf.exchange.redcap.forms import ANSWERED, INSTRUMENTS, SECTIONS, Form, forms
from ovcf.registry.words import Instrument, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.exchange.records import Course, Record, Row, Seen

FRACTURE = "Fracture"
WINDOWS = tuple(w for w in Window if w is not Window.UNSCHEDULED)
UNSCHEDULED = "Unscheduled"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of REDCap: its name, and its arm, which is the number of the fracture."""

    name: str
    arm: int

    @property
    def unique(self) -> str:
        """Its unique name, as REDCap makes it."""
        return f"{self.name.lower().replace(' ', '_')}_arm_{self.arm}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what of which forms it holds. ``form`` and ``instance`` are set in repeated ones."""

    event: Event
    form: str
    instance: int | None
    parts: tuple[tuple[Form, Row], ...]


def lines_of(record: Record, *, shift: timedelta | None = None) -> Iterator[Line]:
    """The lines of a patient, in the order of REDCap; ``shift`` is added to every date."""
    by_name = {form.name: form for form in forms()}
    numbers = {course.row["entity_id"]: course.number for course in record.courses}
    moved = _Moved(shift)
    patient = {
        "site_code": record.site,
        "sex": record.row["sex"],
        "birth_year": record.row["birth_year"],
        "simulated": record.simulated,
        "dates_shifted": shift is not None,
    }
    if not record.courses:
        yield Line(Event(FRACTURE, 1), "", None, ((by_name["patient"], patient),))
        yield from _consents(record, Event(FRACTURE, 1), by_name["consent"], moved)
    for place, course in enumerate(record.courses):
        event = Event(FRACTURE, course.number)
        of_course = (by_name["fracture"], moved(by_name["fracture"], fracture_values(course.row, numbers)))
        first = ((by_name["patient"], patient), of_course) if place == 0 else (of_course,)
        yield Line(event, "", None, first)
        if place == 0:
            yield from _consents(record, event, by_name["consent"], moved)
        for number, row in course.treatments:
            yield _repeated(event, by_name["therapy"], number, THERAPY.values(row), moved)
        for number, row in course.events:
            yield _repeated(event, by_name["occurrence"], number, OCCURRENCE.values(row), moved)
        for visit_event, seen in events_of(course):
            yield from _visit_lines(visit_event, seen, by_name, moved)


def events_of(course: Course) -> list[tuple[Event, Seen]]:
    """The visits of a fracture with the event of each: its window, or a number where the window is taken."""
    taken: set[Window] = set()
    found: list[tuple[int, Event, Seen]] = []
    further = 0
    for seen in course.visits:
        window = seen.row["window"]
        if window in taken or window is Window.UNSCHEDULED:
            further += 1
            found.append((len(WINDOWS) + further, Event(f"{UNSCHEDULED} {further}", course.number), seen))
        else:
            taken.add(window)
            found.append((WINDOWS.index(window), Event(window.value.capitalize(), course.number), seen))
    return [(event, seen) for _, event, seen in sorted(found, key=lambda one: one[0])]


def fracture_values(row: Row, numbers: dict[Any, int]) -> Row:
    """An episode as the fields of its form; ``numbers`` are those of the episodes by id."""
    return {
        "index_level": row["levels"][0] if row["levels"] else None,
        "fractured_levels": row["levels"],
        "fractured_on": row["fractured_on"],
        "mechanism": row["mechanism"],
        "refracture_of": numbers.get(row["refracture_of"]),
    }


def clinical_values(facts: Row) -> Row:
    """Facts of the clinical file as the fields of the clinical form; those that stand in other tables are left out."""
    found: Row = {}
    sections = {section: prefix for prefix, section in SECTIONS.items()}
    for name, value in facts.items():
        if name in sections:
            found |= {f"{sections[name]}_{inner}": one for inner, one in value.items()}
        elif name not in ANSWERED:
            found[name] = date.fromisoformat(value) if name.endswith("_date") else value
    return found


def answer_values(seen: Seen) -> Row:
    """What the patient answered, as the fields of the form; single answers of the ODI and the like as JSON."""
    by_instrument = {instrument: name for name, instrument in INSTRUMENTS.items()}
    found: Row = {}
    detail: Row = {}
    for _, report in seen.reports:
        instrument = report["instrument"]
        answers = dict(report["answers"])
        if instrument is Instrument.JOABPEQ:
            for domain in list(answers):
                if f"joabpeq_{domain}" in ANSWERED:
                    found[f"joabpeq_{domain}"] = answers.pop(domain)
        elif report["value"] is not None:
            value = report["value"]
            name = by_instrument[instrument]
            found[name] = int(value) if name == "analgesic_class" and value == int(value) else value
        if answers:
            detail[instrument.value] = answers
    return found | ({"answers_detail": detail} if detail else {})


class _Moved:
    """Adds a shift to the dates among the values of a form."""

    def __init__(self, shift: timedelta | None) -> None:
        self._shift = shift

    def __call__(self, form: Form, values: Row) -> Row:
        if self._shift is None:
            return values
        dates = {f.name for f in form.fields if f.kind is Kind.DATE}
        return {
            name: value + self._shift if name in dates and value is not None else value
            for name, value in values.items()
        }


def _repeated(event: Event, form: Form, number: int, values: Row, moved: _Moved) -> Line:
    return Line(event, form.name, number, ((form, moved(form, values)),))


def _consents(record: Record, event: Event, form: Form, moved: _Moved) -> Iterator[Line]:
    for number, row in record.consents:
        yield _repeated(event, form, number, CONSENT.values(row), moved)


def _visit_lines(event: Event, seen: Seen, by_name: dict[str, Form], moved: _Moved) -> Iterator[Line]:
    given = {"visit": VISIT.values(seen.row), "clinical": clinical_values(seen.facts), "answers": answer_values(seen)}
    if seen.reading is not None:
        given["reading"] = _reading_values(seen)
    yield Line(event, "", None, tuple((by_name[name], moved(by_name[name], v)) for name, v in given.items() if v))
    for number, row in seen.bone:
        yield _repeated(event, by_name["dxa"], number, DXA.values(row), moved)
    for number, row in enumerate(seen.measured, 1):
        yield _repeated(event, by_name["measurement"], number, MEASUREMENT.values(row), moved)
    for number, row in enumerate(seen.scores, 1):
        values = SCORE.values(row) | {"score_status": row["status"].value}
        yield _repeated(event, by_name["score"], number, values, moved)
    for number, row in seen.images:
        values = {"images_on": row["acquired_on"], "images_files": float(row["files"])}
        yield _repeated(event, by_name["images"], number, values, moved)


def _reading_values(seen: Seen) -> Row:
    assert seen.reading is not None
    row = seen.reading
    facts = {name: value for name, value in seen.reading_facts.items() if not name.endswith("_date")}
    return {
        "reading_name": row["reading"],
        "reading_revision": str(row["revision"]),
        "reading_status": row["status"].value,
        "reading_software": row["software"],
        "reading_facts": facts,
    }


def levels_of(index: str | None, others: set[str]) -> list[str]:
    """The levels of a fracture as the registry keeps them: the index vertebra first, then from above downwards."""
    rest = sorted(others - {index}, key=lambda name: Level(name).rank)
    return [*([index] if index else []), *rest]
