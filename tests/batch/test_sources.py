"""Folders, zips and manifests as studies."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from ovcf.batch.sources.manifest import manifest_id, read_manifest, to_csv, to_parquet
from ovcf.batch.sources.walk import studies_in
from ovcf.errors import ClinicalDataError, MissingFileError, UnreadableFileError


def film(path):
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(path)


def slice_of(path, study):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", f"1.2.3.{path.stem}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    one.StudyInstanceUID = study
    one.save_as(path, enforce_file_format=True)


def test_in_a_folder_each_folder_zip_and_picture_is_a_study(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.zip").write_bytes(b"PK")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("no image")
    film(tmp_path / "film.png")
    found = list(studies_in([tmp_path]))
    assert [one.study for one in found] == ["a.zip", "b", "film.png"]
    assert all(Path(path).is_absolute() for one in found for path in one.paths)


def test_loose_dicom_files_are_put_together_by_their_study(tmp_path):
    for number, study in enumerate(["1.5", "1.4", "1.5"]):
        slice_of(tmp_path / f"{number}.dcm", study)
    found = list(studies_in([tmp_path]))
    assert [(one.study, [Path(p).name for p in one.paths]) for one in found] == [
        ("1.4", ["1.dcm"]),
        ("1.5", ["0.dcm", "2.dcm"]),
    ]


def test_two_studies_of_one_name_are_told_apart(tmp_path):
    for ward in ("w1", "w2"):
        (tmp_path / ward / "P1").mkdir(parents=True)
    assert [one.study for one in studies_in([tmp_path / "w1", tmp_path / "w2"])] == ["P1", "P1 (2)"]


def test_a_folder_without_a_study_is_named(tmp_path):
    with pytest.raises(MissingFileError, match="holds no study"):
        list(studies_in([tmp_path]))


def test_a_manifest_says_the_same_as_csv_and_as_parquet(tmp_path):
    text = "study,path,level,reported,patient\nS1,a;b.zip,11=L5,L1; T12,P1\nS2,/data/c,,none,P2\n"
    found = read_manifest(text.encode("utf-8-sig"), "m.csv", beside=tmp_path)
    assert found[0].paths == (str(tmp_path / "a"), str(tmp_path / "b.zip"))
    assert found[0].levels == ("11=L5",)
    assert found[1].paths == ("/data/c",)
    assert [one.reported for one in found] == ["L1; T12", "none"]
    again = read_manifest(to_parquet(found), "m.parquet", beside=Path("/elsewhere"))
    assert again == found == read_manifest(to_csv(found), "m.csv")
    assert manifest_id(again) == manifest_id(found) != manifest_id(found[::-1])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("study,path\nS1,\n", "no path"),
        ("study,path\nS1,a\nS1,b\n", "'S1' twice"),
        ("study,file\nS1,a\n", "column 'file'"),
        ("study,path\n", "names no study"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_named(text, why):
    with pytest.raises((ClinicalDataError, MissingFileError), match=why):
        read_manifest(text.encode(), "m.csv")


def test_a_manifest_that_is_no_table_is_refused():
    with pytest.raises(UnreadableFileError, match="is not Parquet"):
        read_manifest(b"nothing", "m.parquet")
    with pytest.raises(UnreadableFileError, match="UTF-8"):
        read_manifest("study,path\nMüller,x".encode("latin-1"), "m.csv")


def test_a_manifest_of_another_program_may_hold_paths_as_one_text():
    out = io.BytesIO()
    pq.write_table(pa.table({"study": ["S1"], "path": ["/a;/b"]}), out)
    assert read_manifest(out.getvalue(), "m.parquet")[0].paths == ("/a", "/b")
