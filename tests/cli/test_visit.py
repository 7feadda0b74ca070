"""``ovcf visit``, ``ovcf timeline``, ``ovcf jobs``, and readings that are named by their id in the registry."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from ovcf.reading.file import read_reading, write_reading
from ovcf.registry import service
from ovcf.registry.access import principal_of
from ovcf.registry.clinic import intake
from ovcf.registry.clinic.patients import visit_on
from ovcf.registry.store import Registry
from ovcf.registry.tables import Person
from tests.cli.test_patient import run  # noqa: F401  # a fixture
from tests.jobs.conftest import film
from tests.server.small_reading import small_reading


@pytest.fixture
def reading(run, tmp_path):  # noqa: F811
    """The id of a reading of P-007's first visit."""
    from dataclasses import replace

    file = small_reading()
    file = replace(file, reading=replace(file.reading, id="0123456789abcdef" * 2))
    write_reading(file, tmp_path / "reading.ovcf")
    run(
        "patient",
        "visit",
        "P-007",
        "--window",
        "pretreatment",
        "--on",
        "2025-01-07",
        "--reading",
        tmp_path / "reading.ovcf",
        "--vas",
        8,
    )
    return file.reading.id


def test_the_visits_of_a_patient_with_their_readings_and_what_is_due(run, reading):  # noqa: F811
    run("visit", "plan", "P-007", "--window", "1 month", "--on", "2025-02-07")
    assert run("visit", "list", "P-007") == (
        f"2025-01-07: pretreatment, held; reading {reading} (draft)\n2025-02-07: 1 month, planned\n"
    )
    assert run("visit", "due", "--today", "2025-02-10") == "P-007: month 1, overdue (2025-01-28 to 2025-02-21)\n"
    assert run("visit", "due", "--today", "2025-01-20") == "No visit is overdue.\n"


def test_a_reading_of_the_registry_is_shown_and_edited_by_its_id(run, reading, command):  # noqa: F811
    before = run("reading", "show", reading, "--json")
    run("reading", "edit", reading, "--fact", "t_score=-2.0")
    assert json.loads(run("reading", "show", reading, "--json"))["case"]["t_score"] == -2.0
    run("reading", "undo", reading)
    assert json.loads(run("reading", "show", reading, "--json"))["case"] == json.loads(before)["case"]
    assert run("db", "check") == "Nothing is amiss.\n"
    code, _, said = command("reading", "show", "f" * 32)
    assert (code, "neither a file nor a reading" in said) == (2, True)


def test_the_course_of_a_patient(run, reading, tmp_path):  # noqa: F811
    run("patient", "visit", "P-007", "--window", "1 month", "--on", "2025-02-05", "--vas", 3)
    assert "Pain (VAS): 8 → 3" in run("timeline", "P-007", "--out", tmp_path / "course")
    assert (tmp_path / "course" / "follow-up.pdf").is_file()
    assert '"pretreatment"' in run("timeline", "P-007", "--json")


def test_jobs_where_nothing_waits(run):  # noqa: F811
    assert run("jobs", "list") == "Nothing waits.\n"
    run("jobs", "work", "--until-empty")


def test_a_file_of_that_name_goes_before_the_registry(run, reading, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reading.ovcf").rename(tmp_path / reading)
    run("reading", "edit", reading, "--fact", "t_score=-3.4")
    assert len(read_reading(tmp_path / reading).reading.current.edits) == 1


def test_a_clinical_file_where_there_is_no_reading(run, command, tmp_path):  # noqa: F811
    (tmp_path / "case.toml").write_text('patient_id = "P-007"\nvas = 8\nodi = 62\nt_score = -2.9\nbme_percent = 75\n')
    (tmp_path / "other.toml").write_text('patient_id = "P-008"\nvas = 3\n')
    visit = ["patient", "visit", "P-007", "--window", "pretreatment", "--on", "2025-01-07", "--clinical"]
    code, _, error = command(*visit, tmp_path / "other.toml")
    assert (code, "not of 'P-007'" in error) == (2, True), error
    run(*visit, tmp_path / "case.toml")
    later = ["--window", "3 months", "--on", "2025-04-07", "--clinical", tmp_path / "later.toml"]
    (tmp_path / "later.toml").write_text("vas = 2\nbme_percent = 20\n")
    run("patient", "visit", "P-007", *later, "--vas", 3)
    told = run("patient", "course", "P-007")
    assert "8 → 3" in told.replace(" points", "")
    assert "75" in told


def test_images_of_another_patient_are_moved(run, command, tmp_path):  # noqa: F811
    run("patient", "admit", "P-008", "--level", "L1", "--fractured-on", "2025-01-03", "--sex", "male")
    registry = Registry.open(tmp_path / "data")
    with registry.reading() as session:
        person = session.scalars(select(Person)).one()
        who = principal_of(session, person)
    with registry.writing(person.id) as writer:
        wrong = service.patient_named(writer.session, "P-008", site=person.site_id)
        visit = visit_on(writer, wrong, window="pretreatment", on=date(2025, 1, 7))
        kept = intake.store_files(writer, registry, (film(tmp_path),))
        study = intake.receive(writer, who, kept, visit=visit).id
    registry.close()
    assert f"study {study}" in run("visit", "list", "P-008")
    to = ["--to", "P-007", "--window", "pretreatment", "--on", "2025-01-07", "--because", "the films were mixed up"]
    code, _, error = command("patient", "move", "nothing", *to)
    assert (code, "is not the id of one" in error) == (2, True), error
    printed = run("patient", "move", str(study), *to)
    new = printed.removeprefix("P-007: study ").partition(";")[0]
    assert "waits" in printed
    assert f"study {new}" in run("visit", "list", "P-007")
    assert "study" not in run("visit", "list", "P-008")
    assert run("jobs", "list").strip()
    assert run("db", "check") == "Nothing is amiss.\n"
