"""The IOF's levels over a registry: from the drugs, DXA and readings that it holds."""

from datetime import date

import pytest
from sqlalchemy import select

from ovcf.registry import service
from ovcf.registry.access import principal_of
from ovcf.registry.clinic.overdue_prevention import count_undated, overdue_of, overdue_page
from ovcf.registry.clinic.prevention import levels_of, timers_of
from ovcf.registry.course import course_of
from ovcf.registry.tables import ClinicalEntry, Densitometry, Episode, Event, Person, Treatment
from ovcf.registry.words import EventKind, EventSource, TreatmentKind
from ovcf.scores.prevention.indicators import Indicator, Reached
from tests.registry.conftest import admit

TODAY = date(2026, 1, 7)


def drug(registry, ids, on):
    with registry.writing(registry.admin.id) as writer:
        writer.add(
            Treatment(
                patient_id=ids[0],
                episode_id=ids[1],
                kind=TreatmentKind.DRUG,
                started_on=on,
                levels=[],
                detail={"name": "zoledronic acid"},
            )
        )


def dxa(registry, ids, on):
    with registry.writing(registry.admin.id) as writer:
        writer.add(Densitometry(patient_id=ids[0], visit_id=ids[2], site="L1-L4", t_score=-2.8, measured_on=on))


def level(registry, indicator, today=TODAY):
    with registry.reading() as session:
        return next(x for x in levels_of(session, registry, today) if x.indicator is indicator)


@pytest.mark.parametrize(
    ("on", "reached"),
    [(date(2025, 4, 23), Reached.YES), (date(2025, 4, 24), Reached.LATE), (date(2024, 12, 1), Reached.OVERDUE)],
)
def test_a_drug_counts_until_day_112_and_one_from_before_the_fracture_does_not(registry, on, reached):
    """Fracture on 1 January 2025: 16 weeks are 112 days, 23 April."""
    ids = admit(registry, "P-1")
    drug(registry, ids, on)
    with registry.reading() as session:
        episode = session.scalars(select(Episode)).one()
        found = {t.indicator: t.reached for t in timers_of(session, registry, episode, TODAY)}
    assert found[Indicator.DRUG_STARTED] is reached
    assert found[Indicator.DXA] is Reached.OVERDUE


def test_levels_count_every_fracture_whose_time_has_come(registry):
    people = [admit(registry, f"P-{n}") for n in range(4)]
    for ids in people[:3]:
        dxa(registry, ids, date(2025, 2, 1))
    found = level(registry, Indicator.DXA)
    assert (found.reached, found.patients, found.unrecorded, found.band) == (3, 4, 1, "50 to 80%")
    early = level(registry, Indicator.DXA, date(2025, 2, 2))
    assert (early.reached, early.patients, early.band) == (3, 3, "above 80%")  # the fourth is still open
    assert level(registry, Indicator.ON_DRUG, date(2025, 6, 1)).band is None


def to_call(registry, today):
    with registry.reading() as session:
        found = overdue_of(session, registry, principal_of(session, registry.admin), today)
    return {one.patient: {t.indicator for t in one.timers} for one in found}


AT_12 = {Indicator.RISK_ASSESSED, Indicator.DXA}
AT_16 = AT_12 | {Indicator.EXERCISE, Indicator.MONITORED, Indicator.DRUG_STARTED}
AT_52 = AT_16 | {Indicator.ON_DRUG}


def test_the_list_of_whom_to_call_has_what_is_overdue_at_12_16_and_52_weeks(registry):
    """1 January 2025 and 84, 112 and 364 days: the last day of each time, and the day after."""
    admit(registry, "P-1")
    overdue = {
        date(2025, 3, 26): set(),
        date(2025, 3, 27): AT_12,
        date(2025, 4, 23): AT_12,
        date(2025, 4, 24): AT_16,
        date(2025, 12, 31): AT_16,
        date(2026, 1, 1): AT_52,
    }
    assert {today: to_call(registry, today).get("P-1", set()) for today in overdue} == overdue


def test_what_was_done_is_not_asked_for_nor_who_died_nor_who_was_below_50(registry):
    done, dead = (admit(registry, code) for code in ("done", "dead"))
    admit(registry, "young", born=1976)
    admit(registry, "fifty", born=1975)
    dxa(registry, done, date(2025, 2, 1))
    with registry.writing(registry.admin.id) as writer:
        writer.add(
            Event(
                patient_id=dead[0],
                episode_id=dead[1],
                kind=EventKind.DEATH,
                on=date(2025, 2, 1),
                source=EventSource.REPORTED,
            )
        )
    assert to_call(registry, date(2025, 3, 27)) == {"done": AT_12 - {Indicator.DXA}, "fifty": AT_12}


def entered(registry, ids, facts):
    with registry.writing(registry.admin.id) as writer:
        writer.add(ClinicalEntry(patient_id=ids[0], visit_id=ids[2], facts=facts))


def test_what_was_entered_from_paper_counts_as_what_a_reading_says(registry):
    """Before, a drug told by a clinical file without images was called overdue."""
    told, doubt = admit(registry, "told"), admit(registry, "doubt")
    entered(registry, told, {"prevention": {"drug_started_weeks": 6, "risk_assessed_weeks": 2}})
    entered(registry, doubt, {"aetiology": "metastasis"})
    assert to_call(registry, date(2025, 4, 24)) == {"told": AT_16 - {Indicator.DRUG_STARTED, Indicator.RISK_ASSESSED}}


def test_who_got_no_drug_is_listed_by_pages(registry):
    treated = [admit(registry, f"P-{n}") for n in range(5)][1]
    drug(registry, treated, date(2025, 2, 1))
    who, found, cursor = principal_of_admin(registry), [], None
    while True:
        with registry.reading() as session:
            page, cursor = overdue_page(session, registry, who, TODAY, untreated=True, cursor=cursor, limit=3)
        found.append({one.patient for one in page})
        if cursor is None:
            break
    assert [len(page) for page in found] == [3, 1]
    assert set.union(*found) == {"P-0", "P-2", "P-3", "P-4"}


def principal_of_admin(registry):
    with registry.reading() as session:
        return principal_of(session, registry.admin)


def test_a_fracture_without_a_day_is_counted_as_not_judged(registry):
    admit(registry, "dated")
    with registry.writing(registry.admin.id) as writer:
        person = writer.session.get(Person, registry.admin.id)
        service.admit(writer, person, "undated", birth_year=1950, levels=["L1"])
    with registry.reading() as session:
        assert count_undated(session, principal_of(session, registry.admin)) == 1
    assert set(to_call(registry, TODAY)) == {"dated"}


def test_the_course_of_a_patient_tells_of_prevention_what_the_list_of_whom_to_call_tells(registry):
    """Before, the page of a patient called a drug overdue that its own table of treatments had."""
    ids = admit(registry, "P-1")
    drug(registry, ids, date(2025, 2, 1))
    with registry.writing(registry.admin.id) as writer:
        service.hold_visit(
            writer, writer.session.get(Episode, ids[1]), window="6 months", on=date(2025, 7, 1), answers={"VAS": 2}
        )
    with registry.reading() as session:
        told = course_of(session, registry, session.get(Episode, ids[1]), today=TODAY)
    reached = {timer.indicator: timer.reached for timer in told.prevention}
    assert reached[Indicator.DRUG_STARTED] is Reached.YES
    assert {i for i, what in reached.items() if what is Reached.OVERDUE} == to_call(registry, TODAY)["P-1"]
