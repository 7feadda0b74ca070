"""A study of a few patients at one site, on SQLite and on PostgreSQL."""

from datetime import date, timedelta

import pytest

from ovcf.registry import service
from ovcf.registry.tables import PatientReport, Person, Visit
from ovcf.registry.words import Instrument, Role, VisitStatus, Window
from ovcf.study.conduct import screening, studies
from ovcf.study.protocol.read import parse_protocol, shipped
from tests.quicker import cheap_passwords, ready_tables  # noqa: F401
from tests.registry.conftest import new_place, new_registry, pg_server, ready_database, registry  # noqa: F401

DAY = date(2026, 1, 10)
FIT = {
    "age_years": 74.0,
    "index_level": "L1",
    "recent_fractures": 1.0,
    "t1_low": True,
    "low_energy_trauma": True,
    "t_score": -2.8,
    "treatment": "conservative",
    "secondary_osteoporosis": False,
    "aetiology": "osteoporosis",
    "life_expectancy_under_one_year": False,
}
"""A candidate whom Han would have included."""


@pytest.fixture(scope="session")
def protocol():
    return parse_protocol(shipped("han-validation"), "han-validation")


@pytest.fixture
def study(registry, protocol):  # noqa: F811
    with registry.writing(registry.admin.id) as writer:
        made = studies.begin(writer, protocol)
        writer.session.flush()
        writer.session.expunge(made)
        return made


def person(registry, code, role=Role.READER):  # noqa: F811
    with registry.writing(registry.admin.id) as writer:
        made = writer.add(Person(site_id=registry.admin.site_id, code=code, name=code, role=role))
        writer.session.flush()
        writer.session.expunge(made)
        return made


def enrol(writer, study, admin, code, on=DAY, **facts):
    screening.screen(writer, study, admin, code, {**FIT, **facts}, on=on)
    patient = service.patient_named(writer.session, code, site=admin.site_id)
    return screening.enrol(writer, study, patient, on=on, consent_on=on)


def hold(writer, enrolment, window, days, **answers):
    visit = Visit(
        patient_id=enrolment.patient_id,
        episode_id=enrolment.episode_id,
        window=Window(window),
        held_on=enrolment.on + timedelta(days=days),
        status=VisitStatus.HELD,
    )
    writer.add(visit)
    for name, value in answers.items():
        writer.add(
            PatientReport(
                patient_id=enrolment.patient_id, visit_id=visit.id, instrument=Instrument(name), value=float(value)
            )
        )
    return visit
