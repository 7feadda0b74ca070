"""The values of a form: entered in it, or standing in the registry already (an answer, a measurement, a score)."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ClinicalDataError, StudyError
from ovcf.language.worded import joined, say
from ovcf.registry.clinic.readings import counting_readings
from ovcf.registry.store import current
from ovcf.registry.tables import Episode, FormEntry, Reading, Visit
from ovcf.study.conduct.records import Records, Value, one_that_counts
from ovcf.study.conduct.studies import in_force
from ovcf.study.protocol.model import Field, FieldKind
from ovcf.study.protocol.toml_table import advice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Enrolment, Study
    from ovcf.registry.words import Window
    from ovcf.study.protocol.model import Form

_YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def enter(
    writer: Writer,
    study: Study,
    enrolment: Enrolment,
    window: Window,
    form_id: str,
    given: Mapping[str, Any],
    *,
    reason: str = "",
) -> FormEntry:
    """Fill in a form of a visit. One that is filled in already is corrected, with a ``reason``: the old one stays.

    Raises:
        StudyError: no such form at this visit, no such field, a value of the wrong kind, or no reason.
    """
    _, protocol = in_force(writer.session, study)
    where = f"{enrolment.number}, {window}"
    form = next((f for f in protocol.due_at(window) if f.id == form_id), None)
    if form is None:
        due = [f.id for f in protocol.due_at(window)]
        raise StudyError(
            where,
            say("the form {form_id!r} is not asked for", form_id=form_id),
            say("Asked for: {value}.", value=joined(", ", due) or "none"),
        )
    values = _typed(form, given, where)
    before = entry_of(writer.session, enrolment, window, form_id)
    if before is None:
        return writer.add(
            FormEntry(
                patient_id=enrolment.patient_id,
                study_id=study.id,
                window=window,
                form=form_id,
                enrolment_id=enrolment.entity_id,
                values=values,
            )
        )
    together = {name: value for name, value in {**before.values, **values}.items() if value is not None}
    if not reason.strip():
        raise StudyError(
            where,
            say("the form {form_id!r} is filled in already", form_id=form_id),
            "Say why it is corrected (a reason).",
        )
    return writer.replace(before, reason, values=together)


def entry_of(session: Session, enrolment: Enrolment, window: Window, form: str) -> FormEntry | None:
    """A form as it stands."""
    return session.scalars(
        current(FormEntry).where(
            FormEntry.enrolment_id == enrolment.entity_id, FormEntry.window == window, FormEntry.form == form
        )
    ).first()


def visit_of(session: Session, enrolment: Enrolment, window: Window) -> Visit | None:
    """The visit of a window, once it was held."""
    return session.scalars(
        current(Visit).where(
            Visit.episode_id == enrolment.episode_id, Visit.window == window, Visit.held_on.is_not(None)
        )
    ).first()


def values_of(session: Session, enrolment: Enrolment, window: Window, form: Form) -> dict[str, Value]:
    """Every value of a form that is known, by field, from wherever it stands; of many patients see :class:`Records`."""
    return Records(session, [enrolment]).values(enrolment, window, form)


def level_of(session: Session, enrolment: Enrolment) -> str:
    """The fractured vertebra that the study follows: the first of the episode."""
    episode = session.scalars(current(Episode).where(Episode.entity_id == enrolment.episode_id)).one()
    return next(iter(episode.levels), "")


def plausible(field: Field, value: Value) -> bool:
    """Whether a value lies in the range that the protocol calls plausible."""
    if isinstance(value, bool | str):
        return True
    return (field.low is None or value >= field.low) and (field.high is None or value <= field.high)


def value_text(value: Value | None) -> str | None:
    """A value as text, the same however it was stored."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}"


def _typed(form: Form, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    fields = {f.id: f for f in form.fields}
    found = {}
    for name, raw in given.items():
        if name not in fields:
            raise StudyError(
                where, say("the form {id!r} has no field {name!r}", id=form.id, name=name), advice(name, fields)
            )
        if fields[name].source:
            raise StudyError(
                where,
                say(
                    "{name!r} is not entered in the form: it comes from {source}", name=name, source=fields[name].source
                ),
                "Record it with the visit, or in the reading.",
            )
        found[name] = _value(fields[name], raw, f"{where}, {name}")
    return found


def _value(field: Field, raw: Any, where: str) -> Value | None:
    """A value of the field's kind; None for an empty one."""
    text = raw.strip() if isinstance(raw, str) else raw
    if text is None or text == "":
        return None
    if field.kind is FieldKind.YES_NO:
        word = str(text).casefold()
        if word not in _YES_NO:
            raise StudyError(
                where, say("{text!r} is neither yes nor no", text=text), "Write yes or no, or leave it empty."
            )
        return _YES_NO[word]
    if field.kind is FieldKind.CHOICE:
        chosen = next((c for c in field.choices if c.casefold() == str(text).casefold()), None)
        if chosen is None:
            raise StudyError(
                where,
                say("{text!r} is not among the choices", text=text),
                say("Choose: {choices}.", choices=joined(", ", field.choices)),
            )
        return chosen
    if field.kind is FieldKind.DATE:
        try:
            return date.fromisoformat(str(text)).isoformat()
        except ValueError:
            raise StudyError(where, say("{text!r} is not a date", text=text), "Write it as YYYY-MM-DD.") from None
    if field.kind is FieldKind.TEXT:
        return str(text)
    try:
        number = parse_decimal(text, field=field.id)
    except ClinicalDataError as error:
        raise StudyError(where, error.problem, say("Write a {kind}, or leave it empty.", kind=field.kind)) from None
    if field.kind is FieldKind.WHOLE:
        if not math.isclose(number, round(number)):
            raise StudyError(where, say("{text} is no whole number", text=text), "Write one.")
        return round(number)
    return number


def newest_row(session: Session, visit: Visit) -> Reading | None:
    """The reading of a visit that counts; see :func:`ovcf.study.conduct.records.one_that_counts`."""
    rows = list(session.scalars(counting_readings().where(Reading.visit_id == visit.entity_id)))
    return one_that_counts(rows) if rows else None
