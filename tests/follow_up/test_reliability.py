"""A site's own study of its readers says how large a change must be; non-union is told from two postures."""

import math

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.sections import Readers
from ovcf.errors import FollowUpError
from ovcf.follow_up.change import ErrorOf, Verdict, change
from ovcf.follow_up.outcomes import OutcomeKind
from ovcf.follow_up.reliability import (
    Reliability,
    case_with,
    read_reliability,
    reliability_text,
    said_in_case,
    together,
)
from ovcf.follow_up.timeline import timeline
from ovcf.follow_up.visit import Quantity
from ovcf.units import Unit
from ovcf.vocabulary import Cleft
from tests.follow_up.test_change import value
from tests.follow_up.test_sources import outcome, visit

SEM = 2.0
SITE = Reliability(
    quantity=Quantity.KYPHOSIS, sem=SEM, source="two readers, 30 patients", icc=0.93, subjects=30, readers=2
)


def angle(degrees, sd=None):
    return value(degrees, sd, Quantity.KYPHOSIS, unit=Unit.DEGREE)


@pytest.mark.parametrize(
    ("later", "verdict"), [(25.5, Verdict.WITHIN_ERROR), (25.6, Verdict.MORE), (14.4, Verdict.LESS)]
)
def test_what_a_reader_entered_is_judged_against_the_readers_of_the_site(later, verdict):
    """SDC = 1.96 sqrt(2) SEM (de Vet 2006): 5.54 degrees for an SEM of 2."""
    found = change(angle(20), angle(later), SITE)
    assert found.verdict is verdict
    assert found.smallest == pytest.approx(1.96 * math.sqrt(2) * SEM, abs=1e-3)
    assert found.error_of is ErrorOf.SITE


def test_the_larger_error_counts():
    own = change(angle(20, 0.5), angle(25, 0.5), SITE)
    assert (own.verdict, own.error_of) == (Verdict.WITHIN_ERROR, ErrorOf.SITE)
    vague = change(angle(20, 4), angle(30, 4), SITE)
    assert (vague.verdict, vague.error_of) == (Verdict.WITHIN_ERROR, ErrorOf.IMAGES)
    assert vague.smallest > SITE.sdc


def test_an_error_in_another_unit_says_nothing():
    heights = Reliability(quantity=Quantity.ANTERIOR_HEIGHT, sem=0.5, source="x")
    pixels = [value(n, None, Quantity.ANTERIOR_HEIGHT, unit=Unit.PIXEL) for n in (80, 60)]
    assert change(*pixels, heights).sd is None


def course(site=None, **later):
    shared = {"index_level": Level.L1, "posture_radiograph": "standing"}
    return timeline(
        [
            visit("pretreatment", "2019-01-07", local_kyphosis_deg=10.0, **shared),
            visit("6 months", "2019-07-08", local_kyphosis_deg=later.pop("angle", 14.0), **later, **shared),
        ],
        reliability=site,
    )


def test_the_course_of_a_patient_is_judged_by_it():
    def verdict(found):
        return next(c for c in found.courses if c.quantity is Quantity.KYPHOSIS).changes[1].verdict

    assert verdict(course()) is Verdict.ERROR_UNKNOWN
    assert verdict(course({Quantity.KYPHOSIS: SITE})) is Verdict.WITHIN_ERROR
    progressed = outcome(course({Quantity.KYPHOSIS: SITE}, angle=20.0), OutcomeKind.PROGRESSIVE_KYPHOSIS, "6 months")
    assert progressed.probability == pytest.approx(0.5)  # exactly 10 degrees more, whatever the error


@pytest.mark.parametrize(
    ("standing", "supine", "cleft", "answer"),
    [
        (18.0, 20.0, Cleft.NONE, True),
        (19.5, 20.0, Cleft.NONE, False),
        (19.0, 20.0, Cleft.NONE, False),
        (19.5, 20.0, Cleft.FLUID, True),
        (19.5, 20.0, None, None),
        (18.0, 20.0, None, True),
    ],
)
def test_non_union_by_two_postures(standing, supine, cleft, answer):
    """More than 1.0 mm between standing and supine, or a cleft; union needs both ruled out."""
    found = outcome(
        course(anterior_height_standing_mm=standing, anterior_height_supine_mm=supine, cleft=cleft),
        OutcomeKind.NON_UNION,
        "6 months",
    )
    assert found.answer is answer
    assert f"{standing - supine:+.1f} mm" in found.because


def test_non_union_bears_the_error_of_the_site():
    heights = Reliability(quantity=Quantity.ANTERIOR_HEIGHT, sem=0.5, source="x")
    shown = {"anterior_height_standing_mm": 18.0, "anterior_height_supine_mm": 20.0, "cleft": Cleft.NONE}
    sure = outcome(course({Quantity.ANTERIOR_HEIGHT: heights}, **shown), OutcomeKind.NON_UNION, "6 months")
    # P(N(-2, 0.5 sqrt 2) < -1): 1.414 standard deviations, from a table of the normal distribution
    assert sure.probability == pytest.approx(0.9214, abs=1e-3)
    assert outcome(course(**shown), OutcomeKind.NON_UNION, "6 months").probability is None


def test_an_augmented_fracture_has_no_union():
    found = course(anterior_height_standing_mm=18.0, anterior_height_supine_mm=20.0, cemented_levels=(Level.L1,))
    assert not [o for o in found.outcomes if o.kind is OutcomeKind.NON_UNION]


def test_the_readers_of_the_clinical_file_judge_changes_unless_a_study_of_readers_is_given():
    said = Readers(kyphosis_sem_deg=3.0, study="ours")
    visits = [
        visit("a", "2026-01-01", local_kyphosis_deg=20.0, readers=said),
        visit("b", "2026-07-01", local_kyphosis_deg=26.0),
    ]
    by_case, by_file = timeline(visits), timeline(visits, reliability={Quantity.KYPHOSIS: SITE})
    assert [(one.sem, one.source) for one in by_case.reliability] == [(3.0, "ours")]
    assert [(one.sem, one.source) for one in by_file.reliability] == [(SEM, SITE.source)]


def test_a_study_of_readers_fills_the_case_and_leaves_what_it_does_not_tell():
    case = ClinicalCase(readers=Readers(vhl_sem_percent=2.5, kyphosis_sem_deg=3.0, study="ours"))
    filled = case_with(case, {Quantity.KYPHOSIS: SITE}).readers
    assert (filled.vhl_sem_percent, filled.kyphosis_sem_deg) == (2.5, SEM)
    assert filled.study == "ours; two readers, 30 patients"
    assert said_in_case(ClinicalCase()) == {}


def test_a_file_comes_back_as_it_was(tmp_path):
    path = tmp_path / "readers.toml"
    height = Reliability(quantity=Quantity.HEIGHT_LOSS, sem=1.25, source='"Ä", 2026')
    measures = together(together({}, SITE), height)
    path.write_text(reliability_text(measures))
    assert read_reliability(path) == measures
    assert together(measures, Reliability(quantity=Quantity.KYPHOSIS, sem=1, source="new"))[Quantity.KYPHOSIS].sem == 1


GOOD = """format = "ovcf reliability 1"
[[measure]]
quantity = "local kyphosis angle"
unit = "deg"
sem = 2
source = "x"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x]\n", "is no reliability file"),
        (GOOD.split("[[")[0], "names no measure"),
        (GOOD.replace("local kyphosis angle", "Cobb"), "'Cobb' is not known"),
        (GOOD.replace('"deg"', '"mm"'), 'unit = "deg"'),
        (GOOD.replace("sem = 2", ""), "neither sem nor sdc"),
        (GOOD.replace("sem = 2", "sem = 0"), "more than 0"),
        (GOOD.replace("sem = 2", "sem = 2\nsdc = 9"), "5.54"),
        (GOOD.replace("sem = 2", 'sem = "2"'), "Write a number"),
        (GOOD.replace("sem = 2", "sem = nan"), "Write a number"),
        (GOOD.replace('"x"', '" "'), "has no source"),
        (GOOD.replace("sem", "seem"), "seem"),
        (GOOD + GOOD.split("\n", 1)[1], "more than once"),
    ],
)
def test_a_file_that_is_wrong_says_what_to_write(text, said, tmp_path):
    path = tmp_path / "readers.toml"
    path.write_text(text)
    with pytest.raises(FollowUpError, match=said.replace("(", r"\(")):
        read_reliability(path)
