"""A faulty input never becomes a number without a warning: what does not belong together is not combined."""

import nibabel
import numpy as np
import pytest

from ovcf.assessment.findings.kinds import RecencySign
from ovcf.workflow.from_files import draft_from_files
from tests.assessment.patient import write_patient


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    return write_patient(tmp_path_factory.mktemp("patient"))


def assessed(patient, labels):
    made = draft_from_files(patient.images, clinical=patient.case, labels=[labels], anchors=["2=L1"])
    return made.assessment


def signal(assessment):
    return [m.method.id for m in assessment.measurements if m.method.id in ("bme-percent", "t2-low-percent")]


@pytest.mark.parametrize("way", [(0, 10, 0), (0, 0, 10), (0, 0, -10), (0, 35, 0), (0, 0, 35), (0, 0, -35)])
def test_a_moved_label_map_is_warned_of_at_the_top_and_gives_no_signal(patient, tmp_path, way):
    image = nibabel.load(patient.labels)
    affine = image.affine.copy()
    affine[:3, 3] += way
    nibabel.save(nibabel.Nifti1Image(np.asanyarray(image.dataobj), affine), tmp_path / "moved.nii.gz")
    made = assessed(patient, tmp_path / "moved.nii.gz")
    assert signal(made) == []
    assert any("moved.nii.gz" in w and "do not fit" in w for w in made.warnings)
    assert any(w.name.startswith("marrow signal") and "do not fit" in w.reason for w in made.withheld)
    assert not any(isinstance(f.data, RecencySign) for f in made.findings)


def test_a_right_label_map_is_not_warned_of(patient):
    made = assessed(patient, patient.labels)
    assert made.warnings == ()
    assert set(signal(made)) == {"bme-percent", "t2-low-percent"}


def test_many_files_left_out_for_one_reason_are_counted(patient, tmp_path):
    for number in range(30):
        (tmp_path / f"letter-{number:02d}.txt").write_text("x")
    made = draft_from_files([*patient.images, tmp_path], clinical=patient.case, engine=None).assessment
    (note,) = [n for n in made.notes if "letter" in n]
    assert "left out 30 files" in note
    assert "letter-00.txt the first: neither DICOM nor NIfTI" in note
