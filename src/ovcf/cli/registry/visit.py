"""``ovcf visit`` and ``ovcf timeline``: the visits of a patient of the registry, and what became of the fracture."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from cyclopts import App

from ovcf.cli.registry.patient import Acting
from ovcf.cli.streams import say, say_json

app = App(name="visit", help="The visits of a patient: list them, plan them, say which are due.")


@app.command(name="list")
def list_(code: str, *, as_: Acting = None) -> None:
    """The visits of a patient, planned and missed ones included, and the readings of each.

    Try

        ovcf visit list P-007

    Args:
        code: The pseudonym.
    """
    from ovcf.cli.registry.acting import opened
    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.clinic.patients import all_visits
    from ovcf.registry.clinic.readings import counting_readings
    from ovcf.registry.store import current
    from ovcf.registry.tables import ImagingStudy, Reading

    with opened() as registry, registry.reading() as session:
        person = service.person_named(session, as_, Act.READ_CASES)
        patient = service.patient_named(session, code, site=person.site_id)
        visits = all_visits(session, patient)
        for visit in visits:
            rows = session.scalars(counting_readings().where(Reading.visit_id == visit.entity_id))
            newest = {row.reading: row for row in sorted(rows, key=lambda r: r.revision)}
            images = session.scalars(current(ImagingStudy).where(ImagingStudy.visit_id == visit.entity_id))
            told = "".join(f"; study {study.entity_id}" for study in images)
            told += "".join(f"; reading {row.reading} ({row.status})" for row in newest.values())
            say(f"{visit.held_on or visit.planned_on or 'no day'}: {visit.window}, {visit.status}{told}")
    if not visits:
        say(f"{code}: no visit yet")


@app.command
def plan(code: str, *, window: str, on: str, as_: Acting = None) -> None:
    """Plan a visit. `ovcf patient visit` records that it was held.

    Args:
        code: The pseudonym.
        window: pretreatment, 1 month, 3 months, 6 months, 12 months, unscheduled.
        on: The day, YYYY-MM-DD.
    """
    from ovcf.cli.registry.acting import opened
    from ovcf.cli.registry.patient import day_of, window_of
    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.clinic.patients import plan_visit

    wanted, day = window_of(window), day_of(on)
    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.WRITE_FACTS)
            patient = service.patient_named(session, code, site=person.site_id)
        with registry.writing(person.id) as writer:
            plan_visit(writer, patient, window=wanted, on=day)
    say(f"{code}: {window} planned for {on}")


@app.command
def due(*, today: str | None = None, as_: Acting = None) -> None:
    """The visits of the plan that are overdue or were missed, longest ago first.

    Args:
        today: The day for which to say so, YYYY-MM-DD.
    """
    from ovcf.cli.registry.acting import opened
    from ovcf.cli.registry.patient import day_of
    from ovcf.registry import service
    from ovcf.registry.access import Act, principal_of
    from ovcf.registry.clinic.due import due_visits
    from ovcf.registry.clinic.paging import MAX_PAGE

    day: date = datetime.now(UTC).date() if today is None else day_of(today)
    with opened() as registry, registry.reading() as session:
        person = service.person_named(session, as_, Act.READ_CASES)
        who, cursor, none = principal_of(session, person), None, True
        while True:
            found, cursor = due_visits(session, who, day, cursor=cursor, limit=MAX_PAGE)
            for patient, planned in found:
                window = f"{planned.first_day} to {planned.last_day}"
                say(f"{patient.code}: month {planned.months}, {planned.due} ({window})")
            none = none and not found
            if cursor is None:
                break
    if none:
        say("No visit is overdue.")


def timeline(
    code: str, *, out: Path | None = None, json: bool = False, confirmed_levels: bool = False, as_: Acting = None
) -> None:
    """What became of a fracture: every change against its error, outcomes, and the visits that are due.

    Try

        ovcf timeline P-007 --out follow-up

    Args:
        code: The pseudonym.
        out: Folder for follow-up.html and follow-up.pdf.
        json: Print the result as JSON.
        confirmed_levels: You have checked that all visits mean the same vertebrae by the same names.
    """
    from json import dumps

    from ovcf.cli.follow_up import show, write
    from ovcf.cli.registry.patient import course_in
    from ovcf.report.visits.follow_up_json import to_data

    found = course_in(code, confirmed_levels=confirmed_levels, as_=as_)
    if json:
        say_json(dumps(to_data(found), ensure_ascii=False, indent=1))
    else:
        show(found)
    if out is not None:
        write(found, out, patient=code, quiet=json)
