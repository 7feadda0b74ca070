"""FHIR over the service: a signed reading and a patient as bundles, clinical facts at a visit."""

import pytest

pytest.importorskip("fhir.resources", reason="needs the extra `fhir`")

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female"}
PAIN = {
    "resourceType": "Observation",
    "status": "final",
    "subject": {"reference": "Patient/p"},
    "code": {"coding": [{"system": "http://loinc.org", "code": "72514-3"}]},
    "effectiveDateTime": "2025-02-01",
    "valueQuantity": {"value": 7, "code": "{score}"},
}


def bundle(*resources):
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def test_a_reading_is_a_bundle_once_it_is_signed_or_a_draft_is_asked_for(api, kept):
    _, _, reading = kept
    refused = api("GET", f"readings/{reading}/fhir")
    assert refused.status_code == 422
    assert refused.json()["problem"] == "is a draft that nobody has signed"
    answer = api("GET", f"readings/{reading}/fhir", params={"draft": True, "pdf": False})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    assert "attachment" in answer.headers["content-disposition"]
    told = answer.json()
    assert told["type"] == "collection"
    (patient,) = [e["resource"] for e in told["entry"] if e["resource"]["resourceType"] == "Patient"]
    assert [i["value"] for i in patient["identifier"]] == ["P-0007"]
    sent = api("GET", f"readings/{reading}/fhir", params={"draft": True, "pdf": False, "send": True}).json()
    assert sent["type"] == "transaction"


def test_who_a_patient_is_cannot_be_told_where_nobody_has_said(api, kept):
    answer = api("GET", f"patients/{kept[0]}/fhir", params={"identity": True})
    assert answer.status_code == 422
    assert answer.json()["problem"] == "is known here by the pseudonym alone"
    assert api("GET", f"patients/{kept[0]}/fhir").status_code == 200


def test_facts_of_a_bundle_are_kept_at_a_visit_and_everything_else_is_told(api, kept):
    door = f"patients/{kept[0]}/fhir"
    strange = PAIN | {"code": {"coding": [{"system": "http://loinc.org", "code": "1-8"}]}}
    asked = {"on": "2025-02-07", "window": "1 month"}
    answer = api("POST", door, params=asked, json=bundle(PATIENT, PAIN, strange))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(f["field"], f["value"]) for f in told["taken"]] == [("vas", 7.0)]
    assert [one["why"] for one in told["left"]] == ["has no code that stands for a clinical fact"]
    answers = api("GET", f"patients/{kept[0]}/facts/answers").json()
    assert [(a["values"]["instrument"], a["values"]["value"]) for a in answers] == [("VAS", 7.0)]


@pytest.mark.parametrize(
    ("body", "status"),
    [({}, 422), (bundle(PATIENT | {"gender": "male"}, PAIN), 422), ({"resourceType": "Bundle", "type": "batch"}, 200)],
)
def test_what_holds_no_fact_of_this_patient_changes_nothing(api, kept, registry, body, status):
    before = registry.head()
    answer = api("POST", f"patients/{kept[0]}/fhir", params={"on": "2025-02-07"}, json=body)
    assert answer.status_code == status
    assert registry.head() == before
