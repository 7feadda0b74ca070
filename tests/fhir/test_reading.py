"""A signed reading as resources: what the reading says stands there, and nothing stronger."""

import base64
import json
from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SuggestedFracture
from ovcf.errors import ReadingError
from ovcf.fhir.out.bundle import collection, of_reading, to_bytes, transaction, whose_is
from ovcf.fhir.out.report import resources
from ovcf.fhir.out.source import Of
from ovcf.reading.editing.edits import EnterFact
from ovcf.reading.session import Session
from tests.fhir.conftest import SIGNED_AT, STUDY, coding, few, of_dicom, of_kind, signed, texts
from tests.server.small_reading import small_reading

SCT, LN = "http://snomed.info/sct", "http://loinc.org"
OWN = "urn:oid:2.25.196064701562506008845927463339838097940"
VERTEBRA = {"L1": "66794005", "T12": "23215003", "T9": "82687006", "L4": "11994002"}  # SNOMED CT, DICOM CID 7603
POSITION = (LN, "8361-8")
SUPINE, STANDING = "40199007", "10904000"


@pytest.fixture(scope="module")
def observations(made):
    return of_kind(made, "Observation")


def measured(observations, code, level, position):
    """The one observation of a measurement at a level, with the patient held so."""
    for one in observations:
        parts = {coding(c["code"]): c for c in one.get("component", ())}
        held = parts.get(POSITION)
        if (
            coding(one["code"]) == (OWN, code)
            and coding(one["bodySite"]) == (SCT, VERTEBRA[level])
            and held is not None
            and coding(held["valueCodeableConcept"]) == (SCT, position)
        ):
            return one
    raise AssertionError((code, level))


def parts(one, *codes):
    """The components of an observation with one of the codes."""
    return [c for c in one["component"] if coding(c["code"])[1] in codes]


def test_a_measurement_has_value_unit_uncertainty_site_method_and_image(observations, reading):
    (said,) = [
        m
        for m in Session(reading).assessment().measurements
        if m.method.id == "vhl-han" and m.index_level == "L1" and m.source.modality == "MR"
    ]
    one = measured(observations, "VHL-HAN", "L1", SUPINE)
    quantity = one["valueQuantity"]
    assert quantity["value"] == pytest.approx(said.value, abs=1e-6)
    assert (quantity["system"], quantity["code"]) == ("http://unitsofmeasure.org", "%")
    (extension,) = quantity["extension"]
    assert extension["url"] == "http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty"
    assert extension["valueDecimal"] == pytest.approx(said.standard_uncertainty, abs=1e-6)
    sides = [
        c["valueQuantity"]["value"] for c in one["component"] if coding(c["code"])[1] in ("371886008", "371885007")
    ]
    assert sides == pytest.approx([said.standard_uncertainty] * 2, abs=1e-6)
    assert "neighbours" in one["method"]["text"]
    assert one["derivedFrom"][0]["identifier"]["value"] == f"urn:oid:{STUDY}"
    assert one["effectiveDateTime"] == "2026-03-02"
    assert one["status"] == "final"


def test_one_vertebra_on_two_images_is_two_measurements(observations):
    on_mr = measured(observations, "WEDGE-ANGLE", "L1", SUPINE)
    on_film = measured(observations, "WEDGE-ANGLE", "L1", STANDING)
    assert on_mr["identifier"] != on_film["identifier"]


def test_every_reference_leads_to_a_resource_and_every_identifier_is_one_resource(made):
    def references(value):
        if isinstance(value, dict):
            if "reference" in value:
                yield value["reference"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    assert {r for one in made.values() for r in references(one)} <= made.keys()
    identifiers = [
        (one["resourceType"], i["system"], i["value"])
        for one in made.values()
        for i in (one["identifier"] if isinstance(one["identifier"], list) else [one["identifier"]])
    ]
    assert len(set(identifiers)) == len(identifiers)


def test_the_groups_hold_every_measurement_and_the_report_holds_the_groups(made, observations):
    (report,) = of_kind(made, "DiagnosticReport")
    groups = [o for o in observations if "hasMember" in o]
    assert all(
        ("http://dicom.nema.org/resources/ontology/DCM", "125007") in map(coding, (o["category"][1],)) for o in groups
    )
    members = {m["reference"] for g in groups for m in g["hasMember"]}
    results = {r["reference"] for r in report["result"]}
    everything = {address for address, one in made.items() if one["resourceType"] == "Observation"}
    assert members | results == everything
    assert not members & results


def test_what_could_not_be_judged_is_named_and_has_no_value(made, observations):
    at_l4 = [o for o in observations if coding(o["bodySite"]) == (SCT, VERTEBRA["L4"]) and "hasMember" not in o]
    assert at_l4
    for one in at_l4:
        assert not [key for key in one if key.startswith("value")]
        assert coding(one["dataAbsentReason"])[1] == "not-performed"
        assert one["dataAbsentReason"]["text"] == "cut off by the border of the image"
    (report,) = of_kind(made, "DiagnosticReport")
    assert "L4 could not be judged: cut off by the border of the image." in report["conclusion"]
    assert not [c for c in of_kind(made, "Condition") if coding(c["bodySite"][0])[1] == VERTEBRA["L4"]]


def score(found):
    (one,) = [o for o in of_kind(found, "Observation") if coding(o["code"]) == (OWN, "S-NASOVCF")]
    return one


def test_a_complete_score_is_a_value_with_items_as_components():
    # HAN's table: VHL, LKA, T-score, T2 pattern, fracture type; the film gives height loss and kyphosis.
    file = signed(of_dicom(small_reading(recent_fracture=True, treatment="none", t_score_excludes_fracture=True)))
    said = next(s for s in Session(file).assessment().scores if s.score == "NASOVCF")
    assert said.total is not None
    one = score(of_reading(file, pdf=False))
    assert one["valueQuantity"]["value"] == said.total
    items = {
        c["code"]["text"]: c["valueQuantity"]["value"] for c in one["component"] if coding(c["code"])[1] == "SCORE-ITEM"
    }
    assert items == {item.name: item.points for item in said.items}
    assert sum(items.values()) == said.total


def test_an_incomplete_score_has_no_value_and_no_item_that_is_missing_is_zero():
    file = signed(of_dicom(small_reading(recent_fracture=True, treatment="none", t_score=None)))
    one = score(of_reading(file, pdf=False))
    assert "valueQuantity" not in one
    assert coding(one["dataAbsentReason"])[1] == "unknown"
    missing = [c for c in parts(one, "SCORE-ITEM") if "dataAbsentReason" in c]
    assert missing
    assert all("valueQuantity" not in c for c in missing)
    ends = [c["valueQuantity"]["value"] for c in parts(one, "TOTAL-MIN", "TOTAL-MAX")]
    assert len(ends) == 2
    assert ends[0] < ends[1]


def test_what_must_not_be_missed_is_a_flag_and_stands_first_in_the_report(made):
    (flag,) = of_kind(made, "Flag")
    (report,) = of_kind(made, "DiagnosticReport")
    assert flag["status"] == "active"
    assert "saddle anaesthesia" in flag["code"]["text"]
    assert report["conclusion"].startswith(flag["code"]["text"])


def conditions(found):
    return {c["bodySite"][0]["text"]: c for c in of_kind(found, "Condition")}


def test_a_signed_fracture_is_confirmed_with_its_cause_and_an_old_one_is_inactive(made):
    found = conditions(made)
    assert found.keys() == {"L1", "T9"}
    index, old = found["L1"], found["T9"]
    assert coding(index["verificationStatus"])[1] == "confirmed"
    assert coding(index["code"]) == (SCT, "42942008")  # compression fracture of vertebral column
    assert coding(index["extension"][0]["valueCodeableConcept"]) == (SCT, "64859006")  # osteoporosis
    assert "clinicalStatus" not in index  # nobody has said that it is recent
    assert index["evidence"][0]["detail"]
    assert coding(old["clinicalStatus"])[1] == "inactive"


def test_in_a_draft_nothing_is_confirmed_or_final(draft):
    found = of_reading(draft, draft=True, pdf=False)
    assert {coding(c["verificationStatus"])[1] for c in of_kind(found, "Condition")} == {"provisional"}
    assert {o["status"] for o in of_kind(found, "Observation")} == {"preliminary"}
    (report,) = of_kind(found, "DiagnosticReport")
    assert report["status"] == "preliminary"
    assert report["conclusion"].startswith("Preliminary")
    assert "conclusionCode" not in report
    assert not of_kind(found, "Practitioner")
    with pytest.raises(ReadingError, match="nobody has signed"):
        of_reading(draft)


def test_what_only_looks_fractured_stays_unconfirmed_though_the_reading_is_signed():
    file = signed(few(of_dicom(small_reading(index_level=None))))
    found = conditions(of_reading(file, pdf=False))
    assert coding(found["L1"]["verificationStatus"])[1] == "unconfirmed"
    assert "asserter" not in found["L1"]


def test_study_series_and_instances_are_those_of_the_reading(made):
    (study,) = of_kind(made, "ImagingStudy")
    assert study["identifier"] == [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"}]
    assert [(s["uid"], s["modality"]["code"], s["instance"][0]["uid"]) for s in study["series"]] == [
        ("1.2.4", "DX", "1.2.4.1"),
        ("1.2.3", "MR", "1.2.3.1"),
    ]
    assert study["series"][1]["instance"][0]["sopClass"]["code"] == "urn:oid:1.2.840.10008.5.1.4.1.1.4"
    assert study["started"] == "2026-03-02"


def test_images_that_are_no_dicom_are_no_imaging_study():
    found = of_reading(signed(few(small_reading())), pdf=False)
    assert not of_kind(found, "ImagingStudy")
    assert not [o for o in of_kind(found, "Observation") if "derivedFrom" in o]


def test_reader_program_and_model_are_named(made):
    (reader,) = of_kind(made, "Practitioner")
    assert reader["name"] == [{"text": "A. Reader"}]
    program, model = of_kind(made, "Device")
    assert program["version"] == [{"value": "ovcf 1.2.3"}]
    assert model["version"][0]["value"] == "ab" * 32
    (report,) = of_kind(made, "DiagnosticReport")
    assert report["issued"] == SIGNED_AT
    data = report["presentedForm"][0]["data"]
    assert base64.b64decode(data).startswith(b"%PDF-")
    assert len(data) < 2**20  # what FHIR allows a string to have, to which some servers hold attachments


def test_the_clinical_form_has_what_is_known_and_nothing_else(made):
    (form,) = of_kind(made, "QuestionnaireResponse")
    answers = {item["linkId"]: item["answer"] for item in form["item"]}
    assert answers["vas"] == [{"valueDecimal": 8.0}]
    assert answers["neurology.saddle_anaesthesia"] == [{"valueBoolean": True}]
    assert answers["old_fractures"] == [{"valueString": "T9"}]
    assert "odi" not in answers
    assert "patient_id" not in answers


def test_the_number_of_the_images_is_told_only_where_identity_is_asked_for(reading):
    from ovcf.fhir.out.bundle import whose_is

    number = "HOSPITAL-4711"
    (name,) = reading.observations
    patient = replace(reading.current.patient, id=number)
    of_hospital = replace(reading, observations={name: replace(reading.current, patient=patient)})
    entered = replace(of_hospital.reading.current, case=replace(of_hospital.reading.current.case, patient_id=number))
    of_hospital = replace(of_hospital, reading=replace(of_hospital.reading, versions=(entered,)))
    hidden = of_reading(of_hospital)
    assert number not in texts(hidden)
    (report,) = of_kind(hidden, "DiagnosticReport")
    assert number not in words_of(report["presentedForm"][0]["data"])
    told = of_reading(of_hospital, whose=whose_is(of_hospital, identity=True), pdf=False)
    (patient,) = of_kind(told, "Patient")
    assert number in [i["value"] for i in patient["identifier"]]


def words_of(data):
    """What stands in a PDF, where poppler is there to read it."""
    import shutil
    import subprocess

    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", "-", "-"], input=base64.b64decode(data), capture_output=True, check=True)
    return done.stdout.decode()


def test_the_same_reading_gives_the_same_bytes(reading, made):
    again = of_reading(reading)
    assert to_bytes(collection(again)) == to_bytes(collection(made))


def test_an_addendum_replaces_what_was_sent_and_takes_back_what_it_says_no_more(reading, made):
    begun = reading.reading.addendum(id_="v2", reader="B. Reader", at="2026-04-01T00:00:00+00:00", reason="T9 is sound")
    session = Session(replace(reading, reading=begun))
    at = "2026-04-01T00:01:00+00:00"
    session.make(EnterFact(id="e1", reader="B. Reader", at=at, field="old_fractures", value=()))
    session.make(EnterFact(id="e2", reader="B. Reader", at=at, field="neurology.saddle_anaesthesia", value=False))
    found = of_reading(signed(session.file, reader="B. Reader", at="2026-04-01T00:02:00+00:00"), pdf=False)
    old = next(
        a for a, one in made.items() if one["resourceType"] == "Condition" and one["bodySite"][0]["text"] == "T9"
    )
    assert coding(found[old]["verificationStatus"])[1] == "entered-in-error"
    (flag,) = [a for a, one in made.items() if one["resourceType"] == "Flag"]
    assert found[flag]["status"] == "entered-in-error"
    (report,) = of_kind(found, "DiagnosticReport")
    assert report["status"] == "amended"
    (address,) = [a for a, one in made.items() if one["resourceType"] == "DiagnosticReport"]
    assert found[address] is report
    requests = {e["fullUrl"]: e["request"] for e in transaction(found)["entry"]}
    assert requests[address]["method"] == "PUT"


def test_a_transaction_makes_what_a_hospital_may_hold_only_where_it_is_not_there(made):
    for entry in transaction(made)["entry"]:
        kind, request = entry["resource"]["resourceType"], entry["request"]
        if kind in ("Patient", "Practitioner", "Device", "ImagingStudy"):
            assert request["method"] == "POST"
            assert request["ifNoneExist"].startswith("identifier=")
        else:
            assert request["method"] == "PUT"
            assert request["url"].startswith(f"{kind}?identifier=urn:ietf:rfc:3986|urn:uuid:")


def test_no_free_text_of_the_clinical_file_goes_out_under_a_pseudonym(draft):
    case = replace(draft.reading.current.case, notes=("Mrs. Miller fell in the kitchen",))
    version = replace(draft.reading.current, case=case)
    file = replace(draft, reading=replace(draft.reading, versions=(version,)))
    found = of_reading(file, draft=True)
    assert "Miller" not in texts(found)
    assert "Miller" not in words_of(of_kind(found, "DiagnosticReport")[0]["presentedForm"][0]["data"])


def test_it_is_json_that_every_parser_reads(made):
    assert json.loads(to_bytes(collection(made)))["type"] == "collection"


def test_unclear_marrow_has_a_code_of_its_own_and_is_no_condition(reading):
    suggested = {"T12": SuggestedFracture(recent=None, unclear=True), "L2": SuggestedFracture(recent=False)}
    session = Session(reading)
    findings = tuple(Finding(data=data, level=Level(level)) for level, data in suggested.items())
    assessment = replace(session.assessment(), suggested_fractures=findings)
    found = resources(Of(file=reading, assessment=assessment, whose=whose_is(reading)))
    said = {
        coding(one["code"])[1]: one
        for one in of_kind(found, "Observation")
        if coding(one["code"])[1] in ("SUSPECTED-FX", "MARROW-UNCLEAR")
    }
    unclear, looks = said["MARROW-UNCLEAR"], said["SUSPECTED-FX"]
    assert coding(unclear["bodySite"]) == (SCT, VERTEBRA["T12"])
    assert "valueCodeableConcept" not in unclear
    assert unclear["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert coding(looks["valueCodeableConcept"]) == (SCT, "373066001")  # Yes: it looks fractured
    (recent,) = parts(looks, "F-RECENT")
    assert coding(recent["valueCodeableConcept"]) == (SCT, "373067005")  # No: by its signal it is old
    sites = [coding(c["bodySite"][0]) for c in of_kind(found, "Condition")]
    assert (SCT, VERTEBRA["T12"]) not in sites
    collection(found)
