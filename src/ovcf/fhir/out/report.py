"""The DiagnosticReport: what the reading comes to, and everything that it rests on."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import Ungraded
from ovcf.fhir.form import answers
from ovcf.fhir.out.alerts import alerts, urgent
from ovcf.fhir.out.fractures import fractures
from ovcf.fhir.out.measured import groups, withheld
from ovcf.fhir.out.scores import scores
from ovcf.fhir.out.source import Resources, filled
from ovcf.fhir.out.who import devices, patient, practitioner, studies
from ovcf.fhir.parts import CLINICAL_FORM, Json, dcm, dicom_identifier, hl7
from ovcf.reading.uids import instance_uid
from ovcf.render.impression import impression
from ovcf.render.seen import Seen
from ovcf.render.words.wording import spans

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.fhir.out.source import Of

_PRELIMINARY = "Preliminary: no reader has signed this."


def resources(of: Of) -> dict[str, Json]:
    """Every resource of a reading by its address within a bundle, the patient first, the report before its parts."""
    into = Resources(of)
    measured = groups(into)
    results = [*(one for of_level in measured.values() for one in of_level), *scores(into), *withheld(into)]
    levels = fractures(into, measured)
    alerts(into)
    _clinical(into)
    into.add(_report(of, results, levels), "report")
    report = of.address("report")
    return {
        of.whose.address: patient(of.whose),
        **({of.reader_address: practitioner(of)} if of.reader else {}),
        **dict(devices(of)),
        **dict(studies(of)),
        report: into.found.pop(report),
        **into.found,
    }


def _report(of: Of, results: list[Json], levels: list[Level]) -> Json:
    made: Json = {
        "resourceType": "DiagnosticReport",
        "identifier": [dicom_identifier(instance_uid(of.reading, of.version, "SR"), use="secondary")],
        "status": of.status,
        "category": [hl7("v2-0074", "RAD")],
        "code": dcm("18748-4", "Diagnostic imaging study", "Vertebral fracture report", scheme="LN"),
        "subject": of.subject,
        "issued": of.issued,
        "result": results,
        "conclusion": conclusion(of),
    }
    if of.day:
        made["effectiveDateTime"] = of.day
    if of.reader:
        made |= {"performer": of.reader, "resultsInterpreter": of.reader}
    if of.studies:
        made["imagingStudy"] = [of.study(uid) for uid in of.studies]
    if of.signed and of.assessment.index_level in levels:
        made["conclusionCode"] = [
            dcm("125605004", "Fracture of bone", f"Fracture of {of.assessment.index_level}", "SCT")
        ]
    if of.pdf:
        title = "Vertebral fracture report" + ("" if of.signed else " (draft, not signed)")
        data = base64.b64encode(of.pdf).decode()
        made["presentedForm"] = [
            filled({"contentType": "application/pdf", "data": data, "title": title, "creation": of.issued})
        ]
    return filled(made)


def conclusion(of: Of) -> str:
    """The impression; before it what is urgent, behind it what could not be judged."""
    said = [s.text for s in impression(of.assessment)]
    open_ = [
        f"{f.level or 'A vertebra'} could not be judged: {f.data.reason}."
        for f in of.assessment.suggested_fractures
        if isinstance(f.data, Ungraded)
    ]
    if unclear := [f.level for f in Seen(of.assessment).unclear if f.level is not None]:
        open_.append(f"Marrow signal of {spans(unclear)} is not clear: for the reader to judge.")
    first = [] if of.signed else [_PRELIMINARY]
    return "\n".join(dict.fromkeys([*first, *urgent(of), *said, *of.assessment.warnings, *open_]))


def _clinical(into: Resources) -> None:
    """The facts that the reading was concluded with."""
    of = into.of
    items = answers(of.assessment.case)
    if not items:
        return
    made: Json = {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": CLINICAL_FORM,
        "status": {"preliminary": "in-progress", "amended": "amended"}.get(of.status, "completed"),
        "subject": of.subject,
        "authored": of.day or of.issued,
        "item": items,
    }
    into.add(filled(made), "clinical")
