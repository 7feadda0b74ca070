"""Any table of patients goes in, too: wide or long, with its own headings; dates are never made up."""

import pytest
from sqlalchemy import select

from ovcf.errors import CohortDataError
from ovcf.exchange.incoming.bring_in import bring_in
from ovcf.exchange.incoming.plain import read_plain
from ovcf.exchange.incoming.sheet import read_sheet
from ovcf.exchange.redcap.field import Fault
from ovcf.registry.store import current
from ovcf.registry.tables import ClinicalEntry, Densitometry, Episode, Event, Patient, PatientReport, Visit
from ovcf.registry.words import Instrument, Window
from tests.documents import ROOT

pytest.importorskip("pandas")

WIDE = """Patient ID;Gender;Age (yrs);Fx level;Height loss (%) before;T-score;VAS pre;VAS 3 months;Non-union;\
visit date 6 months;Date of fracture;Remarks
A1;F;71;th12;12,5;-2,7;8;4;no;2024-07-10;2024-01-02;walks
A2;M;68;L1;30;-3,1;9;5;yes;2024-07-12;2024-01-05;
"""
LONG = """patient,visit,date,level,sex,vas,vhl_percent
B1,pretreatment,2024-02-01,L1,female,8,12
B1,3 months,2024-05-01,,,4,
B1,month 6,2024-08-01,L1,,2,14
"""


@pytest.fixture
def registry(on_sqlite):
    """How a table is read does not depend on the database."""
    return on_sqlite


@pytest.fixture
def put(registry, tmp_path):
    def write(text, **options):
        path = tmp_path / "patients.csv"
        path.write_text(text, encoding="utf-8")
        reading = read_plain(read_sheet(path), path, **options)
        return reading, bring_in(registry, registry.admin, reading, source=path.name, write=True)

    return write


def all_of(registry, kind):
    with registry.reading() as session:
        return list(session.scalars(current(kind) if kind is not Patient else select(Patient)))


def test_a_wide_table(registry, put):
    reading, found = put(WIDE)
    assert found.problems == []
    assert reading.not_used == ["Remarks"]
    assert {p.code: p.sex for p in all_of(registry, Patient)} == {"A1": "female", "A2": "male"}
    assert sorted(e.levels for e in all_of(registry, Episode)) == [["L1"], ["T12"]]
    assert sorted(d.t_score for d in all_of(registry, Densitometry)) == [-3.1, -2.7]
    assert sorted(r.value for r in all_of(registry, PatientReport) if r.instrument is Instrument.VAS) == [4, 5, 8, 9]
    assert {e.facts["vhl_percent"] for e in all_of(registry, ClinicalEntry)} == {12.5, 30}
    assert sorted((e.kind.value, e.on.isoformat()) for e in all_of(registry, Event)) == [
        ("non-union", "2024-07-12"),
        ("union", "2024-07-10"),
    ]
    assert registry.faults() == []


def test_no_date_is_made_up(registry, put):
    put(WIDE)
    held = {(v.window, v.held_on is None) for v in all_of(registry, Visit)}
    assert held == {(Window.PRETREATMENT, True), (Window.MONTH_3, True), (Window.MONTH_6, False)}


def test_a_long_table(registry, put):
    _, found = put(LONG)
    assert found.problems == []
    by_window = {v.window: v.held_on.isoformat() for v in all_of(registry, Visit)}
    assert by_window == {Window.PRETREATMENT: "2024-02-01", Window.MONTH_3: "2024-05-01", Window.MONTH_6: "2024-08-01"}
    assert len(all_of(registry, Patient)) == len(all_of(registry, Episode)) == 1


@pytest.mark.parametrize("text", [WIDE, LONG])
def test_the_same_table_twice_adds_nothing(put, text):
    put(text)
    _, again = put(text)
    assert (sum(again.added.values()), again.corrections) == (0, [])


@pytest.mark.parametrize(
    ("text", "was", "now", "fault"),
    [
        (WIDE, "A1;F;71;th12", "A1;F;71;X12", Fault.NO_LEVEL),
        (WIDE, ";8;4;", ";8;14;", Fault.IMPOSSIBLE),
        (WIDE, "A1;F", ";F", Fault.NO_RECORD),
        (WIDE, "A2;M", "A1;M", Fault.TWICE),
        (LONG, "3 months,", "someday,", Fault.UNKNOWN_EVENT),
        (LONG, "2024-08-01,L1", "2024-08-01,L2", Fault.CONTRADICTS),
        (LONG, "2024-05-01", "5/1/24", Fault.NO_DATE),
        (LONG, "3 months,", "pretreatment,", Fault.TWICE),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_written(registry, put, text, was, now, fault):
    assert was in text
    _, found = put(text.replace(was, now))
    assert fault in {p.fault for p in found.problems}
    assert not found.written
    assert all_of(registry, Patient) == []


def test_the_example_of_the_documentation_goes_in(registry):
    path = ROOT / "examples" / "registry-patients.csv"
    found = bring_in(registry, registry.admin, read_plain(read_sheet(path), path), source=path.name, write=True)
    assert found.problems == []
    assert dict(found.added)["patient"] == dict(found.added)["episode"] == 3
    assert sorted(e.kind.value for e in all_of(registry, Event)) == ["non-union", "union", "union"]


def test_a_table_without_patients_is_refused(put):
    with pytest.raises(CohortDataError, match="no column of patients"):
        put("colour,shape\nred,round\n")


def test_codes_that_nobody_explained_are_refused(put):
    with pytest.raises(CohortDataError, match="nobody has said"):
        put("patient,sex,level\nA1,1,L1\nA2,2,L1\n")


def test_a_heading_can_be_named(registry, put):
    put("Kennung,level,Schmerz\nA1,L1,7\n", rename=["Kennung=patient_id", "Schmerz=vas_0mo"])
    assert [r.value for r in all_of(registry, PatientReport)] == [7]
