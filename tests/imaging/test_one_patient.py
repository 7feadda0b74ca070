"""One study is of one person at one time; what differs is named, and nothing that identifies the person is."""

import os
from pathlib import Path

import pytest

from ovcf.errors import SeriesChoiceError
from ovcf.imaging.one_time import of_one_time
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from tests.imaging.build_dicom import Scan, generate_uid, write

T2 = {"RepetitionTime": 3500.0, "EchoTime": 100.0, "SeriesDescription": "SAG T2 TSE"}
STIR = {"RepetitionTime": 3500.0, "EchoTime": 60.0, "InversionTime": 160.0, "SeriesDescription": "SAG STIR"}


def two(folder, first, second):
    Scan(tags={**T2, **first}).write(folder / "a")
    Scan(tags={**STIR, **second}).write(folder / "b")
    return read_study(folder)


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        ({"PatientSex": "F"}, {"PatientSex": "M"}, "PatientSex"),
        ({"PatientBirthDate": "19520304"}, {"PatientBirthDate": "19610704"}, "PatientBirthDate"),
        ({"PatientName": "DOE^JANE"}, {"PatientName": "ROE^MARY"}, "PatientName"),
        ({"PatientAge": "072Y"}, {"PatientAge": "058Y"}, "PatientAge"),
    ],
)
def test_different_people_without_an_id_are_refused_by_what_differs(tmp_path, first, second, differs):
    with pytest.raises(SeriesChoiceError, match=f"2 patients: {differs} differs") as raised:
        two(tmp_path, {"PatientID": "", **first}, {"PatientID": "", "StudyInstanceUID": generate_uid(), **second})
    assert not any(value in str(raised.value) for value in (*first.values(), *second.values()) if len(value) > 3)


def test_one_id_given_to_all_does_not_make_people_one(tmp_path):
    with pytest.raises(SeriesChoiceError, match="PatientSex differs"):
        two(tmp_path, {"PatientID": "ANON"}, {"PatientID": "ANON", "PatientSex": "M"})


def test_a_name_written_in_two_ways_or_changed_under_one_id_is_one_person(tmp_path):
    bare = {"PatientID": "", "PatientName": "DOE^JANE"}
    assert len(two(tmp_path / "1", bare, {**bare, "PatientName": "Doe^Jane^^"}).series) == 2
    assert len(two(tmp_path / "2", {"PatientName": "DOE^JANE"}, {"PatientName": "ROE^JANE"}).series) == 2


def test_studies_that_say_nothing_of_the_person_are_asked_about(tmp_path):
    study = two(tmp_path, {"PatientID": ""}, {"PatientID": "", "StudyInstanceUID": generate_uid()})
    assert len(study.series) == 2
    assert "2 studies and do not say whose they are" in study.doubts[0]


def test_two_studies_of_one_patient_some_days_apart_are_one_visit(tmp_path):
    near = {"StudyInstanceUID": generate_uid(), "AcquisitionDate": "20240212"}
    study = of_one_time(two(tmp_path, {}, near))
    assert len(study.series) == 2
    assert study.doubts == ()


def test_series_four_years_apart_are_not_combined_and_the_later_day_wins(tmp_path):
    study = of_one_time(two(tmp_path, {}, {"AcquisitionDate": "20280131"}))
    assert [s.role for s in study.series] == [Role.STIR]
    (doubt,) = study.doubts
    assert "SAG T2 TSE was taken on 2024-01-31, 1461 days from 2028-01-31, and is left out" in doubt
    assert "more than 28 days apart are not combined" in doubt
    assert of_one_time(study).doubts == study.doubts


def test_an_impossible_date_is_no_date(tmp_path):
    study = two(tmp_path, {}, {"AcquisitionDate": "20249999", "StudyDate": "20240131"})
    assert {s.acquired_on for s in study.series} == {"2024-01-31"}


def test_a_folder_or_file_that_may_not_be_read_is_named_at_the_top(tmp_path, monkeypatch):
    Scan(tags=T2).write(tmp_path / "open")
    write(tmp_path / "closed", [Scan(tags=STIR).slice(0)])
    (tmp_path / "open" / "secret.dcm").write_bytes(b"x")
    scan, opened = os.scandir, Path.open

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    def refusing(self, *how, **more):
        if self.name == "secret.dcm":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *how, **more)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(Path, "open", refusing)
    study = read_study(tmp_path)
    why = {Path(name).name: reason for name, reason in study.skipped}
    assert why["closed"] == "a folder that cannot be read (Permission denied)"
    assert why["secret.dcm"] == "a file that cannot be read (Permission denied)"
    assert "closed" in study.doubts[0]
    assert "images in there are missing" in study.doubts[0]
