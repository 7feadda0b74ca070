"""The registry's studies in the hands of dicomweb-client: found, fetched whole and in parts, under pseudonyms only."""

from datetime import date
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread

pytest.importorskip("dicomweb_client", reason="needs the extra `pacs`")

from dicomweb_client import DICOMwebClient

from ovcf.registry.clinic import intake
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.tables import WorkItem
from tests.dicom_out.conftest import signed
from tests.pacs.conftest import as_file, images, made, visit  # noqa: F401  # fixtures
from tests.server.api.conftest import HOST, as_admin, browser, let_in, made_once, registry, serve, who  # noqa: F401

ROOT = f"http://{HOST}/api/v1/dicom-web"


def keep(registry, images, file, tmp_path, code="P-0001"):  # noqa: F811
    """A study of a patient, with its reading."""
    sent = []
    for number, ds in enumerate(images):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(as_file(ds))
        sent.append(intake.Sent(path.name, path))
    admin = as_admin(registry)
    with registry.writing(registry.admin.id) as writer:
        patient, _ = clinic.admit(writer, admin, code, sex="female", levels=["L1"])
        at = clinic.visit_on(writer, patient, window="pretreatment", on=date(2026, 3, 1))
        item = intake.receive(writer, admin, intake.store_files(writer, registry, sent), visit=at)
        day = date.fromisoformat(images[0].StudyDate)
        intake.drafted(writer, registry, item, file, study_uid=str(images[0].StudyInstanceUID), acquired_on=day)
        return item.id


def sign(registry, study):  # noqa: F811
    from ovcf.registry.clinic.readings import keep_reading, load_reading, newest_row
    from ovcf.registry.service import visit_named

    with registry.writing(registry.admin.id) as writer:
        row = newest_row(writer.session, writer.session.get(WorkItem, study).reading)
        file = signed(load_reading(registry, row))
        keep_reading(writer, registry, visit_named(writer.session, row.visit_id), file, after=row.revision)


class Through:
    """A session of requests, as dicomweb-client uses it, that speaks with the service in this process."""

    def __init__(self, browser):  # noqa: F811
        self.browser, self.headers, self.verify, self.cert, self.auth, self.proxies = browser, {}, True, None, None, {}

    def get(self, url, params=None, headers=None, stream=False, timeout=None):
        from requests import Response

        headers = {**(headers or {}), "Host": HOST}  # the client names it without its port
        said = self.browser.get(url, params=params, headers=headers)
        answer = Response()
        answer.status_code, answer.raw, answer.url = said.status_code, BytesIO(said.content), url
        answer._content = said.content
        answer.headers.update(said.headers)
        return answer


@pytest.fixture
def held(registry, serve, images, made, tmp_path):  # noqa: F811
    """(client, browser, study, images) of a study with a signed reading."""
    study = keep(registry, images, made, tmp_path)
    sign(registry, study)
    page = let_in(serve())
    return DICOMwebClient(ROOT, session=Through(page)), page, str(images[0].StudyInstanceUID), images


def read(rows):
    return [Dataset.from_json(row) for row in rows]


@pytest.fixture
def once(request):
    """The whole of it, in one go: objects of a signed reading take seconds to make."""
    return request.getfixturevalue("held")


def test_a_viewer_finds_fetches_and_shows_a_study_with_its_report_and_never_a_name(once):
    client, page, study, sent = once
    # Found, by the pseudonym and by others' filters.
    (row,) = read(client.search_for_studies(search_filters={"PatientID": "P-0001"}))
    assert (row.StudyInstanceUID, str(row.PatientName), row.PatientSex) == (study, "P-0001", "F")
    assert list(row.ModalitiesInStudy) == ["DOC", "KO", "MR", "SEG", "SR"]
    assert row.NumberOfStudyRelatedInstances == len(sent) + 4
    assert client.search_for_studies(search_filters={"PatientID": "H-4711"}) == []
    assert len(client.search_for_studies(search_filters={"ModalitiesInStudy": "SEG"})) == 1
    day = sent[0].StudyDate
    assert len(client.search_for_studies(search_filters={"StudyDate": f"{day}-{day}"})) == 1
    assert client.search_for_studies(search_filters={"StudyDate": "-19000101"}) == []

    series = {row.Modality: row for row in read(client.search_for_series(study))}
    assert series["MR"].NumberOfSeriesRelatedInstances == len(sent)
    mr = series["MR"].SeriesInstanceUID
    found = read(client.search_for_instances(study, mr))
    assert [row.InstanceNumber for row in found] == sorted(ds.InstanceNumber for ds in sent)

    # Fetched whole: the pixels and places of the images, without whose they are.
    got = {str(ds.SOPInstanceUID): ds for ds in client.retrieve_series(study, mr)}
    kept = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "FrameOfReferenceUID", "StudyDate")
    for ds in sent:
        there = got[str(ds.SOPInstanceUID)]
        assert there.PixelData == ds.PixelData
        assert [there[k].value for k in kept] == [ds[k].value for k in kept]
        assert (there.PatientID, str(there.PatientName), there.PatientBirthDate) == ("P-0001", "P-0001", "")
        assert there.PatientIdentityRemoved == "YES"
    whole = page.get(f"{ROOT}/studies/{study}").content
    told = page.get(f"{ROOT}/studies/{study}/metadata").content
    for word in (b"Doe", b"H-4711", b"19500102"):
        assert word not in whole.replace(sent[0].PixelData, b"") or word == b"Doe"
        assert word not in told
    assert b"Doe^Jane" not in whole

    # The report and the segmentation speak of the images that are there, and of the same patient.
    (report,) = client.retrieve_series(study, series["SR"].SeriesInstanceUID)
    named = {
        str(i.ReferencedSOPInstanceUID)
        for s in report.CurrentRequestedProcedureEvidenceSequence
        for r in s.ReferencedSeriesSequence
        for i in r.ReferencedSOPSequence
    }
    assert named == set(got)
    assert (report.VerificationFlag, report.PatientID) == ("VERIFIED", "P-0001")
    (seg,) = client.retrieve_series(study, series["SEG"].SeriesInstanceUID)
    drawn_on = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert {str(i.ReferencedSOPInstanceUID) for i in drawn_on} <= set(got)

    # In parts: frames, metadata with addresses of what is large, pictures.
    uid = str(sent[7].SOPInstanceUID)
    (frame,) = client.retrieve_instance_frames(study, mr, uid, [1])
    assert frame == sent[7].PixelData
    meta = {row["00080018"]["Value"][0]: row for row in client.retrieve_series_metadata(study, mr)}
    address = meta[uid]["7FE00010"]["BulkDataURI"]
    assert b"".join(client.retrieve_bulkdata(address)) == sent[7].PixelData
    assert Dataset.from_json(meta[uid], lambda *_: b"").Rows == sent[7].Rows
    picture = page.get(f"{ROOT}/studies/{study}/series/{mr}/instances/{uid}/rendered").content
    shown = np.asarray(Image.open(BytesIO(picture)), float)
    assert np.corrcoef(shown.ravel(), sent[7].pixel_array.ravel())[0, 1] > 0.8
    small = Image.open(BytesIO(page.get(f"{ROOT}/studies/{study}/thumbnail").content))
    assert max(small.size) <= 256
    pdf = page.get(f"{ROOT}/studies/{study}/series/{series['DOC'].SeriesInstanceUID}/metadata").json()[0]
    assert page.get(pdf["00420011"]["BulkDataURI"]).content.count(b"%PDF-") == 1
    (segment,) = client.retrieve_instance_frames(study, seg.SeriesInstanceUID, seg.SOPInstanceUID, [1])
    expected = np.packbits(seg.pixel_array.reshape(-1, seg.Rows * seg.Columns)[0], bitorder="little").tobytes()
    assert segment == expected


def test_a_draft_is_no_report_and_what_is_not_there_is_not(registry, serve, images, made, tmp_path):  # noqa: F811
    keep(registry, images, made, tmp_path)
    page, study = let_in(serve()), str(images[0].StudyInstanceUID)
    (row,) = page.get(f"{ROOT}/studies").json()
    assert row["00080061"]["Value"] == ["MR"]
    mr = str(images[0].SeriesInstanceUID)
    for path, status in {
        "studies/1.2.3": 404,
        f"studies/{study}/series/1.2.3": 404,
        f"studies/{study}/series/{mr}/instances/1.2.3": 404,
        f"studies/{study}/series/{mr}/instances/{images[0].SOPInstanceUID}/frames/2": 404,
        f"studies/{study}/series/{mr}/instances/{images[0].SOPInstanceUID}/frames/0": 404,
        f"studies/{study}/series/{mr}/instances/{images[0].SOPInstanceUID}/bulkdata/00100010": 404,
        "studies/..%2f..": 404,
        "studies/abc": 422,
        "studies?limit=0": 422,
        "studies?limit=101": 200,  # as OHIF asks
        "studies?limit=1000000": 200,
        f"studies/{study}/series/{mr}/instances/{images[0].SOPInstanceUID}/frames/x": 422,
    }.items():
        assert page.get(f"{ROOT}/{path}").status_code == status, path
    told = page.get(f"{ROOT}/studies/{study}/series?Modality=MR&Madeup=1")
    assert (len(told.json()), "Madeup" in told.headers["warning"]) == (1, True)
    assert page.post(f"{ROOT}/studies", content=b"").status_code in (403, 404, 405)


def test_a_compressed_image_is_given_uncompressed_and_one_with_a_name_in_its_pixels_not_at_all(images):  # noqa: F811
    from pydicom.uid import RLELossless

    from ovcf.server.api.dicomweb.hidden import hidden

    ds = dcmread(BytesIO(as_file(images[3])))
    ds.compress(RLELossless)
    assert hidden(as_file(ds), "P-1").pixel_array.tolist() == images[3].pixel_array.tolist()
    ds = dcmread(BytesIO(as_file(images[3])))
    ds.BurnedInAnnotation = "YES"
    assert hidden(as_file(ds), "P-1") is None


@pytest.mark.parametrize("bits", [8, 9, 63, 64])
def test_frames_of_single_bits_are_cut_where_they_end(bits):
    from ovcf.server.api.dicomweb.answers import frames_of

    rng = np.random.default_rng(bits)
    stored = rng.integers(0, 2, (3, bits), np.uint8)
    ds = Dataset()
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.BitsAllocated, ds.NumberOfFrames = 1, bits, 1, 1, 3
    ds.PixelData = np.packbits(stored.ravel(), bitorder="little").tobytes()
    for n in (1, 2, 3):
        (cut,) = frames_of(ds, [n])
        assert np.unpackbits(np.frombuffer(cut, np.uint8), bitorder="little")[:bits].tolist() == stored[n - 1].tolist()
