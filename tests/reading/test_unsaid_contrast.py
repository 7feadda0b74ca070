"""Of stacks whose contrast nothing says, none is guessed: it is asked which is which, and said what was assumed."""

import nibabel
import numpy as np
import pytest

from ovcf.cli.remedies import words
from ovcf.errors import RemedyCode
from ovcf.imaging.read import read_study
from ovcf.imaging.study import Role
from ovcf.reading.observing.observe import Found, observe
from ovcf.render.words.wording import plain

MARROW = "marrow signal"


@pytest.fixture
def two(tmp_path):
    values = np.random.default_rng(1).integers(0, 900, (9, 40, 50)).astype(np.int16)
    for name in ("a.nii.gz", "b.nii.gz"):
        nibabel.save(nibabel.Nifti1Image(values, np.diag([4.0, 1.0, 1.0, 1.0])), tmp_path / name)
    return tmp_path


def test_two_unnamed_stacks_are_asked_about_at_the_top_and_with_a_typed_remedy(two):
    seen = observe(read_study(two), Found())
    (doubt,) = seen.warnings
    assert "(a, b)" in doubt
    assert "(a, b)" in plain(doubt)  # a report, which names no files, tells them apart too
    assert "signs of a recent fracture" in doubt
    (remedy,) = [remedy for name, _, remedy in seen.withheld if name == MARROW]
    assert remedy.code is RemedyCode.NAME_THE_ROLE
    assert '--role "a.nii.gz=sagittal T2"' in words(remedy)


def test_once_one_is_named_only_the_other_is_listed_as_not_read(two):
    seen = observe(read_study(two, roles={"a.nii.gz": Role.T1}), Found())
    assert not seen.warnings
    (named,) = [name for name, _, remedy in seen.withheld if remedy.code is RemedyCode.NAME_THE_ROLE]
    assert named == "marrow signal on b"


def test_nothing_is_asked_of_a_ct_or_of_a_series_that_says_its_contrast(two):
    study = read_study(two, roles={"a.nii.gz": Role.T1, "b.nii.gz": Role.T2})
    assert not any(remedy.code is RemedyCode.NAME_THE_ROLE for *_, remedy in observe(study, Found()).withheld)
    for name in ("a.nii.gz", "b.nii.gz"):
        (two / name).rename(two / f"ct-{name}")
    assert not any(s.contrast_unsaid for s in read_study(two).series)


def test_an_axial_stack_of_unknown_contrast_is_not_asked_about(tmp_path):
    axial = np.array([[0, 0, 1.0, 0], [0, 1.0, 0, 0], [4.0, 0, 0, 0], [0, 0, 0, 1]])
    nibabel.save(nibabel.Nifti1Image(np.random.default_rng(1).normal(size=(9, 40, 50)), axial), tmp_path / "a.nii")
    assert not observe(read_study(tmp_path), Found()).warnings
