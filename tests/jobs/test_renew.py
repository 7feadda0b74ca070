"""After an upgrade the worklist says what this release sees, not what the one before saw."""

import pytest
from sqlalchemy import select

from ovcf.jobs.renew import Renewal
from ovcf.registry.clinic import patients as clinic
from ovcf.registry.clinic.readings import begun_for, keep_reading
from ovcf.registry.tables import WorkItem
from ovcf.server.api.shown import work_lines
from tests.jobs.conftest import who
from tests.jobs.test_results import DAY
from tests.server.small_reading import small_reading

STALE = {"lead": "L1, L2 look fractured", "urgent": [], "asked": [], "roles": []}


@pytest.fixture
def studies(registry, send, worker):
    """Two lines of a release before this one: a reading of a patient, and a draft that waits for its patient."""
    draft, _ = send()
    assert worker().one()
    with registry.writing(registry.admin.id) as writer:
        patient, _ = clinic.admit(writer, who(registry), "P-1", sex="female", birth_year=1950, levels=["L1"])
        visit = clinic.visit_on(writer, patient, window="pretreatment", on=DAY)
        keep_reading(writer, registry, visit, begun_for(small_reading(), "P-1", {}))
    with registry.working() as session:
        (read,) = session.scalars(select(WorkItem).where(WorkItem.reading.is_not(None)))
        for item in session.scalars(select(WorkItem)):
            item.summary = dict(STALE)
        return draft, read.id


def shown(registry):
    with registry.reading() as session:
        lines = work_lines(session, session.scalars(select(WorkItem)).all())
    return {line.id: line.summary for line in lines}


def test_lines_of_an_earlier_release_are_marked_and_made_anew_the_newest_first(registry, studies):
    draft, read = studies
    assert all(one.earlier and one.lead == STALE["lead"] for one in shown(registry).values())
    renewal = Renewal(registry)
    assert renewal.one()
    assert not shown(registry)[read].earlier
    assert "L1" in shown(registry)[read].lead
    assert shown(registry)[read].roles == ["lateral radiograph", "sagittal T2"]
    assert shown(registry)[draft].earlier
    while renewal.one():
        pass
    assert not shown(registry)[draft].earlier
    assert shown(registry)[draft].lead != STALE["lead"]
    assert registry.faults() == []
    before, again = shown(registry), Renewal(registry)
    assert again.one()
    assert not again.one()
    assert shown(registry) == before  # what is of this release is left alone


def test_what_cannot_be_opened_stays_marked_and_stops_nothing(registry, studies):
    draft, read = studies
    with registry.reading() as session:
        reading = session.get(WorkItem, read).reading
    with registry.working() as session:
        session.get(WorkItem, read).reading = "gone"
    renewal = Renewal(registry)
    while renewal.one():
        pass
    assert shown(registry)[read].earlier
    assert not shown(registry)[draft].earlier
    with registry.working() as session:
        session.get(WorkItem, read).reading = reading
