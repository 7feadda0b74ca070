"""Readings and patients of the registry as FHIR: who gets what, what is told of who it is, and what comes in."""

import json
import shutil
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from ovcf.anatomy import Level
from ovcf.errors import FhirError, ForbiddenError, NotThereError, ReadingError, RegistryError
from ovcf.fhir.incoming.into_visit import into_visit
from ovcf.fhir.incoming.understand import understood
from ovcf.fhir.of_registry import patient_resources, reading_resources
from ovcf.fhir.out.course import verdicts
from ovcf.fhir.out.source import Whose
from ovcf.follow_up.outcomes import Outcome, OutcomeKind
from ovcf.pacs.line.known import known_in
from ovcf.pacs.line.whose import Person as Known
from ovcf.pacs.line.whose import remember
from ovcf.registry.clinic.patients import add_episode, facts_at, visit_on
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.store import Registry
from ovcf.registry.tables import AuditEntry, Consent, Patient, PatientReport
from ovcf.registry.words import Action, ConsentScope, Instrument
from tests.fhir.conftest import STUDY, few, of_dicom, of_kind, signed, texts
from tests.people.conftest import Place
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401
from tests.server.small_reading import small_reading

NAME, NUMBER, BORN = "Winkelhofer^Theodora", "HN-4711", "19500615"
KEY = bytes(range(32))
DAYS = date(2026, 3, 3), date(2026, 9, 8)


class Clinic(Place):
    """With a patient of site A: two visits with readings, signed and answered, and who the patient is."""

    def __init__(self, folder):
        super().__init__(folder)
        self.registry.close()
        self.registry = Registry.open(folder, key=KEY)
        coordinator = self.people["coordinator-A"]
        reader = self.people["reader-A"]
        with self.registry.writing(coordinator.id) as writer:
            patient = writer.session.get_one(Patient, self.patients["A"])
            add_episode(writer, patient, levels=["L1"], fractured_on=date(2026, 2, 20))
            person = Known(number=NUMBER, issuer="AKH", name=NAME, born=BORN, sex="F", removed=False)
            remember(writer, KEY, patient, person)
        self.readings = []
        for n, (day, window) in enumerate(zip(DAYS, ("pretreatment", "6 months"), strict=True)):
            with self.registry.writing(reader.id) as writer:
                patient = writer.session.get_one(Patient, self.patients["A"])
                visit = visit_on(writer, patient, window=window, on=day)
                file = few(of_dicom(small_reading(visit_date=day.isoformat(), notes=["told by Mrs. Winkelhofer"])))
                file = replace(file, reading=replace(file.reading, id=f"{n}" * 32))
                file = begun_for(file, patient.code, {})
                draft = keep_reading(writer, self.registry, visit, file)
                done = signed(file, reader="Dr. Theo Maurer")
                if n == 0:
                    keep_reading(writer, self.registry, visit, done, after=draft.revision)
                    answers = {"pain": 40, "lumbar": 25}
                    writer.add(
                        PatientReport(
                            patient_id=patient.id,
                            visit_id=visit.entity_id,
                            instrument=Instrument.JOABPEQ,
                            value=None,
                            answers=answers,
                        )
                    )
                writer.add(
                    PatientReport(
                        patient_id=patient.id, visit_id=visit.entity_id, instrument=Instrument.ODI, value=60.0 - 20 * n
                    )
                )
                self.readings.append((file.reading.id, done, draft.revision))

    def sign_the_second(self):
        _, done, after = self.readings[1]
        with self.registry.writing(self.people["reader-A"].id) as writer:
            patient = writer.session.get_one(Patient, self.patients["A"])
            visit = visit_on(writer, patient, window="6 months", on=DAYS[1])
            keep_reading(writer, self.registry, visit, done, after=after)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clinic") / "data"
    made = Clinic(folder)
    made.registry.close()
    return made, folder


@pytest.fixture
def clinic(made_once, tmp_path):
    """A copy of it for each test."""
    made, folder = made_once
    shutil.copytree(folder, tmp_path / "data")
    made.registry = Registry.open(tmp_path / "data", key=KEY)
    yield made
    made.registry.close()


def exported(clinic, code, **more):
    return reading_resources(clinic.registry, clinic.principal(code), clinic.readings[0][0], pdf=False, **more)


def test_the_patient_goes_by_the_pseudonym_of_the_site(clinic):
    found = exported(clinic, "reader-A")
    (patient,) = of_kind(found, "Patient")
    assert patient["identifier"] == [{"use": "secondary", "system": f"urn:uuid:{clinic.sites['A'].id}", "value": "P-A"}]
    assert patient.keys() == {"resourceType", "identifier", "gender"}
    said = texts(found)
    assert NUMBER not in said
    assert "Winkelhofer" not in said


def test_who_it_is_is_told_to_who_may_see_it_and_asks(clinic):
    found = exported(clinic, "reader-A", knows=known_in(clinic.registry))
    (patient,) = of_kind(found, "Patient")
    assert patient["name"][0]["family"] == "Winkelhofer"
    assert patient["birthDate"] == "1950-06-15"
    assert patient["identifier"][0]["value"] == NUMBER
    assert patient["identifier"][0]["assigner"] == {"display": "AKH"}
    with pytest.raises(ForbiddenError, match="see identity"):
        exported(clinic, "researcher-A", knows=known_in(clinic.registry))


def test_a_researcher_gets_it_deidentified_and_the_same_each_time(clinic):
    found = exported(clinic, "researcher-A")
    said = texts(found)
    for tells in (NUMBER, "Winkelhofer", "P-A", STUDY, "Maurer", "2026-03-0", clinic.readings[0][0]):
        assert tells not in said
    assert "reader 1" in said
    assert exported(clinic, "researcher-A") == found
    identified = exported(clinic, "reader-A")
    kinds = sorted(one["resourceType"] for one in found.values())
    assert kinds == sorted(one["resourceType"] for one in identified.values())
    assert not {a for a, one in found.items() if one["resourceType"] != "Device"} & identified.keys()


def test_who_withdrew_consent_to_research_is_refused_to_research_alone(clinic):
    with clinic.registry.writing(clinic.people["coordinator-A"].id) as writer:
        patient = clinic.patients["A"]
        writer.add(Consent(patient_id=patient, scope=ConsentScope.RESEARCH, given=False, on=date(2026, 3, 1)))
    with pytest.raises(RegistryError, match="withdrew consent"):
        exported(clinic, "researcher-A")
    assert exported(clinic, "reader-A")


def test_others_get_nothing(clinic):
    with pytest.raises(ForbiddenError):
        exported(clinic, "monitor-A")  # may read cases, and neither see identities nor export
    with pytest.raises(NotThereError):
        exported(clinic, "reader-B")


def test_the_audit_says_who_exported_it(clinic):
    def entries():
        with clinic.registry.reading() as session:
            return [e.actor for e in session.scalars(select(AuditEntry).where(AuditEntry.action == Action.EXPORTED))]

    assert entries() == []
    exported(clinic, "researcher-A")
    assert entries() == [clinic.people["researcher-A"].id]


def test_answers_are_forms_without_wording(clinic):
    found = exported(clinic, "reader-A")
    forms = {f["questionnaire"]: f for f in of_kind(found, "QuestionnaireResponse")}
    items = [{i["linkId"]: i["answer"][0]["valueDecimal"] for i in f["item"]} for f in forms.values() if "source" in f]
    assert {"odi": 60.0} in items
    assert {"joabpeq_pain": 40.0, "joabpeq_lumbar": 25.0} in items


def test_a_draft_is_not_exported_unless_asked_for(clinic):
    who = clinic.principal("reader-A")
    with pytest.raises(ReadingError, match="nobody has signed"):
        reading_resources(clinic.registry, who, clinic.readings[1][0], pdf=False)
    found = patient_resources(clinic.registry, who, "P-A", pdf=False)
    assert len(of_kind(found, "DiagnosticReport")) == 1
    assert not [o for o in of_kind(found, "Observation") if o["code"]["coding"][0]["code"].startswith("O-")]


def test_a_patient_is_all_visits_and_what_became_of_the_fracture(clinic):
    clinic.sign_the_second()
    found = patient_resources(clinic.registry, clinic.principal("reader-A"), "P-A", pdf=False)
    assert len(of_kind(found, "DiagnosticReport")) == 2
    assert len(of_kind(found, "Patient")) == 1
    found_out = {
        o["code"]["text"]: o for o in of_kind(found, "Observation") if o["code"]["coding"][0]["code"].startswith("O-")
    }
    kyphosis = found_out["progressive kyphosis"]  # the same angle at both visits
    assert kyphosis["valueCodeableConcept"]["coding"][0]["code"] == "373067005"  # SNOMED CT: no
    assert kyphosis["effectiveDateTime"] == "2026-09-08"
    assert kyphosis["bodySite"]["text"] == "L1"
    assert kyphosis["status"] == "final"


def test_a_verdict_that_cannot_be_said_has_no_value_but_its_reason():
    because = "no cleft was read, and mobility was not measured"
    one = Outcome(kind=OutcomeKind.NON_UNION, level=Level.L1, visit="6 months", answer=None, because=because)
    visit = SimpleNamespace(name="6 months", on=DAYS[1], signed=False)
    course = SimpleNamespace(visits=[visit], outcomes=[one])
    (made,) = verdicts(course, Whose(code="P-A"), "an episode", str).values()
    assert not [key for key in made if key.startswith("value")]
    assert made["dataAbsentReason"]["text"] == because
    assert made["status"] == "preliminary"  # the reading that it rests on is not signed


PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female"}


def bundle(*resources):
    entries = [{"resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode()


def numbered(code, value, unit, site=None):
    made = {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2026-03-30",
        "valueQuantity": {"value": value, "code": unit},
    }
    return made | ({"bodySite": {"coding": [{"system": "http://snomed.info/sct", "code": site}]}} if site else {})


def test_facts_come_in_at_a_visit_and_what_is_there_stays(clinic):
    said = understood(
        bundle(
            PATIENT,
            numbered("38267-1", -3.1, "{SD}"),
            numbered("38267-1", -2.8, "{SD}", site="14293000"),  # of L2
            numbered("72514-3", 7, "{score}"),
        ),
        on=date(2026, 4, 2),
    )
    with clinic.registry.writing(clinic.people["coordinator-A"].id) as writer:
        patient = writer.session.get_one(Patient, clinic.patients["A"])
        visit = visit_on(writer, patient, window="1 month", on=date(2026, 4, 2))
        first = into_visit(writer, patient, visit, said)
        again = into_visit(writer, patient, visit, said)
        other = into_visit(writer, patient, visit, understood(bundle(PATIENT, numbered("72514-3", 4, "{score}"))))
        id_ = visit.entity_id
    assert {f.field for f in first.facts} >= {"t_score", "t_score_l2", "vas"}
    assert (again.facts, again.kept) == ((), ())
    assert [one.why for one in other.kept] == ["vas is there already: 7, not 4"]
    with clinic.registry.reading() as session:
        known = facts_at(session, clinic.patients["A"], id_)
    assert (known["t_score"], known["t_score_l2"], known["vas"]) == (-3.1, -2.8, 7.0)
    assert known["sex"] == "female"


def test_a_bundle_of_somebody_else_is_refused(clinic):
    def take():
        with clinic.registry.writing(clinic.people["coordinator-A"].id) as writer:
            patient = writer.session.get_one(Patient, clinic.patients["A"])
            into_visit(writer, patient, visit_on(writer, patient, window="1 month", on=date(2026, 4, 2)), said)

    said = understood(bundle(PATIENT | {"gender": "male"}, numbered("72514-3", 7, "{score}")))
    with pytest.raises(FhirError, match="is of a male patient, P-A is female"):
        take()
