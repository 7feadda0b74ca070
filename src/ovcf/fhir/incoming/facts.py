"""What resources say in facts of the clinical file, one reader for each kind of resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ovcf.anatomy import Level
from ovcf.coded.codes import concepts
from ovcf.fhir.form import about
from ovcf.fhir.incoming.coded import called, codes_of, matches, row_of, table
from ovcf.fhir.incoming.resources import Told, day_of, named
from ovcf.fhir.out.course import form_of
from ovcf.fhir.parts import CLINICAL_FORM
from ovcf.registry.words import Instrument

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ovcf.fhir.parts import Json

_DONE = ("final", "amended", "corrected")
_PAST = ("inactive", "remission", "resolved")
_DAYS = {"d": 1.0, "wk": 7.0, "mo": 30.4375, "h": 1 / 24}


FRESH_DAYS = 30
"""How long before a visit what a patient answered, or what was found at another visit, still speaks for it: the
project's choice. A T-score or a diagnosis holds longer."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that a resource says of a field, and of which day it is. ``fresh``: it holds for some weeks alone."""

    field: str
    value: Any
    day: date | None
    source: str
    fresh: bool = False


Said = Candidate | Told


def said_by(resource: Json, by_address: dict[str, Json]) -> Iterator[Said]:
    """Every fact of a resource, and what of it could not be understood."""
    kind = resource["resourceType"]
    if kind == "Observation":
        yield from _observation(resource)
    elif kind == "Condition":
        yield from _condition(resource)
    elif kind in ("MedicationStatement", "MedicationRequest"):
        yield from _medicine(resource, by_address)
    elif kind == "QuestionnaireResponse":
        yield from _form(resource)
    elif kind in ("DiagnosticReport", "ImagingStudy", "Flag"):
        yield Told(named(resource), "holds no clinical fact by itself; its observations are read one by one")
    else:
        yield Told(named(resource), "is of a kind that is not read for clinical facts")


def _observation(resource: Json) -> Iterator[Said]:
    name = named(resource)
    if resource.get("status") not in _DONE:
        yield Told(name, f"is not final ({resource.get('status')})")
        return
    day = day_of(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued")
    codes = codes_of(resource.get("code"))
    values = codes_of(resource.get("valueCodeableConcept"))
    for answer in table()["answer"]:
        if (known := next((code for code in values if code in answer["values"]), None)) is not None:
            yield Candidate(answer["field"], answer["values"][known], day, name)
            return
    if resource.get("component"):
        taken = False
        for said in _parts(resource, day, name):
            taken = taken or isinstance(said, Candidate)
            yield said
        if taken and row_of("number", codes) is None:
            return
    if (row := row_of("nowhere", codes)) is not None:
        yield Told(name, row["why"])
        return
    row = row_of("number", codes)
    if row is None:
        yield Told(name, "has no code that stands for a clinical fact" if codes else "has no code that is known")
        return
    yield from _number(resource, row, day, name)


def _parts(resource: Json, day: date | None, name: str) -> Iterator[Said]:
    """A panel: each part is a value of its own, at the site and on the day of the whole."""
    whole = {"bodySite": resource["bodySite"]} if resource.get("bodySite") else {}
    for part in resource["component"]:
        codes, part_name = codes_of(part.get("code")), f"{name}: {called(part.get('code'))}"
        if (row := row_of("number", codes)) is not None:
            yield from _number(whole | part, row, day, part_name)
        elif (row := row_of("nowhere", codes)) is not None:
            yield Told(part_name, row["why"])
        else:
            yield Told(part_name, "has no code that stands for a clinical fact")


def _number(resource: Json, row: dict[str, Any], day: date | None, name: str) -> Iterator[Said]:
    found = _value(resource, row["units"], row.get("else", ""))
    if isinstance(found, str):
        yield Told(name, found)
        return
    field = _at_site(resource, row)
    if isinstance(field, Told):
        yield Told(name, field.why)
        return
    yield Candidate(field, found, day, name, fresh=row.get("fresh", False))
    if field == row.get("field"):
        if "site_in" in row:
            site = resource.get("bodySite")
            yield Candidate(row["site_in"], called(site) if site else "lumbar spine", day, name)
        if "also" in row:
            yield Candidate(row["also"], found, day, name)


def _at_site(resource: Json, row: dict[str, Any]) -> str | Told:
    """The field that a value is of: by its body site, where that decides."""
    sites = codes_of(resource.get("bodySite"))
    by_site: dict[str, str] = row.get("sites", {})
    if (field := next((by_site[s] for s in sites if s in by_site), None)) is not None:
        return field
    if "field" in row and (not by_site or not resource.get("bodySite") or matches(row.get("whole", ()), sites)):
        return str(row["field"])
    where = called(resource.get("bodySite")) if resource.get("bodySite") else "no body site"
    return Told("", f"its body site ({where}) is none that the clinical file has a place for")


def _value(resource: Json, units: dict[str, float], otherwise: str) -> float | str:
    """The number in the unit of its field, or why there is none."""
    if resource.get("dataAbsentReason"):
        return f"has no value: {called(resource['dataAbsentReason'])}"
    if isinstance(resource.get("valueInteger"), int) and "" in units:
        return float(resource["valueInteger"])
    quantity = resource.get("valueQuantity")
    if not isinstance(quantity, dict) or quantity.get("value") is None:
        return "has no number"
    if quantity.get("comparator"):
        return f"is no exact value ({quantity['comparator']} {quantity['value']})"
    unit = str(quantity.get("code") or quantity.get("unit") or "")
    if unit not in units:
        known = ", ".join(u or "none" for u in units)
        because = f": {otherwise}" if otherwise else ""
        return f"is in a unit that is not known for it ({unit or 'none'}); known: {known}{because}"
    return float(quantity["value"]) * units[unit]


def _condition(resource: Json) -> Iterator[Said]:
    name, codes = named(resource), codes_of(resource.get("code"))
    sure = codes_plain(resource.get("verificationStatus"))
    if sure and "confirmed" not in sure:
        yield Told(name, f"is not confirmed ({', '.join(sure)})")
        return
    day = day_of(resource, "recordedDate", "onsetDateTime", "onsetPeriod")
    clinical = codes_plain(resource.get("clinicalStatus"))
    past = any(c in _PAST for c in clinical)
    if row_of("fracture", codes) is not None:
        yield from _fracture(resource, name, day, past=past, known=bool(clinical))
        return
    row = row_of("condition", codes)
    if row is None:
        yield Told(name, "has no code that stands for a clinical fact")
    elif past and not row.get("past"):
        yield Told(name, f"is over ({', '.join(clinical)})")
    else:
        yield Candidate(row["field"], True, day, name)


def _fracture(resource: Json, name: str, day: date | None, *, past: bool, known: bool) -> Iterator[Said]:
    by_code = {f"SCT {c.value}": c.id for c in concepts()["level"].values() if c.scheme == "SCT"}
    by_code |= {f"OWN {c.value}": c.id for c in concepts()["level"].values() if c.scheme != "SCT"}
    sites = [code for site in resource.get("bodySite", ()) for code in codes_of(site)]
    levels = [Level(by_code[code]) for code in sites if code in by_code]
    if not levels:
        yield Told(name, "does not say which vertebra")
    elif past:
        for level in dict.fromkeys(levels):
            yield Candidate("old_fractures", (level.value,), day, name)
    else:
        how = "is active" if known else "does not say whether it is recent or old"
        yield Told(name, f"{how}: which vertebra is assessed, and which are recent, is for the reader to say")


def codes_plain(concept: Json | None) -> list[str]:
    """The bare codes of a concept of HL7's own."""
    return [str(c.get("code")) for c in (concept or {}).get("coding", ()) if c.get("code")]


def _medicine(resource: Json, by_address: dict[str, Json]) -> Iterator[Said]:
    concept = resource.get("medicationCodeableConcept")
    if concept is None:
        concept = _medication(resource, by_address).get("code")
    name, codes = f"{resource['resourceType']} {called(concept)}", codes_of(concept)
    if resource.get("status") != "active" or resource.get("doNotPerform"):
        yield Told(name, f"is not being taken ({resource.get('status')})")
        return
    if resource.get("intent") in ("proposal", "plan", "option"):
        yield Told(name, f"was not ordered ({resource['intent']})")
        return
    if (row := row_of("undecided", codes)) is not None:
        yield Told(name, row["why"])
        return
    row = row_of("medicine", codes)
    if row is None:
        yield Told(name, "has no code that stands for a clinical fact")
        return
    day = day_of(resource, "dateAsserted", "authoredOn", "effectiveDateTime")
    begun = day_of({"start": (resource.get("effectivePeriod") or {}).get("start")}, "start")
    if "over_days" not in row:
        yield Candidate(row["field"], True, day or begun, name)
    elif begun is None or day is None:
        yield Told(name, "does not say since when and until when it was taken")
    elif (day - begun).days > row["over_days"]:
        yield Candidate(row["field"], True, day, name)
    else:
        yield Told(name, f"is taken for {(day - begun).days} days; the fact is true from {row['over_days']} days on")
    if "dose" in row:
        dose = _daily_mg(resource) if matches(row["dose_codes"], codes) else "its dose is not converted to prednisone"
        yield Told(name, dose) if isinstance(dose, str) else Candidate(row["dose"], dose, day or begun, name)


def _medication(resource: Json, by_address: dict[str, Json]) -> Json:
    reference = str((resource.get("medicationReference") or {}).get("reference", ""))
    if reference.startswith("#"):
        return next((c for c in resource.get("contained", ()) if f"#{c.get('id')}" == reference), {})
    return by_address.get(reference) or by_address.get("/".join(reference.split("/")[-2:])) or {}


def _daily_mg(resource: Json) -> float | str:
    """The dose of one day in mg, or why it is not known."""
    dosages: list[Json] = resource.get("dosage") or resource.get("dosageInstruction") or []
    if len(dosages) != 1:
        return f"has {len(dosages) or 'no'} dosages: the dose of a day is not taken over"
    dosage: Json = dosages[0]
    rate: Json = next(iter(dosage.get("doseAndRate") or ()), {})
    dose = rate.get("doseQuantity") or {}
    repeat = (dosage.get("timing") or {}).get("repeat") or {}
    unit = dose.get("code") or dose.get("unit")
    days = _DAYS.get(str(repeat.get("periodUnit")))
    if dose.get("value") is None or unit != "mg" or not days or not repeat.get("period") or not repeat.get("frequency"):
        return "does not say how many mg are taken how often"
    return float(dose["value"]) * float(repeat["frequency"]) / (float(repeat["period"]) * days)


def _form(resource: Json) -> Iterator[Said]:
    name = named(resource)
    if resource.get("status") not in ("completed", "amended"):
        yield Told(name, f"is not complete ({resource.get('status')})")
        return
    ours = {CLINICAL_FORM, *(form_of(one) for one in Instrument)}
    form = str(resource.get("questionnaire", "")).split("|")[0]
    if form not in ours:
        yield Told(name, f"answers a form that is not known ({form or 'not named'})")
        return
    day = day_of(resource, "authored")
    for item in resource.get("item", ()):
        field = str(item.get("linkId", ""))
        values = [v for answer in item.get("answer", ()) for key, v in answer.items() if key.startswith("value")]
        if field not in about():
            yield Told(f"{name}: {field}", "is no field of the clinical file")
        elif values:
            several = isinstance(_empty(field), tuple)
            yield Candidate(field, tuple(values) if several else values[0], day, name, fresh=True)


def _empty(field: str) -> object:
    from ovcf.clinical.case import ClinicalCase

    found: object = ClinicalCase()
    for part in field.split("."):
        found = getattr(found, part)
    return found
