"""``ovcf cohort table1 | roc | km | regression`` on the example of the docs: a report, and its main figures said."""

import csv
import re
import shlex
import zipfile
from pathlib import Path

import pytest

from ovcf.cli.cohort.commands import app
from ovcf.errors import CohortDataError

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "simulated-cohort.csv"


def run(*args):
    app([str(a) for a in args], exit_on_error=False, result_action="return_value")


@pytest.mark.parametrize(
    ("command", "figure", "said"),
    [
        (["table1", "--by", "non-union", "--columns", "age", "Sex", "T-score"], None, "T-score L1-4 (P < .001)"),
        (["roc", "--outcome", "non-union", "--by", "T-score", "--lower", "T-score"], "roc", "T-score L1-4: AUC 0."),
        (["km", "--time", "follow-up", "--outcome", "new fracture", "--by", "brace"], "kaplan-meier", "Log-rank test"),
        (["regression", "--outcome", "non-union", "--by", "age", "sex", "--reference", "sex=M"], "logistic", "F vs M"),
        (["regression", "--outcome", "VAS 6m", "--by", "age", "sex"], "linear", "Sex: M vs F"),
        (
            ["regression", "--outcome", "new fracture", "--time", "follow-up", "--by", "T-score", "--strata", "centre"],
            "cox",
            "HR of T-score",
        ),
    ],
)
def test_a_question_gives_a_whole_report_and_says_its_main_figures(command, figure, said, tmp_path, capsys):
    run(command[0], EXAMPLE, *command[1:], "--out", tmp_path / "out")
    assert said in capsys.readouterr().out
    out = tmp_path / "out"
    assert "Methods paragraph" in (out / "report.html").read_text(encoding="utf-8")
    assert "Analyses were made with ovcf" in (out / "methods.txt").read_text(encoding="utf-8")
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert zipfile.is_zipfile(out / "report.docx")
    tables = sorted((out / "tables").iterdir())
    assert tables
    with tables[0].open(encoding="utf-8") as file:
        assert next(csv.DictReader(file))
    if figure:
        assert (out / "figures" / f"{figure}.svg").read_text(encoding="utf-8").count("<svg") == 1


def test_table_1_describes_every_column_if_none_is_named(tmp_path, capsys):
    run("table1", EXAMPLE, "--by", "Non-union", "--out", tmp_path / "out")
    shown = capsys.readouterr().out
    assert "Brace" in shown
    assert "Pat. No." not in shown


def test_how_the_columns_were_read_is_said_first(tmp_path, capsys):
    run("km", EXAMPLE, "--time", "follow-up", "--outcome", "new fracture", "--by", "brace", "--out", tmp_path / "out")
    lines = capsys.readouterr().out.splitlines()
    assert {"Yes or no: New fracture", "Groups: Brace (none, rigid, soft)"} <= set(lines[:3])


def test_a_misspelt_column_is_an_error_with_a_suggestion(tmp_path):
    with pytest.raises(CohortDataError, match=r"Brase: is no column of the table\. Did you mean 'Brace'"):
        run("table1", EXAMPLE, "--by", "Brase", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_impossible_age_is_named_with_its_row_and_nothing_is_written(tmp_path, capsys):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    cells = lines[4].split(",")
    cells[1] = "740"
    (tmp_path / "mine.csv").write_text("\n".join([*lines[:4], ",".join(cells), *lines[5:]]), encoding="utf-8")
    command = ["regression", tmp_path / "mine.csv", "--outcome", "new fracture", "--time", "follow-up", "--by", "age"]
    with pytest.raises(CohortDataError, match="1 value that cannot be"):
        run(*command, "--out", tmp_path / "out")
    assert "Age (yrs): '740' in row 5 is outside 0 to 120 years" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    run(*command, "--out", tmp_path / "out", "--wrong-as-missing")
    assert "740" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_dictionary_gives_labels_and_codes(tmp_path, capsys):
    (tmp_path / "mine.toml").write_text(
        '[nonunion]\nheading = "Non-union"\ntype = "boolean"\n\n'
        '[sex]\nheading = "Sex"\ntype = "category"\nlevels = {F = "women", M = "men"}\n'
    )
    run(
        "table1",
        EXAMPLE,
        "--by",
        "nonunion",
        "--columns",
        "sex",
        "--dictionary",
        tmp_path / "mine.toml",
        "--out",
        tmp_path / "out",
    )
    assert "men" in capsys.readouterr().out


def test_the_docs_show_commands_that_run(tmp_path, monkeypatch):
    page = (EXAMPLE.parents[1] / "docs" / "how-to" / "cohort.md").read_text(encoding="utf-8")
    commands = [c for c in re.findall(r"^ovcf cohort (.*)$", page, re.M) if "simulated-cohort.csv" in c]
    assert {c.split()[0] for c in commands} == {"nasovcf", "table1", "roc", "km", "regression", "score"}
    monkeypatch.chdir(EXAMPLE.parents[1])
    for i, command in enumerate(commands):
        words = shlex.split(command)
        words[words.index("--out") + 1] = str(tmp_path / str(i))
        run(*words)


def test_a_workbook_gives_what_its_csv_gives_and_says_which_sheet_was_read(tmp_path, capsys):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    with EXAMPLE.open(encoding="utf-8-sig") as file:
        for row in csv.reader(file):
            book.active.append([_number(cell) for cell in row])
    book.active.title = "Patients"
    book.create_sheet("Codes")
    book.active["D3"].value, book.active["D3"].data_type = "#REF!", "e"
    book.save(tmp_path / "patients.xlsx")
    question = ["table1", "--by", "non-union", "--columns", "Sex", "T-score"]
    run(question[0], EXAMPLE, *question[1:], "--out", tmp_path / "csv")
    plain = capsys.readouterr().out
    run(question[0], tmp_path / "patients.xlsx", *question[1:], "--out", tmp_path / "xlsx")
    said = capsys.readouterr().out
    assert said.startswith("Read from the sheet 'Patients'; not read: 'Codes' (--sheet)\n")
    assert "shows an error instead of a value: D3 #REF!" in said
    table = [(tmp_path / kind / "tables").glob("*.csv") for kind in ("csv", "xlsx")]
    first, second = ([f.read_text(encoding="utf-8") for f in sorted(t)] for t in table)
    assert first == second
    assert plain.splitlines()[-3] in said


def _number(cell):
    try:
        return float(cell)
    except ValueError:
        return cell or None
