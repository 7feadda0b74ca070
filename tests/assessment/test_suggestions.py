"""Suggested fractures: ranked, each with its reasons, the OF class as a suggestion that enters no score."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding, found
from ovcf.assessment.findings.kinds import (
    EdemaBesideEndplates,
    Endplates,
    OfSuggestion,
    PosteriorWall,
    RecencySign,
    SqGrade,
    SuggestedFracture,
)
from ovcf.assessment.findings.suggest import suggested_fractures
from ovcf.assessment.measured.by_outline import CHOICE, NOT_SEEN, OF_CLASS
from ovcf.assessment.result import Provenance
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Study
from ovcf.phantom.recipe import FractureRecipe, Recipe
from ovcf.phantom.render import render
from ovcf.reading.observing.observe import Found
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
        phantom.stack.volume(phantom.vertebra.astype(np.int16)),
        "truth.nii.gz",
        parts=phantom.stack.volume(phantom.part.astype(np.int16)),
        column=phantom.shape.column,
    )
    return draft(Study(()), case or ClinicalCase(), Found(bodies=[bodies]), provenance=MADE).assessment


def test_a_burst_is_suggested_with_its_wall_and_an_of_class():
    a = assessed(FractureRecipe(level=Level.L1, shape="wedge", grade=2, burst=True))
    assert a.suggested_fractures[0].level == Level.L1
    assert found(a.findings, PosteriorWall, Level.L1).involved
    assert found(a.findings, Endplates, Level.L1).superior
    assert found(a.findings, OfSuggestion, Level.L1).of in ("OF3", "OF4")
    assert found(a.findings, PosteriorWall, Level.L1) in a.suggested_fractures[0].data.outline


def test_a_biconcave_body_keeps_its_posterior_wall():
    a = assessed(FractureRecipe(level=Level.L1, shape="biconcave", grade=2))
    assert not found(a.findings, PosteriorWall, Level.L1).involved
    assert found(a.findings, OfSuggestion, Level.L1).of in ("OF2", "OF4")


def test_intact_spines_are_not_called_fractured_and_get_no_class():
    a = assessed(seed=15)
    assert not any(isinstance(f.data, SuggestedFracture) for f in a.suggested_fractures)
    assert not any(isinstance(f.data, OfSuggestion | PosteriorWall | Endplates) for f in a.findings)


def test_what_is_suggested_enters_no_score_and_says_so():
    a = assessed(
        FractureRecipe(level=Level.L1, shape="wedge", grade=3, burst=True), case=ClinicalCase(index_level=Level.L1)
    )
    finding = next(f for f in a.findings if isinstance(f.data, OfSuggestion))
    assert {NOT_SEEN, CHOICE} <= set(finding.reasons)
    assert finding.evidence == ("schnake-2018", "of-type-readers")
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


def finding(data, *reasons, level=Level.L1):
    return Finding(data=data, level=level, reasons=reasons, evidence=("han-2025",))


def graded(grade, level=Level.L1):
    return finding(SqGrade(grade=grade), level=level)


def signal(recent, *reasons, level=Level.L1):
    return finding(RecencySign(recent=recent), *reasons, level=level)


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
    assert [(f.level, f.data.recent) for f in ranked] == [(Level.L1, True), (Level.T12, False), (Level.T11, None)]
    assert "T1 is missing" in ranked[2].reasons[0]


def test_edema_beside_an_endplate_stands_beside_the_signs():
    edema = EdemaBesideEndplates(superior=True, inferior=False)
    (suggested,) = suggested_fractures([graded(2), finding(edema)])
    assert suggested.data == SuggestedFracture(recent=None, outline=(edema,))
