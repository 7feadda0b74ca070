"""No fracture is missed without a word: what could not be graded is named, and to be looked at where it stands beside
graded vertebrae."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import STANDARD_COLUMN, Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.finding_words import LOOK_HERE
from ovcf.assessment.findings.kinds import RecencySign, SpineGrades, SqGrade, SuggestedFracture, Ungraded
from ovcf.assessment.findings.suggest import suggested_fractures
from ovcf.assessment.findings.ungraded import beside_graded, not_graded
from ovcf.assessment.measured.by_signal import SignalReading
from ovcf.assessment.result import Provenance
from ovcf.assessment.scoring import classify
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Role, Series, Study
from ovcf.reading.observing.labelled import label_image
from ovcf.reading.observing.observe import Found
from ovcf.report.html import to_html
from ovcf.report.pdf import to_pdf
from ovcf.report.pictures import figures_of
from ovcf.report.serialise import from_json, to_json
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.segmentation.network.landmark_maps import MappedPoints
from ovcf.vocabulary import Modality
from ovcf.workflow.draft import draft
from tests.segmentation.shapes import NORMAL, column_of, voxels

MADE = Provenance("tests", "2026-01-01T00:00:00+00:00", "", ())
LEVELS = (Level.T12, Level.L1, Level.L2, Level.L3, Level.L4)


def genant(grades, ungraded=()):
    (found,) = classify(ClinicalCase(), grades, SignalReading(), ungraded)
    return found


def unseen(level, why="its corner is vague", **more):
    return Ungraded(level=level, reason=why, **more)


def test_nothing_fractured_names_what_was_not_graded_and_what_is_not_excluded():
    found = genant({Level.T12: 0, Level.L1: 0, Level.L3: 0}, [unseen(Level.L2)])
    assert found.value == "0 of 3 graded vertebrae (T12 to L3) fractured; not graded: L2"
    assert "L2 not graded: its corner is vague" in found.reasons
    assert any(reason.startswith("not excluded: a fracture of L2") for reason in found.reasons)


def test_even_with_every_vertebra_graded_it_says_what_is_not_excluded():
    found = genant({Level.T12: 0, Level.L1: 2})
    assert found.value == "1 of 2 graded vertebrae (T12 to L1) fractured: L1"
    assert "none" not in genant({Level.L1: 0}).value
    assert any("outside the vertebrae graded" in reason for reason in genant({Level.L1: 0}).reasons)


def test_where_nothing_was_graded_it_says_so():
    found = genant({}, [unseen(Level.L1), unseen(Level.L2)])
    assert found.value.startswith("no vertebra was graded: a fracture is not excluded")
    assert "L1, L2" in found.value


def test_the_grades_are_data_for_programs():
    data = genant({Level.L1: 0, Level.L2: 3}, [unseen(Level.L3)]).data
    assert isinstance(data, SpineGrades)
    assert (data.graded, data.fractured) == (((Level.L1, 0), (Level.L2, 3)), (Level.L2,))
    assert [u.level for u in data.ungraded] == [Level.L3]


def test_a_vertebra_graded_on_one_image_is_graded_and_one_that_no_image_shows_was_missed():
    found = not_graded(
        [unseen(Level.L1), unseen(Level.L4), unseen(Level.S1)], {Level.L1: 0, Level.L3: 0}, STANDARD_COLUMN
    )
    assert [(u.level, u.reason) for u in found] == [
        (Level.L2, "no body was found there"),
        (Level.L4, "its corner is vague"),
    ]


def test_those_between_graded_ones_come_before_those_at_their_ends_and_others_are_left():
    ungraded = [unseen(v) for v in (Level.T10, Level.T11, Level.L2, Level.L5)]
    grades = dict.fromkeys((Level.T12, Level.L1, Level.L3, Level.L4), 0)
    assert beside_graded(ungraded, grades, STANDARD_COLUMN) == (Level.L2, Level.T11, Level.L5)


def sign(level, data):
    return Finding(level=level, data=data)


def test_what_could_not_be_judged_stands_behind_the_real_suspicions():
    findings = [sign(Level.L4, SqGrade(grade=1)), sign(Level.L1, RecencySign(recent=True))]
    found = suggested_fractures(findings, [unseen(Level.L1), unseen(Level.L2)], [Level.L2, Level.L1], [Level.L1])
    assert [(f.level, isinstance(f.data, Ungraded)) for f in found] == [
        (Level.L4, False),
        (Level.L1, True),
        (Level.L2, True),
    ]
    assert "reads as recent" in found[1].reasons[-1]


def test_signal_alone_still_suggests_a_body_of_which_only_a_corner_is_unsure():
    found = suggested_fractures([sign(Level.L1, RecencySign(recent=True))], [unseen(Level.L1, marrow=True)], [Level.L1])
    assert [(f.level, f.data) for f in found] == [(Level.L1, SuggestedFracture(recent=True))]


def seen_by_an_engine(bodies, points=None):
    """Bodies T12 to L4 as an engine gives them, and the T2 they were found on."""
    outlines, true = column_of(bodies)
    labels = voxels(outlines, pad=20.0, shift=(0.4, 0.6))
    found = bodies_from_labels(labels, "T2", scheme="instances", anchors={1: Level.T12})
    mapped = {
        level: MappedPoints(np.column_stack([np.zeros(6), p[:, 0], -p[:, 1]]), np.full(6, 0.5))
        for level, p in zip(LEVELS, true, strict=True)
    }
    mapped |= points(true) if points else {}
    image = replace(labels, voxels=labels.voxels.astype(float) + 1)
    series = Series("1", "T2 sag", image, Modality.MR, Role.T2)
    return replace(found, engine="an engine", mapped=mapped), Study((series,))


def one_vague_corner(true):
    """L2's inferior anterior corner is known within 8 mm only: a sunk endplate was lost so."""
    p = true[2]
    return {Level.L2: MappedPoints(np.column_stack([np.zeros(6), p[:, 0], -p[:, 1]]), np.r_[0.5, 0.5, 8.0, [0.5] * 3])}


@pytest.fixture(scope="module")
def missed():
    bodies, study = seen_by_an_engine([NORMAL] * 5, one_vague_corner)
    return draft(study, ClinicalCase(), Found(bodies=[bodies]), provenance=MADE)


def test_a_body_withheld_for_one_vague_corner_is_named_and_to_be_looked_at(missed):
    a = missed.assessment
    (spine,) = [f.data for f in a.findings if isinstance(f.data, SpineGrades)]
    assert [u.level for u in spine.ungraded] == [Level.L2]
    (look,) = a.suggested_fractures
    assert (look.level, look.data.level) == (Level.L2, Level.L2)
    assert "inferior anterior is only known within" in look.reasons[0]


def test_its_close_up_stands_in_both_reports_and_the_json_comes_back(missed):
    a, figures = missed.assessment, figures_of(missed)
    (close,) = [f for f in figures if f.title.startswith("L2: could not be judged")]
    assert all(name in close.svg for name in ("L1", "L2 ?", "L3"))
    html = to_html(a, figures)
    assert "L2: could not be judged, look here" in html
    assert LOOK_HERE in html
    assert to_pdf(a, figures).startswith(b"%PDF")
    assert from_json(to_json(a)).suggested_fractures == a.suggested_fractures


def test_a_mask_that_climbs_through_the_disc_over_a_sunk_endplate_is_not_graded():
    def climbing(true):
        p = true[1].copy()
        p[4] -= [0, 8.5]  # the middle of the superior endplate, 8.5 mm above its corners
        return {Level.L1: MappedPoints(np.column_stack([np.zeros(6), p[:, 0], -p[:, 1]]), np.full(6, 0.5))}

    outline = np.array(NORMAL)
    bodies, study = seen_by_an_engine([outline] * 5, climbing)
    image = label_image(replace(bodies, labels=climbed(bodies.labels, 2)), study)
    (why,) = [why for level, why in image.withheld if level is Level.L1]
    assert "superior endplate lies" in why
    assert Level.L1 not in image.spine


def climbed(labels, label):
    """The label reaches 8 mm above its superior endplate in the middle third."""
    block = labels.voxels.copy()
    where = np.argwhere(block == label)
    (_, y0, z0), (_, y1, _) = where.min(axis=0), where.max(axis=0)
    third = (y1 - y0) // 3
    region = block[1:-1, y0 + third : y1 - third, z0 - 8 : z0 + 4]
    region[region == 0] = label
    return replace(labels, voxels=block)


def test_marrow_of_a_body_at_the_border_suggests_nothing():
    found = suggested_fractures(
        [sign(Level.L5, RecencySign(recent=True))], [unseen(Level.L5, "cut off")], [], [Level.L5]
    )
    assert found == ()
