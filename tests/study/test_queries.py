"""A query asks about a value and never changes it."""

from datetime import timedelta

import pytest

from ovcf.errors import StudyError
from ovcf.registry.words import QueryRule, QueryStep, Window, WithdrawalKind
from ovcf.study.conduct import form_values, queries, screening, studies
from tests.study.conftest import DAY, enrol, hold

BASELINE = {"age_years": 74, "sex": "female", "t_score": -2.8, "fracture_type": "burst", "t2_pattern": "diffuse low"}


@pytest.fixture
def one(registry, study):
    """A patient whose pretreatment visit was held: pain is implausible, height loss is missing."""
    with registry.writing(registry.admin.id) as writer:
        made = enrol(writer, study, registry.admin, "P-1")
        form_values.enter(writer, study, made, Window.PRETREATMENT, "baseline", BASELINE)
        form_values.enter(writer, study, made, Window.PRETREATMENT, "images", {"ka_deg": 12, "posture": "standing"})
        hold(writer, made, "pretreatment", 0, VAS=12, ODI=60)
        writer.session.flush()
        writer.session.expunge(made)
        return made


def raised(registry, study, day=0):
    with registry.writing(registry.admin.id) as writer:
        return [
            (q.number, q.window, q.form, q.field, q.rule, q.value)
            for q in queries.raise_queries(writer, study, today=DAY + timedelta(days=day))
        ]


def take(registry, study, number, step, text="because"):
    with registry.writing(registry.admin.id) as writer:
        queries.step(writer, queries.query_numbered(writer.session, study, number), step, text)


def state(registry, study, number="S1-001/Q1"):
    with registry.reading() as session:
        return next(q for q in queries.queries_of(session, study) if q.row.number == number)


def test_what_is_missing_or_implausible_is_asked_about_once(registry, study, one):
    pre = Window.PRETREATMENT
    assert raised(registry, study) == [
        ("S1-001/Q1", pre, "complaints", "vas", QueryRule.IMPLAUSIBLE, "12"),
        ("S1-001/Q2", pre, "images", "vhl_percent", QueryRule.MISSING, None),
    ]
    assert raised(registry, study) == []
    with registry.reading() as session:
        (found, _) = queries.queries_of(session, study)
        assert "at least 0 and at most 10" in found.row.text
        assert found.now == "12"
        assert (
            form_values.values_of(session, one, pre, studies.in_force(session, study)[1].form("complaints"))["vas"]
            == 12
        )


def test_a_visit_that_is_overdue_is_asked_about_after_its_last_day(registry, study, one):
    raised(registry, study)
    assert raised(registry, study, 45) == []
    assert [(q[1], q[4]) for q in raised(registry, study, 46)] == [(Window.MONTH_1, QueryRule.OVERDUE)]
    with registry.writing(registry.admin.id) as writer:
        screening.withdraw(writer, one, WithdrawalKind.DEATH, on=DAY + timedelta(days=50))
    assert raised(registry, study, 400) == []  # nobody asks after a patient who has left


def test_an_answer_stands_with_who_and_when_and_can_be_reopened(registry, study, one):
    raised(registry, study)
    assert state(registry, study).state == "open"
    take(registry, study, "S1-001/Q1", QueryStep.ANSWERED, "the patient said 12 of 10")
    take(registry, study, "S1-001/Q1", QueryStep.CLOSED, "as in the source document")
    found = state(registry, study)
    assert found.state == "closed"
    assert [(who, step.value, text) for _, who, step, text in found.events] == [
        ("admin", "answered", "the patient said 12 of 10"),
        ("admin", "closed", "as in the source document"),
    ]
    with pytest.raises(StudyError, match="is closed and cannot be answered"):
        take(registry, study, "S1-001/Q1", QueryStep.ANSWERED)
    take(registry, study, "S1-001/Q1", QueryStep.REOPENED)
    assert state(registry, study).state == "open"
    with pytest.raises(StudyError, match="needs words"):
        take(registry, study, "S1-001/Q1", QueryStep.CLOSED, " ")
    assert raised(registry, study) == []  # a value that was accepted is not asked about again
    assert registry.faults() == []


def test_a_corrected_value_is_shown_beside_the_one_asked_about(registry, study, one):
    raised(registry, study)
    with registry.writing(registry.admin.id) as writer:
        form_values.enter(writer, study, one, Window.PRETREATMENT, "images", {"vhl_percent": 95}, reason="measured now")
    assert [(q[3], q[4], q[5]) for q in raised(registry, study)] == [("vhl_percent", QueryRule.IMPLAUSIBLE, "95")]
    assert (state(registry, study, "S1-001/Q2").row.value, state(registry, study, "S1-001/Q2").now) == (None, "95")


def test_a_monitor_asks(registry, study, one):
    with registry.writing(registry.admin.id) as writer:
        asked = queries.ask(writer, study, one, Window.PRETREATMENT, "images", "ka_deg", "Which film?")
        assert (asked.rule, asked.value, asked.number) == (QueryRule.MONITOR, "12", "S1-001/Q1")
        with pytest.raises(StudyError, match=r"There are: .*images\.ka_deg"):
            queries.ask(writer, study, one, Window.PRETREATMENT, "images", "kappa", "Which film?")
        with pytest.raises(StudyError, match="needs a question"):
            queries.ask(writer, study, one, Window.PRETREATMENT, "images", "ka_deg", "")
