"""Tables into the registry: a round trip loses nothing, the same twice adds nothing, and every bad value is named."""

import csv
from datetime import date

import pytest
from sqlalchemy import func, select

from ovcf.exchange.incoming.said import grouped
from ovcf.exchange.redcap.field import Fault
from ovcf.registry.store import current
from ovcf.registry.tables import (
    AuditEntry,
    Base,
    ClinicalEntry,
    Densitometry,
    Patient,
    PatientReport,
    Person,
    Treatment,
    Visit,
)
from ovcf.registry.words import Role
from tests.exchange.conftest import Format, imported, table_of


def size(one):
    with one.reading() as session:
        return {t.name: session.scalar(select(func.count()).select_from(t)) for t in Base.metadata.sorted_tables}


def write(path, rows):
    headings = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


FIRST = {
    "record_id": "P-1",
    "redcap_event_name": "fracture_arm_1",
    "sex": "female",
    "birth_year": "1950",
    "index_level": "l1",
    "fractured_on": "2024-01-01",
}
VISIT = {
    "record_id": "P-1",
    "redcap_event_name": "pretreatment_arm_1",
    "visit_date": "2024-01-03",
    "vas": "8",
    "vhl_percent": "12.5",
}
DXA = {
    "record_id": "P-1",
    "redcap_event_name": "pretreatment_arm_1",
    "redcap_repeat_instrument": "dxa",
    "redcap_repeat_instance": "1",
    "dxa_site": "L1-L4",
    "dxa_t_score": "-2.7",
}
LATER = {"record_id": "P-1", "redcap_event_name": "6_months_arm_1", "visit_date": "2024-07-03", "vas": "2"}
SMALL = [FIRST, VISIT, DXA, LATER]


@pytest.mark.parametrize("format_", list(Format))
def test_a_round_trip_loses_nothing(simulated, empty_twin, exported, format_):
    folder = exported(simulated, format_=format_)
    found = imported(
        empty_twin, folder / ("registry.parquet" if format_ is Format.PARQUET else "registry.csv"), write=True
    )
    assert found.written
    assert found.problems == found.corrections == []
    assert empty_twin.faults() == []
    there, again = exported(simulated), exported(empty_twin)
    assert (there / "registry.csv").read_bytes() == (again / "registry.csv").read_bytes()


def test_the_same_table_twice_adds_nothing(simulated, empty_twin, exported):
    path = exported(simulated) / "registry.csv"
    imported(empty_twin, path, write=True)
    before, end = size(empty_twin), empty_twin.head()
    again = imported(empty_twin, path, write=True)
    assert (sum(again.added.values()), again.corrections) == (0, [])
    assert (size(empty_twin), empty_twin.head()) == (before, end)


def test_an_export_changes_nothing_in_the_registry_it_came_from(simulated, exported):
    with simulated.reading() as session:
        simulated.admin = session.scalars(select(Person)).one()
    found = imported(simulated, exported(simulated) / "registry.csv", write=True)
    assert (sum(found.added.values()), found.corrections, found.problems) == (0, [], [])


def test_a_dry_run_writes_nothing_and_says_what_it_would(registry, tmp_path):
    before = size(registry)
    found = imported(registry, write(tmp_path / "t.csv", SMALL))
    assert dict(found.added) == {
        "patient": 1,
        "episode": 1,
        "visit": 2,
        "clinical_entry": 1,
        "patient_report": 2,
        "densitometry": 1,
    }
    assert not found.written
    assert size(registry) == before


def test_another_value_is_a_correction_with_its_reason_and_the_earlier_one_stays(registry, tmp_path):
    imported(registry, write(tmp_path / "t.csv", SMALL), write=True)
    changed = [FIRST, {**VISIT, "vas": "7", "vhl_percent": "14"}, {**DXA, "dxa_t_score": "-2.9"}, LATER]
    found = imported(registry, write(tmp_path / "second.csv", changed), write=True)
    told = {(c.kind.__tablename__, *change) for c in found.corrections for change in c.changes}
    assert told == {
        ("patient_report", "value", 8.0, 7.0),
        ("clinical_entry", "vhl_percent", 12.5, 14.0),
        ("densitometry", "t_score", -2.7, -2.9),
    }
    with registry.reading() as session:
        values = sorted((d.t_score, d.reason) for d in session.scalars(select(Densitometry)))
        (now,) = session.scalars(current(Densitometry))
        (facts,) = session.scalars(current(ClinicalEntry))
    assert values == [(-2.9, "import of second.csv"), (-2.7, None)]
    assert (now.t_score, facts.facts["vhl_percent"]) == (-2.9, 14)
    assert registry.faults() == []


def test_empty_cells_change_nothing(registry, tmp_path):
    imported(registry, write(tmp_path / "t.csv", SMALL), write=True)
    emptied = [{**FIRST, "fractured_on": ""}, {**VISIT, "vas": "", "vhl_percent": ""}, LATER]
    found = imported(registry, write(tmp_path / "t.csv", emptied), write=True)
    assert (sum(found.added.values()), found.corrections, found.problems) == (0, [], [])


WRONG = [
    (0, "sex", "unknown?", Fault.NO_CHOICE),
    (0, "fractured_on", "01/02/2024", Fault.NO_DATE),
    (0, "birth_year", "1950.5", Fault.NOT_WHOLE),
    (0, "fractured_on", "2999-01-01", Fault.FUTURE),
    (0, "record_id", "", Fault.NO_RECORD),
    (0, "site_code", "nowhere", Fault.UNKNOWN_SITE),
    (0, "redcap_event_name", "someday_arm_1", Fault.UNKNOWN_EVENT),
    (0, "vas", "5", Fault.ELSEWHERE),
    (1, "vas", "11", Fault.OUT_OF_RANGE),
    (1, "vas", "much", Fault.NO_NUMBER),
    (1, "visit_date", "2023-12-24", Fault.ORDER),
    (1, "cleft", "sand", Fault.NO_CHOICE),
    (1, "other_fractures", "X3", Fault.NO_LEVEL),
    (1, "low_energy_trauma", "perhaps", Fault.NO_YES_NO),
    (2, "redcap_repeat_instrument", "bones", Fault.UNKNOWN_FORM),
    (2, "redcap_repeat_instance", "zero", Fault.NO_INSTANCE),
    (2, "dxa_t_score", "", Fault.MISSING),
    (2, "dxa_t_score", "-27", Fault.OUT_OF_RANGE),
    (0, "simulated", "1", Fault.SIMULATED),
]


@pytest.mark.parametrize(("place", "column", "value", "fault"), WRONG)
def test_a_bad_value_is_named_and_nothing_is_written(on_sqlite, tmp_path, place, column, value, fault):
    registry = on_sqlite
    rows = [dict(row) for row in SMALL]
    rows[place][column] = value
    before = size(registry)
    found = imported(registry, write(tmp_path / "t.csv", rows), write=True)
    told = [(p.row, p.column, p.value) for p in found.problems if p.fault is fault]
    assert (place + 2, column, "True" if fault is Fault.SIMULATED else value) in told
    assert not found.written
    assert size(registry) == before


def test_equal_mistakes_are_told_once_with_all_their_rows(registry, tmp_path):
    rows = [{**row, "record_id": f"P-{n}"} for n in range(1, 6) for row in (FIRST, {**VISIT, "vas": "11"})]
    found = imported(registry, write(tmp_path / "t.csv", rows))
    (group,) = grouped(found.problems)
    assert (group.column, group.value, group.fault, group.rows) == ("vas", "11", Fault.OUT_OF_RANGE, (3, 5, 7, 9, 11))


def test_good_rows_are_taken_where_that_is_wanted_and_what_depends_on_bad_ones_is_not(registry, tmp_path):
    other = [{**row, "record_id": "P-2"} for row in SMALL]
    other[0] = {**other[0], "sex": "neither"}
    found = imported(
        registry,
        write(tmp_path / "t.csv", [*SMALL[:1], {**VISIT, "vas": "11"}, *SMALL[2:], *other]),
        write=True,
        accept_good_rows=True,
    )
    assert found.written
    assert {p.fault for p in found.problems if p.record == "P-2"} == {Fault.NO_CHOICE, Fault.DEPENDS}
    with registry.reading() as session:
        assert [p.code for p in session.scalars(select(Patient))] == ["P-1"]
        assert [r.value for r in session.scalars(select(PatientReport))] == [2.0]
        assert {v.held_on for v in session.scalars(select(Visit))} == {None, date(2024, 7, 3)}
    mended = imported(
        registry, write(tmp_path / "t.csv", [*SMALL, *({**row, "record_id": "P-2"} for row in SMALL)]), write=True
    )
    assert mended.problems == []
    with registry.reading() as session:
        assert session.scalar(select(func.count()).select_from(current(Visit).subquery())) == 4


def test_a_row_that_is_there_twice_is_a_problem(registry, tmp_path):
    found = imported(registry, write(tmp_path / "t.csv", [*SMALL, LATER]), write=True)
    assert [(p.row, p.fault) for p in found.problems] == [(6, Fault.TWICE)]


def treatments(*numbers):
    return [
        {
            "record_id": "P-1",
            "redcap_event_name": "fracture_arm_1",
            "redcap_repeat_instrument": "therapy",
            "redcap_repeat_instance": str(n),
            "therapy_kind": "drug",
            "therapy_start": f"2024-02-{n:02}",
        }
        for n in numbers
    ]


def test_instances_with_gaps_keep_their_place(registry, tmp_path):
    def starts():
        with registry.reading() as session:
            return sorted(t.started_on.day for t in session.scalars(current(Treatment)))

    imported(registry, write(tmp_path / "t.csv", [FIRST, *treatments(1, 3)]), write=True)
    again = imported(registry, write(tmp_path / "t.csv", [FIRST, *treatments(1, 3)]), write=True)
    assert sum(again.added.values()) == 0
    found = imported(registry, write(tmp_path / "t.csv", [FIRST, *treatments(1, 2, 3)]), write=True)
    assert (dict(found.added), found.corrections) == ({"treatment": 1}, [])
    assert starts() == [1, 2, 3]


def test_what_was_taken_back_is_not_put_there_again(registry, tmp_path):
    path = write(tmp_path / "t.csv", SMALL)
    imported(registry, path, write=True)
    with registry.writing(registry.admin.id) as writer:
        writer.retract(writer.session.scalars(current(Densitometry)).one(), "another patient's")
    found = imported(registry, path, write=True)
    assert (sum(found.added.values()), found.taken_back) == (0, 1)


def test_who_was_erased_does_not_come_back(registry, tmp_path):
    path = write(tmp_path / "t.csv", SMALL)
    imported(registry, path, write=True)
    with registry.reading() as session:
        patient = session.scalars(select(Patient.id)).one()
    with registry.writing(registry.admin.id) as writer:
        writer.erase(patient, "asked for it")
    found = imported(registry, path, write=True, accept_good_rows=True)
    assert {p.fault for p in found.problems} == {Fault.ERASED}
    with registry.reading() as session:
        assert session.scalars(select(Patient)).first() is None


def test_dates_of_an_export_that_were_shifted_correct_nothing(registry, tmp_path, exported):
    imported(registry, write(tmp_path / "t.csv", SMALL), write=True)
    found = imported(registry, exported(registry, shift_dates=True) / "registry.csv", write=True)
    assert Fault.SHIFTED in {p.fault for p in found.problems}
    assert not found.written


def test_a_reader_imports_for_the_own_site_only(registry, tmp_path):
    with registry.writing(registry.admin.id) as writer:
        from ovcf.registry.tables import Site

        other = writer.add(Site(code="S2", name="Site two"))
        registry.admin = writer.add(Person(site_id=other.id, code="r", name="R", role=Role.COORDINATOR))
        writer.session.flush()
        writer.session.expunge(registry.admin)
    found = imported(registry, write(tmp_path / "t.csv", [{**FIRST, "site_code": "S1"}, VISIT]), write=True)
    assert {p.fault for p in found.problems} == {Fault.OTHER_SITE}


def test_every_row_of_an_import_is_audited_as_the_one_who_imported(registry, tmp_path):
    imported(registry, write(tmp_path / "t.csv", SMALL), write=True)
    with registry.reading() as session:
        told = [e for e in session.scalars(select(AuditEntry)) if e.patient_id is not None]
    assert len(told) == 8
    assert {e.actor for e in told} == {registry.admin.id}


def test_columns_that_mean_nothing_here_are_named(registry, tmp_path):
    from ovcf.exchange.incoming.redcap import read_redcap
    from ovcf.exchange.incoming.sheet import read_sheet

    path = write(tmp_path / "t.csv", [{**FIRST, "shoe_size": "38"}])
    assert read_redcap(read_sheet(path)).not_used == ["shoe_size"]


def test_an_export_of_labels_names_columns_by_their_label(registry, tmp_path, exported):
    imported(registry, write(tmp_path / "t.csv", SMALL), write=True)
    (first, *_) = table_of(exported(registry, format_=Format.LABELS))
    assert first["Record ID"] == "P-1"
    assert first["Event Name"] == "Fracture (Arm 1: Fracture 1)"
    assert first["Vertebrae that broke (choice=L1)"] == "Checked"
