"""An Excel workbook is read as its CSV would be: what it shows, and nothing of a macro or a stale formula."""

import datetime as dt
import io
import zipfile
from contextlib import suppress

import pytest

from ovcf.cohort.data.dataset import check
from ovcf.cohort.data.dictionary import parse_dictionary
from ovcf.cohort.data.read import read_table
from ovcf.errors import CohortDataError, OvcfError, UnreadableFileError

openpyxl = pytest.importorskip("openpyxl")
pytest.importorskip("pandas")

AT_HALF_PAST_TWO = dt.datetime(2025, 6, 1, 14, 30)  # noqa: DTZ001  # a workbook knows no time zone
HEADING = ["Pat. No.", "Age (yrs)", "Visit", "Loss", "Non-union"]


def workbook(path, rows, *, others=(), formats=None):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Patients"
    for row in rows:
        sheet.append(row)
    for cell, shown in (formats or {}).items():
        sheet[cell].number_format = shown
    for name, state in others:
        book.create_sheet(name).sheet_state = state
        book[name].append(["code", "meaning"])
        book[name].append([1, "female"])
    book.save(path)
    return path


def with_part(path, name, change):
    """The same workbook with the XML of one part changed."""
    content = {}
    with zipfile.ZipFile(path) as archive:
        content = {n: archive.read(n) for n in archive.namelist()}
    content[name] = change(content[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in content.items():
            archive.writestr(member, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"


def test_numbers_dates_percent_and_yes_no_come_as_a_csv_shows_them(tmp_path):
    rows = [
        HEADING,
        ["A-1", 71, dt.date(2025, 5, 14), 0.25, True],
        ["A-2", 66.5, AT_HALF_PAST_TWO, 0.1 + 0.2, False],
        ["A-3", None, None, -1e-7, None],
    ]
    table = read_table(workbook(tmp_path / "a.xlsx", rows, formats={"D2": "0%"}))
    assert list(table.columns) == HEADING
    assert table.to_numpy().tolist() == [
        ["A-1", "71", "2025-05-14", "25%", "true"],
        ["A-2", "66.5", "2025-06-01 14:30:00", "0.3", "false"],
        ["A-3", "", "", "-1e-07", ""],
    ]


def test_dates_are_dates_whatever_the_time_of_day(tmp_path):
    rows = [["id", "visit"], ["a", AT_HALF_PAST_TWO], ["b", dt.date(2025, 6, 2)]]
    raw = read_table(workbook(tmp_path / "a.xlsx", rows))
    cohort = check(raw, parse_dictionary('[visit]\ntype = "date"\n', "d"))
    assert cohort.mistakes == ()
    assert [str(d)[:10] for d in cohort.frame["visit"]] == ["2025-06-01", "2025-06-02"]


def test_the_epoch_of_1904_is_kept(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["id", "visit"])
    book.active.append(["a", dt.date(2025, 6, 1)])
    book.save(tmp_path / "a.xlsx")
    assert read_table(tmp_path / "a.xlsx")["visit"].tolist() == ["2025-06-01"]


def test_the_first_sheet_that_is_not_hidden_is_read_and_another_where_it_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [HEADING, list("abcde")], others=[("Codes", "visible"), ("Old", "hidden")])
    table = read_table(path)
    assert (table.attrs["sheet"], table.attrs["other_sheets"]) == ("Patients", ("Codes",))
    assert read_table(path, sheet="Old").to_numpy().tolist() == [["1", "female"]]
    with pytest.raises(CohortDataError, match="no sheet 'Notes'") as refused:
        read_table(path, sheet="Notes")
    assert "'Patients', 'Codes', 'Old'" in str(refused.value)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CohortDataError, match="no workbook"):
        read_table(tmp_path / "a.csv", sheet="Patients")


def test_empty_rows_and_columns_are_no_patients_and_rows_keep_their_number(tmp_path):
    rows = [[], ["id", None, "age"], [], ["a", None, 70], [None, " ", None], ["b", None, "old"]]
    raw = read_table(workbook(tmp_path / "a.xlsx", rows))
    assert raw.to_numpy().tolist() == [["a", "70"], ["b", "old"]]
    (mistake,) = check(raw, parse_dictionary('[age]\ntype = "number"\n', "d")).mistakes
    assert (mistake.row, mistake.value) == (6, "old")


def test_a_column_without_a_heading_is_named_by_its_letter_and_a_title_is_no_heading(tmp_path):
    table = read_table(workbook(tmp_path / "a.xlsx", [["id", None, "age"], ["a", "x", 70]]))
    assert list(table.columns) == ["id", "(column B)", "age"]
    with pytest.raises(CohortDataError, match="row 1 is a title"):
        read_table(workbook(tmp_path / "b.xlsx", [["Our patients 2024"], ["id", "age"], ["a", 70]]))


def test_of_a_formula_the_saved_value_is_taken_and_an_error_is_named(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "a", "b", "c"], ["x", "=1+1", "=1/0", '=""']])

    def calculated(xml):
        for formula, saved in (
            (b'<c r="B2"><f>1+1</f><v></v></c>', b'<c r="B2"><f>1+1</f><v>2</v></c>'),
            (b'<c r="C2"><f>1/0</f><v></v></c>', b'<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
            (b'<c r="D2"><f>""</f><v></v></c>', b'<c r="D2" t="str"><f>""</f><v></v></c>'),
        ):
            assert formula in xml.replace(b"<v />", b"<v></v>").replace(b"&quot;", b'"')
            xml = xml.replace(b"<v />", b"<v></v>").replace(b"&quot;", b'"').replace(formula, saved)
        return xml

    table = read_table(with_part(path, SHEET, calculated))
    assert table.to_numpy().tolist() == [["x", "2", "#DIV/0!", ""]]
    assert table.attrs["cells_in_error"] == ("C2 #DIV/0!",)


def test_formulas_that_nobody_calculated_are_refused_for_they_would_read_as_gaps(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "sum"], ["x", "=1+1"], ["y", "=2+2"]])
    with pytest.raises(UnreadableFileError, match="never calculated: B2, B3") as refused:
        read_table(path)
    assert "save it there" in str(refused.value)


def test_control_characters_do_not_reach_the_table(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "name"], ["x", "plain"]])
    with_part(path, SHEET, lambda xml: xml.replace(b"plain", "a\u202eb\u0085".encode()))
    (text,) = read_table(path)["name"]
    assert "\u202e" not in text
    assert "\u0085" not in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "protected with a password, or of an Excel before 2007"),
        (b"id,age\na,70\n", "no Excel workbook"),
        (b"", "no Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path, content, message):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(UnreadableFileError, match=message):
        read_table(tmp_path / "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "age"], ["a", 70]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x.xml", "w") as part:
        for _ in range(200):
            part.write(bytes(1 << 20))
    with pytest.raises(UnreadableFileError, match="more than any study needs"):
        read_table(path)


def test_entities_of_xml_are_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "age"], ["a", 70]])
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><worksheet'
    with_part(path, SHEET, lambda xml: xml.replace(b"<worksheet", bomb, 1))
    with pytest.raises(UnreadableFileError, match="is damaged"):
        read_table(path)


def test_a_sheet_that_says_it_is_endless_is_read_as_far_as_it_is_filled(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["id", "age"], ["a", 70]])
    lie = b'<dimension ref="A1:XFD1048576"'
    with_part(path, SHEET, lambda xml: xml.replace(b'<dimension ref="A1:B2"', lie))
    assert read_table(path).shape == (1, 2)


def test_a_table_wider_than_any_study_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [list(range(5_001)), ["x"] * 5_001])
    with pytest.raises(UnreadableFileError, match="larger than any study"):
        read_table(path)


def test_macros_stay_where_they_are(tmp_path):
    path = workbook(tmp_path / "a.xlsm", [["id", "age"], ["a", 70]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not a program")
    assert read_table(path).shape == (1, 2)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_workbook_is_refused_or_read_and_never_a_traceback(tmp_path, seed):
    import random

    rng = random.Random(seed)
    path = workbook(tmp_path / "a.xlsx", [HEADING, *([f"p{k}", k, dt.date(2025, 1, 1), k / 3, True] for k in range(9))])
    data = bytearray(path.read_bytes())
    if seed % 2:  # inside the XML, where a damaged archive would end at its checksum
        with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
            name = rng.choice(archive.namelist())

        def spoil(xml):
            held = bytearray(xml)
            for _ in range(rng.randrange(1, 6)):
                at = rng.randrange(len(held))
                held[at : at + rng.randrange(4)] = rng.randbytes(rng.randrange(4))
            return bytes(held)

        with_part(path, name, spoil)
    else:
        for _ in range(rng.randrange(1, 9)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.randrange(len(data) // 2, len(data) + 1)]))
    with suppress(OvcfError):
        assert len(read_table(path).columns)
