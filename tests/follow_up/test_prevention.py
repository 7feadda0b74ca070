"""The timers of secondary prevention over visits: which day they are judged on, and that the last answer stands."""

from datetime import date

import pytest

from ovcf.clinical.sections import Prevention
from ovcf.follow_up.timeline import timeline
from ovcf.scores.prevention.indicators import Indicator, Reached
from tests.follow_up.test_sources import visit


def state(visits, indicator, today=None):
    found = timeline(visits, today=today).prevention
    return next(t.reached for t in found if t.indicator is indicator)


def first(**facts):
    return visit("first", "2025-01-07", weeks_since_onset=1.0, **facts)


@pytest.mark.parametrize(
    ("today", "reached"),
    [
        (date(2025, 3, 25), Reached.OPEN),  # 77 days after week 1: week 12, the last day
        (date(2025, 3, 26), Reached.OVERDUE),
    ],
)
def test_weeks_count_from_the_onset_of_pain_to_today(today, reached):
    visits = [first(), visit("second", "2025-02-04")]
    assert state(visits, Indicator.DXA, today) is reached


def test_without_today_the_last_visit_is_the_day():
    assert state([first(), visit("second", "2025-03-25")], Indicator.DXA) is Reached.OPEN
    assert state([first(), visit("second", "2025-03-26")], Indicator.DXA) is Reached.OVERDUE
    later = visit("second", "2025-03-26", weeks_since_onset=11.5)
    assert state([first(), later], Indicator.DXA) is Reached.OPEN  # what the last visit says goes before


def test_without_an_onset_nothing_is_overdue():
    visits = [visit("first", "2024-01-07"), visit("second", "2025-03-26")]
    assert state(visits, Indicator.DXA) is Reached.UNKNOWN
    assert state([visit("first", weeks_since_onset=1.0), visit("second")], Indicator.DXA) is Reached.UNKNOWN


def test_what_one_visit_records_stands_at_the_next():
    visits = [first(prevention=Prevention(dxa_weeks=3)), visit("second", "2025-06-26")]
    assert state(visits, Indicator.DXA) is Reached.YES
    corrected = visit("second", "2025-06-26", prevention=Prevention(dxa_weeks=13))
    assert state([visits[0], corrected], Indicator.DXA) is Reached.LATE
