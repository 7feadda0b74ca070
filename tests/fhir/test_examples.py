"""HL7's own examples of FHIR R4B (hl7.fhir.r4b.examples, CC0) through the import: no one breaks it, none is dropped.

`make test-fhir` fetches them into tests/fhir/validators/node_modules.
"""

import json
from pathlib import Path

import pytest

from ovcf.errors import FhirError
from ovcf.fhir.incoming.understand import understood

EXAMPLES = Path(__file__).parent / "validators" / "node_modules" / "hl7.fhir.r4b.examples"
KINDS = (
    "Bundle-",
    "Observation-",
    "Condition-",
    "Patient-",
    "Medication",
    "QuestionnaireResponse-",
    "DiagnosticReport-",
)

pytestmark = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples are not there (make test-fhir)")


def test_none_breaks_the_import_and_what_is_valid_is_taken_for_valid():
    read, refused = 0, []
    for path in sorted(EXAMPLES.glob("*.json")):
        if not path.name.startswith(KINDS) or path.stat().st_size > 200_000:
            continue
        try:
            said = understood(path.read_bytes(), name=path.name)
        except FhirError as error:
            refused.append(error.problem)
            continue
        read += 1
        assert not [one for one in said.left if "not valid" in one.why], path.name
    assert read > 150
    assert refused
    assert all("patients" in why for why in refused)


def test_the_bone_density_of_the_example_is_understood_and_has_no_place():
    said = understood((EXAMPLES / "Observation-bmd.json").read_bytes())
    assert [one.what for one in said.left] == ["Observation BMD - Left Femur"]
    assert "no bone density" in said.left[0].why


def test_the_cancer_of_the_example_is_history_and_of_its_patient(tmp_path):
    condition = json.loads((EXAMPLES / "Condition-f202.json").read_text("utf-8"))
    patient = json.loads((EXAMPLES / "Patient-f201.json").read_text("utf-8"))
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (patient, condition)]}
    said = understood(json.dumps(bundle).encode())
    assert {f.field: f.value for f in said.facts} == {"sex": "male", "red_flags.cancer_history": True}
