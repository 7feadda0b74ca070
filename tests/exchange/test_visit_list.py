"""The list of visits: every visit once, newest first, of one's own sites, found by what one knows of it."""

import pytest
from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.bulk.visit_list import Filter, ReadingState, visit_list
from ovcf.registry.tables import Patient, Site, Visit
from ovcf.registry.words import VisitStatus, Window


@pytest.fixture
def sites(simulated):
    with simulated.reading() as session:
        return {code: id_ for id_, code in session.execute(select(Site.id, Site.code))}


def pages(simulated, sites, wanted=None, limit=7):
    after, found = None, []
    with simulated.reading() as session:
        while True:
            page = visit_list(session, sites, wanted, after=after, limit=limit)
            found += page.items
            after = page.next
            if after is None:
                return found


def test_the_pages_together_are_every_visit_once_newest_first(simulated, sites):
    found = pages(simulated, sites.values())
    with simulated.reading() as session:
        held = set(session.scalars(select(Visit.entity_id).where(Visit.status == VisitStatus.HELD)))
    assert len(found) == len(held)
    assert {item.visit for item in found} == held
    days = [item.on for item in found]
    assert days == sorted(days, reverse=True)


def test_another_site_is_not_seen(simulated, sites):
    found = pages(simulated, [sites["SIM-B"]])
    assert {item.site for item in found} == {"SIM-B"}
    with simulated.reading() as session:
        theirs = set(session.scalars(select(Patient.code).where(Patient.site_id == sites["SIM-B"])))
    assert {item.code for item in found} == theirs
    with simulated.reading() as session:
        assert visit_list(session, [], Filter()).items == ()


def test_a_patient_is_found_by_the_beginning_of_the_pseudonym(simulated, sites):
    assert {item.code for item in pages(simulated, sites.values(), Filter(search="sim-00001"))} == {
        f"SIM-{n:06}" for n in range(10, 20)
    }
    assert pages(simulated, sites.values(), Filter(search="nobody")) == []
    assert pages(simulated, sites.values(), Filter(search="%")) == []


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(windows=(Window.MONTH_6,)),
        Filter(status=VisitStatus.MISSED),
        Filter(reading=ReadingState.SIGNED),
        Filter(reading=ReadingState.UNREAD),
    ],
)
def test_filters(simulated, sites, wanted):
    found = pages(simulated, sites.values(), wanted)
    everything = pages(simulated, sites.values(), Filter(status=wanted.status))
    fits = [
        item
        for item in everything
        if (not wanted.windows or item.window in wanted.windows) and wanted.reading in (None, item.reading)
    ]
    assert found == fits


def test_days(simulated, sites):
    everything = pages(simulated, sites.values())
    middle = everything[len(everything) // 2].on
    since = pages(simulated, sites.values(), Filter(since=middle))
    until = pages(simulated, sites.values(), Filter(until=middle))
    assert all(item.on >= middle for item in since)
    assert all(item.on <= middle for item in until)
    assert {i.visit for i in since} | {i.visit for i in until} == {i.visit for i in everything}


@pytest.mark.parametrize("cursor", ["", "x", "2024-01-01", "2024-01-01:zz", "2024-99-01:" + "0" * 32])
def test_a_cursor_that_is_none_is_refused(simulated, sites, cursor):
    with simulated.reading() as session, pytest.raises(RegistryError, match="not where a page ended"):
        visit_list(session, sites.values(), after=cursor)
