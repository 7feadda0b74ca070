"""From a bundle to facts: the newest of each, and a list of everything that was not taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.read_case import with_fact
from ovcf.errors import ClinicalDataError
from ovcf.fhir.incoming.facts import FRESH_DAYS, Candidate, said_by
from ovcf.fhir.incoming.resources import Told, day_of, of_patient
from ovcf.vocabulary import Sex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ovcf.fhir.parts import Json

_GATHERED = frozenset({"old_fractures"})
"""Fields that several resources fill together."""
_GENDER = {"female": Sex.FEMALE, "male": Sex.MALE}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact, of which day, and what said it."""

    field: str
    value: Any
    day: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What a bundle says of one patient: facts by field, and what was left, with the reason."""

    facts: tuple[Fact, ...]
    left: tuple[Told, ...]
    sex: Sex | None = None
    born: date | None = None

    def case(self, before: ClinicalCase | None = None) -> ClinicalCase:
        """A clinical case with these facts."""
        case = before or ClinicalCase()
        for fact in self.facts:
            case = with_fact(case, fact.field, fact.value)
        return case


def understood(data: bytes, *, name: str = "bundle", on: date | None = None, subject: str | None = None) -> Understood:
    """The clinical facts of a bundle. With ``on``, of a visit that day: what is of a later day is left, age is of then,
    and what a patient answered some weeks before no longer counts.

    Of each fact the newest counts. Two that differ on one day, or without a day, count neither: a person must choose.

    Raises:
        FhirError: it is no FHIR, or speaks of several patients and none is chosen.
    """
    told = of_patient(data, name=name, subject=subject)
    left, found = list(told.left), list(_of_person(told.patient, on))
    for resource in told.resources:
        for one in said_by(resource, told.by_address):
            if isinstance(one, Told):
                left.append(one)
            elif on is not None and one.day is not None and one.day > on:
                left.append(Told(one.source, f"is of {one.day}, after the visit"))
            elif on is not None and one.fresh and (one.day is None or (on - one.day).days > FRESH_DAYS):
                when = "no day" if one.day is None else f"{one.day}, more than {FRESH_DAYS} days before the visit"
                left.append(Told(f"{one.source}: {one.field}", f"is of {when}"))
            elif (why := _impossible(one)) is not None:
                left.append(Told(one.source, why))
            else:
                found.append(one)
    facts = list(_newest(found, left))
    if not any(fact.field == "t_score" for fact in facts):
        facts = [fact for fact in facts if fact.field != "t_score_site"]
    patient = told.patient or {}
    return Understood(
        tuple(facts), tuple(dict.fromkeys(left)), _GENDER.get(str(patient.get("gender"))), day_of(patient, "birthDate")
    )


def _of_person(patient: Json | None, on: date | None) -> Iterator[Candidate]:
    if patient is None:
        return
    if (sex := _GENDER.get(str(patient.get("gender")))) is not None:
        yield Candidate("sex", sex.value, None, "Patient")
    born = str(patient.get("birthDate", ""))
    if on is not None and (day := day_of(patient, "birthDate")) is not None:
        had = len(born) == len("2025-01-01") and (on.month, on.day) < (day.month, day.day)
        yield Candidate("age_years", float(on.year - day.year - had), on, "Patient")


def _impossible(one: Candidate) -> str | None:
    try:
        with_fact(ClinicalCase(), one.field, one.value)
    except ClinicalDataError as error:
        return f"{error.where} {error.problem}"
    return None


def _newest(found: Iterable[Candidate], left: list[Told]) -> Iterator[Fact]:
    older: set[tuple[str, date | None]] = set()
    by_field: dict[str, list[Candidate]] = {}
    for one in found:
        by_field.setdefault(one.field, []).append(one)
    for field, several in by_field.items():
        if field in _GATHERED:
            all_ = tuple(dict.fromkeys(v for one in several for v in one.value))
            day = max((one.day for one in several if one.day), default=None)
            yield Fact(field, all_, day, ", ".join(dict.fromkeys(one.source for one in several)))
            continue
        newest = max(one.day or date.min for one in several)
        last = [one for one in several if (one.day or date.min) == newest]
        for one in several:
            if one not in last and one.value != last[0].value and (one.source, one.day) not in older:
                older.add((one.source, one.day))  # once, though it speaks of several fields
                left.append(Told(one.source, f"is older than what is known of {field} since {newest}"))
        if len({repr(one.value) for one in last}) > 1:
            values = ", ".join(sorted({f"{one.value}" for one in last}))
            left += [
                Told(one.source, f"contradicts another of the same day ({field}: {values}): choose one") for one in last
            ]
            continue
        first = last[0]
        yield Fact(field, first.value, first.day, first.source)
