"""The resources of a bundle that are valid and speak of one patient; every other is named with the reason."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.errors import FhirError
from ovcf.fhir.extra import need_fhir
from ovcf.fhir.incoming.coded import called

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.fhir.parts import Json

MAX_BYTES = 64 * 2**20
_SUBJECTS = ("subject", "patient")


@dataclass(frozen=True, slots=True)
class Told:
    """What was not taken over, and why."""

    what: str
    why: str


@dataclass(slots=True)
class OfPatient:
    """What a bundle says of one patient: resources, by address those that others refer to, and what was left."""

    patient: Json | None
    resources: list[Json]
    by_address: dict[str, Json]
    left: list[Told] = field(default_factory=list)


def of_patient(data: bytes, *, name: str = "bundle", subject: str | None = None) -> OfPatient:
    """Read a bundle, or a single resource. ``subject`` chooses among several patients, by reference or identifier.

    Raises:
        FhirError: it is no FHIR, or it speaks of several patients and none is chosen.
        MissingExtraError: fhir.resources is not installed.
    """
    need_fhir()
    left: list[Told] = []
    entries = list(_entries(_parsed(data, name)))
    known = {a: r for address, r in entries for a in _addresses(address, r)}
    valid = [(a, r) for a, r in entries if _valid(a, r, left)]
    whose = [(r, _whose(r, known)) for _, r in valid]
    people = list(dict.fromkeys(who for _, who in whose if who))
    chosen = _chosen(people, subject, known, name)
    mine: list[Json] = []
    for resource, who in whose:
        if who == chosen and who:
            mine.append(resource)
        elif who:
            left.append(Told(named(resource), "is of another patient"))
        elif resource.get("resourceType") in ("Observation", "Condition", "QuestionnaireResponse"):
            left.append(Told(named(resource), "does not say of whom it is"))
        elif resource.get("resourceType") not in _SILENT:
            left.append(Told(named(resource), "holds no clinical fact"))
    patient = next((r for r in mine if r.get("resourceType") == "Patient"), None)
    return OfPatient(patient, [r for r in mine if r is not patient], known, left)


_SILENT = frozenset(
    {"Medication", "Practitioner", "PractitionerRole", "Organization", "Device", "Encounter", "Location"}
)
"""What others refer to; it holds no fact of a patient by itself."""


def _parsed(data: bytes, name: str) -> Json:
    if len(data) > MAX_BYTES:
        raise FhirError(name, "is too large", f"Give at most {MAX_BYTES // 2**20} MB.")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise FhirError(name, "is no JSON", "Give a bundle as JSON (application/fhir+json), not as XML.") from None
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise FhirError(name, "is no resource of FHIR", "Give a Bundle of FHIR R4 or R4B as JSON.")
    return found


def _entries(found: Json, address: str = "", depth: int = 0) -> Iterator[tuple[str, Json]]:
    if found.get("resourceType") != "Bundle":
        yield address, found
        return
    entries = found.get("entry")
    for entry in entries if isinstance(entries, list) and depth < 5 else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield from _entries(resource, str(entry.get("fullUrl", "")), depth + 1)


def _addresses(address: str, resource: Json) -> Iterator[str]:
    """By which a reference may name a resource."""
    if address:
        yield address
    if resource.get("id"):
        yield f"{resource.get('resourceType')}/{resource['id']}"


def _valid(address: str, resource: Json, left: list[Told]) -> bool:
    from fhir.resources.R4B import get_fhir_model_class
    from pydantic import ValidationError

    kind = str(resource.get("resourceType", ""))
    try:
        get_fhir_model_class(kind).model_validate(resource)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        left.append(Told(named(resource), f"is not valid FHIR R4B: {where}: {first['msg']}"))
        return False
    except (ValueError, LookupError):
        left.append(Told(address or kind or "an entry", "is of no kind that FHIR R4B knows"))
        return False
    return True


def _whose(resource: Json, known: dict[str, Json]) -> str:
    """Which patient a resource speaks of, as one name whatever way it is referred to; empty if it does not say."""
    if resource.get("resourceType") == "Patient":
        return _patient_name(resource)
    for name in _SUBJECTS:
        subject = resource.get(name)
        if isinstance(subject, dict):
            return _referred(subject, known)
    return ""


def _referred(subject: Json, known: dict[str, Json]) -> str:
    reference = str(subject.get("reference", ""))
    local = "/".join(reference.split("/_history")[0].split("/")[-2:])
    target = known.get(reference) or known.get(local)
    if target is not None and target.get("resourceType") == "Patient":
        return _patient_name(target)
    if reference:
        return "" if target is not None else local
    one = subject.get("identifier")
    if not isinstance(one, dict):
        return ""
    same = (r for r in known.values() if r.get("resourceType") == "Patient" and _has(r, one))
    patient = next(same, None)
    return _patient_name(patient) if patient is not None else f"{one.get('system', '')}|{one.get('value', '')}"


def _has(patient: Json, identifier: Json) -> bool:
    there = [(i.get("system"), i.get("value")) for i in patient.get("identifier", ()) if isinstance(i, dict)]
    return (identifier.get("system"), identifier.get("value")) in there


def _patient_name(patient: Json) -> str:
    if patient.get("id"):
        return f"Patient/{patient['id']}"
    first: Json = next(iter(patient.get("identifier", ())), {})
    return f"{first.get('system', '')}|{first.get('value', '')}" if first else f"patient {id(patient)}"


def _chosen(people: list[str], subject: str | None, known: dict[str, Json], name: str) -> str:
    if subject is not None:
        wanted = [p for p in people if subject in (p, p.split("/")[-1], p.split("|")[-1])]
        wanted += [
            _patient_name(r)
            for r in known.values()
            if r.get("resourceType") == "Patient"
            and any(isinstance(i, dict) and i.get("value") == subject for i in r.get("identifier", ()))
        ]
        if len(set(wanted)) != 1:
            raise FhirError(name, f"holds {len(set(wanted))} patients called {subject!r}", _choose(people))
        return wanted[0]
    if len(people) > 1:
        raise FhirError(name, f"speaks of {len(people)} patients", _choose(people))
    return people[0] if people else ""


def _choose(people: list[str]) -> str:
    return f"Choose one: {', '.join(people[:5])}." if people else "Give a bundle that says whose it is."


def named(resource: Json) -> str:
    """A resource, for people."""
    kind = resource.get("resourceType", "resource")
    for element in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        concept = resource.get(element)
        if isinstance(concept, dict):
            return f"{kind} {called(concept)}"
    return f"{kind} {resource.get('id', '')}".strip()


def day_of(resource: Json, *elements: str) -> date | None:
    """The day of the first element that is there; of a period its end, else its begin. A month is its first day."""
    for element in elements:
        value: Any = resource.get(element)
        if isinstance(value, dict):
            value = value.get("end") or value.get("start")
        if isinstance(value, str) and value[:4].isdigit():
            parts = [*value[:10].split("-"), "01", "01"][:3]
            try:
                return date(*map(int, parts))
            except ValueError:
                continue
    return None
