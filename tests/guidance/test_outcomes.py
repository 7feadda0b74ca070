"""What became of the patients of a score's source: the printed counts, and nothing where none is printed."""

import pytest

from ovcf.guidance.outcomes import happened, note_of, rates_of
from ovcf.scores.prognosis.ava import AVA
from ovcf.scores.prognosis.nasovcf import NASOVCF


def test_the_groups_of_han_2025_add_up_to_its_208_patients_49_non_unions_and_48_progressive_kyphoses():
    non_union, kyphosis = (rates_of(outcome) for outcome in NASOVCF.outcomes)
    assert [sum(r.n for r in of.values()) for of in (non_union, kyphosis)] == [208, 208]
    assert [sum(r.events for r in of.values()) for of in (non_union, kyphosis)] == [49, 48]


def test_each_outcome_is_said_with_count_and_interval_and_the_care_under_which_it_happened_once():
    """Han 2025: 1 of 47 in the group of low risk for either; Wilson's interval as Newcombe computes it."""
    first, second, *notes = happened(NASOVCF, "low")
    for said in (first, second):
        assert "1/47, 2.1% (95% interval 0.4 to 11.1%) of the low group" in said
    assert len(notes) == 1
    assert "weeks in bed" in notes[0]


@pytest.mark.parametrize(
    ("group", "said"),
    [("low", "in 4/137, 2.9%"), ("high", "in 22/38, 57.9%"), ("intermediate", "not printed for this group")],
)
def test_a_group_without_printed_counts_is_said_to_have_none(group, said):
    """AVA 2022 prints counts of up to 1 point and from 4 points on."""
    assert said in happened(AVA, group)[0]


def test_without_a_group_nothing_is_said():
    assert happened(NASOVCF, None) == ()


def test_a_note_without_care_stands_as_it_is():
    (outcome,) = AVA.outcomes
    assert note_of(outcome) == outcome.note
