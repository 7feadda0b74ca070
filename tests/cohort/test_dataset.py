"""Cohort files: what is read, and every kind of bad value by its row."""

import io
from dataclasses import replace

import pytest

from ovcf.cohort.data.dataset import check, describe_missing
from ovcf.cohort.data.dictionary import Role, VariableType, parse_dictionary
from ovcf.cohort.data.read import from_redcap, read_cohort, read_dictionary, read_table
from ovcf.errors import CohortDataError, MissingFileError, UnreadableFileError

pd = pytest.importorskip("pandas")

DICTIONARY = """
missing_codes = ["-99"]

[id]
type = "text"
role = "id"
required = true

[age]
type = "integer"
unit = "years"
range = [18, 110]
role = "predictor"

[height]
type = "number"
label = "Body height"
unit = "m"
range = [1.2, 2.1]

[sex]
type = "category"
levels = { 1 = "female", 2 = "male" }

[grade]
type = "ordinal"
levels = ["mild", "moderate", "severe"]

[visit]
type = "date"

[non_union]
type = "boolean"
role = "outcome"
"""

GOOD = """id,age,height,sex,grade,visit,non_union
a1,71,1.62,1,mild,2025-05-14,yes
a2,,1.70,2,severe,2025-06-01,0
a3,-99,1.55,female,NA,,
"""


def write(tmp_path, text, name="cohort.csv"):
    (tmp_path / name).write_text(text)
    (tmp_path / "dictionary.toml").write_text(DICTIONARY)
    return read_cohort(tmp_path / name, tmp_path / "dictionary.toml")


def test_a_clean_file_is_typed_and_unknown_stays_unknown(tmp_path):
    cohort = write(tmp_path, GOOD)
    frame = cohort.checked()
    assert list(frame["age"].isna()) == [False, True, True]
    assert list(frame["sex"]) == ["female", "male", "female"]
    assert frame["grade"].cat.ordered
    assert list(frame["non_union"].fillna(False)) == [True, False, False]
    assert frame["visit"].iloc[0] == pd.Timestamp("2025-05-14")
    assert cohort.dictionary["non_union"].role is Role.OUTCOME


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("age", "seventy", "is not a number"),
        ("age", "71.5", "is not a whole number"),
        ("age", "17", "is outside 18 to 110 years"),
        ("age", "inf", "is not a finite number"),
        ("height", "162", "times 0.01 it fits: another unit?"),
        ("height", "1,62", "decimal comma"),
        ("sex", "3", "is none of 1, 2"),
        ("grade", "dire", "is none of mild, moderate, severe"),
        ("visit", "2025-02-30", "is not a day of the calendar"),
        ("visit", "03/04/2025", "day or month first"),
        ("visit", "spring", "is not a date"),
        ("non_union", "maybe", "neither yes nor no"),
        ("id", "", "is missing"),
        ("id", "a1", "is also in row 2"),
    ],
)
def test_every_mistake_is_listed_by_row_and_its_value_becomes_missing(tmp_path, column, value, problem):
    table = pd.read_csv(io.StringIO(GOOD), dtype=str, keep_default_na=False)
    table.loc[1, column] = value
    cohort = check(table, parse_dictionary(DICTIONARY))
    [mistake] = cohort.mistakes
    assert (mistake.row, mistake.column) == (3, column)
    assert problem in mistake.problem
    with pytest.raises(CohortDataError, match=f"row 3, {column}"):
        cohort.checked()
    if column != "id":
        assert pd.isna(cohort.frame[column].iloc[1])


def test_a_missing_code_is_known_among_floats():
    cohort = check(
        pd.DataFrame({"age": [-99.0, 71.0]}), parse_dictionary('missing_codes = ["-99"]\n[age]\ntype = "number"')
    )
    assert (cohort.mistakes, list(cohort.frame["age"].isna())) == ((), [True, False])


def test_dates_in_two_formats_are_said():
    dictionary = parse_dictionary('[visit]\ntype = "date"')
    cohort = check(pd.DataFrame({"visit": ["2025-05-14", "2025-06-01", "25.12.2024"]}), dictionary)
    assert [m.row for m in cohort.mistakes] == [4]
    assert "as most dates are" in cohort.mistakes[0].problem


def test_csv_of_spreadsheets_and_parquet_give_the_same(tmp_path):
    pytest.importorskip("pyarrow")
    comma = write(tmp_path, GOOD).frame
    semicolon = write(tmp_path, "\ufeff" + GOOD.replace(",", ";")).frame
    comma.to_parquet(tmp_path / "cohort.parquet")
    parquet = read_cohort(tmp_path / "cohort.parquet", tmp_path / "dictionary.toml")
    assert parquet.mistakes == ()
    pd.testing.assert_frame_equal(comma, semicolon)
    pd.testing.assert_frame_equal(comma, parquet.frame, check_dtype=False)


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        ("a.csv", "id,age\n", UnreadableFileError, "holds no patient"),
        ("a.csv", "id,age\n1,2,3\n", UnreadableFileError, "row 2 has 3 cells, the heading 2"),
        ("a.ods", "x", UnreadableFileError, "neither CSV, Excel"),
        ("a.xlsx", "x", UnreadableFileError, "no Excel workbook"),
        ("a.parquet", "x", UnreadableFileError, "is not Parquet"),
        (None, "", MissingFileError, "does not exist"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path, name, content, error, message):
    path = tmp_path / (name or "absent.csv")
    if name:
        path.write_text(content)
    with pytest.raises(error, match=message):
        read_table(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[age", "is not TOML"),
        ("", "describes no column"),
        ('[age]\ntype = "numeric"', "'numeric' is unknown"),
        ('[age]\ntype = "number"\nrange = [5, 1]', "runs downwards"),
        ('[age]\ntype = "number"\nunits = "y"', "unknown key 'units'"),
        ('[sex]\ntype = "category"', "needs levels"),
        ("age = 3", "is not a table"),
        ('missing_codes = "-99"\n[age]\ntype = "number"', "'-99' is no list"),
        ('[sex]\ntype = "category"\nlevels = 3', "3 are none"),
        ('[t2]\ntype = "category"\nlevels = "T2Patern"', "'T2Patern' is no list of words"),
        ('[age]\ntype = "number"\nrange = 5', "5 is none"),
        ('[age]\ntype = "number"\nrange = ["low", 3]', "is none"),
        ('[age]\ntype = "number"\nfactor = 0', "0 is none"),
        ('[age]\ntype = "number"\nfactor = "x"', "'x' is none"),
    ],
)
def test_a_wrong_dictionary_says_where(text, message):
    with pytest.raises(CohortDataError, match=message):
        parse_dictionary(text)


def test_a_column_that_a_dictionary_does_not_describe_is_named():
    assert parse_dictionary(DICTIONARY)["sex"].name == "sex"
    with pytest.raises(CohortDataError, match="ward: is not in the data dictionary"):
        parse_dictionary(DICTIONARY)["ward"]


def test_absent_and_doubled_columns_are_refused_and_undescribed_ones_kept():
    dictionary = parse_dictionary('[age]\ntype = "number"')
    with pytest.raises(CohortDataError, match="has no column age"):
        check(pd.DataFrame({"Age": ["1"]}), dictionary)
    with pytest.raises(CohortDataError, match="occurs twice"):
        check(pd.DataFrame([["1", "2"]], columns=["age", "age"]), dictionary)
    assert check(pd.DataFrame({"age": ["1"], "note": ["x"]}), dictionary).undescribed == ("note",)


REDCAP = """"Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max","Identifier?","Branching Logic (Show field only if...)","Required Field?"
record_id,base,,text,Record,,,,,,,,
age,base,,text,Age,,,integer,18,110,,,y
sex,base,,radio,Sex,"1, Female | 2, Male",,,,,,,
cleft,base,,checkbox,Cleft,"1, Air | 2, Fluid",,,,,,,
visit,base,,text,Visit,,,date_ymd,2020-01-01,,,,
united,base,,yesno,United,,,,,,,,
"""  # noqa: E501  # REDCap's own heading


def test_a_redcap_dictionary_and_export():
    dictionary = from_redcap(REDCAP)
    assert [v.name for v in dictionary.variables] == [
        "record_id",
        "age",
        "sex",
        "cleft___1",
        "cleft___2",
        "visit",
        "united",
    ]
    assert dictionary["age"].type is VariableType.INTEGER
    assert (dictionary["age"].low, dictionary["age"].required) == (18, True)
    export = pd.DataFrame(
        {
            "record_id": ["1"],
            "age": ["80"],
            "sex": ["2"],
            "cleft___1": ["1"],
            "cleft___2": ["0"],
            "visit": [""],
            "united": ["1"],
        }
    )
    frame = check(export, dictionary).checked()
    assert (frame["sex"][0], bool(frame["cleft___1"][0])) == ("Male", True)


def test_a_dictionary_that_is_not_of_redcap_is_refused(tmp_path):
    (tmp_path / "d.csv").write_text("a,b\n1,2\n")
    with pytest.raises(CohortDataError, match="headings of REDCap"):
        read_dictionary(tmp_path / "d.csv")


def test_missing_data_are_described_by_variable_and_pattern():
    frame = pd.DataFrame({"a": [1, None, None], "b": [1, 2, None]})
    result = describe_missing(frame)
    assert result.missing == (("a", 2), ("b", 1))
    assert ("a, b", 1) in result.tables[1].rows
    assert "1 of 3 patients are complete" in result.notes[0]


@pytest.mark.parametrize("number", ["1_0", "1e999", "nan", "\N{FULLWIDTH DIGIT SEVEN}0", "0x10"])
def test_only_plain_numbers_are_numbers(tmp_path, number):
    path = tmp_path / "a.csv"
    path.write_text(f"id,age\n1,70\n2,{number}\n", encoding="utf-8")
    known = parse_dictionary('missing_codes = ["-1"]\n[id]\ntype = "text"\n[age]\ntype = "number"\n')
    cohort = check(read_table(path), replace(known, missing_codes=("",)))
    assert [(m.row, m.column) for m in cohort.mistakes] == [(3, "age")]


def test_tables_larger_than_any_study_are_refused_by_their_heading(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(map(str, range(6000))) + "\n" + "," * 5999 + "\n")
    with pytest.raises(UnreadableFileError, match="larger than any study: up to 5,000 columns"):
        read_table(path)


def test_a_cell_longer_than_any_text_and_a_quote_without_end_are_named_by_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,age\n1,"' + "x" * 140_000 + "\n")
    with pytest.raises(UnreadableFileError, match="line 2: field larger than field limit"):
        read_table(path)


def test_control_characters_of_a_table_are_marked(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,pain\x0bnow\n1,a\x1b[31m\n")
    frame = read_table(path)
    assert list(frame.columns) == ["id", "painnow"]
    assert frame.iloc[0, 1] == "a[31m"


@pytest.mark.parametrize("choices", ["", "|", "1", ", female", "1, a | 2"])
def test_choices_of_redcap_that_are_none_are_refused(choices):
    heading = 'Variable / Field Name,Field Type,"Choices, Calculations, OR Slider Labels"'
    for row in (f'sex,radio,"{choices}"', "sex,radio"):
        with pytest.raises(CohortDataError, match=r"sex: .* are no choices"):
            from_redcap(f"{heading}\n{row}\n")
