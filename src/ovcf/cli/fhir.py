"""``ovcf fhir``: a reading or a patient goes out as FHIR R4B, and clinical facts come in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say, say_json
from ovcf.errors import FhirError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from ovcf.fhir.incoming.apply import Taken
    from ovcf.fhir.incoming.resources import Told
    from ovcf.fhir.incoming.understand import Fact, Understood
    from ovcf.fhir.out.source import Known
    from ovcf.fhir.parts import Json
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Patient

app = App(name="fhir", help="A reading as FHIR R4B, clinical facts out of a FHIR bundle.")
Acting = Annotated[str | None, Parameter(name="--as", help="Code of the person who acts, where there are several.")]
_SHOWN = 3


@app.command
def export(
    reading: Path | None = None,
    /,
    *,
    patient: str | None = None,
    out: Path | None = None,
    draft: bool = False,
    pdf: bool = True,
    identity: bool = False,
    system: str | None = None,
    send: str | None = None,
    token_file: Path | None = None,
    as_: Acting = None,
) -> None:
    """Write a signed reading as a bundle of FHIR R4B, or everything that the registry holds of a patient.

    The bundle holds Patient, Practitioner, Device, ImagingStudy, DiagnosticReport, Observation, Condition, Flag and
    QuestionnaireResponse. The patient goes by the pseudonym. Nothing is sent anywhere without --send.

    Try

        ovcf fhir export report/reading.ovcf --out bundle.json --draft

        ovcf fhir export --patient P-007 --out patient.json

        ovcf fhir export report/reading.ovcf --send https://fhir.example.org/r4 --token-file fhir.token

    Args:
        reading: A reading.ovcf, or the id of a reading in the registry.
        patient: The pseudonym of a patient of the registry, in place of a reading.
        out: File for the bundle; an earlier bundle there is replaced. Without it and --send the bundle is printed.
        draft: Write what nobody has signed, too; everything of it is then preliminary.
        pdf: Put the report as people read it into the bundle.
        identity: Say who the patient is, too: name and hospital number, if they are known and you may.
        system: URI of whoever gave the pseudonym in a file; the registry has its own.
        send: Address of a FHIR R4 server. It gets a transaction: sending the same again doubles nothing.
        token_file: File that holds the bearer token for the server.
    """
    from ovcf.fhir.extra import need_fhir
    from ovcf.fhir.out.bundle import collection, to_bytes, transaction

    need_fhir()
    if (reading is None) is (patient is None):
        raise FhirError("ovcf fhir export", "needs a reading or a patient", "Give one of the two.")
    found = _found(reading, patient, draft=draft, pdf=pdf, identity=identity, system=system, as_=as_)
    if send is not None:
        from ovcf.fhir.send import send as post

        sent = post(transaction(found), send, token=_token(token_file))
        say(f"{send}: " + ", ".join(f"{n} {what}" for what, n in sent.items()), error=out is None)
    if out is not None:
        _write(out, to_bytes(collection(found), for_people=True))
        say(out)
    elif send is None:
        say_json(to_bytes(collection(found), for_people=True).decode().rstrip())


def _found(
    reading: Path | None,
    patient: str | None,
    *,
    draft: bool,
    pdf: bool,
    identity: bool,
    system: str | None,
    as_: str | None,
) -> dict[str, Json]:
    from ovcf.cli.reading.where import is_id
    from ovcf.fhir.out.bundle import of_reading, whose_is

    if reading is not None and not is_id(reading):
        from ovcf.reading.file import read_reading

        file = read_reading(reading)
        whose = whose_is(file, identity=identity, **({} if system is None else {"system": system}))
        return of_reading(file, whose=whose, draft=draft, pdf=pdf)
    from ovcf.cli.registry.acting import opened
    from ovcf.fhir.of_registry import patient_resources, reading_resources
    from ovcf.registry.access import principal_of
    from ovcf.registry.service import person_named

    with opened() as registry:
        with registry.reading() as session:
            who = principal_of(session, person_named(session, as_))
        knows = _knows(registry) if identity else None
        if patient is not None:
            return patient_resources(registry, who, patient, knows=knows, draft=draft, pdf=pdf)
        return reading_resources(registry, who, str(reading), knows=knows, draft=draft, pdf=pdf)


def _knows(registry: Registry) -> Callable[[Session, Patient], Sequence[Known]]:
    """Who a patient is, as far as the registry keeps it and has the key to it."""
    from ovcf.pacs.line.known import known_in

    return known_in(registry)


def _token(file: Path | None) -> str:
    from ovcf.text_files import read_text

    return "" if file is None else read_text(file, remedy="Write the token alone into a text file.").strip()


def _write(out: Path, bundle: bytes) -> None:
    """Write a bundle, over an earlier one and nothing else."""
    from ovcf.files.result_file import write_file

    older = out.is_file() and b'"resourceType": "Bundle"' in out.read_bytes()[:200]
    if out.exists() and not older:
        raise OutputError(out, "exists already and is no bundle of FHIR", "Choose another name.")
    write_file(out, bundle, replace=True)


@app.command(name="import")
def import_(
    bundle: Path,
    /,
    *,
    on: str | None = None,
    subject: str | None = None,
    clinical: Path | None = None,
    out: Path | None = None,
    reading: Path | None = None,
    patient: str | None = None,
    window: str = "unscheduled",
    reader: str = "",
    overwrite: bool = False,
    preview: bool = False,
    as_: Acting = None,
) -> None:
    """Read clinical facts out of a bundle: into a clinical file, an open reading, or a patient of the registry.

    Of each fact the newest is taken. Everything that was not taken over is named with the reason. Without a target the
    facts are only shown.

    Try

        ovcf fhir import bundle.json --on 2025-01-07 --out case.json

        ovcf fhir import bundle.json --reading report/reading.ovcf --reader "A. Reader" --preview

        ovcf fhir import bundle.json --patient P-007 --on 2025-01-07 --window pretreatment

    Args:
        bundle: A FHIR Bundle, R4 or R4B, as JSON.
        on: The day of the visit, YYYY-MM-DD: what is of a later day is left.
        subject: Which patient of the bundle, where it speaks of several: reference or identifier.
        clinical: A clinical file that the facts are added to; it is not changed itself.
        out: The clinical file to write, as JSON.
        reading: A reading.ovcf or the id of a reading in the registry that the facts are entered into.
        patient: The pseudonym of a patient of the registry; needs --on.
        window: pretreatment, 1 month, 3 months, 6 months, 12 months, unscheduled; for a visit that is not there yet.
        reader: Who enters the facts into a reading.
        overwrite: Take the facts of the bundle where the clinical file or the reading says otherwise.
        preview: Show what would be taken over, and change nothing.
    """
    from ovcf.cli.registry.patient import day_of
    from ovcf.fhir.extra import need_fhir
    from ovcf.fhir.incoming.resources import MAX_BYTES
    from ovcf.fhir.incoming.understand import understood
    from ovcf.text_files import read_bytes

    need_fhir()
    if sum(target is not None for target in (out, reading, patient)) > 1:
        raise FhirError("ovcf fhir import", "has one target", "Give one of --out, --reading and --patient.")
    day = None if on is None else day_of(on)
    found = understood(read_bytes(bundle, limit=MAX_BYTES), name=str(bundle), on=day, subject=subject)
    if patient is not None:
        _into_registry(found, patient, day, window, preview=preview, as_=as_)
    elif reading is not None:
        _into_reading(found, reading, reader, overwrite=overwrite, preview=preview)
    else:
        _into_file(found, clinical, None if preview else out, on, overwrite=overwrite)
    _say_left(found.left)


def _into_file(found: Understood, clinical: Path | None, out: Path | None, on: str | None, *, overwrite: bool) -> None:
    import json

    from ovcf.clinical.case import ClinicalCase
    from ovcf.clinical.facts import facts_of
    from ovcf.clinical.read_case import read_case
    from ovcf.fhir.incoming.apply import into_case
    from ovcf.files.result_file import write_file

    before = ClinicalCase(visit_date=on) if clinical is None else read_case(clinical)
    if before.earlier and out is not None:
        raise FhirError(clinical or "clinical file", "holds earlier visits", "Add the facts to it by hand.")
    case, taken = into_case(before, found, overwrite=overwrite)
    _say_taken(taken)
    if out is not None:
        known = {"patient_id": case.patient_id, "visit_date": case.visit_date, "notes": list(case.notes)}
        facts = {name: value for name, value in known.items() if value} | facts_of(case)
        write_file(out, (json.dumps(facts, indent=1, ensure_ascii=False) + "\n").encode())
        say(out)


def _into_reading(found: Understood, name: Path, reader: str, *, overwrite: bool, preview: bool) -> None:
    from datetime import UTC, datetime

    from ovcf.cli.changed import print_changes
    from ovcf.cli.reading.where import read_named, save_named
    from ovcf.fhir.incoming.apply import into_reading

    if not reader.strip():
        raise FhirError("ovcf fhir import", "needs a name", "Say who enters the facts: --reader.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    file, taken, changed = into_reading(read_named(name), found, reader=reader, at=at, overwrite=overwrite)
    _say_taken(taken)
    print_changes(changed)
    if taken.facts and not preview:
        save_named(file, name)
        say(name)


def _into_registry(
    found: Understood, code: str, day: date | None, window: str, *, preview: bool, as_: str | None
) -> None:
    from ovcf.cli.registry.acting import opened
    from ovcf.cli.registry.patient import window_of
    from ovcf.fhir.incoming.into_visit import into_visit
    from ovcf.registry import service
    from ovcf.registry.access import Act
    from ovcf.registry.clinic.patients import visit_on

    window_of(window)
    if day is None:
        raise FhirError("ovcf fhir import", "needs the day of the visit", "Give it: --on YYYY-MM-DD.")
    if preview or not found.facts:
        for fact in found.facts:
            say(_line(fact))
        return
    with opened() as registry:
        with registry.reading() as session:
            person = service.person_named(session, as_, Act.WRITE_FACTS)
        with registry.writing(person.id) as writer:
            patient = service.patient_named(writer.session, code, site=person.site_id)
            visit = visit_on(writer, patient, window=window, on=day)
            taken = into_visit(writer, patient, visit, found)
    _say_taken(taken)
    say(f"{code}: {len(taken.facts)} facts on {day}")


def _line(fact: Fact) -> str:
    value = ", ".join(map(str, fact.value)) if isinstance(fact.value, tuple | list) else fact.value
    return f"{fact.field} = {value}  ({fact.source}{f', {fact.day}' if fact.day else ''})"


def _say_taken(taken: Taken) -> None:
    for fact in taken.facts:
        say(_line(fact))
    for one in taken.kept:
        say(f"Kept as it was, {one.what}: {one.why}", error=True)


def _say_left(left: Sequence[Told]) -> None:
    """What was not taken over: what is alike in one line."""
    by_why: dict[str, list[str]] = {}
    for one in left:
        by_why.setdefault(one.why, []).append(one.what)
    for why, several in by_why.items():
        names = list(dict.fromkeys(several))
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        say(f"Not taken over, {'; '.join(names[:_SHOWN])}{more}: {why}", error=True)


@app.command
def codes(*, json: bool = False) -> None:
    """Print which codes the import understands and what the clinical form holds, as a page of Markdown.

    The codes that go out are printed by `ovcf dicom codes`: DICOM and FHIR share one dictionary.

    Args:
        json: Print our own codes as a CodeSystem and the clinical form as a Questionnaire, for a FHIR server.
    """
    if json:
        from ovcf.fhir.code_system import definitions
        from ovcf.fhir.extra import need_fhir
        from ovcf.fhir.out.bundle import to_bytes

        need_fhir()
        say_json(to_bytes(definitions(), for_people=True).decode().rstrip())
        return
    from ovcf.fhir.page import page

    say(page().rstrip())
