"""``ovcf fhir``: a reading or a patient goes out as FHIR R4B, and clinical facts come in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from ovcf.cli.streams import say, say_json
from ovcf.errors import FhirError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from ovcf.fhir.out.source import Known
    from ovcf.fhir.parts import Json
    from ovcf.registry.store import Registry
    from ovcf.registry.tables import Patient

app = App(name="fhir", help="A reading as FHIR R4B, clinical facts out of a FHIR bundle.")
Acting = Annotated[str | None, Parameter(name="--as", help="Code of the person who acts, where there are several.")]


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
    from ovcf.fhir.out.bundle import collection, to_bytes, transaction

    if (reading is None) is (patient is None):
        raise FhirError("ovcf fhir export", "needs a reading or a patient", "Give one of the two.")
    found = _found(reading, patient, draft=draft, pdf=pdf, identity=identity, system=system, as_=as_)
    if send is not None:
        from ovcf.fhir.send import send as post

        sent = post(transaction(found), send, token=_token(token_file))
        say(f"{send}: " + ", ".join(f"{n} {what}" for what, n in sent.items()), error=out is None)
    if out is not None:
        _write(out, to_bytes(collection(found)))
        say(out)
    elif send is None:
        say_json(to_bytes(collection(found)).decode().rstrip())


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
    from ovcf.cli.registry.patient import opened
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


@app.command
def codes(*, json: bool = False) -> None:
    """Print every code that DICOM objects and FHIR resources of ours hold, as a page of Markdown.

    Args:
        json: Print them as a CodeSystem, and the clinical form as a Questionnaire, in a bundle for a FHIR server.
    """
    if json:
        from ovcf.fhir.code_system import definitions
        from ovcf.fhir.extra import need_fhir
        from ovcf.fhir.out.bundle import to_bytes

        need_fhir()
        say_json(to_bytes(definitions()).decode().rstrip())
        return
    from ovcf.coded.page import page

    say(page().rstrip())
