"""Findings beside the images: what looks fractured and what could not be judged are two things."""

from dataclasses import replace

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import Endplates, SqGrade, Ungraded
from ovcf.assessment.findings.suggest import suggested_fractures
from ovcf.server.views.findings.findings_view import findings_of, measured_of
from tests.report.example import ASSESSMENT


def shown(*findings, ungraded=()):
    beside = [u.level for u in ungraded]
    found = replace(ASSESSMENT, suggested_fractures=suggested_fractures(findings, ungraded, beside), findings=())
    return {f.level: f for f in findings_of(found).values()}


def test_a_vertebra_that_could_not_be_judged_is_not_called_fractured():
    (t7,) = shown(ungraded=[Ungraded(level=Level.T7, reason="the image cuts it off")]).values()
    assert not t7.suggested
    assert (t7.name, t7.reasons) == ("T7", ("the image cuts it off",))
    assert "could not be judged" in t7.value


def test_a_vertebra_that_looks_fractured_says_why_in_words():
    l1 = shown(Finding(data=SqGrade(grade=2, shape=None), level=Level.L1))["L1"]
    assert l1.suggested
    assert l1.reasons == ("SQ from measurement: grade 2",)


def test_each_endplate_has_its_own_word():
    seen = Finding(data=Endplates(superior=True, inferior=False), level=Level.T11)
    measured = measured_of(replace(ASSESSMENT, findings=(seen,)), "")
    assert [measured[f"{end}_endplate", Level.T11] for end in ("superior", "inferior")] == ["fractured", "intact"]
