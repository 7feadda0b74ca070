"""The patients that the sources print, visit by visit: the verdicts come out as printed."""

from datetime import date

import pytest

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.errors import FollowUpError
from ovcf.follow_up.change import Verdict
from ovcf.follow_up.outcomes import OutcomeKind
from ovcf.follow_up.timeline import timeline
from ovcf.follow_up.visit import Quantity, Visit
from ovcf.reading.conclude import conclude
from ovcf.reading.observations import Observations
from ovcf.vocabulary import Cleft


def visit(name, day=None, **facts):
    case = ClinicalCase(**{"index_level": Level.L1, "visit_date": day} | facts)
    return Visit(name=name, on=date.fromisoformat(day) if day else None, assessment=conclude(Observations(), (), case))


def outcome(course, kind, name):
    return next(o for o in course.outcomes if o.kind is kind and o.visit == name)


def values(course, quantity):
    (found,) = (c for c in course.courses if c.quantity is quantity)
    return [v and v.value for v in found.values]


def test_han_figure_5():
    """T11, 71 years: 17.8 % and 19.6 degrees before, 38.1 % and 26.0 degrees with a cleft at 6 months."""
    shared = {"index_level": Level.T11, "posture_radiograph": "standing"}
    course = timeline(
        [
            visit("pretreatment", "2019-01-07", vhl_percent=17.8, local_kyphosis_deg=19.6, **shared),
            visit("6 months", "2019-07-08", vhl_percent=38.1, local_kyphosis_deg=26.0, cleft=Cleft.FLUID, **shared),
        ]
    )
    assert course.level is Level.T11
    kyphosis = outcome(course, OutcomeKind.PROGRESSIVE_KYPHOSIS, "6 months")
    assert kyphosis.answer is False  # 6.4 degrees
    assert outcome(course, OutcomeKind.CLEFT, "6 months").answer is True
    assert values(course, Quantity.HEIGHT_LOSS) == [17.8, 38.1]


def test_han_figure_6():
    """Low group: 5.3 % and 6.3 degrees at 6 months; nothing progressed."""
    shared = {"posture_radiograph": "standing"}
    course = timeline(
        [
            visit("pretreatment", "2019-01-07", vhl_percent=5.0, local_kyphosis_deg=6.0, **shared),
            visit("6 months", "2019-07-08", vhl_percent=5.3, local_kyphosis_deg=6.3, cleft=Cleft.NONE, **shared),
        ]
    )
    assert outcome(course, OutcomeKind.PROGRESSIVE_KYPHOSIS, "6 months").answer is False
    assert outcome(course, OutcomeKind.CLEFT, "6 months").answer is False


def test_voormolen_figure_2():
    """Edema 75, 25, 20, 0 %, pain 10, 2, 1, 1, from morphine to none, at 0, 3, 6 and 12 months."""
    printed = (("2004-01-05", 75, 10, 3), ("2004-04-05", 25, 2, 0), ("2004-07-05", 20, 1, 0), ("2005-01-05", 0, 1, 0))
    course = timeline(
        [
            visit(str(n), day, bme_percent=edema, vas=vas, analgesic_class=drug)
            for n, (day, edema, vas, drug) in enumerate(printed)
        ]
    )
    assert values(course, Quantity.EDEMA) == [75, 25, 20, 0]
    assert values(course, Quantity.PAIN) == [10, 2, 1, 1]
    assert values(course, Quantity.ANALGESICS) == [3, 0, 0, 0]
    assert not any(o.kind is OutcomeKind.EDEMA_RETURNED for o in course.outcomes)
    assert outcome(course, OutcomeKind.SEVERE_EDEMA_3_MONTHS, "1").answer is False


def test_edema_that_returns_asks_for_a_new_fracture():
    course = timeline(
        [
            visit("a", "2024-01-05", bme_percent=60.0),
            visit("b", "2024-07-05", bme_percent=0.0),
            visit("c", "2025-01-05", bme_percent=40.0),
        ]
    )
    assert outcome(course, OutcomeKind.EDEMA_RETURNED, "c").answer is True


@pytest.mark.parametrize(("after", "answer"), [(29.6, False), (29.61, True), (35.0, True), (10.0, False)])
def test_more_than_ten_degrees_is_progression(after, answer):
    course = timeline(
        [
            visit("a", "2024-01-05", local_kyphosis_deg=19.6, posture_radiograph="standing"),
            visit("b", "2024-07-05", local_kyphosis_deg=after, posture_radiograph="standing"),
        ]
    )
    assert outcome(course, OutcomeKind.PROGRESSIVE_KYPHOSIS, "b").answer is answer


@pytest.mark.parametrize("posture", ["supine", "sitting", "decubitus", None])
def test_another_or_an_unknown_posture_is_not_compared(posture):
    course = timeline(
        [
            visit("a", "2024-01-05", local_kyphosis_deg=10.0, vhl_percent=10.0, posture_radiograph="standing"),
            visit("b", "2024-07-05", local_kyphosis_deg=30.0, vhl_percent=40.0, posture_radiograph=posture),
        ]
    )
    assert outcome(course, OutcomeKind.PROGRESSIVE_KYPHOSIS, "b").answer is None
    for quantity in (Quantity.KYPHOSIS, Quantity.HEIGHT_LOSS):
        (found,) = (c for c in course.courses if c.quantity is quantity)
        assert found.changes[1].verdict is Verdict.NOT_COMPARABLE


def test_visits_are_put_in_order_and_two_people_are_refused():
    a, b = visit("a", "2024-01-05", vas=8), visit("b", "2024-07-05", vas=3)
    assert [v.name for v in timeline([b, a]).visits] == ["a", "b"]
    for other in ({"patient_id": "2"}, {"sex": "male"}):
        with pytest.raises(FollowUpError):
            timeline(
                [
                    visit("a", "2024-01-05", patient_id="1", sex="female"),
                    visit("b", "2024-07-05", **{"patient_id": "1", "sex": "female"} | other),
                ]
            )
    with pytest.raises(FollowUpError, match="two visits"):
        timeline([a])
    with pytest.raises(FollowUpError, match="same day"):
        timeline([a, visit("c", "2024-01-05")])
    with pytest.raises(FollowUpError, match="has no date"):
        timeline([a, visit("c")])
    with pytest.raises(FollowUpError, match="fractured vertebra"):
        timeline([visit("a", "2024-01-05", index_level=None), visit("b", "2024-07-05", index_level=None)])
