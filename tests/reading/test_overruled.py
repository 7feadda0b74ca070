"""What a reader sees goes before what was measured, for any vertebra, and nothing measured of it is left beside it."""

import pytest

from ovcf.assessment.findings.finding import found
from ovcf.assessment.findings.kinds import BoneQuality, CleftSign, EdemaLevel, RecencySign, SpineGrades, SqGrade
from ovcf.errors import ClinicalDataError, ReadingError
from ovcf.reading.conclude import conclude
from ovcf.vocabulary import BmeLevel, Cleft
from tests.reading.words import edit, vertebra


@pytest.fixture
def told(seen, case):
    """What follows when a reader says something of one vertebra."""

    def conclusion(finding, value, level="L1"):
        said = edit("Overrule", vertebra=vertebra(seen, level).id, finding=finding, value=value)
        return conclude(seen, (said,), case)

    return conclusion


def findings(assessment, kind, level="L1"):
    return [(f.data, f.by_reader) for f in assessment.findings if isinstance(f.data, kind) and f.level == level]


def measured(assessment, method):
    return [(m.value, m.source.placed_by) for m in assessment.measurements if m.method.id == method]


def test_a_fracture_that_the_reader_calls_old_gets_no_score(told, seen, case):
    before = next(s for s in conclude(seen, (), case).scores if s.score == "NASOVCF")
    now = told("recent", False)
    assert findings(now, RecencySign) == [(RecencySign(recent=False), True)]
    score = next(s for s in now.scores if s.score == "NASOVCF")
    assert before.total is not None
    assert score.total is None


def test_edema_as_seen_brings_its_level(told):
    now = told("bme_percent", 80.0)
    assert measured(now, "bme-percent") == [(80.0, "the reader")]
    assert findings(now, EdemaLevel) == [(EdemaLevel(level=BmeLevel.SEVERE), True)]
    assert measured(told("bme_percent", None), "bme-percent") == []


@pytest.mark.parametrize("level", ["L1", "L3"])
def test_a_grade_as_seen_is_the_only_grade(told, level):
    now = told("sq_grade", 3.0, level)
    assert findings(now, SqGrade, level) == [(SqGrade(grade=3), True)]
    over_the_spine = found(now.findings, SpineGrades, None)
    assert dict(over_the_spine.graded)[level] == 3
    assert level in [f.level for f in now.suggested_fractures]


def test_a_pattern_as_seen_decides_the_points(told):
    def points(value):
        score = next(s for s in told("t2_pattern", value).scores if s.score == "NASOVCF")
        return next(i.points for i in score.items if "T2" in i.name)

    assert [points(v) for v in ("diffuse low", "confined high", "none")] == [2, 0, 0]


def test_an_of_class_as_seen_is_scored(told):
    now = told("of_class", "OF3")
    assert any(s.score.startswith("OF") for s in now.scores)


def test_bone_quality_and_cleft_as_seen(told):
    assert measured(told("vbq", 3.4), "vbq") == [(3.4, "the reader")]
    assert findings(told("vbq", 3.4), BoneQuality, None) == [(BoneQuality(high=True), True)]
    assert findings(told("cleft", "fluid"), CleftSign) == [(CleftSign(cleft=Cleft.FLUID), True)]


@pytest.mark.parametrize(
    ("finding", "value"),
    [("bme_percent", 101.0), ("sq_grade", 4.0), ("t2_pattern", "striped"), ("recent", "maybe"), ("vbq", -1.0)],
)
def test_what_cannot_be_is_refused(told, finding, value):
    with pytest.raises((ReadingError, ClinicalDataError)):
        told(finding, value)
