"""Images alone: the built-in model finds the bodies, or the report says what it needs."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.imaging.read import read_study
from ovcf.imaging.resample import resample_labels
from ovcf.imaging.study import Role
from ovcf.phantom.patient import make_patient
from ovcf.phantom.recipe import Recipe, parse_fracture
from ovcf.segmentation.engine import BuiltinEngine
from ovcf.segmentation.label_map import read_bodies
from ovcf.workflow.from_files import draft_from_files
from tests.imaging.build_dicom import Scan

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def visit(tmp_path_factory):
    recipe = Recipe(seed=4242, age_years=70, fractures=(parse_fracture("L1:wedge:25"),))
    (folder,) = make_patient(
        recipe, tmp_path_factory.mktemp("phantom") / "p", contrasts=("T2", "STIR"), radiograph=False
    )
    return folder


def test_with_one_anchor_the_wedge_is_measured_without_any_mask(visit):
    a = draft_from_files(
        [visit / "study"], clinical=visit / "case.toml", anchors=[f"{number_of_l1(visit)}=L1"]
    ).assessment
    assert a.landmarks[0].vertebrae[0].source.placed_by.startswith("built-in model")
    vhl = next(m for m in a.measurements if m.method.id == "vhl-han" and m.index_level == "L1")
    assert vhl.value == pytest.approx(25, abs=3 * vhl.standard_uncertainty)
    assert a.suggested_fractures[0].level == "L1"


def number_of_l1(visit):
    """The number that the model gives to what was drawn as L1, as a reader would count it."""
    truth = read_bodies([visit / "truth" / "vertebrae.nii.gz", visit / "truth" / "subregions.nii.gz"])
    image = read_study([visit / "study"]).get(Role.T2).image
    seen = BuiltinEngine().segment(image, Role.T2, anchors={1: Level.T5})
    under = seen.labels.voxels[resample_labels(truth.labels, image).voxels == label_of(truth, Level.L1)]
    return int(np.bincount(under[under > 0]).argmax())


def label_of(bodies, level):
    return next(label for label, at in bodies.levels.items() if at == level)


def test_an_image_without_a_spine_still_gives_the_report_of_what_was_entered(tmp_path):
    Scan(tags={"RepetitionTime": 3000.0, "EchoTime": 100.0}).write(tmp_path / "study")
    case = tmp_path / "case.toml"
    case.write_text('index_level = "L1"\nvhl_percent = 20\nlocal_kyphosis_deg = 10\n')
    a = draft_from_files([tmp_path / "study"], clinical=case).assessment
    (entry,) = [w for w in a.withheld if w.name == "vertebral bodies"]
    assert entry.remedy
    assert a.scores[0].attainable is not None
