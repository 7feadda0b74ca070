"""Clinical facts out of bundles as hospitals write them: what is understood is a fact, everything else is named."""

import json
from dataclasses import replace
from datetime import date

import pytest

from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.facts import facts_of
from ovcf.clinical.read_case import read_case
from ovcf.errors import FhirError, ReadingError
from ovcf.fhir.form import answers
from ovcf.fhir.incoming.apply import into_case, into_reading
from ovcf.fhir.incoming.understand import understood
from ovcf.fhir.out.bundle import collection, of_reading, to_bytes
from ovcf.fhir.parts import CLINICAL_FORM
from ovcf.reading.session import Session
from tests.documents import ROOT
from tests.fhir.conftest import signed

LN, SCT, I10, ATC = (
    "http://loinc.org",
    "http://snomed.info/sct",
    "http://hl7.org/fhir/sid/icd-10",
    "http://www.whocc.no/atc",
)
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1950-06-15"}
ME = {"reference": "Patient/p1"}
DAY = date(2025, 1, 7)
T_SCORE = "38267-1"  # LOINC: DXA Lumbar spine [T-score] Bone density
FEMUR = "80948-3"  # LOINC: DXA Femur - left [T-score] Bone density
L2, FEMORAL_NECK = "14293000", "29627003"


def concept(system, code, text=""):
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def observation(code, value=None, unit="{T-score}", day="2024-12-01", site=None, **more):
    made = {"resourceType": "Observation", "status": "final", "code": concept(LN, code), "subject": ME}
    made |= {"effectiveDateTime": day} if day else {}
    if value is not None:
        made["valueQuantity"] = {"value": value, "system": "http://unitsofmeasure.org", "code": unit}
    if site:
        made["bodySite"] = concept(SCT, site)
    return {name: value for name, value in (made | more).items() if value is not None}


def condition(system, code, clinical="active", sure="confirmed", **more):
    hl7 = "http://terminology.hl7.org/CodeSystem"
    return {
        "resourceType": "Condition",
        "subject": ME,
        "code": concept(system, code),
        "clinicalStatus": concept(f"{hl7}/condition-clinical", clinical),
        "verificationStatus": concept(f"{hl7}/condition-ver-status", sure),
        "recordedDate": "2024-11-01",
    } | more


def medicine(code, status="active", **more):
    made = {"resourceType": "MedicationStatement", "status": status, "subject": ME}
    return made | {"medicationCodeableConcept": concept(ATC, code)} | more


T9 = concept(SCT, "82687006")


def read(*resources, on=DAY, **more):
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}
    return understood(json.dumps(bundle).encode(), on=on, **more)


def facts(said):
    return {fact.field: fact.value for fact in said.facts}


def why(said):
    return [one.why for one in said.left]


def test_a_patient_gives_sex_and_the_age_on_the_day_of_the_visit():
    assert facts(read(PATIENT)) == {"sex": "female", "age_years": 74.0}
    assert facts(read(PATIENT, on=date(2025, 6, 15)))["age_years"] == 75.0
    assert "age_years" not in facts(read(PATIENT, on=None))


def test_a_t_score_is_of_its_site():
    said = facts(
        read(
            PATIENT,
            observation(T_SCORE, -3.1),
            observation(T_SCORE, -2.9, site=L2),
            observation(FEMUR, -2.2, site=FEMORAL_NECK),
        )
    )
    assert said["t_score"] == -3.1
    assert said["t_score_site"] == "lumbar spine"
    assert said["prevention.t_score_lumbar_spine"] == -3.1
    assert said["t_score_l2"] == -2.9
    assert said["prevention.t_score_femoral_neck"] == -2.2


def test_of_several_the_newest_counts_and_the_older_are_named():
    said = read(PATIENT, observation(T_SCORE, -2.0, day="2020-01-01"), observation(T_SCORE, -3.1))
    assert facts(said)["t_score"] == -3.1
    assert "is older than what is known of t_score since 2024-12-01" in why(said)


def test_two_that_differ_on_one_day_count_neither():
    said = read(PATIENT, observation(T_SCORE, -2.0), observation(T_SCORE, -3.1))
    assert "t_score" not in facts(said)
    assert "t_score_site" not in facts(said)
    assert any("contradicts another of the same day" in one for one in why(said))


def test_what_is_of_a_day_after_the_visit_is_left():
    said = read(PATIENT, observation(T_SCORE, -3.1, day="2025-02-01"))
    assert "t_score" not in facts(said)
    assert "is of 2025-02-01, after the visit" in why(said)


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        (observation("72514-3", 7, unit="{score}", day="2024-12-01"), "more than 30 days before the visit"),
        (observation("72514-3", 7, unit="{score}", day=None), "is of no day"),
        (observation(T_SCORE, -3.1, unit="g/cm2"), "unit that is not known for it (g/cm2)"),
        (observation(T_SCORE, -31.0), "is not possible"),
        (observation(T_SCORE, -3.1, status="preliminary"), "is not final (preliminary)"),
        (observation(T_SCORE, -3.1, status="entered-in-error"), "is not final (entered-in-error)"),
        (observation(T_SCORE, -3.1, subject=None), "does not say of whom it is"),
        (
            observation(T_SCORE, valueQuantity={"value": -3.0, "comparator": "<", "code": "{T-score}"}),
            "is no exact value (< -3.0)",
        ),
        (observation(FEMUR, -2.2), "body site (no body site)"),
        (observation("24966-4", 0.8, unit="g/cm2"), "no bone density"),
        (observation("29463-7", 60, unit="kg"), "no weight"),
        (observation("2093-3", 5, unit="mmol/L"), "no code that stands for a clinical fact"),
        (observation(T_SCORE, dataAbsentReason=concept("http://x", "y", "scan was refused")), "scan was refused"),
        (condition(SCT, "55822004", sure="provisional"), "is not confirmed (provisional)"),
        (condition(SCT, "55822004", sure="refuted"), "is not confirmed (refuted)"),
        (condition(SCT, "386661006", clinical="resolved"), "is over (resolved)"),
        (condition(SCT, "125605004"), "does not say which vertebra"),
        (condition(SCT, "42942008", bodySite=[concept(SCT, "66794005")]), "which are recent, is for the reader to say"),
        (medicine("B01AF02", status="stopped"), "is not being taken (stopped)"),
        (medicine("M05BA04"), "whether the fracture occurred on this therapy"),
        (medicine("H02AB06"), "does not say since when"),
        ({"resourceType": "AllergyIntolerance", "patient": ME}, "is of a kind that is not read"),
        ({"resourceType": "Observation", "status": "final", "subject": ME}, "is not valid FHIR R4B"),
        ({"resourceType": "Observaton", "subject": ME}, "is of no kind that FHIR R4B knows"),
    ],
)
def test_what_is_not_understood_is_named_and_gives_no_fact(resource, reason):
    said = read(PATIENT, resource)
    assert facts(said) == {"sex": "female", "age_years": 74.0}
    assert any(reason in one for one in why(said)), why(said)


@pytest.mark.parametrize(
    ("resource", "field", "value"),
    [
        (observation("72514-3", 7, unit="{score}", day="2025-01-06"), "vas", 7.0),
        (observation("38214-3", 70, unit="mm", day="2025-01-06"), "vas", 7.0),
        (observation("38208-5", valueInteger=7, day="2025-01-06"), "vas", 7.0),
        (observation("97816-3", valueCodeableConcept=concept(SCT, "413497009")), "asa_class", 3),
        (condition(I10, "E78.0"), "hyperlipidaemia", True),
        (condition(I10, "F03"), "cognitive_impairment", True),
        (condition(I10, "C50.9", clinical="remission"), "red_flags.cancer_history", True),
        (
            condition(SCT, "42942008", clinical="resolved", bodySite=[concept(SCT, "82687006")]),
            "old_fractures",
            ("T9",),
        ),
        (medicine("B01AF02"), "anticoagulation", True),
        (
            medicine("H02AB06", effectivePeriod={"start": "2024-01-01"}, dateAsserted="2025-01-01"),
            "glucocorticoids",
            True,
        ),
        (
            medicine(
                "H02AB06",
                dosage=[
                    {
                        "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                        "doseAndRate": [{"doseQuantity": {"value": 2.5, "code": "mg"}}],
                    }
                ],
            ),
            "prednisone_mg_per_day",
            5.0,
        ),
    ],
)
def test_what_is_understood(resource, field, value):
    assert facts(read(PATIENT, resource))[field] == value


def test_a_panel_is_read_part_by_part():
    panel = observation(
        "38269-9", component=[{"code": concept(LN, T_SCORE), "valueQuantity": {"value": -3.1, "code": "{SD}"}}]
    )
    assert facts(read(PATIENT, panel))["t_score"] == -3.1


def test_what_a_panel_holds_besides_is_named():
    t_score = {"code": concept(LN, T_SCORE), "valueQuantity": {"value": -3.1, "code": "{SD}"}}
    density = {"code": concept(LN, "24966-4"), "valueQuantity": {"value": 0.7, "code": "g/cm2"}}
    other = {"code": {"text": "Z-score"}, "valueQuantity": {"value": -1.0, "code": "{SD}"}}
    said = read(PATIENT, observation("38269-7", component=[t_score, density, other]))
    assert facts(said)["t_score"] == -3.1
    assert [("no bone density" in one.why, "no code that stands" in one.why) for one in said.left] == [
        (True, False),
        (False, True),
    ]
    assert "Z-score" in said.left[1].what


def test_weight_height_and_bone_density_are_named_and_not_dropped():
    """Public LOINC codes: body weight, body height, body mass index, bone density of the lumbar spine."""
    for code, unit in (("29463-7", "kg"), ("8302-2", "cm"), ("39156-5", "kg/m2"), ("24966-4", "g/cm2")):
        said = read(PATIENT, observation(code, 60, unit))
        assert set(facts(said)) == {"sex", "age_years"}
        assert "the clinical file holds" in why(said)[0]


@pytest.mark.parametrize(
    ("code", "field"), [("97909-6", "odi"), ("90265-0", "frax_mof_percent"), ("90266-8", "frax_hip_percent")]
)
def test_disability_and_fracture_risk_are_taken_in_percent_alone(code, field):
    """By loinc.org: ODI score (percent), and the 10-year probabilities of FRAX. Else 32 may be of 50, and 0.3 of 1."""
    assert facts(read(PATIENT, observation(code, 32, "%", day=str(DAY))))[field] == 32
    for unit in ("{score}", "1"):
        said = read(PATIENT, observation(code, 32, unit))
        assert field not in facts(said)
        assert "without a percent sign" in why(said)[0]


def test_a_medicine_that_is_a_resource_of_its_own_is_found():
    drug = {"resourceType": "Medication", "id": "m", "code": concept(ATC, "B01AA03")}
    taken = {"resourceType": "MedicationStatement", "status": "active", "subject": ME}
    said = read(PATIENT, drug, taken | {"medicationReference": {"reference": "Medication/m"}})
    assert facts(said)["anticoagulation"] is True


OTHER = {"resourceType": "Patient", "id": "p2", "gender": "male", "identifier": [{"system": "urn:x", "value": "4711"}]}


def test_facts_of_two_patients_are_never_mixed():
    his = observation(T_SCORE, -1.0, subject={"reference": "Patient/p2"})
    with pytest.raises(FhirError, match="speaks of 2 patients"):
        read(PATIENT, OTHER, observation(T_SCORE, -3.1), his)
    said = read(PATIENT, OTHER, observation(T_SCORE, -3.1), his, subject="p1")
    assert facts(said)["t_score"] == -3.1
    assert "is of another patient" in why(said)
    assert facts(read(PATIENT, OTHER, observation(T_SCORE, -3.1), his, subject="4711"))["t_score"] == -1.0


def test_whatever_way_a_patient_is_referred_to():
    by_identifier = observation(T_SCORE, -3.1, subject={"identifier": {"system": "urn:x", "value": "4711"}})
    assert facts(read(OTHER, by_identifier))["t_score"] == -3.1
    absolute = observation(T_SCORE, -3.1, subject={"reference": "https://fhir.example.org/r4/Patient/p2/_history/3"})
    assert facts(read(OTHER, absolute))["t_score"] == -3.1


@pytest.mark.parametrize("data", [b"", b"<Bundle/>", b"[1]", b'{"resourceType": 3}', b"\xff\xfe", b"{" * 100_000])
def test_what_is_no_fhir_is_refused_with_a_clear_error(data):
    with pytest.raises(FhirError):
        understood(data)


def test_every_resource_is_either_a_fact_or_named():
    """However many there are: none is dropped without a word."""
    given = [observation(f"{n}-{n % 10}", n, unit="1") for n in range(1000, 1040)]
    assert len(read(PATIENT, *given).left) == 40


def test_our_own_bundle_gives_back_the_clinical_facts_of_the_reading(reading):
    bundle = to_bytes(collection(of_reading(reading, pdf=False)))
    case = understood(bundle).case()
    assert facts_of(case) == facts_of(reading.reading.current.case)


@pytest.mark.parametrize("path", sorted((ROOT / "examples" / "cases").glob("*.toml")), ids=lambda p: p.stem)
def test_the_published_cases_survive_the_clinical_form(path):
    """Every kind of fact that they hold goes out and comes back as it was."""
    case = replace(read_case(path), earlier=(), notes=())
    form = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "subject": ME,
        "questionnaire": CLINICAL_FORM,
        "item": answers(case),
    }
    said = read(PATIENT | {"gender": "unknown"}, form, on=None)
    assert said.left == ()
    assert facts_of(said.case()) == facts_of(case)


def test_into_a_case_only_what_is_not_known_goes_in(made):
    said = read(PATIENT, observation(T_SCORE, -3.1), observation("72514-3", 7, unit="{score}", day="2025-01-06"))
    case, taken = into_case(ClinicalCase(vas=8.0, sex="female"), said)
    assert (case.vas, case.t_score) == (8.0, -3.1)
    assert [one.why for one in taken.kept] == ["vas is there already: 8, not 7"]
    assert into_case(ClinicalCase(vas=8.0), said, overwrite=True)[0].vas == 7.0


def test_into_an_open_reading_facts_are_edits_of_a_reader(draft):
    case = replace(draft.reading.current.case, t_score=None)
    version = replace(draft.reading.current, case=case)
    file = replace(draft, reading=replace(draft.reading, versions=(version,)))
    said = read(PATIENT, observation(T_SCORE, -3.4))
    found, taken, _ = into_reading(file, said, reader="B. Reader", at="2026-04-01T00:00:00+00:00")
    edits = {e.field: (e.value, e.reader) for e in found.reading.current.edits}
    assert edits["t_score"] == (-3.4, "B. Reader")
    assert Session(found).assessment().case.t_score == -3.4
    assert [fact.field for fact in taken.facts] == ["t_score", "t_score_site", "prevention.t_score_lumbar_spine"]
    again, nothing, _ = into_reading(found, said, reader="B. Reader", at="2026-04-01T00:00:00+00:00")
    assert again.reading == found.reading
    assert nothing.facts == ()
    with pytest.raises(ReadingError, match="is signed"):
        into_reading(signed(file), said, reader="B. Reader", at="2026-04-01T00:00:00+00:00")
