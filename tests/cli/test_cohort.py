"""``ovcf cohort``: a folder with every table and figure, or a message that names row and column."""

import csv
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document

from ovcf.cli.cohort.commands import app
from ovcf.cohort.data.dataset import check
from ovcf.cohort.data.dictionary import parse_dictionary
from ovcf.cohort.data.read import read_dictionary
from ovcf.cohort.recipes.columns_of import dictionary_for
from ovcf.errors import CohortDataError, MissingFileError, OutputError
from tests.cohort import simulated

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*args):
    app([str(a) for a in args], exit_on_error=False, result_action="return_value")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("cohort") / "demo"
    run("demo", "--out", out)
    return out


@pytest.fixture
def table(tmp_path):
    """Few columns, so that few analyses are made."""
    path = tmp_path / "patients.csv"
    simulated.kadri(60)[["patient_id", "age_years", "vbq", "vbq_including"]].to_csv(path, index=False)
    return path


def test_the_demo_is_named_reconstructed_in_every_format(demo):
    html = (demo / "report.html").read_text(encoding="utf-8")
    words = "\n".join(p.text for p in Document(str(demo / "report.docx")).paragraphs)
    for text in (html, words):
        assert "RECONSTRUCTED COHORT, not patients" in text
    assert (demo / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_every_figure_is_there_as_svg_and_png_and_every_table_as_csv(demo):
    figures = {p.name for p in (demo / "figures").iterdir()}
    assert {"non-union-each-factor.svg", "non-union-each-factor.png", "non-union-roc.svg"} <= figures
    assert {f.rsplit(".", 1)[0] for f in figures if f.endswith("svg")} == {
        f.rsplit(".", 1)[0] for f in figures if f.endswith("png")
    }
    with (demo / "tables" / "non-union-each-factor-1.csv").open(encoding="utf-8") as file:
        burst = next(csv.DictReader(file))
    assert (burst["level"], round(float(burst["odds_ratio"]), 3)) == ("burst", 5.677)  # HAN, Table 1


def test_word_tables_can_be_edited_and_figures_are_in_it(demo):
    document = Document(str(demo / "report.docx"))
    cells = {cell.text for t in document.tables for row in t.rows for cell in row.cells}
    assert "9.162 (4.181 to 20.080)" in cells
    assert len(document.inline_shapes) == len(list((demo / "figures").glob("*.png")))
    assert zipfile.is_zipfile(demo / "report.docx")


def test_the_page_needs_nothing_else_and_lists_what_was_not_made(demo):
    html = (demo / "report.html").read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!data:|#)', html)
    assert "<script" not in html
    assert "Not made, and why" in html
    assert html.count("<dt>Method</dt>") == html.count("<article")


def test_a_table_of_patients_gives_a_report_that_says_whence_it_is(table, tmp_path, capsys):
    run("kadri", table, "--out", tmp_path / "out")
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "patients.csv" in html
    assert "SHA-256" in html
    assert "analyses of 60 rows" in capsys.readouterr().out


def test_an_earlier_report_is_replaced_and_anything_else_is_not(table, tmp_path):
    out = tmp_path / "out"
    run("demo", "--out", out)
    run("kadri", table, "--out", out)
    assert not (out / "tables" / "non-union-each-factor-1.csv").exists()
    (out / "tables" / "mine.csv").write_text("mine")
    with pytest.raises(OutputError, match=r"holds tables/mine\.csv, which ovcf did not write"):
        run("kadri", table, "--out", out)
    assert (out / "tables" / "mine.csv").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_neither_the_patients_nor_a_report_of_the_same_name_are_touched(tmp_path):
    """A study folder that happens to be laid out as a cohort report is."""
    patients = tmp_path / "mine" / "tables" / "patients.csv"
    patients.parent.mkdir(parents=True)
    simulated.han(60).to_csv(patients, index=False)
    (tmp_path / "mine" / "report.docx").write_text("my own words")
    before = patients.read_bytes()
    with pytest.raises(OutputError, match=r"holds .*patients\.csv, which is read"):
        run("nasovcf", patients, "--out", tmp_path / "mine")
    with pytest.raises(OutputError, match=r"holds report\.docx, which ovcf did not write"):
        run("demo", "--out", tmp_path / "mine")
    assert patients.read_bytes() == before
    assert (tmp_path / "mine" / "report.docx").read_text() == "my own words"


def test_no_label_of_a_table_becomes_a_formula(table, tmp_path):
    simulated.kadri(60).to_csv(table, index=False)
    own = tmp_path / "own.toml"
    own.write_text('[sex]\ntype = "category"\nlevels = {male = "=1+1|cmd", female = "-2+3"}\n')
    run("kadri", table, "--dictionary", own, "--out", tmp_path / "out")
    with (tmp_path / "out" / "tables" / "baseline-by-bone-quality-1.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row[0] == "sex"]
    assert rows[0][1] in ("'=1+1|cmd", "'-2+3")
    with (tmp_path / "out" / "tables" / "baseline-by-bone-quality-2.csv").open(encoding="utf-8") as file:
        numbers = [row["statistic"] for row in csv.DictReader(file)]
    assert any(float(n) < 0 for n in numbers)  # a minus before a number is no formula


def test_labels_that_would_steer_a_terminal_or_break_a_document_are_cleaned(table, tmp_path, capsys):
    simulated.kadri(60).to_csv(table, index=False)
    own = tmp_path / "own.toml"
    nasty = r"$\frac{1$ \u001b]0;title\u0007\u202egnp".replace(r"\f", r"\\f")
    own.write_text(f'[sex]\ntype = "category"\nlevels = {{male = "man", female = "{nasty}"}}\n')
    run("kadri", table, "--dictionary", own, "--out", tmp_path / "out")
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    words = "\n".join(
        cell.text for t in Document(str(tmp_path / "out" / "report.docx")).tables for c in t.columns for cell in c.cells
    )
    tables = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "out" / "tables").iterdir())
    for text in (html, words, tables, *capsys.readouterr()):
        assert not set("\x1b\x07\u202e") & set(text)
    assert r"$\frac{1$ ]0;titlegnp" in tables


def test_bad_values_are_listed_by_row_and_nothing_is_written(table, tmp_path, capsys):
    lines = table.read_text().splitlines()
    lines[3] = lines[3].replace(lines[3].split(",")[1], "740", 1)
    table.write_text("\n".join(lines))
    with pytest.raises(CohortDataError, match="wrong-as-missing"):
        run("kadri", table, "--out", tmp_path / "out")
    assert "age_years: '740' in row 4 is outside 18 to 110" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    run("kadri", table, "--out", tmp_path / "out", "--wrong-as-missing")
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Values that cannot be, taken as missing" in html


def test_headings_of_your_own_are_renamed_and_described(table, tmp_path):
    frame = simulated.kadri(60)[["patient_id", "vbq", "months", "event"]]
    frame["Ende"] = frame.pop("event").map({"none": 0, "fracture": 1, "death": 2})
    frame.rename(columns={"vbq": "Bone quality"}).to_csv(table, index=False)
    own = tmp_path / "own.toml"
    own.write_text('[event]\ntype = "category"\nlevels = {0 = "none", 1 = "fracture", 2 = "death"}\n')
    names = ("--rename", "Bone quality=vbq", "Ende=event")
    run("kadri", table, *names, "--dictionary", own, "--out", tmp_path / "out")
    assert (tmp_path / "out" / "figures" / "kaplan-meier.svg").exists()


def test_words_of_the_table_are_shown_and_never_run(table, tmp_path):
    nasty = '<script>alert("x")</script> #pagebreak() $x$'
    table.write_text(table.read_text().replace("patient_id", f'"{nasty.replace(chr(34), chr(34) * 2)}"', 1))
    run("kadri", table, "--out", tmp_path / "out")
    html = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("args", "error", "said"),
    [
        (("--rename", "BMI"), CohortDataError, "YOURS=OURS"),
        (("--dictionary", "absent.toml"), MissingFileError, "absent.toml"),
    ],
)
def test_an_unusable_option_says_what_to_do(table, args, error, said):
    with pytest.raises(error, match=said):
        run("kadri", table, *args)


def test_columns_prints_a_dictionary_that_can_be_used(capsys):
    run("columns", "nasovcf")
    found = parse_dictionary(capsys.readouterr().out)
    assert found["t_score"].low == -8


def test_check_sources_prints_the_contradictions(capsys):
    run("check-sources")
    out = capsys.readouterr().out
    assert "INC-01" in out
    assert "INC-25" in out


def test_equal_input_gives_equal_figures(table, tmp_path):
    made = []
    for name in ("a", "b"):
        run("kadri", table, "--out", tmp_path / name)
        made.append({p.name: p.read_bytes() for p in sorted((tmp_path / name).glob("*/*"))})
    assert made[0] == made[1]


def test_the_help_needs_no_statistics():
    heavy = ("pandas", "scipy", "matplotlib", "docx")
    code = f"import sys, ovcf.cli.cohort.commands; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_example_dictionary_recodes_a_table():
    raw = simulated.han(8)
    raw["sex"] = raw["sex"].map({"female": "F", "male": "M"})
    raw["fracture_type"] = raw["fracture_type"].map({"compression": 0, "burst": 1})
    raw.loc[0, "vas_0mo"] = -99
    own = read_dictionary(REPOSITORY / "examples" / "cohort-dictionary.toml")
    frame = check(raw, dictionary_for("nasovcf", raw.columns, own)).checked()
    assert set(frame["sex"]) <= {"female", "male"}
    assert list(frame["fracture_type"]) == list(simulated.han(8)["fracture_type"])
    assert frame["vas_0mo"].isna().tolist() == [True, *[False] * 7]


def test_the_messages_and_the_python_of_the_page_are_real(tmp_path, monkeypatch, capsys):
    page = (REPOSITORY / "docs" / "how-to" / "cohort.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    raw = simulated.han(60)
    raw.to_csv("patients.csv", index=False)
    exec(re.search(r"```python\n(.*?)```", page, re.S)[1], {})
    assert "Logistic regression of non-union" in capsys.readouterr().out
    raw["age_years"] = raw["age_years"].astype(object)
    raw.loc[2, "age_years"], raw.loc[7, "sex"] = 740, "x"
    raw.to_csv("patients.csv", index=False)
    with pytest.raises(CohortDataError) as error:
        run("nasovcf", "patients.csv")
    mapping, shown = re.findall(r"```text\n(.*?)```", page, re.S)
    assert capsys.readouterr().err + f"ovcf: {error.value}\n" == shown
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(CohortDataError):
        run("nasovcf", REPOSITORY / "examples" / "simulated-cohort.csv")
    printed = {line.rstrip() for line in capsys.readouterr().out.splitlines()}
    assert {line.rstrip() for line in mapping.splitlines()} <= printed
