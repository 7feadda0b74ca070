"""Suggested fractures: ranked, each with its reasons, the OF class as a suggestion that enters no score."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.by_outline import CHOICE, EDEMA, ENDPLATES, NOT_SEEN, OF_CLASS, SIGNAL, WALL
from ovcf.assessment.result import Finding, Provenance, RecencySign, ShapeSign
from ovcf.assessment.suggest import SUGGESTED, suggested_fractures
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Study
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import render
from ovcf.reading.observe import Found
from ovcf.segmentation.label_map import bodies_from_labels
from ovcf.workflow.draft import draft

MADE = Provenance("tests", "2026-01-01T00:00:00+00:00", "", ())


def assessed(*fractures, case=None, **recipe):
    """A digital patient's true label map, assessed without any image."""
    phantom = render(
        Recipe(**{"seed": 12, "centre": Level.L1} | recipe, fractures=fractures, schmorl_nodes=(), haemangiomas=()),
        contrasts=(),
    )
    bodies = bodies_from_labels(
        phantom.stack.volume(phantom.vertebra.astype(np.int16)), "truth.nii.gz",
        parts=phantom.stack.volume(phantom.part.astype(np.int16)), column=phantom.shape.column,
    )  # fmt: skip
    return draft(Study(()), case or ClinicalCase(), Found(bodies=[bodies]), provenance=MADE).assessment


def values(assessment, level):
    return {f.name: f.value for f in assessment.findings if f.level == level}


def test_a_burst_is_suggested_with_its_wall_and_an_of_class():
    a = assessed(FractureRecipe(level=Level.L1, shape="wedge", grade=2, burst=True))
    assert a.suggested_fractures[0].level == Level.L1
    found = values(a, Level.L1)
    assert found[WALL] == "involved"
    assert found[ENDPLATES] in ("superior", "both")
    assert found[OF_CLASS] in ("OF3", "OF4")
    assert any(reason.startswith(WALL) for reason in a.suggested_fractures[0].reasons)


def test_a_biconcave_body_keeps_its_posterior_wall():
    a = assessed(FractureRecipe(level=Level.L1, shape="biconcave", grade=2))
    found = values(a, Level.L1)
    assert found[WALL] == "not or hardly involved"
    assert found[OF_CLASS] in ("OF2", "OF4")


def test_intact_spines_are_not_called_fractured_and_get_no_class():
    a = assessed(seed=15)
    assert not any(f.name == SUGGESTED for f in a.suggested_fractures)
    assert not any(f.name in (OF_CLASS, WALL, ENDPLATES) for f in a.findings)


def test_what_is_suggested_enters_no_score_and_says_so():
    a = assessed(
        FractureRecipe(level=Level.L1, shape="wedge", grade=3, burst=True), case=ClinicalCase(index_level=Level.L1)
    )
    finding = next(f for f in a.findings if f.name == OF_CLASS)
    assert {NOT_SEEN, CHOICE} <= set(finding.reasons)
    assert finding.evidence == ("schnake-2018",)
    assert all(s.score != "OF score" for s in a.scores)


def test_without_an_intact_neighbour_the_class_is_withheld():
    beside = [FractureRecipe(level=v, shape="wedge", grade=2) for v in (Level.T12, Level.L1, Level.L2)]
    a = assessed(*beside, case=ClinicalCase(index_level=Level.L1, other_fractures=(Level.T12, Level.L2)))
    assert any(w.name == OF_CLASS and w.level == Level.L1 for w in a.withheld)


@pytest.mark.parametrize(("lumbar", "thoracic", "level"), [(6, 12, Level.L6), (5, 13, Level.T13)])
def test_transitional_anatomy_is_at_the_top_of_the_report_with_what_to_check(lumbar, thoracic, level):
    a = assessed(lumbar=lumbar, thoracic=thoracic, centre=Level.L3)
    assert any(v.level == level for v in a.landmarks[0])
    assert any("transitional anatomy" in w and "iliolumbar" in w for w in a.warnings)


def finding(name, value, *reasons, level=Level.L1, data=None):
    return Finding(name=name, level=level, value=value, reasons=reasons, evidence=("han-2025",), data=data)


def graded(grade, level=Level.L1):
    return finding("SQ", f"grade {grade}", level=level, data=ShapeSign(fractured=grade > 0, grade=grade))


def signal(recent, *reasons, level=Level.L1):
    return finding(SIGNAL, "what a report says", *reasons, level=level, data=RecencySign(recent=recent))


def test_recent_comes_before_old_and_deformed_before_a_signal_nobody_can_judge():
    ranked = suggested_fractures(
        [
            signal(None, "high on the fluid-sensitive series; T1 is missing", level=Level.T11),
            graded(3, Level.T12),
            signal(False, level=Level.T12),
            signal(True),
            signal(False, level=Level.L3),
            graded(0, Level.L3),
        ]
    )
    assert [(f.level, f.value) for f in ranked] == [
        (Level.L1, "recent"), (Level.T12, "old or none by signal"), (Level.T11, "age unknown")
    ]  # fmt: skip
    assert "T1 is missing" in ranked[2].reasons[0]


def test_edema_beside_an_endplate_is_among_the_reasons():
    a = suggested_fractures([graded(2), finding(EDEMA, "superior")])
    assert f"{EDEMA}: superior" in a[0].reasons
