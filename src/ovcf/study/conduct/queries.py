"""Queries: a question about one value, raised by a rule or by a monitor, answered, closed. No value is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from ovcf.errors import StudyError
from ovcf.language.worded import joined, say
from ovcf.registry.tables import DataQuery, Person, QueryEvent
from ovcf.registry.words import QueryRule, QueryStep
from ovcf.study.conduct.form_values import plausible, value_text, values_of
from ovcf.study.conduct.records import Records
from ovcf.study.conduct.studies import enrolments_of, in_force, pairs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Enrolment, Study
    from ovcf.registry.words import Window
    from ovcf.study.protocol.model import Field, Form, Protocol, StudyVisit

WHOLE_VISIT = "-"
"""The form and field of a query about a visit as a whole."""
OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query with what became of it. ``state`` is open, answered or closed; ``now`` is the value as it stands.

    ``text`` is what was asked; that of a rule is made anew where it still says the same, so that it has a language.
    """

    row: DataQuery
    text: str
    patient: str
    state: str
    asked_by: str
    events: tuple[tuple[datetime, str, QueryStep, str], ...]
    now: str | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a rule asks about."""

    enrolment: Enrolment
    window: Window
    form: str
    field: str
    rule: QueryRule
    value: str | None
    text: str

    @property
    def key(self) -> tuple[object, ...]:
        return self.enrolment.entity_id, self.window, self.form, self.field, self.rule, self.value


def raise_queries(writer: Writer, study: Study, *, today: date) -> list[DataQuery]:
    """Ask about every value that is missing at a visit that was held, or implausible, and every visit that is overdue.

    What was asked before about the same value is not asked again, whatever became of it.
    """
    session = writer.session
    known = {
        (q.enrolment_id, q.window, q.form, q.field, q.rule, q.value)
        for q in session.scalars(select(DataQuery).where(DataQuery.study_id == study.id))
    }
    _, protocol = in_force(session, study)
    asked = []
    enrolments = enrolments_of(session, study)
    records = Records(session, enrolments)
    for enrolment in enrolments:
        new = [a for a in _asked(records, protocol, enrolment, today) if a.key not in known]
        asked += [_add(writer, study, a) for a in new]
    return asked


def ask(
    writer: Writer, study: Study, enrolment: Enrolment, window: Window, form: str, field: str, text: str
) -> DataQuery:
    """A monitor's own question about a field.

    Raises:
        StudyError: no such form or field, or no question.
    """
    _, protocol = in_force(writer.session, study)
    known = protocol.form(form)
    if known is None or field not in [f.id for f in known.fields]:
        fields = ", ".join(f"{f.id}.{one.id}" for f in protocol.due_at(window) for one in f.fields)
        raise StudyError(
            f"{enrolment.number}, {window}",
            say("there is no field {form}.{field}", form=form, field=field),
            say("There are: {fields}.", fields=fields),
        )
    if not text.strip():
        raise StudyError(f"{enrolment.number}, {window}", "a query needs a question", "Say what is in doubt.")
    value = value_text(values_of(writer.session, enrolment, window, known).get(field))
    return _add(writer, study, _Asked(enrolment, window, form, field, QueryRule.MONITOR, value, text))


def step(writer: Writer, query: DataQuery, what: QueryStep, text: str) -> QueryEvent:
    """Answer, close or reopen a query, in words.

    Raises:
        StudyError: it does not stand so, or nothing is said.
    """
    events = _events(writer.session, query)
    state = _state(events)
    allowed = {
        QueryStep.ANSWERED: (OPEN, QueryStep.ANSWERED.value),
        QueryStep.CLOSED: (OPEN, QueryStep.ANSWERED.value),
        QueryStep.REOPENED: (QueryStep.CLOSED.value, QueryStep.ANSWERED.value),
    }
    if state not in allowed[what]:
        raise StudyError(
            say("query {number}", number=query.number),
            say("is {state} and cannot be {what}", state=state, what=what),
            "Look at it again.",
        )
    if not text.strip():
        raise StudyError(
            say("query {number}", number=query.number), "needs words", "Say what you found, or why it is closed."
        )
    return writer.add(
        QueryEvent(
            patient_id=query.patient_id,
            study_id=query.study_id,
            query_id=query.id,
            place=len(events) + 1,
            step=what,
            text=text,
        )
    )


def query_numbered(session: Session, study: Study, number: str) -> DataQuery:
    """A query by its number.

    Raises:
        StudyError: there is none.
    """
    found = session.scalars(select(DataQuery).where(DataQuery.study_id == study.id, DataQuery.number == number)).first()
    if found is None:
        raise StudyError(
            say("query {number}", number=number),
            say("is not in {code}", code=study.code),
            "`ovcf study queries` lists them.",
        )
    return found


def queries_of(session: Session, study: Study) -> list[Query]:
    """Every query, by patient, with its answers and the value as it stands now."""
    people = pairs_of(session, select(Person.id, Person.code))
    _, protocol = in_force(session, study)
    enrolled = {e.entity_id: e for e in enrolments_of(session, study)}
    records = Records(session, list(enrolled.values()))
    events_of = _all_events(session, study)
    rows = session.scalars(select(DataQuery).where(DataQuery.study_id == study.id)).all()
    found = []
    for row in sorted(rows, key=lambda q: (q.number.rpartition("/")[0], q.recorded_at, q.number)):
        enrolment, events = enrolled.get(row.enrolment_id), events_of.get(row.id, [])
        form = protocol.form(row.form)
        now = None
        if enrolment is not None and form is not None:
            now = value_text(records.values(enrolment, row.window, form).get(row.field))
        found.append(
            Query(
                row=row,
                text=_text(row, protocol, enrolment),
                patient=enrolment.number if enrolment else "",
                state=_state(events),
                now=now,
                asked_by=people.get(row.recorded_by, ""),
                events=tuple((e.recorded_at, people.get(e.recorded_by, ""), e.step, e.text) for e in events),
            )
        )
    return found


def _asked(records: Records, protocol: Protocol, enrolment: Enrolment, today: date) -> Iterator[_Asked]:
    gone = records.withdrawal(enrolment)
    for planned in protocol.visits:
        last_day = enrolment.on + timedelta(days=planned.to_day)
        entries = any(records.entry(enrolment, planned.window, name) for name in planned.forms)
        if records.visit(enrolment, planned.window) is None and not entries:
            if today > last_day and (gone is None or gone.on > last_day):
                yield _Asked(
                    enrolment, planned.window, WHOLE_VISIT, WHOLE_VISIT, QueryRule.OVERDUE, None, _overdue(last_day)
                )
            continue
        for form in protocol.due_at(planned.window):
            yield from _of_form(records, enrolment, planned, form)


def _of_form(records: Records, enrolment: Enrolment, planned: StudyVisit, form: Form) -> Iterator[_Asked]:
    values = records.values(enrolment, planned.window, form)
    for field in form.fields:
        value = values.get(field.id)
        told = (enrolment, planned.window, form.id, field.id)
        if value is None and field.required:
            yield _Asked(*told, QueryRule.MISSING, None, _missing(field))
        elif value is not None and not plausible(field, value):
            said = value_text(value) or ""
            yield _Asked(*told, QueryRule.IMPLAUSIBLE, said, _implausible(field, said))


def _text(row: DataQuery, protocol: Protocol, enrolment: Enrolment | None) -> str:
    """What a query asks. A rule's words are made of the protocol as it stands; where that was amended, those kept."""
    form = protocol.form(row.form)
    field = next((f for f in form.fields if f.id == row.field), None) if form is not None else None
    planned = next((v for v in protocol.visits if v.window == row.window), None)
    again = ""
    if row.rule is QueryRule.OVERDUE and enrolment is not None and planned is not None:
        again = _overdue(enrolment.on + timedelta(days=planned.to_day))
    elif field is not None and row.rule is QueryRule.MISSING:
        again = _missing(field)
    elif field is not None and row.rule is QueryRule.IMPLAUSIBLE and row.value is not None:
        again = _implausible(field, row.value)
    return again if again == row.text else row.text


def _overdue(last_day: date) -> str:
    return say("The visit was due by {last_day}. Was it held?", last_day=last_day)


def _missing(field: Field) -> str:
    return say("{label} is missing.", label=field.label)


def _implausible(field: Field, value: str) -> str:
    ends = [
        say("at least {low:g}", low=field.low) if field.low is not None else "",
        say("at most {high:g}", high=field.high) if field.high is not None else "",
    ]
    return say(
        "{label} is {value}{unit}; {span} is expected. Is it right?",
        label=field.label,
        value=value,
        unit=say(" {unit}", unit=field.unit) if field.unit else "",
        span=joined(" and ", filter(None, ends)),
    )


def _add(writer: Writer, study: Study, asked: _Asked) -> DataQuery:
    enrolment = asked.enrolment
    numbers = writer.session.scalars(
        select(DataQuery.number).where(DataQuery.enrolment_id == enrolment.entity_id)
    ).all()
    last = max((int(n.rpartition("Q")[2]) for n in numbers), default=0)
    return writer.add(
        DataQuery(
            patient_id=enrolment.patient_id,
            study_id=study.id,
            number=f"{enrolment.number}/Q{last + 1}",
            enrolment_id=enrolment.entity_id,
            window=asked.window,
            form=asked.form,
            field=asked.field,
            rule=asked.rule,
            value=asked.value,
            text=asked.text,
        )
    )


def _events(session: Session, query: DataQuery) -> list[QueryEvent]:
    found = session.scalars(select(QueryEvent).where(QueryEvent.query_id == query.id).order_by(QueryEvent.place))
    return list(found)


def _all_events(session: Session, study: Study) -> dict[UUID, list[QueryEvent]]:
    found: dict[UUID, list[QueryEvent]] = {}
    for event in session.scalars(select(QueryEvent).where(QueryEvent.study_id == study.id).order_by(QueryEvent.place)):
        found.setdefault(event.query_id, []).append(event)
    return found


def _state(events: list[QueryEvent]) -> str:
    last = events[-1].step if events else QueryStep.REOPENED
    return OPEN if last is QueryStep.REOPENED else last.value
