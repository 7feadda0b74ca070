"""The IOF's timers at 12, 16 and 52 weeks, on both sides of each, and the levels of a service at 50 and 80 percent."""

import pytest

from ovcf.clinical.sections import Prevention
from ovcf.errors import ClinicalDataError
from ovcf.scores.prevention.indicators import WITHIN_WEEKS, Indicator, Reached, service_levels, timers

E = 1e-6
TIMED = {
    Indicator.RISK_ASSESSED: ("risk_assessed_weeks", 12),
    Indicator.DXA: ("dxa_weeks", 12),
    Indicator.EXERCISE: ("exercise_weeks", 16),
    Indicator.MONITORED: ("monitored_weeks", 16),
    Indicator.DRUG_STARTED: ("drug_started_weeks", 16),
}


def of(indicator, prevention, weeks=None):
    return next(t for t in timers(prevention, weeks) if t.indicator is indicator)


@pytest.mark.parametrize(("indicator", "field", "limit"), [(i, *v) for i, v in TIMED.items()])
def test_in_time_until_the_limit_and_late_after_it(indicator, field, limit):
    assert WITHIN_WEEKS[indicator] == limit
    assert of(indicator, Prevention(**{field: limit})).reached is Reached.YES
    assert of(indicator, Prevention(**{field: limit + E})).reached is Reached.LATE
    assert of(indicator, Prevention(**{field: 0})).reached is Reached.YES


@pytest.mark.parametrize(("indicator", "limit"), WITHIN_WEEKS.items())
def test_what_is_not_recorded_is_open_then_overdue_and_never_reached(indicator, limit):
    assert of(indicator, Prevention(), limit).reached is Reached.OPEN
    assert of(indicator, Prevention(), limit + E).reached is Reached.OVERDUE
    assert of(indicator, Prevention(), None).reached is Reached.UNKNOWN


def test_yes_and_no_have_no_time():
    said = Prevention(falls_assessed=True, drug_recommended=False, on_drug_at_52_weeks=True)
    assert of(Indicator.FALLS, said, 90).reached is Reached.YES
    assert of(Indicator.DRUG_RECOMMENDED, said, 90).reached is Reached.NO
    assert of(Indicator.ON_DRUG, said, 60).reached is Reached.YES
    assert of(Indicator.FALLS, Prevention(), 90).reached is Reached.UNKNOWN
    with pytest.raises(ClinicalDataError, match="dxa_weeks"):
        Prevention(dxa_weeks=-1)


@pytest.mark.parametrize(
    ("reached", "of_patients", "band"),
    [(4, 10, "below 50%"), (5, 10, "50 to 80%"), (8, 10, "50 to 80%"), (9, 10, "above 80%"), (0, 1, "below 50%")],
)
def test_the_levels_of_a_service(reached, of_patients, band):
    patients = [timers(Prevention(dxa_weeks=3 if n < reached else 13), 60) for n in range(of_patients)]
    level = next(x for x in service_levels(patients) if x.indicator is Indicator.DXA)
    assert (level.reached, level.patients, level.unrecorded, level.band) == (reached, of_patients, 0, band)


@pytest.mark.parametrize(("yes", "band"), [(4, "below 50%"), (5, "50% and more"), (10, "50% and more")])
def test_the_recommendation_has_one_level(yes, band):
    patients = [timers(Prevention(drug_recommended=n < yes), 60) for n in range(10)]
    assert next(x for x in service_levels(patients) if x.indicator is Indicator.DRUG_RECOMMENDED).band == band


def test_open_timers_are_left_out_and_what_is_not_recorded_counts_as_not_reached():
    patients = [timers(Prevention(), 5), timers(Prevention(), 13), timers(Prevention(dxa_weeks=2), 5)]
    level = next(x for x in service_levels(patients) if x.indicator is Indicator.DXA)
    assert (level.reached, level.patients, level.unrecorded, level.band) == (1, 2, 1, "50 to 80%")
    assert next(x for x in service_levels([timers(Prevention(), 5)]) if x.indicator is Indicator.DXA).band is None
