"""The impression: what it says first, what it says next, and what it leaves unsaid."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import SqGrade, SuggestedFracture
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.flags import Neurology, RedFlags
from ovcf.render.impression import impression
from ovcf.scores.applicability import applicability, gated
from ovcf.scores.result import Condition
from ovcf.vocabulary import Aetiology, FractureShape, FractureType, Treatment
from tests.report.example import ASSESSMENT, INCOMPLETE, NASOVCF

LINE = 100
"""Letters of a line of the impression in the PDF, about; a long sentence is set smaller there."""
CALM = replace(ASSESSMENT, guidance=ASSESSMENT.guidance[1:])


def said(assessment):
    return [s.text for s in impression(assessment)]


def of_case(**facts):
    """The example with other facts, its score gated as an assessment gates it."""
    case = replace(ASSESSMENT.case, **facts)
    return replace(CALM, case=case, scores=(gated(NASOVCF, applicability(case)),))


def test_a_scored_fracture_in_two_sentences():
    first, second = said(CALM)
    assert first == (
        "Wedge fracture of T11, Genant grade 2 (probability 80%): height loss 17.8%, local kyphosis 19.6° standing, "
        "edema in 63% of the body."
    )
    # Han 2025, Table 3: 24 of 63 patients of the high group had union, so 39 had none.
    assert second == (
        "NASOVCF 10 of 12, high group (probability > 99%). In Han 2025, 39 of 63 such patients had no bony union after "
        "6 months without surgery: 62% (95% interval 50 to 73%)."
    )


def test_a_grade_below_80_percent_is_uncertain_and_the_next_one_is_named():
    grade = SqGrade(grade=2, shape=FractureShape.WEDGE, probability=((1, 0.05), (2, 0.7), (3, 0.25)))
    findings = (Finding(level=Level.T11, data=grade),)
    assert "Genant grade 2, uncertain (70%; grade 3 25%)" in said(replace(CALM, findings=findings))[0]


def test_the_reader_s_grade_goes_before_the_measured_one():
    by_reader = Finding(level=Level.T11, data=SqGrade(grade=3), by_reader=True)
    assert "Genant grade 3:" in said(replace(CALM, findings=(*CALM.findings, by_reader)))[0]


@pytest.mark.parametrize(
    ("facts", "begins"),
    [
        ({"recent_fracture": True}, "Recent wedge fracture of T11"),
        ({"recent_fracture": False}, "Old wedge fracture of T11"),
        ({"fracture_type": FractureType.BURST}, "Burst fracture of T11"),
        ({"treatment": Treatment.AUGMENTATION}, "Treated wedge fracture of T11"),
    ],
)
def test_age_and_type_lead_the_first_sentence_where_they_are_known(facts, begins):
    assert said(of_case(**facts))[0].startswith(begins)


def test_an_open_condition_stands_in_place_of_the_rates():
    a = replace(CALM, scores=(replace(NASOVCF, conditions=(Condition.UNTREATED,)),))
    second = said(a)[1]
    assert second.endswith("holds only if the fracture is untreated: not recorded.")
    assert "39 of 63" not in second


def test_an_incomplete_score_gives_the_range_and_names_what_is_missing():
    a = replace(CALM, scores=(INCOMPLETE,))
    assert said(a)[1] == "NASOVCF 8 to 10 of 12 still possible, high group: T2 signal not recorded."


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"recent_fracture": False}, "NASOVCF withheld: the fracture is not recent."),
        ({"treatment": Treatment.SURGERY}, "NASOVCF withheld: the fracture has been treated."),
        ({"aetiology": Aetiology.TRAUMA}, "NASOVCF withheld: the recorded cause is not osteoporosis."),
        ({"red_flags": RedFlags(weight_loss=True)}, "NASOVCF withheld: the cause is not decided."),
        ({"red_flags": RedFlags(epidural_mass=True)}, "NASOVCF withheld until tumour is ruled out."),
        ({"red_flags": RedFlags(abscess=True)}, "NASOVCF withheld until infection is ruled out."),
        ({"aetiology": Aetiology.METASTASIS}, "NASOVCF withheld for a fracture from metastasis."),
    ],
)
def test_a_withheld_score_says_why_and_gives_no_number(facts, why):
    sentences = said(of_case(**facts))
    assert sentences[1].startswith(why)
    assert not [s for s in sentences if "of 12" in s or "group" in s]


def test_a_doubted_cause_gives_neither_shape_nor_grade():
    first = said(of_case(red_flags=RedFlags(epidural_mass=True), recent_fracture=True))[0]
    assert first == ("Recent fracture of T11, cause not known: height loss 17.8% with signs that suggest a tumour.")


def test_an_emergency_says_what_was_recorded_and_that_the_canal_was_not_measured():
    case = replace(ASSESSMENT.case, neurology=Neurology(bladder_or_bowel=True, saddle_anaesthesia=True))
    first, second = said(replace(ASSESSMENT, case=case))
    assert first.endswith("of T11 with new bladder or bowel dysfunction and saddle anaesthesia.")
    assert second == "The canal was not measured: read it first."


def test_a_vertebra_that_looks_fractured_is_named_and_not_scored():
    look = Finding(level=Level.T11, data=SuggestedFracture(recent=True))
    a = replace(CALM, index_level=None, case=ClinicalCase(), suggested_fractures=(look,))
    first, second = said(a)
    assert first.startswith("T11 looks fractured (recent by its signal): height loss 17.8%")
    assert second == "NASOVCF withheld until a reader names the fractured vertebra."


@pytest.mark.parametrize(
    ("shape", "said_of_it"),
    [
        (FractureShape.BICONCAVE, "middle height 31.0% below the posterior"),
        (FractureShape.CRUSH, "posterior height 31.0% below that of its neighbours"),
        (FractureShape.WEDGE, "anterior height 31.0% below the posterior"),
    ],
)
def test_what_looks_fractured_is_given_the_height_that_its_grade_rests_on(shape, said_of_it):
    """Han's height loss leaves the middle out: of a biconcave body it says that nothing is lost."""
    by_id = {m.method.id: m for m in CALM.measurements}
    whole = replace(by_id["vhl-han"], value=-0.9)
    lost = replace(whole, method=replace(whole.method, id=f"sq-loss-{shape}"), value=31.0)
    look = Finding(level=Level.T11, data=SuggestedFracture(recent=True))
    grade = Finding(level=Level.T11, data=SqGrade(grade=2, shape=shape), sources=(whole.source,))
    a = replace(CALM, index_level=None, case=ClinicalCase(), suggested_fractures=(look,))
    first = said(replace(a, findings=(grade,), measurements=(whole, lost)))[0]
    assert first == f"T11 looks fractured (recent by its signal): {said_of_it}."


def test_at_most_two_sentences_of_at_most_two_lines(states, state):
    sentences = said(states[state])
    assert 1 <= len(sentences) <= 2
    assert all(len(s) <= 2 * LINE for s in sentences), sentences
