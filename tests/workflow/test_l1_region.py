"""A region drawn in L1 on CT, from file to report: measured, told with its bands, and never a part of NASOVCF."""

import json

import nibabel
import numpy as np
import pytest

import ovcf
from ovcf.errors import ClinicalDataError, MeasurementInputError, SeriesChoiceError, UnreadableFileError

RAS = np.diag([-0.8, -0.8, 2.0, 1.0])
"""NIfTI's axes: index 10, 20, 5 lies at LPS 8, 16, 10 mm."""
CENTRE = [24.0, 24.0, 10.0]
CASE = 'index_level = "T12"\nage_years = 70\nrecent_fracture = true\ntreatment = "none"\n'


@pytest.fixture
def files(tmp_path):
    """A CT of 118 HU with a block of 40 HU beside it, and a case."""
    values = np.full((60, 60, 11), 40, np.int16)
    values[15:45, 15:45] = 118
    nibabel.save(nibabel.Nifti1Image(values, RAS), tmp_path / "ct.nii.gz")
    (tmp_path / "case.toml").write_text(CASE)
    return tmp_path


def circle(folder, **changed):
    facts = {"format": "ovcf region 1", "level": "L1", "centre_mm": CENTRE, "radius_mm": 8, **changed}
    (folder / "l1.json").write_text(json.dumps(facts))
    return folder / "l1.json"


def assessed(folder, region, clinical="case.toml", **more):
    return ovcf.assess(
        folder / "ct.nii.gz",
        clinical=folder / clinical,
        l1_region=region,
        engine=None,
        roles={"ct.nii.gz": "CT"},
        **more,
    )


def told(assessment):
    return {s.id: s.text for s in assessment.guidance}


def test_a_circle_on_the_ct_gives_its_mean_and_the_band_of_it(files):
    a = assessed(files, circle(files))
    assert a.case.l1_hu == 118.0
    assert "118 HU (above 110 to 160 HU)" in told(a)["l1-on-ct"]
    (ct,) = (s for s in a.series if s.role == "CT")
    assert any("L1: 118 HU (SD 0)" in reason and "l1.json" in reason for reason in ct.reasons)
    assert "l1.json" in " ".join(name for name, _ in a.provenance.inputs)


def test_a_label_map_gives_the_same(files):
    drawn = np.zeros((60, 60, 11), np.uint8)
    drawn[25:35, 25:35, 4:7] = 1
    nibabel.save(nibabel.Nifti1Image(drawn, RAS), files / "l1.nii.gz")
    assert assessed(files, files / "l1.nii.gz").case.l1_hu == 118.0
    nibabel.save(nibabel.Nifti1Image(drawn, np.diag([-0.8, -0.8, 2.5, 1.0])), files / "other.nii.gz")
    with pytest.raises(UnreadableFileError, match="grid of the CT"):
        assessed(files, files / "other.nii.gz")


def test_nasovcf_is_what_it_was_without_it(files):
    with_, without = assessed(files, circle(files)), assessed(files, None)
    assert with_.scores == without.scores
    assert "l1-on-ct" not in told(without)


@pytest.mark.parametrize(
    "affected",
    ['old_fractures = ["L1"]', 'cemented_levels = ["L1"]', 'instrumented_levels = ["L1"]', 'focal_lesions = ["L1"]'],
)
def test_nothing_is_said_of_bone_where_l1_is_not_whole(files, affected):
    (files / "affected.toml").write_text(CASE + affected)
    text = told(assessed(files, circle(files), "affected.toml"))["l1-on-ct"]
    assert "118" not in text
    assert "not that of its bone" in text


def test_a_region_across_the_edge_of_the_bone_is_told(files):
    values = np.asarray(nibabel.load(files / "ct.nii.gz").dataobj).copy()
    values[:15] = -100
    nibabel.save(nibabel.Nifti1Image(values, RAS), files / "ct.nii.gz")
    a = assessed(files, circle(files, centre_mm=[12.0, 24.0, 10.0]))
    assert any("fat or air" in warning for warning in a.warnings)


@pytest.mark.parametrize(
    ("changed", "error", "match"),
    [
        ({"level": "L2"}, ClinicalDataError, "bands are of L1"),
        ({"format": "region"}, UnreadableFileError, "no region"),
        ({"centre_mm": [1, 2]}, UnreadableFileError, "three coordinates"),
        ({"radius_mm": 0}, ClinicalDataError, "radius_mm"),
        ({"radius_mm": 0.9}, MeasurementInputError, "voxels"),
        ({"centre_mm": [500, 0, 0]}, MeasurementInputError, "outside of the CT"),
    ],
)
def test_what_is_no_region_of_l1_is_refused(files, changed, error, match):
    with pytest.raises(error, match=match):
        assessed(files, circle(files, **changed))


def test_it_is_entered_or_drawn_never_both_and_needs_a_ct(files):
    (files / "both.toml").write_text(CASE + "l1_hu = 90\n")
    with pytest.raises(ClinicalDataError, match="drawn, too"):
        assessed(files, circle(files), "both.toml")
    with pytest.raises(SeriesChoiceError, match="no CT"):
        ovcf.assess(clinical=files / "case.toml", l1_region=circle(files), engine=None)
