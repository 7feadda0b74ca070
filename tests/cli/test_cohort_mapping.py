"""``ovcf cohort`` on somebody's own table: one look at how it was understood, then the analysis, never before."""

from pathlib import Path

import pandas as pd
import pytest

from ovcf.cli.cohort import cohort_mapping
from ovcf.cli.cohort.commands import app
from ovcf.cohort.data.read import read_dictionary, read_table
from ovcf.errors import CohortDataError
from tests.cohort import simulated

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "simulated-cohort.csv"


def run(*args):
    app([str(a) for a in args], exit_on_error=False, result_action="return_value")


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Few columns, so that few analyses are made, in a folder one works in."""
    monkeypatch.chdir(tmp_path)
    frame = simulated.kadri(60).drop(columns="bmi_kg_m2")
    frame.columns = [
        "Pat. No.",
        "Age (yrs)",
        "Gender",
        "VBQ score",
        "VBQ including fracture",
        "Follow-up (months)",
        "Status",
    ]
    frame["Gender"] = frame["Gender"].map({"female": 1, "male": 2})
    frame["Status"] = frame["Status"].map({"none": "alive", "fracture": "refracture", "death": "died"})
    frame.to_csv("mine.csv", index=False)
    return Path("mine.csv")


def answers(monkeypatch, *given):
    left = list(given)
    monkeypatch.setattr(cohort_mapping.sys, "stdin", type("Terminal", (), {"isatty": lambda _: True})())
    monkeypatch.setattr("builtins.input", lambda: left.pop(0))
    return left


def test_nothing_is_analysed_on_a_guess_and_the_way_on_is_said(table, capsys):
    with pytest.raises(CohortDataError) as error:
        run("kadri", table, "--out", "report")
    assert not Path("report").exists()
    assert "ovcf cohort kadri mine.csv --out report --dictionary mine-columns.toml" in str(error.value)
    out = capsys.readouterr().out
    assert "Age (yrs)" in out
    assert "age_years" in out
    assert "died = death" in out


def test_a_code_that_nobody_explained_is_not_accepted_by_yes(table):
    with pytest.raises(CohortDataError, match="nobody has said what 1, 2 of 'Gender' stand for"):
        run("kadri", table, "--out", "report", "--yes")
    assert not Path("report").exists()


def test_the_dictionary_can_be_edited_and_given_again(table, capsys):
    with pytest.raises(CohortDataError):
        run("kadri", table, "--out", "report")
    file = Path("mine-columns.toml")
    file.write_text(file.read_text().replace('1 = "?", 2 = "?"', '1 = "female", 2 = "male"'))
    capsys.readouterr()
    run("kadri", table, "--out", "report", "--dictionary", file)
    assert "How your headings are understood" not in capsys.readouterr().out
    assert Path("report/figures/kaplan-meier.svg").exists()
    again = read_dictionary(Path("report/columns.toml"))
    assert again["sex"].levels == (("1", "female"), ("2", "male"))
    assert file.exists()


def test_at_a_terminal_codes_are_asked_and_yes_goes_on(table, monkeypatch):
    left = answers(monkeypatch, "a", "male", "yes")
    run("kadri", table, "--out", "report")
    assert left == []
    assert read_dictionary(Path("report/columns.toml"))["sex"].levels == (("1", "female"), ("2", "male"))
    assert not Path("mine-columns.toml").exists()


def test_at_a_terminal_no_writes_the_dictionary_with_the_answers(table, monkeypatch):
    answers(monkeypatch, "b", "a", "no")
    with pytest.raises(CohortDataError, match=r"mine-columns\.toml"):
        run("kadri", table, "--out", "report")
    assert dict(read_dictionary(Path("mine-columns.toml"))["sex"].levels) == {"1": "male", "2": "female"}
    assert not Path("report").exists()


def test_a_dictionary_of_another_table_is_not_overwritten(table):
    Path("mine-columns.toml").write_text("mine")
    with pytest.raises(CohortDataError, match=r"mine-columns-2\.toml"):
        run("kadri", table, "--out", "report")
    assert Path("mine-columns.toml").read_text() == "mine"


def test_yes_accepts_the_example_of_the_docs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    pd.testing.assert_frame_equal(read_table(EXAMPLE), read_table(_written(simulated.messy())))
    run("nasovcf", EXAMPLE, "--out", "report", "--yes")
    assert "analyses of 180 rows" in capsys.readouterr().out
    assert "none" not in read_dictionary(Path("report/columns.toml")).missing_codes


def _written(frame):
    frame.to_csv("again.csv", index=False)
    return "again.csv"


@pytest.mark.parametrize(
    ("rename", "said"),
    [
        ("Age (yr)=age_years", "no column 'Age (yr)'. Did you mean 'Age (yrs)'?"),
        ("Age (yrs)=age_year", "no column is called 'age_year' here. Did you mean 'age_years'?"),
        ("Gender=geschlecht", "Choose among patient_id, age_years"),
    ],
)
def test_a_misspelt_rename_is_an_error_with_a_suggestion(table, rename, said):
    with pytest.raises(CohortDataError) as error:
        run("kadri", table, "--rename", rename)
    assert said in str(error.value)


def test_what_was_renamed_is_confirmed_its_codes_are_not(table):
    with pytest.raises(CohortDataError, match="1, 2 of 'Gender'"):
        run("kadri", table, "--rename", "Gender=sex", "Age (yrs)=age_years", "--yes")


def test_a_table_that_allows_no_analysis_is_an_error(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    simulated.han(30)[["patient_id", "age_years"]].to_csv("few.csv", index=False)
    with pytest.raises(CohortDataError, match="allows no analysis of nasovcf"):
        run("nasovcf", "few.csv", "--out", "report")
    assert "not made: non union" in capsys.readouterr().err
    assert not Path("report").exists()
    Path("other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CohortDataError, match="no column that nasovcf knows"):
        run("nasovcf", "other.csv", "--out", "report")


def test_the_advice_never_blanks_a_column(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    frame = simulated.kadri(60)
    frame["age_years"] = frame["age_years"] * 10
    frame.to_csv("months.csv", index=False)
    with pytest.raises(CohortDataError) as error:
        run("kadri", "months.csv", "--out", "report")
    assert "wrong-as-missing" not in str(error.value)
    assert "explain the values of age_years" in str(error.value)
    assert capsys.readouterr().err.count("\n") == 1  # one line for sixty cells
    with pytest.raises(CohortDataError, match="no value left in age_years"):
        run("kadri", "months.csv", "--out", "report", "--wrong-as-missing")
