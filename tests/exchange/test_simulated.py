"""Simulated patients are like HAN's, are marked, never stand among real ones, and their audit is whole."""

import io

import numpy as np
import pydicom
import pytest
from scipy.stats import binomtest
from sqlalchemy import func, select, update

from ovcf.errors import RegistryError
from ovcf.exchange.simulated.draw import draw
from ovcf.exchange.simulated.make import Plan, simulate
from ovcf.reading.version import ReadingStatus
from ovcf.registry.store import Registry
from ovcf.registry.tables import AuditEntry, ClinicalEntry, MeasuredValue, Patient, Reading, StudyFile, Visit
from tests.exchange.conftest import table_of
from tests.registry.conftest import admit
from tests.registry.test_audit import behind

# HAN 2025, Table 1 and the text: events and patients of the groups low, medium, high.
NON_UNION = ((1, 47), (9, 98), (39, 63))
PROGRESSION = ((1, 47), (17, 98), (30, 63))
# Table 4: quartiles before treatment.
VHL = ((0.8, 2.5, 7.0), (2.5, 5.4, 8.4), (11.85, 15.1, 23.0))
KA = ((1.5, 2.4, 5.45), (2.7, 3.65, 5.5), (9.35, 12.5, 14.85))


@pytest.fixture(scope="module")
def drawn():
    return draw(np.random.default_rng(11), 20_000)


def total_of(who):
    points = 2 * (who.burst.astype(int) + (who.vhl >= 15) + (who.ka >= 15) + who.t2_low)
    return points + 2 * ((who.t_score <= -2.5).astype(int) + (who.t_score <= -3.5))


def test_the_score_of_the_items_is_that_of_the_group(drawn):
    total = total_of(drawn)
    assert np.array_equal(np.digitize(total, [2, 6]), drawn.group)


@pytest.mark.parametrize("outcome", ["non-union", "progressive kyphosis"])
def test_outcomes_are_as_frequent_in_each_group_as_han_prints(drawn, outcome):
    happened = drawn.non_union if outcome == "non-union" else drawn.ka_more > 10
    printed = NON_UNION if outcome == "non-union" else PROGRESSION
    for group, (events, n) in enumerate(printed):
        of_group = happened[drawn.group == group]
        assert binomtest(int(of_group.sum()), len(of_group), events / n).pvalue > 1e-4


@pytest.mark.parametrize(("figure", "printed", "near"), [("vhl", VHL, 1.0), ("ka", KA, 1.0)])
def test_figures_before_treatment_have_hans_quartiles(drawn, figure, printed, near):
    for group, quartiles in enumerate(printed):
        found = np.quantile(getattr(drawn, figure)[drawn.group == group], [0.25, 0.5, 0.75])
        assert np.abs(found - quartiles).max() < near, (group, found)


def test_the_audit_of_simulated_patients_is_whole(simulated):
    assert simulated.faults() == []
    with simulated.reading() as session:
        visits = session.scalar(select(func.count()).select_from(Visit))
        told = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.table == "visit"))
    assert 4 * 40 < visits == told


def test_a_simulated_value_that_is_changed_behind_the_audit_is_found(simulated):
    with simulated.reading() as session:
        entry = session.scalars(select(ClinicalEntry)).first()
    behind(simulated, update(ClinicalEntry).where(ClinicalEntry.id == entry.id).values(facts={}))
    (fault,) = simulated.faults()
    assert "clinical_entry" in fault
    assert "changed" in fault


def test_a_backup_of_it_restores_whole(simulated, new_place, tmp_path, exported):
    from ovcf.registry.safekeeping.backup import restore, write_backup

    write_backup(simulated, tmp_path / "backup.zip")
    folder, database = new_place()
    other = Registry.open(folder, database=database, create=True)
    assert restore(tmp_path / "backup.zip", other) == []
    one, two = (exported(r) / "registry.csv" for r in (simulated, other))
    assert one.read_bytes() == two.read_bytes()
    other.close()


def test_the_same_numbers_give_the_same_patients(simulated, new_registry, exported):
    again = new_registry()
    simulate(again, Plan(patients=40, seed=3))
    other = new_registry()
    simulate(other, Plan(patients=40, seed=4))
    one, two, three = (exported(r) / "registry.csv" for r in (simulated, again, other))
    assert one.read_bytes() == two.read_bytes() != three.read_bytes()


def test_what_is_exported_says_that_it_is_simulated(simulated, exported):
    rows = [row for row in table_of(exported(simulated)) if row["site_code"]]
    assert len(rows) == 40
    assert {row["simulated"] for row in rows} == {"1"}
    assert {row["site_code"] for row in rows} == {"SIM-A", "SIM-B", "SIM-C"}


def test_simulated_patients_never_stand_among_real_ones(registry):
    admit(registry, "P1")
    with pytest.raises(RegistryError, match="among real ones"):
        simulate(registry, Plan(patients=3))
    with registry.reading() as session:
        assert [p.code for p in session.scalars(select(Patient))] == ["P1"]


def test_images_are_real_files_with_a_signed_reading(new_registry):
    one = new_registry()
    simulate(one, Plan(patients=2, images=1, seed=8))
    with one.reading() as session:
        (reading,) = session.scalars(select(Reading))
        files = list(session.scalars(select(StudyFile)))
        methods = set(session.scalars(select(MeasuredValue.method)))
    assert reading.status is ReadingStatus.CONFIRMED
    assert {"vhl-han", "ka-han"} <= methods
    slices = [pydicom.dcmread(io.BytesIO(one.files.get(file.sha256))) for file in files]
    assert len(slices) == 2
    assert all(s.Modality == "MR" and s.pixel_array.std() > 0 for s in slices)
    assert one.faults() == []


@pytest.mark.parametrize("plan", [Plan(patients=0), Plan(patients=2, visits=0), Plan(patients=2, images=3)])
def test_a_plan_that_cannot_be_is_refused(new_registry, plan):
    with pytest.raises(RegistryError, match="at least one patient"):
        simulate(new_registry(), plan)
