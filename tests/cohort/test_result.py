"""Results print, export and draw themselves, and never by surprise."""

import sys
from dataclasses import replace

import pytest

from ovcf.cohort.groups.contingency import two_by_two
from ovcf.cohort.optional_import import optional_import
from ovcf.cohort.prediction.roc import roc
from ovcf.cohort.result import Column, Estimate, Table
from ovcf.errors import MissingExtraError, OutputError

RESULT = two_by_two([[24, 23], [25, 136]], groups=("burst <type>", "compression & other"), event="non-union")
ROC = roc([0, 0, 1, 1], [1, 3, 2, 4], resamples=10)


def test_text_holds_tables_and_remarks():
    text = str(RESULT)
    assert "5.677 (2.781 to 11.586)" in text
    assert "< .001" in text
    assert "Method: Wilson" in text
    assert "n: 208" in text


def test_nothing_is_printed_as_a_side_effect(capsys):
    two_by_two([[24, 23], [25, 136]])
    roc([0, 0, 1, 1], [1, 3, 2, 4], resamples=10).plot()
    assert capsys.readouterr() == ("", "")


def test_html_and_latex_escape_what_they_must():
    assert "burst &lt;type&gt;" in RESULT.to_html()
    assert r"compression \& other" in RESULT.to_latex()
    assert r"\toprule" in RESULT.to_latex()


def test_a_fragment_of_html_is_ruled_and_sets_numbers_to_the_right():
    html = RESULT.to_html()
    assert html.count("border-collapse: collapse") == len(RESULT.tables)
    numbers = [(1 + len(t.rows)) * sum(bool(c.style) for c in t.columns) for t in RESULT.tables]  # their headings too
    assert html.count("text-align: right") == sum(numbers) > 0
    assert "color: #" not in html  # it takes those of the page, light or dark


def test_tidy_data_are_unrounded_and_an_interval_is_two_more_columns():
    frame = RESULT.tidy()
    assert list(frame.columns) == ["what", "value", "value_low", "value_high"]
    assert frame["value_low"][3] == pytest.approx(2.781267, abs=1e-6)


def test_word_tables_are_written_and_can_be_read_back(tmp_path):
    docx = pytest.importorskip("docx")
    RESULT.to_docx(tmp_path / "table.docx")
    rates, tests = docx.Document(str(tmp_path / "table.docx")).tables
    assert rates.cell(4, 1).text == "5.677 (2.781 to 11.586)"
    assert tests.cell(1, 0).text == "Pearson chi-square"
    both = docx.Document()
    assert len(RESULT.to_docx(RESULT.to_docx(both)).tables) == 4


def test_cells_print_as_journals_do():
    table = Table("t", (Column("a", "A"), Column("p", "P", "p"), Column("x", "X", ".1f")), (("one", 0.0004, None),))
    assert table.cells() == [["one", "< .001", ""]]
    assert format(Estimate(1, 0.5, float("nan")), ".1f") == "1.0 (0.5 to nan)"
    assert str(Estimate(0.4, 0.1, 0.7)) == "0.400 (95% CI 0.100 to 0.700)"


def test_a_missing_extra_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r'pip install "\.\[cohort\]"'):
        optional_import("matplotlib.figure")


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_pictures_are_written_by_their_suffix(tmp_path, suffix):
    path = tmp_path / f"roc.{suffix}"
    roc([0, 0, 1, 1], [1, 3, 2, 4], resamples=10).save_plot(path)
    assert path.read_bytes()[:5] in (b"<?xml", b"\x89PNG\r", b"%PDF-")


@pytest.mark.parametrize(("name", "write"), [("a.docx", RESULT.to_docx), ("a.svg", ROC.save_plot)])
def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path, name, write):
    (tmp_path / name).write_text("my thesis")
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / name)
    assert (tmp_path / name).read_text() == "my thesis"
    write(tmp_path / name, replace=True)
    assert (tmp_path / name).read_bytes()[:5] != b"my th"


def test_a_label_steers_no_terminal_and_breaks_no_document(tmp_path):
    nasty = replace(RESULT, title="$\\frac{1$ \x1b]0;title\x07\u202egnp")
    for text in (str(nasty), nasty.to_html()):
        assert r"$\frac{1$ ]0;titlegnp" in text
    nasty.to_docx(tmp_path / "a.docx")
    replace(ROC, title=nasty.title).save_plot(tmp_path / "a.png")
