"""The clinical form: every fact of the case can be entered somewhere on the page, typed and within its range."""

from dataclasses import fields

import pytest

from ovcf.clinical.case import ClinicalCase
from ovcf.reading.file import read_reading
from ovcf.reading.session import Session
from ovcf.server.views.clinical_view import ELSEWHERE, GROUPS, clinical_of
from tests.reading.words import edit


def form(session):
    facts = [f for group in clinical_of(session.assessment(), session.version.edits) for f in group.facts]
    return {f.field: f for f in facts}


@pytest.fixture
def session(path):
    return Session(read_reading(path))


def test_no_fact_of_the_case_is_forgotten():
    in_form = [name.rstrip(".") for names in GROUPS.values() for name in names]
    assert len(in_form) == len(set(in_form))
    assert {f.name for f in fields(ClinicalCase)} == {*in_form} | ELSEWHERE
    assert not {*in_form} & ELSEWHERE


def test_each_is_typed_with_its_words_and_range(session):
    found = form(session)
    assert (found["vas"].kind, found["vas"].low, found["vas"].high) == ("number", 0, 10)
    assert found["asa_class"].kind == "whole number"
    assert found["neurology.saddle_anaesthesia"].kind == "yes or no"
    assert found["treatment"].words == ("none", "conservative", "augmentation", "surgery")
    assert found["posture_radiograph"].words == ("standing", "sitting", "supine", "decubitus")
    assert found["visit_date"].kind == "date"
    assert {f"t_score_l{k}" for k in range(1, 5)} <= found.keys()


def test_what_a_reader_enters_is_his_and_not_known_is_a_word_too(session):
    session.make(edit("EnterFact", field="vas", value=7.5))
    session.make(edit("EnterFact", field="neurology.gait_change", value=True))
    found = form(session)
    assert (found["vas"].value, len(found["vas"].edits)) == (7.5, 1)
    assert found["neurology.gait_change"].value is True
    assert any(s.urgency.name == "EMERGENCY" for s in session.assessment().guidance)
    session.make(edit("EnterFact", field="vas", value=None))
    assert (form(session)["vas"].value, len(form(session)["vas"].edits)) == (None, 2)
