"""Real label maps: traced MRI, VerSe, TotalSegmentator and TPTBox samples. For evaluation, never for tuning."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import LabelSchemeError
from ovcf.geometry import SagittalPlane
from ovcf.landmarks import Source
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.segmentation.label_map import read_bodies
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from tests.shared_data import shared
from tests.tptbox import tptbox


def landmarks(bodies):
    x = bodies.labels.to_patient(np.argwhere(bodies.labels.voxels))[:, 0]
    plane = SagittalPlane((float(np.median(x)), 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    return landmarks_from_bodies(bodies, plane, Source())


def levels(bodies):
    return [level.value for level in sorted(bodies.levels.values(), key=lambda level: level.rank)]


@pytest.mark.parametrize(
    ("exam", "anchor", "first"),
    [
        ("VB1_02", {1: Level.S1}, "T10"),
        ("VB1_03", {2: Level.S1}, "T10"),
        ("VB1_10", {9: Level.S1}, "T10"),
        ("VB1_11", {8: Level.S1}, "T10"),
        ("VB1_15", {4: Level.S1}, "T12"),
        ("VB2_02", {2: Level.L5}, "T11"),
        ("VB2_07", {1: Level.L5}, "T11"),
        ("VB3_01", {5: Level.L5}, "L1"),
        ("VB3_03", {5: Level.L5}, "L1"),
    ],
)
def test_every_traced_body_gives_landmarks(exam, anchor, first):
    bodies = read_bodies([shared("mri-vertebral-bodies") / f"{exam}_bodies.nii.gz"], anchors=anchor)
    spine, withheld = landmarks(bodies)
    assert levels(bodies)[0] == first
    assert withheld == ()
    assert len(spine.vertebrae) == len(bodies.levels)
    for vertebra in spine:
        assert 10 < posterior_height(vertebra.array) < 40
        assert max(vertebra.sd) < 2.0 or vertebra.level == Level.S1  # whose lower corners are rounded off


def test_traced_maps_need_an_anchor():
    with pytest.raises(LabelSchemeError, match="cranial to caudal: 9, 6, 5, 4, 8, 7, 3, 2, 1"):
        read_bodies([shared("mri-vertebral-bodies") / "VB1_02_bodies.nii.gz"])


def test_the_exam_with_discs_traced_is_recognised():
    assert read_bodies([shared("mri-vertebral-bodies") / "IVD_11_bodies.nii.gz"]).discs_only


def test_verse_with_published_grades():
    """Grades of the source: T9 2, T10 2, L1 3; T11 T12 L2 L3 0. L1 must be far lower than its neighbours."""
    bodies = read_bodies([shared("ct-vertebrae") / "sub-verse004_seg-vert_msk.nii.gz"])
    spine, withheld = landmarks(bodies)
    assert levels(bodies) == ["T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5"]
    assert withheld == ()
    middle = {v.level: float(np.linalg.norm(v.array[4] - v.array[5])) for v in spine}
    normal = (middle[Level.T12] + middle[Level.L2]) / 2
    assert middle[Level.L1] / normal < 0.6
    ratios = {v.level: float(anterior_height(v.array) / posterior_height(v.array)) for v in spine}
    assert all(0.8 < ratios[level] < 1.25 for level in (Level.T11, Level.T12, Level.L2, Level.L3))


def test_totalsegmentator_is_recognised_and_what_the_scan_cuts_off_withheld():
    bodies = read_bodies([shared("ct-vertebrae") / "sr_totalseg.nii.gz"])
    assert levels(bodies) == ["T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1"]
    spine, withheld = landmarks(bodies)
    assert [level for level, _ in withheld] == [Level.T11, Level.T12]
    assert [v.level.value for v in spine] == ["L1", "L2", "L3", "L4", "L5", "S1"]


def test_the_ct_sample_of_tptbox():
    bodies = read_bodies([tptbox(f"sub-ct_seg-{part}_label-22_msk.nii.gz") for part in ("vert", "subreg")])
    assert levels(bodies) == ["L2", "L3", "L4"]
    assert list(bodies.truncated) == [Level.L2, Level.L4]
    assert [v.level for v in landmarks(bodies)[0]] == [Level.L3]


def test_the_mri_sample_of_tptbox_counts_from_one_and_is_not_cervical():
    maps = [tptbox(f"sub-mri_seg-{part}_label-6_msk.nii.gz") for part in ("vert", "subreg")]
    with pytest.raises(LabelSchemeError, match=r"C5 to C6 would be 27 mm.*cranial to caudal: 5, 6, 7"):
        read_bodies(maps)
    bodies = read_bodies(maps, anchors={6: Level.L3})
    assert levels(bodies) == ["L2", "L3", "L4"]
    assert bodies.canal is not None
