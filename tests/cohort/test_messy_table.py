"""A table as a Chinese hospital exports it: headings, codes, visits, dates and files that no program made."""

from datetime import date

import pytest

from ovcf.cohort.data.dates import are_dates, day_comes_first, read_date
from ovcf.cohort.data.patient_rows import Keep, only, repeated
from ovcf.cohort.data.read import read_table
from ovcf.cohort.data.time_between import TimeBetween, ambiguous, with_times
from ovcf.cohort.mapping.guess import guess_mapping
from ovcf.cohort.recipes.columns_of import columns_of
from ovcf.errors import CohortDataError

pd = pytest.importorskip("pandas")
KNOWN = columns_of("nasovcf")


def guessed(heading, *values):
    found = guess_mapping(pd.DataFrame({heading: list(values)}, dtype=object), KNOWN).guesses
    return found[0] if found else None


@pytest.mark.parametrize(
    ("heading", "values", "column"),
    [
        ("住院号", ["230101", "230102"], "patient_id"),
        ("患者年龄（岁）", ["71", "80"], "age_years"),
        ("性别", ["女", "男"], "sex"),
        ("骨折节段", ["L1", "胸12"], "level"),
        ("骨折类型", ["压缩性骨折", "爆裂性骨折"], "fracture_type"),
        ("体重指数", ["22.1", "24"], "bmi_kg_m2"),
        ("T值(腰椎L1-4)", ["-2.5", "-3.1"], "t_score"),
        ("椎体高度丢失率（％）", ["12.5", "30"], "vhl_percent_0mo"),
        ("术后6个月局部后凸角（°）", ["9", "12"], "ka_deg_6mo"),
        ("T2信号", ["无", "弥漫性低信号"], "t2_pattern"),
        ("术前VAS评分", ["7", "8"], "vas_0mo"),
        ("VAS 3个月", ["3", "2"], "vas_3mo"),
        ("术后半年ODI", ["30", "22"], "odi_6mo"),
        ("治疗后一年 ODI(%)", ["30", "22"], "odi_12mo"),
        ("骨不连", ["是", "否"], "non_union"),
        ("是否发生进行性后凸", ["有", "无"], "progressive_kyphosis"),
    ],
)
def test_headings_as_chinese_hospitals_write_them(heading, values, column):
    found = guessed(heading, *values)
    assert found.variable.name == column
    assert not found.open_codes


@pytest.mark.parametrize(
    ("heading", "values"),
    [("髋部T值", ["-2.5", "-3.1"]), ("受伤日期", ["2024-01-02", "2024-03-05"]), ("VAS变化", ["3", "5"])],
)
def test_what_is_another_thing_is_not_taken(heading, values):
    assert guessed(heading, *values) is None


def test_words_and_levels_are_understood_and_nothing_there_is_no_gap():
    assert dict(guessed("骨折节段", "腰1", "T12").variable.levels)["腰1"] == "L1"
    t2 = dict(guessed("T2信号", "无", "弥漫性低信号").variable.levels)
    assert (t2["无"], t2["弥漫性低信号"]) == ("none", "diffuse low")
    assert guess_mapping(pd.DataFrame({"性别": ["女", "不详"]}), KNOWN).gaps == ("不详",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_table_is_read_in_the_encodings_of_excel(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("住院号;年龄（岁）;备注\n1;71;家属要求保守治疗\n".encode(encoding))
    assert list(read_table(tmp_path / "a.csv").columns) == ["住院号", "年龄（岁）", "备注"]


@pytest.mark.parametrize(
    "text", ["Größe;Höhe\n1,62;Müller Jäger\n", "Âge;Déjà opéré\n71;à gauche\n", "Años;Señora\n1;2\n"]
)
def test_western_letters_are_not_taken_for_chinese(tmp_path, text):
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    assert list(read_table(tmp_path / "a.csv").columns) == text.split("\n")[0].split(";")


def test_dates_in_three_ways_are_read_and_one_with_two_meanings_is_asked():
    for text in ("2023-05-04", "2023/5/4", "2023.5.4", "2023年5月4日", "20230504", "2023-05-04 08:30"):
        assert read_date(text) == (date(2023, 5, 4), "")
    assert read_date("25/12/2023") == (date(2023, 12, 25), "")
    assert read_date("04/05/2023")[0] is None
    assert day_comes_first(["25/12/2023", "04/05/2023"]) is True
    assert day_comes_first(["12/25/2023", "04/05/2023"]) is False
    assert day_comes_first(["04/05/2023"]) is None
    assert (ambiguous(["04/05/2023", "2023-01-02"]), ambiguous(["04/05/2023", "25/12/2023"])) == ("04/05/2023", "")
    assert not are_dates(["230101", "20230101", "20230102"])  # numbers of patients


def test_the_time_between_two_dates_is_a_column_and_what_cannot_be_names_its_row():
    raw = pd.DataFrame(
        {"受伤日期": ["2023年1月1日", "15/01/2023", "NA"], "末次随访": ["2024/1/1", "2023-07-15", "2024-1-1"]}
    )
    made = with_times(raw, (TimeBetween("months", "受伤日期", "末次随访"),))["months"]
    assert made.tolist() == [f"{365 / 30.4375:.2f}", f"{181 / 30.4375:.2f}", ""]
    with pytest.raises(CohortDataError, match=r"row 2, 受伤日期: 2023-01-01 is before 末次随访"):
        with_times(raw, (TimeBetween("months", "末次随访", "受伤日期"),))
    two = pd.DataFrame({"a": ["04/05/2023"], "b": ["2024-01-01"]})
    with pytest.raises(CohortDataError, match="day or month first"):
        with_times(two, (TimeBetween("months", "a", "b"),))
    assert with_times(two, (TimeBetween("m", "a", "b", day_first=False),))["m"].item() == f"{271 / 30.4375:.2f}"


def test_patients_in_several_rows_are_found_and_only_the_rows_that_were_said_are_kept():
    raw = pd.DataFrame({"序号": list("12345"), "住院号": ["a", "b", "a", "", "b"], "x": list("pqpst")})
    found = repeated(raw)
    assert (found.heading, dict(found.rows), found.alike) == ("住院号", {"a": (0, 2), "b": (1, 4)}, 0)
    for keep, x, out in ((Keep.FIRST, "pqs", "4, 6"), (Keep.LAST, "pst", "2, 3"), (Keep.NONE, "s", "2, 3, 4, 6")):
        kept, said = only(raw, found, keep)
        assert "".join(kept["x"]) == x
        assert f"rows {out}" in said
    assert only(raw, found, Keep.LAST)[0].attrs["rows"] == [4, 5, 6]
    assert repeated(pd.concat([raw, raw.iloc[[0]]])).alike == 1
    assert repeated(raw[["序号", "x"]]) is None
