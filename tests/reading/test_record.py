"""The record names the image of every result by its UIDs, the plane of its points, and the version that it is of."""

import hashlib
import json
import uuid

import pytest

from ovcf.errors import Remedy, RemedyCode
from ovcf.imaging.study import Role
from ovcf.reading.conclude import conclude
from ovcf.reading.file import ReadingFile, digest, from_bytes, to_bytes
from ovcf.reading.observations import Observations, ObservedSeries
from ovcf.reading.record import recorded
from ovcf.reading.session import Session
from ovcf.reading.version import Reading, Version
from ovcf.report.assessment_schema import json_schema
from ovcf.report.serialise import from_json, to_json
from ovcf.segmentation.network.builtin_model import MODEL
from ovcf.segmentation.network.model_files import folder
from ovcf.vocabulary import Modality, ReadingStatus
from ovcf.workflow.software import model, software_sha256
from tests.reading.words import edit, moved, vertebra


@pytest.fixture(scope="module")
def concluded(digital):
    """(Observations, what follows from them)."""
    seen, case = digital
    return seen, conclude(seen, (), case)


@pytest.fixture
def session(digital):
    seen, case = digital
    version = Version(id=uuid.uuid4().hex, observations=digest(seen), software="ovcf 9.9", case=case)
    reading = Reading(id=uuid.uuid4().hex, versions=(version,))
    return Session(ReadingFile(reading=reading, observations={digest(seen): seen}))


def test_every_measurement_and_finding_of_an_image_names_its_study_and_series(concluded):
    seen, made = concluded
    known = {(s.study_uid, s.uid) for s in seen.series}
    assert all(study and series for study, series in known)
    sources = [m.source for m in made.measurements] + [source for f in made.findings for source in f.sources]
    assert {(s.study_uid, s.series_uid) for s in sources} <= known
    by_role = {s.role: s.uid for s in seen.series}
    edema = next(m for m in made.measurements if m.method.id == "bme-percent")
    assert edema.source.series_uid == by_role[Role.STIR]


def test_landmarks_keep_the_plane_of_the_patient_that_they_lie_in(concluded):
    seen, made = concluded
    (spine,), (observed,) = made.landmarks, seen.landmarks
    assert observed.plane is not None
    assert spine.plane == observed.plane


def test_series_list_every_instance(concluded):
    seen, made = concluded
    assert {s.uid: s.instances for s in made.series} == {s.uid: s.instances for s in seen.series}
    assert all(len(s.instances) == s.size[0] or len(s.instances) in s.size for s in made.series)


@pytest.mark.parametrize(("instances", "named"), [(("1.2.3",), "1.2.3"), (("1.2.3", "1.2.4"), ""), ((), "")])
def test_a_single_image_is_named_by_its_instance_and_a_stack_is_not(instances, named):
    series = ObservedSeries(
        uid="1.2", study_uid="1", instances=instances, role=Role.RADIOGRAPH, modality=Modality.RADIOGRAPH, size=(9, 9)
    )
    source = series.source("a reader")
    assert (source.study_uid, source.series_uid, source.instance_uid) == ("1", "1.2", named)


def test_the_record_says_which_version_and_who_changed_what(session):
    seen = session.file.current
    first = moved(seen, "L1", by=(0.5, 0.0), reader="AB")
    other = edit("Overrule", "CD", vertebra=vertebra(seen, "L1").id, finding="t2_pattern", value="diffuse low")
    for one in (first, other, edit("Revoke", "CD", edit=first.id)):
        session.make(one)
    found = recorded(session.assessment(), session.file).reading
    version = session.version
    assert (found.id, found.version, found.parent) == (session.file.reading.id, version.id, None)
    assert (found.status, found.reader, found.confirmed_at) == (ReadingStatus.DRAFT, "", None)
    assert (found.edits, found.readers) == (1, ("CD",))
    assert (found.observations, found.software) == (digest(seen), "ovcf 9.9")


def test_the_whole_record_of_a_digital_patient_comes_back_from_the_file(session):
    made = recorded(session.assessment(), session.file)
    assert from_json(to_json(made)) == made


def test_the_record_of_a_digital_patient_fits_the_schema(session):
    validator = pytest.importorskip("jsonschema").Draft202012Validator
    written = json.loads(to_json(recorded(session.assessment(), session.file)))
    assert list(validator(json_schema()).iter_errors(written)) == []


def test_models_and_program_are_named_by_their_digests():
    name, sha256 = model(MODEL)
    assert name.startswith("ovcf built-in spine model ")
    assert sha256 == hashlib.sha256(folder().joinpath(MODEL).read_bytes()).hexdigest()
    assert len(software_sha256()) == 64


def test_observations_keep_models_and_remedies_in_the_file(session):
    remedy = Remedy("Name one.", RemedyCode.NAME_A_LEVEL).having(label=3)
    seen = Observations(models=(("a model 1", "00"),), withheld=(("marrow", "no T1", remedy),))
    version = Version(id="v", observations=digest(seen), case=session.version.case)
    file = ReadingFile(reading=Reading(id="r", versions=(version,)), observations={digest(seen): seen})
    assert from_bytes(to_bytes(file), "reading.ovcf").current == seen
