"""What a registry holds around the readings: what patients answered, and what became of the fracture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.coded.codes import concepts
from ovcf.fhir.form import about
from ovcf.fhir.out.measured import probability
from ovcf.fhir.out.source import filled, notes
from ovcf.fhir.parts import absent, body_site, coded, hl7, own_identifier, reference, urn
from ovcf.reading.uids import uid_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ovcf.fhir.out.source import Whose
    from ovcf.fhir.parts import Json
    from ovcf.follow_up.outcomes import Outcome
    from ovcf.follow_up.timeline import Timeline
    from ovcf.registry.tables import PatientReport
    from ovcf.registry.words import Instrument

_FIELD = {"VAS": "vas", "ODI": "odi", "analgesic class": "analgesic_class"}
"""The field of the clinical file that says what the value of an instrument is."""


def form_of(instrument: Instrument) -> str:
    """The canonical name of an instrument's form, which has no wording: that belongs to whoever made it."""
    return f"urn:oid:{uid_of('fhir', 'instrument', instrument.value)}"


def instruments(reports: Iterable[PatientReport], whose: Whose, day: str) -> dict[str, Json]:
    """What a patient answered at a visit: the value and the single answers, by address."""
    made: dict[str, Json] = {}
    for report in reports:
        address = urn("answers", whose.address, str(report.entity_id))
        items = list(_items(report))
        if items:
            made[address] = {
                "resourceType": "QuestionnaireResponse",
                "identifier": own_identifier(address),
                "questionnaire": form_of(report.instrument),
                "status": "completed",
                "subject": reference(whose.address, "Patient"),
                "authored": day,
                "source": reference(whose.address, "Patient"),
                "item": items,
            }
    return made


def _items(report: PatientReport) -> Iterator[Json]:
    field = _FIELD.get(report.instrument.value, "")
    if report.value is not None:
        code = concepts()["instrument"][report.instrument.value]
        told = about().get(field) or code.meaning
        yield {"linkId": field or code.value, "text": told, "answer": [{"valueDecimal": float(report.value)}]}
    for name, answer in report.answers.items():
        field = f"joabpeq_{name}"
        known = {"text": about()[field]} if field in about() else {}
        values = _answer(answer)
        if values:
            yield {"linkId": field if known else str(name), **known, "answer": values}


def _answer(answer: Any) -> list[Json]:
    if answer is None:
        return []
    if isinstance(answer, bool):
        return [{"valueBoolean": answer}]
    if isinstance(answer, int | float):
        return [{"valueDecimal": float(answer)}]
    return [{"valueString": str(answer)}]


def verdicts(course: Timeline, whose: Whose, episode: str, day: Callable[[str], str]) -> dict[str, Json]:
    """Each outcome that the visits allow to judge: yes, no, or open with the reason, by address.

    They are preliminary while a reading that they rest on is not signed.
    """
    status = "final" if all(visit.signed for visit in course.visits) else "preliminary"
    held = {visit.name: visit.on for visit in course.visits}
    made: dict[str, Json] = {}
    for one in course.outcomes:
        on = held.get(one.visit)
        address = urn("outcome", whose.address, episode, one.kind, str(one.level), one.visit)
        made[address] = _verdict(one, whose, None if on is None else day(on.isoformat()), address, status)
    return made


def _verdict(one: Outcome, whose: Whose, day: str | None, address: str, status: str) -> Json:
    value: Json
    if one.answer is None:
        value = absent("unknown", one.because)
    else:
        value = {"valueCodeableConcept": coded("word", "yes" if one.answer else "no")}
    return filled(
        {
            "resourceType": "Observation",
            "identifier": [own_identifier(address)],
            "status": status,
            "category": [hl7("observation-category", "exam")],
            "code": coded("outcome", one.kind, one.kind.value),
            "subject": reference(whose.address, "Patient"),
            "bodySite": body_site(one.level),
            "effectiveDateTime": day,
            **value,
            "component": [] if one.probability is None else [probability("", one.probability)],
            "note": notes([one.because]),
        }
    )
