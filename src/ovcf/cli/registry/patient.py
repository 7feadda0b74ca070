"""``ovcf patient``: patients of the registry, their visits, readings and course."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from cyclopts import App, Parameter

from ovcf.cli.registry.acting import opened
from ovcf.cli.streams import say
from ovcf.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ovcf.follow_up.reliability import Reliability
    from ovcf.follow_up.timeline import Timeline
    from ovcf.follow_up.visit import Quantity
    from ovcf.registry.words import Window

app = App(name="patient", help="Admit patients, record visits and readings, and follow them (see `ovcf db`).")
Acting = Annotated[str | None, Parameter(name="--as", help="Code of the person who acts, where there are several.")]


@app.command
def admit(
    code: str,
    *,
    level: Annotated[tuple[str, ...], Parameter(consume_multiple=True)],
    fractured_on: str | None = None,
    sex: str | None = None,
    birth_year: int | None = None,
    mechanism: str = "unknown",
    as_: Acting = None,
) -> None:
    """Admit a patient, by pseudonym, with the fracture that brings them.

    Try

        ovcf patient admit P-007 --level L1 --fractured-on 2025-01-03 --sex female --birth-year 1950

    Args:
        code: The pseudonym; never a name.
        level: The vertebrae that broke at one time.
        fractured_on: The day, YYYY-MM-DD.
        sex: female or male.
        birth_year: Four digits.
        mechanism: none recalled, lifting or bending, fall from standing height or less, high energy, unknown.
    """
    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.words import Mechanism

    if mechanism not in [m.value for m in Mechanism]:
        raise RegistryError(
            "mechanism", f"{mechanism!r} is not known", f"Choose: {', '.join(m.value for m in Mechanism)}."
        )
    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.WRITE_FACTS)
        with registry.writing(person.id) as writer:
            service.admit(
                writer,
                person,
                code,
                sex=sex,
                birth_year=birth_year,
                levels=level,
                fractured_on=_day(fractured_on),
                mechanism=mechanism,
            )
    say(f"{code}: admitted")


@app.command
def visit(
    code: str,
    *,
    window: str,
    on: str,
    reading: Path | None = None,
    clinical: Path | None = None,
    vas: float | None = None,
    odi: float | None = None,
    analgesics: int | None = None,
    as_: Acting = None,
) -> None:
    """Record a visit: its reading, and what the patient answered.

    Try

        ovcf patient visit P-007 --window pretreatment --on 2025-01-07 --reading report/reading.ovcf --vas 8 --odi 70

    Args:
        code: The pseudonym.
        window: pretreatment, 1 month, 3 months, 6 months, 12 months, unscheduled.
        on: The day, YYYY-MM-DD.
        reading: A reading.ovcf.
        clinical: A clinical file, where there is no reading that holds these facts.
        vas: Pain, 0 to 10.
        odi: Oswestry disability index, percent.
        analgesics: 0 none, 1 non-opioid, 2 weak opioid, 3 strong opioid.
    """
    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.facts import facts_of
    from ovcf.clinical.read_case import read_case
    from ovcf.reading.file import read_reading
    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.tables import ClinicalEntry
    from ovcf.registry.words import Instrument

    window_of(window)
    ClinicalCase(vas=vas, odi=odi, analgesic_class=analgesics)  # the same limits as in the clinical file
    case = None if clinical is None else read_case(clinical)
    if case is not None and case.patient_id not in ("", code):
        raise RegistryError(clinical, f"is of {case.patient_id!r}, not of {code!r}", "Give the file of this patient.")
    given: dict[Instrument, float | None] = {
        Instrument.VAS: vas,
        Instrument.ODI: odi,
        Instrument.ANALGESICS: analgesics,
    }
    if case is not None:
        told = {Instrument.VAS: case.vas, Instrument.ODI: case.odi, Instrument.ANALGESICS: case.analgesic_class}
        given = {instrument: told[instrument] if value is None else value for instrument, value in given.items()}
    answers = {instrument.value: value for instrument, value in given.items() if value is not None}
    file = None if reading is None else read_reading(reading)
    facts = {} if case is None else facts_of(case)
    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.WRITE_FACTS)
            patient = service.patient_named(session, code, site=person.site_id)
            episode = service.episodes_of(session, patient)[-1]
        with registry.writing(person.id) as writer:
            held = service.hold_visit(writer, episode, window=window, on=day_of(on), answers=answers)
            if file is not None:
                service.keep_reading(writer, registry, held, file)
            if facts:
                writer.add(ClinicalEntry(patient_id=patient.id, visit_id=held.entity_id, facts=facts))
    say(f"{code}: {window} on {on} recorded")


@app.command
def move(
    study: str,
    *,
    to: str,
    window: str,
    on: str,
    because: str,
    although_signed: Annotated[bool, Parameter(negative=())] = False,
    as_: Acting = None,
) -> None:
    """Move images that were assigned to the wrong patient or visit. `ovcf visit list` says the id of a study.

    What was read of them stays where it was and no longer counts; they get a new reading, to be read and signed.

    Args:
        study: The id of the study.
        to: The pseudonym of the patient whose images they are.
        window: pretreatment, 1 month, 3 months, 6 months, 12 months, unscheduled.
        on: The day of the visit, YYYY-MM-DD; it is recorded where it is not there yet.
        because: Why they were where they were.
        although_signed: A reading of them was signed, and will no longer count.
    """
    from ovcf.jobs import queue
    from ovcf.reading.session import Session
    from ovcf.registry import service
    from ovcf.registry.access import Act, principal_of, require
    from ovcf.registry.clinic import intake, moving
    from ovcf.registry.clinic.patients import visit_on
    from ovcf.render.summary import summary

    window_of(window)
    try:
        id_ = UUID(study)
    except ValueError:
        raise RegistryError("study", f"{study!r} is not the id of one", "`ovcf visit list` says them.") from None
    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.WRITE_FACTS)
            who = principal_of(session, person)
            if although_signed:
                require(who, Act.SIGN)
        with registry.writing(person.id) as writer:
            patient = service.patient_named(writer.session, to, site=person.site_id)
            moved = moving.move(
                writer,
                registry,
                intake.item_of(writer.session, who, id_),
                visit_on(writer, patient, window=window, on=day_of(on)),
                because,
                summary_of=lambda file: summary(Session(file)),
                although_signed=although_signed,
            )
            if moved.reading is None:
                queue.enqueue(writer.session, moved, person.id)
            said = f"{moved.id}; " + (f"reading {moved.reading}, to be read and signed" if moved.reading else "waits")
    say(f"{to}: study {said}")


@app.command
def course(
    code: str,
    *,
    out: Path | None = None,
    confirmed_levels: bool = False,
    reliability: Path | None = None,
    as_: Acting = None,
) -> None:
    """What became of the fracture: every change against its error, outcomes, and the visits that are due.

    Try

        ovcf patient course P-007 --out follow-up

    Args:
        code: The pseudonym.
        out: Folder for follow-up.html and follow-up.pdf.
        confirmed_levels: You have checked that all visits mean the same vertebrae by the same names.
        reliability: Your own readers' errors of measurement, as `ovcf cohort agreement --reliability` writes them.
    """
    from ovcf.cli.follow_up import show, write
    from ovcf.follow_up.reliability import read_reliability

    site = None if reliability is None else read_reliability(reliability)
    found = course_in(code, confirmed_levels=confirmed_levels, as_=as_, reliability=site)
    show(found)
    if out is not None:
        write(found, out, patient=code)


@app.command
def erase(code: str, *, reason: str, as_: Acting = None) -> None:
    """Remove a patient and everything known of them. What remains is that it was done, when, by whom and why.

    Args:
        code: The pseudonym.
        reason: Who asked for it.
    """
    from ovcf.registry import service
    from ovcf.registry.access import Act

    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.ERASE)
            patient = service.patient_named(session, code, site=person.site_id)
        with registry.writing(person.id) as writer:
            writer.erase(patient.id, reason)
    say(f"{code}: erased")


@app.command(name="list")
def list_(*, as_: Acting = None) -> None:
    """The patients of your site, with the vertebrae that broke and the day of the last visit."""
    from sqlalchemy import select

    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.tables import Patient

    with opened() as registry, registry.reading() as session:
        person = service.person_named(session, as_, Act.READ_CASES)
        for patient in session.scalars(select(Patient).where(Patient.site_id == person.site_id).order_by(Patient.code)):
            for episode in service.episodes_of(session, patient):
                held = [v.held_on for v in service.visits_of(session, episode)]
                last = f", last visit {held[-1]} of {len(held)}" if held else ", no visit yet"
                say(f"{patient.code}: {', '.join(episode.levels)}{last}")


def course_in(
    code: str, *, confirmed_levels: bool, as_: str | None, reliability: Mapping[Quantity, Reliability] | None = None
) -> Timeline:
    """The course of a patient of the registry; ``reliability`` are errors of measurement by the site's own readers.

    Raises:
        OvcfError: there is none.
    """
    from datetime import UTC, datetime

    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.course import course_of

    with opened() as registry, registry.reading() as session:
        person = service.person_named(session, as_, Act.READ_CASES)
        patient = service.patient_named(session, code, site=person.site_id)
        episode = service.episodes_of(session, patient)[-1]
        return course_of(
            session,
            registry,
            episode,
            today=datetime.now(UTC).date(),
            confirmed_levels=confirmed_levels,
            reliability=reliability,
        )


def window_of(text: str) -> Window:
    """A planned visit by its name.

    Raises:
        RegistryError: there is none of that name.
    """
    from ovcf.registry.words import Window

    if text not in [w.value for w in Window]:
        raise RegistryError("window", f"{text!r} is not known", f"Choose: {', '.join(w.value for w in Window)}.")
    return Window(text)


def _day(text: str | None) -> date | None:
    return None if text is None else day_of(text)


def day_of(text: str) -> date:
    """A day as it is written.

    Raises:
        RegistryError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegistryError("date", f"{text!r} is not a date", "Write it as YYYY-MM-DD.") from None
