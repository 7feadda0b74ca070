"""What leaves the registry: all of it, in REDCap's rows, without names, without who withdrew, and told to the audit."""

import json
from datetime import date

import pytest
from sqlalchemy import select

from ovcf.errors import RegistryError
from ovcf.registry.tables import (
    AuditEntry,
    Consent,
    Densitometry,
    Episode,
    Event,
    Identity,
    Patient,
    PatientReport,
    Treatment,
    Visit,
)
from ovcf.registry.words import Action, ConsentScope, EventKind, EventSource, Instrument, TreatmentKind, Window
from tests.exchange.conftest import Format, table_of
from tests.registry.conftest import admit


@pytest.fixture
def known(registry):
    """A patient with two fractures whose every value is known here."""
    with registry.writing(registry.admin.id) as writer:
        patient = writer.add(Patient(site_id=registry.admin.site_id, code="P-7", sex="female", birth_year=1950))
        of = {"patient_id": patient.id}
        writer.add(Identity(**of, sealed=b"MARIA MUSTER"))
        first = writer.add(Episode(**of, levels=["L1", "T12"], fractured_on=date(2024, 1, 1)))
        again = writer.add(Episode(**of, levels=["L3"], fractured_on=date(2024, 9, 1), refracture_of=first.id))
        writer.add(
            Treatment(
                **of, episode_id=first.id, kind=TreatmentKind.CONSERVATIVE, started_on=date(2024, 1, 4), levels=["L1"]
            )
        )
        writer.add(
            Treatment(
                **of,
                episode_id=first.id,
                kind=TreatmentKind.KYPHOPLASTY,
                started_on=date(2024, 2, 20),
                levels=["L1"],
                detail={"cement ml": 4.5},
            )
        )
        writer.add(
            Event(
                **of,
                episode_id=first.id,
                kind=EventKind.SECONDARY_FRACTURE,
                on=date(2024, 9, 1),
                level="L3",
                source=EventSource.REPORTED,
            )
        )
        visit = writer.add(Visit(**of, episode_id=first.id, window=Window.PRETREATMENT, held_on=date(2024, 1, 3)))
        writer.add(Visit(**of, episode_id=first.id, window=Window.UNSCHEDULED, held_on=date(2024, 3, 3)))
        writer.add(Visit(**of, episode_id=again.id, window=Window.PRETREATMENT, held_on=date(2024, 9, 4)))
        pain = writer.add(PatientReport(**of, visit_id=visit.id, instrument=Instrument.VAS, value=8.0))
        writer.replace(pain, "typing error", value=9.0)
        writer.add(
            PatientReport(
                **of,
                visit_id=visit.id,
                instrument=Instrument.JOABPEQ,
                value=None,
                answers={"pain": 30, "walking": 41.5},
            )
        )
        taken_back = writer.add(Densitometry(**of, visit_id=visit.id, site="L1-L4", t_score=-9.0))
        writer.retract(taken_back, "another patient's")
        writer.add(Densitometry(**of, visit_id=visit.id, site="femoral neck", t_score=-2.5))
        writer.add(Consent(**of, scope=ConsentScope.RESEARCH, given=True, on=date(2024, 1, 3)))
        registry.patient = patient.id
    return registry


def row(rows, event, instrument="", instance=""):
    (found,) = [
        r
        for r in rows
        if (r["redcap_event_name"], r["redcap_repeat_instrument"], r["redcap_repeat_instance"])
        == (event, instrument, instance)
    ]
    return {name: value for name, value in found.items() if value not in ("", "0")}


def test_a_patient_as_redcap_has_them(known, exported):
    rows = table_of(exported(known))
    fracture = row(rows, "fracture_arm_1")
    assert fracture == {
        "record_id": "P-7",
        "redcap_event_name": "fracture_arm_1",
        "site_code": "S1",
        "sex": "female",
        "birth_year": "1950",
        "patient_complete": "2",
        "index_level": "l1",
        "fractured_levels___t12": "1",
        "fractured_levels___l1": "1",
        "fractured_on": "2024-01-01",
        "mechanism": "unknown",
        "fracture_complete": "2",
    }
    assert row(rows, "fracture_arm_2")["refracture_of"] == "1"
    assert row(rows, "fracture_arm_1", "therapy", "2")["therapy_detail"] == '{"cement ml": 4.5}'
    assert row(rows, "fracture_arm_1", "occurrence", "1")["event_level"] == "l3"
    assert row(rows, "fracture_arm_1", "consent", "1")["consent_given"] == "1"
    visit = row(rows, "pretreatment_arm_1")
    assert (visit["vas"], visit["joabpeq_pain"], visit["joabpeq_walking"]) == ("9", "30", "41.5")
    assert row(rows, "unscheduled_1_arm_1")["visit_date"] == "2024-03-03"
    assert row(rows, "pretreatment_arm_2")["visit_date"] == "2024-09-04"


def test_what_was_taken_back_keeps_its_number_and_is_not_there(known, exported):
    dxa = [r for r in table_of(exported(known)) if r["redcap_repeat_instrument"] == "dxa"]
    assert [(r["redcap_repeat_instance"], r["dxa_site"], r["dxa_t_score"]) for r in dxa] == [
        ("2", "femoral neck", "-2.5")
    ]


def test_a_repeated_row_holds_its_own_instrument_only(simulated, exported):
    for r in table_of(exported(simulated)):
        if instrument := r["redcap_repeat_instrument"]:
            states = {name for name, value in r.items() if name.endswith("_complete") and value}
            assert states == {f"{instrument}_complete"}


def test_no_name_leaves_the_registry(known, exported):
    folder = exported(known)
    assert all(b"MUSTER" not in path.read_bytes() for path in folder.iterdir())


def test_each_patient_who_leaves_is_told_to_the_audit(known, exported):
    admit(known, "P-8")
    exported(known, codes=["P-7"])
    with known.reading() as session:
        told = list(session.scalars(select(AuditEntry).where(AuditEntry.action == Action.EXPORTED)))
    assert [(t.table, t.patient_id, t.actor) for t in told] == [("patient", known.patient, known.admin.id)]
    assert known.faults() == []


def test_who_withdrew_consent_is_left_out(known, exported):
    admit(known, "P-8")
    with known.writing(known.admin.id) as writer:
        writer.add(Consent(patient_id=known.patient, scope=ConsentScope.RESEARCH, given=False, on=date(2024, 5, 1)))
    folder = exported(known)
    assert {r["record_id"] for r in table_of(folder)} == {"P-8"}
    about = json.loads((folder / "about.json").read_text())
    assert (about["patients"], about["withdrawn"]) == (1, 1)


def dates_of(rows):
    return [value for r in rows for name, value in r.items() if name.endswith(("_on", "_date", "_start")) and value]


def test_shifted_dates_keep_their_distances_and_tell_no_day(known, exported):
    plain, shifted = table_of(exported(known)), table_of(exported(known, shift_dates=True))
    there, moved = ([date.fromisoformat(d) for d in dates_of(rows)] for rows in (plain, shifted))
    (by,) = {(b - a).days for a, b in zip(there, moved, strict=True)}
    assert -365 <= by <= -1
    assert {r["dates_shifted"] for r in shifted if r["site_code"]} == {"1"}
    assert dates_of(table_of(exported(known, shift_dates=True))) == dates_of(shifted)


def test_a_patient_who_is_not_there_is_an_error_and_nothing_is_written(known, exported, tmp_path):
    with pytest.raises(RegistryError, match="are not all in this registry"):
        exported(known, codes=["P-7", "nobody"])
    assert not (tmp_path / "export-0").exists()
    with known.reading() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == Action.EXPORTED)).first() is None


def test_parquet_has_types(known, exported):
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(exported(known, format_=Format.PARQUET) / "registry.parquet").to_pylist()
    visit = next(r for r in table if r["redcap_event_name"] == "pretreatment_arm_1" and r["vas"] is not None)
    assert (visit["vas"], visit["visit_date"]) == (9.0, date(2024, 1, 3))
    assert next(r for r in table if r["sex"])["fractured_levels___l1"] is True
