"""Facts of a bundle kept at a visit of the registry. What was recorded there before stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ovcf.clinical.facts import facts_of
from ovcf.clinical.read_case import case_from_mapping
from ovcf.errors import FhirError
from ovcf.fhir.incoming.apply import Taken, into_case, words
from ovcf.fhir.incoming.resources import Told
from ovcf.registry.clinic import outcomes
from ovcf.registry.store import current
from ovcf.registry.tables import ClinicalEntry, Densitometry, PatientReport
from ovcf.registry.words import Instrument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ovcf.fhir.incoming.understand import Fact, Understood
    from ovcf.registry.store import Writer
    from ovcf.registry.tables import Patient, Visit

_ANSWERS = {"vas": Instrument.VAS, "odi": Instrument.ODI, "analgesic_class": Instrument.ANALGESICS}
_LEVELS = {f"t_score_l{n}": f"L{n}" for n in range(1, 5)}
_OF_PATIENT = frozenset({"sex", "age_years"})
"""What the registry keeps of the patient, not of a visit."""
_JOABPEQ = "joabpeq_"


class _Visit:
    """A visit with what is recorded there, and what becomes of it."""

    def __init__(self, writer: Writer, visit: Visit) -> None:
        self.writer, self.visit = writer, visit
        self.taken: list[Fact] = []
        self.kept: list[Told] = []
        session, id_ = writer.session, visit.entity_id
        reports = session.scalars(current(PatientReport).where(PatientReport.visit_id == id_))
        self.answered = {report.instrument: report for report in reports}
        scans = session.scalars(current(Densitometry).where(Densitometry.visit_id == id_))
        self.measured = {scan.site: scan.t_score for scan in scans}
        entered = current(ClinicalEntry).where(ClinicalEntry.visit_id == id_, ClinicalEntry.reading_id.is_(None))
        self.entries = session.scalars(entered).all()

    def answer(self, fact: Fact, instrument: Instrument) -> None:
        """What the patient answered."""
        there = self.answered.get(instrument)
        if there is None:
            outcomes.answer(self.writer, self.visit, instrument, float(fact.value))
            self.taken.append(fact)
        else:
            self._keep(fact, there.value)

    def t_score(self, fact: Fact, site: str) -> None:
        """A T-score of one level."""
        if site not in self.measured:
            outcomes.densitometry(self.writer, self.visit, site, fact.value, fact.day)
            self.taken.append(fact)
        else:
            self._keep(fact, self.measured[site])

    def domains(self, facts: dict[str, Fact]) -> None:
        """The domains of the JOABPEQ, which are one answer."""
        there = self.answered.get(Instrument.JOABPEQ)
        if there is None and facts:
            answers = {name: fact.value for name, fact in facts.items()}
            outcomes.answer(self.writer, self.visit, Instrument.JOABPEQ, None, answers)
            self.taken += facts.values()
        elif there is not None:
            for name, fact in facts.items():
                self._keep(fact, there.answers.get(name))

    def facts(self, said: Understood) -> None:
        """All else: the clinical facts of the visit."""
        before = case_from_mapping(_merged(self.entries), where="visit")
        found, more = into_case(before, said)
        self.taken += more.facts
        self.kept += more.kept
        if more.facts and self.entries:
            newest = max(self.entries, key=lambda entry: (entry.recorded_at, entry.id))
            self.writer.replace(newest, "facts of a FHIR bundle", facts=facts_of(found))
        elif more.facts:
            patient, visit = self.visit.patient_id, self.visit.entity_id
            self.writer.add(ClinicalEntry(patient_id=patient, visit_id=visit, facts=facts_of(found)))

    def _keep(self, fact: Fact, there: object) -> None:
        if there != fact.value:
            why = f"{fact.field} is there already: {words(there)}, not {words(fact.value)}"
            self.kept.append(Told(fact.source, why))


def into_visit(writer: Writer, patient: Patient, visit: Visit, said: Understood) -> Taken:
    """Keep the facts at a visit: answers, T-scores, and the clinical facts. Sex and age are those of the patient.

    What was recorded there before stays; whoever wants it otherwise corrects it, with a reason.

    Raises:
        FhirError: the bundle is of somebody else, by sex or year of birth.
    """
    _same_person(patient, said)
    at = _Visit(writer, visit)
    domains: dict[str, Fact] = {}
    rest: list[Fact] = []
    for fact in said.facts:
        if fact.field in _OF_PATIENT:
            continue
        if (instrument := _ANSWERS.get(fact.field)) is not None:
            at.answer(fact, instrument)
        elif (site := _LEVELS.get(fact.field)) is not None:
            at.t_score(fact, site)
        elif fact.field.startswith(_JOABPEQ):
            domains[fact.field.removeprefix(_JOABPEQ)] = fact
        else:
            rest.append(fact)
    at.domains(domains)
    at.facts(replace(said, facts=tuple(rest)))
    return Taken(tuple(at.taken), tuple(at.kept))


def _same_person(patient: Patient, said: Understood) -> None:
    if said.sex is not None and patient.sex is not None and said.sex is not patient.sex:
        raise FhirError("bundle", f"is of a {said.sex} patient, {patient.code} is {patient.sex}", "Check whose it is.")
    if said.born is not None and patient.birth_year is not None and abs(said.born.year - patient.birth_year) > 1:
        raise FhirError("bundle", f"is of another year of birth than {patient.code}", "Check whose it is.")


def _merged(entries: Iterable[ClinicalEntry]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for entry in sorted(entries, key=lambda e: (e.recorded_at, e.id)):
        facts |= entry.facts
    return facts
