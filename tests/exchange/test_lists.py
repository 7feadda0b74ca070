"""Lists of a registry: every line once, page after page, of one's own sites, found by what one knows of it."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, select, text

from ovcf.errors import RegistryError
from ovcf.follow_up.planned import PLAN, Due, planned
from ovcf.registry.access import Principal
from ovcf.registry.clinic.due import due_visits
from ovcf.registry.clinic.search import patients
from ovcf.registry.clinic.worklist import Wanted, lines
from ovcf.registry.store import current
from ovcf.registry.tables import Event, Patient, Person, Site, Visit, WorkItem
from ovcf.registry.words import EventKind, EventSource, Role, VisitStatus, Window, WorkStatus


@pytest.fixture
def who(simulated):
    """``who()``: may see every site; ``who("SIM-B")``: only that one."""

    def made(site=None):
        with simulated.reading() as session:
            person = session.scalars(select(Person)).first()
            of = session.scalars(select(Site.id).where(Site.code == (site or "SIM-A"))).one()
            return Principal(person.id, person.code, of, Role.ADMIN, all_sites=site is None)

    return made


def every_page(simulated, ask):
    """All that the pages of a list hold, one page after the other."""
    cursor, found = None, []
    with simulated.reading() as session:
        while True:
            page, cursor = ask(session, cursor)
            found += page
            if cursor is None:
                return found


def due_by_hand(simulated, today):
    """(pseudonym, months, what) of every visit that is due, by the plan of each fracture alone."""
    found = []
    with simulated.reading() as session:
        codes = {p.id: p.code for p in session.scalars(select(Patient))}
        events = session.scalars(current(Event)).all()
        dead = {e.patient_id for e in events if e.kind is EventKind.DEATH}
        lost = {e.episode_id for e in events if e.kind is EventKind.LOST}
        held = {}
        for visit in session.scalars(current(Visit).where(Visit.status == VisitStatus.HELD)):
            held.setdefault((visit.patient_id, visit.episode_id), []).append(visit)
    for (patient, episode), visits in held.items():
        days = sorted(v.held_on for v in visits if v.held_on is not None)
        if not days or patient in dead or episode in lost or days[0] < today - timedelta(days=PLAN[-1][2]):
            continue
        plan = planned(days[0], [("", day) for day in days[1:]], today)
        came = [(day - days[0]).days for day in days[1:]]
        seen = {m for m, begin, end in PLAN if any(begin <= n <= end for n in came)}
        if PLAN[-1][0] not in seen:
            found += [
                (codes[patient], p.months, p.due)
                for p in plan
                if p.due in (Due.OVERDUE, Due.MISSED) and p.months not in seen
            ]
    return found


@pytest.mark.parametrize("days", [60, 150, 400])
def test_what_is_due_is_what_the_plan_of_each_fracture_says(simulated, who, days):
    with simulated.reading() as session:
        today = min(session.scalars(select(Visit.held_on).where(Visit.held_on.is_not(None)))) + timedelta(days=days)
    found = every_page(simulated, lambda session, cursor: due_visits(session, who(), today, cursor=cursor, limit=3))
    by_hand = due_by_hand(simulated, today)
    assert sorted((p.code, plan.months, plan.due) for p, plan in found) == sorted(by_hand)
    last_days = [plan.last_day for _, plan in found]
    assert last_days == sorted(last_days)
    of_b = every_page(simulated, lambda session, cursor: due_visits(session, who("SIM-B"), today, cursor=cursor))
    assert {p.code for p, _ in of_b} <= {p.code for p, _ in found}
    assert len({p.site_id for p, _ in of_b}) <= 1


def test_something_is_due_and_nobody_asks_for_the_dead(simulated, who):
    with simulated.reading() as session:
        actor = session.scalars(select(Person.id)).first()
        newest = max(session.scalars(select(Visit.held_on).where(Visit.held_on.is_not(None))))
    due = {}
    for back in range(0, 1500, 20):  # a day on which somebody is due
        today = newest - timedelta(days=back)
        due = dict(every_page(simulated, lambda s, c, day=today: due_visits(s, who(), day, cursor=c)))
        if due:
            break
    patient = next(iter(due))
    with simulated.writing(actor) as writer:
        episode = writer.session.scalars(current(Visit).where(Visit.patient_id == patient.id)).first().episode_id
        writer.add(
            Event(
                patient_id=patient.id, episode_id=episode, kind=EventKind.DEATH, on=today, source=EventSource.REPORTED
            )
        )
    left = dict(every_page(simulated, lambda s, c: due_visits(s, who(), today, cursor=c)))
    assert patient.id not in {p.id for p in left}
    assert len(left) < len(due)


def test_a_patient_is_found_by_the_beginning_of_the_pseudonym_or_its_number(simulated, who):
    def found(word, site=None):
        ask = lambda session, cursor: patients(session, who(site), word=word, cursor=cursor, limit=4)  # noqa: E731
        return [p.code for p in every_page(simulated, ask)]

    assert found("") == [f"SIM-{n:06}" for n in range(1, 41)]
    assert found("sim-00001") == [f"SIM-{n:06}" for n in range(10, 20)]
    assert found("7") == ["SIM-000007"]
    assert found("00012") == ["SIM-000012"]
    assert found("3") == ["SIM-000003", *(f"SIM-{n:06}" for n in range(30, 40))]
    assert found("nobody") == found("%") == found("_") == []
    assert set(found("sim", "SIM-B")) < set(found("sim"))


def test_a_search_reads_an_index_not_every_patient(simulated, who):
    asked, everybody = [], who()

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    with simulated.reading() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL enable_seqscan = off"))  # 40 patients are read faster without an index
        event.listen(simulated.engine, "before_cursor_execute", note)
        patients(session, everybody, word="42")
        event.remove(simulated.engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
        plans = [
            str(session.connection().exec_driver_sql(explain + statement, parameters).all())
            for statement, parameters in asked
        ]
    assert "ix_patient_search_code" in plans[0]
    assert "ix_patient_search_number" in plans[1]


@pytest.fixture
def studies(simulated, who):
    """A study for each visit of the simulated patients, and two that belong to nobody."""
    with simulated.writing(who().person) as writer:
        sites = {p.id: p.site_id for p in writer.session.scalars(select(Patient))}
        for visit in writer.session.scalars(current(Visit)).all():
            writer.session.add(
                WorkItem(
                    id=uuid4(),
                    site_id=sites[visit.patient_id],
                    patient_id=visit.patient_id,
                    visit_id=visit.entity_id,
                    acquired_on=visit.held_on,
                    status=WorkStatus.DRAFT,
                    received_by=writer.actor,
                    name="films",
                )
            )
        for name in ("Spine 42.zip", "other.zip"):
            site = next(iter(sites.values()))
            writer.session.add(
                WorkItem(id=uuid4(), site_id=site, status=WorkStatus.WAITING, received_by=writer.actor, name=name)
            )
    with simulated.reading() as session:
        return session.scalars(select(WorkItem)).all()


@pytest.mark.parametrize("sort", ["arrived", "-arrived", "changed", "-changed", "acquired", "-acquired"])
def test_the_pages_of_the_worklist_are_every_study_once_in_order(simulated, who, studies, sort):
    ask = lambda session, cursor: lines(session, who(), Wanted(sort=sort, cursor=cursor, limit=20))  # noqa: E731
    found = every_page(simulated, ask)
    assert sorted(row.id for row in found) == sorted(row.id for row in studies)
    name = {"arrived": "arrived_at", "changed": "changed_at", "acquired": "acquired_on"}[sort.strip("-")]
    values = [getattr(row, name) or date(1900, 1, 1) for row in found]
    assert values == sorted(values, reverse=sort.startswith("-"))


def test_the_worklist_by_visit_day_and_word(simulated, who, studies):
    def ids(**wanted):
        ask = lambda session, cursor: lines(session, who(), Wanted(**wanted, cursor=cursor))  # noqa: E731
        return {row.id for row in every_page(simulated, ask)}

    with simulated.reading() as session:
        windows = {v.entity_id: v.window for v in session.scalars(current(Visit))}
        codes = {p.id: p.code for p in session.scalars(select(Patient))}
    at_six = {row.id for row in studies if row.visit_id and windows[row.visit_id] is Window.MONTH_6}
    assert ids(windows=(Window.MONTH_6,)) == at_six != set()
    days = sorted(row.acquired_on for row in studies if row.acquired_on)
    middle = days[len(days) // 2]
    assert ids(since=middle) == {r.id for r in studies if r.acquired_on and r.acquired_on >= middle}
    assert ids(until=middle) == {r.id for r in studies if r.acquired_on and r.acquired_on <= middle}
    assert ids(word="7") == {r.id for r in studies if codes.get(r.patient_id) == "SIM-000007"}
    assert ids(word="spine 4") == {r.id for r in studies if r.name == "Spine 42.zip"}
    assert ids(word="films") == set()  # the name that a file had says nothing of a patient whose pseudonym is known


@pytest.mark.parametrize("cursor", ["", "x", "2024-01-01", "bm8", "WyJkdWUiLCAiMjAyNC0wMS0wMSIsIDdd"])
def test_a_cursor_that_is_none_is_refused(simulated, who, cursor):
    with simulated.reading() as session:
        for ask in (
            lambda: due_visits(session, who(), date(2025, 1, 1), cursor=cursor),
            lambda: patients(session, who(), cursor=cursor),
            lambda: lines(session, who(), Wanted(cursor=cursor)),
            lambda: lines(session, who(), Wanted(cursor=cursor, sort="acquired")),
        ):
            with pytest.raises(RegistryError, match="not one of this list"):
                ask()
