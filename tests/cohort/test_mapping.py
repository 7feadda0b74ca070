"""A stranger's table: headings, codes and units are guessed, and what cannot be told is asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovcf.cohort.data.complaints import complaints, misunderstood
from ovcf.cohort.data.dataset import check
from ovcf.cohort.data.dictionary import OPEN, VariableType, parse_dictionary
from ovcf.cohort.data.read import from_redcap
from ovcf.cohort.mapping.guess import Doubt, Sure, guess_mapping
from ovcf.cohort.mapping.headings import take_apart
from ovcf.cohort.mapping.value_codes import suggestion
from ovcf.cohort.mapping.write import mapping_text
from ovcf.cohort.recipes.columns_of import columns_of
from ovcf.errors import CohortDataError
from ovcf.plain_text import clean

pd = pytest.importorskip("pandas")
KNOWN = columns_of("nasovcf")


def guessed(**columns):
    return {g.heading: g for g in guess_mapping(pd.DataFrame(columns, dtype=object), KNOWN).guesses}


def one(heading, *values):
    return guessed(**{heading: list(values)}).get(heading)


@pytest.mark.parametrize(
    ("heading", "values", "column"),
    [
        ("Age (yrs)", ["71", "80"], "age_years"),
        ("AGE_YEARS", ["71", "80"], "age_years"),
        ("Patient age", ["71", "80"], "age_years"),
        ("Gender", ["F", "M"], "sex"),
        ("Fx Level", ["L 1", "t12"], "level"),
        ("Body Weight (kg)", ["55", "61.5"], "weight_kg"),
        ("BMI kg/m2", ["22.1", "24"], "bmi_kg_m2"),
        ("Height loss (%)", ["12.5", "30"], "vhl_percent_0mo"),
        ("VHL at 6 months [%]", ["12.5", "30"], "vhl_percent_6mo"),
        ("Cobb angle pre", ["9", "12"], "ka_deg_0mo"),
        ("T-score L1-4", ["-2.5", "-3.1"], "t_score"),
        ("BMD T score", ["-2.5", "-3.1"], "t_score"),
        ("Nonunion", ["yes", "no"], "non_union"),
        ("nonunion at 6 months", ["1", "0"], "non_union"),
        ("Progressive kyphosis 6mo", ["yes", "no"], "progressive_kyphosis"),
        ("VAS_pre", ["7", "8"], "vas_0mo"),
        ("VAS 3m", ["3", "2"], "vas_3mo"),
        ("ODI_M6", ["30", "22"], "odi_6mo"),
        ("Oswestry (1 year)", ["30", "22"], "odi_12mo"),
        ("T2 signal", ["none", "Diffuse Low"], "t2_pattern"),
        ("Pat. No.", ["1", "2"], "patient_id"),
    ],
)
def test_headings_as_people_write_them(heading, values, column):
    assert one(heading, *values).variable.name == column


def test_a_number_may_carry_its_unit():
    raw = pd.DataFrame({"Age": ["65 y", "71 years"], "KA": ["12°", "9.5 deg"], "Height loss": ["12%", "8.5 %"]})
    frame = check(raw, guess_mapping(raw, KNOWN).dictionary()).checked()
    assert frame["age_years"].tolist() == [65, 71]
    assert frame["ka_deg_0mo"].tolist() == [12, 9.5]
    assert frame["vhl_percent_0mo"].tolist() == [12, 8.5]
    wrong = check(pd.DataFrame({"age_years": ["65 cm"]}), KNOWN_OF("age_years"))
    assert wrong.mistakes[0].problem == "is not a number"


def test_a_plain_heading_with_other_values_is_said_and_asked():
    mapping = guess_mapping(pd.DataFrame({"Age": ["young", "old"], "sex": ["F", "M"]}), KNOWN)
    assert [(u.heading, u.name, u.examples) for u in mapping.unfit] == [("Age", "age_years", ("young", "old"))]
    assert not mapping.is_certain


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("T-score hip", ["-2.5", "-3.1"]),
        ("Date of birth", ["1950-01-01", "1949-02-02"]),
        ("Change in VAS", ["3", "2"]),
        ("nonunion at 3 months", ["yes", "no"]),  # the design judges it at 6 months
        ("Family history of non-union", ["yes", "no"]),
        ("Surgeon", ["AB", "CD"]),
        ("Age", ["young", "old"]),  # a name that fits and values that do not
    ],
)
def test_another_thing_is_not_taken_for_a_column(heading, values):
    assert one(heading, *values) is None


def test_a_heading_is_taken_apart():
    assert take_apart("Height loss (%)").unit == "%"
    assert take_apart("VAS 6 months").month == 6
    assert take_apart("Follow-up (months)") == take_apart("follow up months")
    assert take_apart("Months").month is None


@pytest.mark.parametrize(
    ("heading", "values", "factor", "said"),
    [
        ("Height (cm)", ["158", "162"], 0.01, True),
        ("Height", ["158", "162"], 0.01, False),
        ("Height loss (%)", ["0.178", "0.3"], 100, False),
        ("Height loss (%)", ["17.8", "30"], 1, True),
        ("Height loss", ["0.5%", "0.4%"], 1, True),
        ("VAS pre (0-100)", ["70", "80"], 0.1, True),
        ("VAS pre", ["70", "80"], 0.1, False),
        ("ODI pre (0-50)", ["30", "22"], 2, True),
        ("T-score", ["2.5", "3.1"], -1, False),
    ],
)
def test_units_come_from_the_heading_or_are_a_guess_to_look_at(heading, values, factor, said):
    guess = one(heading, *values)
    assert guess.variable.factor == pytest.approx(factor)
    assert (Doubt.UNIT in guess.doubts) is not said


def test_a_fraction_becomes_percent_only_by_the_confirmed_dictionary():
    raw = pd.DataFrame({"Height loss (%)": ["0.178", "0.3"]})
    mapping = guess_mapping(raw, KNOWN)
    assert not mapping.is_certain
    assert check(raw, mapping.dictionary()).frame["vhl_percent_0mo"].tolist() == pytest.approx([17.8, 30])


def test_codes_that_say_nothing_are_asked_and_words_are_not():
    assert one("Sex", "1", "2").open_codes == ("1", "2")
    assert one("sex", "1", "2").doubts == (Doubt.CODES,)  # the design's own name does not explain them either
    assert one("Fracture type", "0", "1").open_codes == ("0", "1")
    assert one("Non-union", "1", "2").open_codes == ("1", "2")
    assert one("Non-union", "0", "1").open_codes == ()
    assert dict(one("Sex", "F", "w", "man").variable.levels) == {"F": "female", "w": "female", "man": "male"}
    assert dict(one("Non-union", "healed", "nonunion").variable.levels) == {"healed": "no", "nonunion": "yes"}


def test_a_few_slips_do_not_make_a_list_unknown():
    guess = one("Sex", *["female"] * 9, *["male"] * 9, "femal")
    assert guess.open_codes == ()


def test_two_headings_for_one_column_are_looked_at():
    found = guess_mapping(pd.DataFrame({"Age": ["70"], "Patient age": ["71"]}), KNOWN)
    assert [g.heading for g in found.guesses] == ["Age"]
    assert found.guesses[0].doubts == (Doubt.TWICE,)
    assert found.ignored == ("Patient age",)


def test_what_people_write_for_unknown_is_taken_so_when_confirmed():
    raw = pd.DataFrame({"age_years": ["70", "-99", "?"], "sex": ["F", "unknown", "M"], "vas_0mo": ["9", "3", ""]})
    mapping = guess_mapping(raw, KNOWN)
    assert mapping.gaps == ("-99", "?", "unknown")
    assert not mapping.is_certain
    frame = check(raw, parse_dictionary(mapping_text(mapping))).checked()
    assert frame["age_years"].isna().tolist() == [False, True, True]
    assert frame["sex"].isna().tolist() == [False, True, False]


def test_the_names_of_the_design_need_no_question():
    raw = pd.DataFrame({"age_years": ["70"], "sex": ["F"], "level": ["l 1"], "t2_pattern": ["none"], "vas_3mo": ["4"]})
    mapping = guess_mapping(raw, KNOWN)
    assert mapping.is_certain
    assert {g.sure for g in mapping.guesses} == {Sure.OWN}
    frame = check(raw, mapping.dictionary()).checked()
    assert frame.iloc[0].tolist() == [70, "female", "L1", "none", 4]


def test_none_is_a_t2_pattern_and_elsewhere_a_gap():
    frame = check(pd.DataFrame({"t2_pattern": ["None"], "age_years": ["None"]}), KNOWN_OF("t2_pattern", "age_years"))
    assert frame.frame["t2_pattern"].tolist() == ["none"]
    assert frame.frame["age_years"].isna().all()


def KNOWN_OF(*names):  # noqa: N802  # beside KNOWN
    return type(KNOWN)(tuple(KNOWN[n] for n in names))


def test_the_file_can_be_given_again_and_gives_the_same():
    raw = pd.DataFrame(
        {
            'Sex "m/f"': ["F", "M"],
            "T-score L1-4": ["-2,5", "-3,1"],
            "Height (cm)": ["158", "170"],
            "Fx Level": ["L 1", "t12"],
            "Notes": ["x", "y"],
            "Non-union": ["healed", "nonunion"],
        }
    )
    mapping = guess_mapping(raw, KNOWN)
    again = parse_dictionary(mapping_text(mapping))
    assert again.ignored == ("Notes",)
    assert again.decimal_comma
    first, second = (check(raw, d) for d in (mapping.dictionary(), again))
    assert first.mistakes == second.mistakes == ()
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert second.frame["t_score"].tolist() == [-2.5, -3.1]
    assert second.frame["non_union"].tolist() == [False, True]
    assert guess_mapping(raw, KNOWN, again).guesses == ()  # confirmed: nothing is guessed again


def test_an_unanswered_code_is_refused_by_name():
    text = mapping_text(guess_mapping(pd.DataFrame({"Sex": ["1", "2"]}), KNOWN))
    with pytest.raises(CohortDataError, match=r"\[sex\] levels: do not say what 1 and 2 stand for"):
        parse_dictionary(text)
    assert parse_dictionary(text.replace(f'1 = "{OPEN}", 2 = "{OPEN}"', '1 = "male", 2 = "female"'))["sex"].levels == (
        ("1", "male"),
        ("2", "female"),
    )


def test_a_boolean_has_no_other_words_than_yes_and_no():
    with pytest.raises(CohortDataError, match="of a boolean are yes and no"):
        parse_dictionary('[x]\ntype = "boolean"\nlevels = {1 = "perhaps"}')


def test_what_a_column_is_called_and_what_it_means_cannot_both_be_there():
    raw = pd.DataFrame({"Age": ["70"], "age_years": ["71"]})
    with pytest.raises(CohortDataError, match="both said to be age_years"):
        check(raw, parse_dictionary('[age_years]\nheading = "Age"\ntype = "number"'))


def test_complaints_are_one_a_value_with_their_rows():
    raw = pd.DataFrame({"sex": ["X"] * 148 + ["female"] * 60, "age_years": ["70"] * 206 + ["740", "810"]})
    cohort = check(raw, KNOWN_OF("sex", "age_years"))
    said = [str(c) for c in complaints(cohort)]
    assert said == [
        "sex: 'X' in 148 rows (2, 3, 4, ...) is none of female, male",
        "age_years: '740', '810' in rows 208, 209 is outside 18 to 110 years; times 0.1 it fits: another unit?",
    ]
    assert misunderstood(cohort) == ("sex",)


def test_what_a_wrong_word_may_be_meant_as():
    assert suggestion("femal", KNOWN["sex"], "sex") == "female"
    assert suggestion("women", KNOWN["sex"], "sex") == "female"
    assert suggestion("?", KNOWN["sex"], "sex") is None
    assert KNOWN["sex"].type is VariableType.CATEGORY


HEADINGS = st.one_of(
    st.sampled_from(
        ["Age", "Sex", "VAS pre", "VAS 3m", "Level", "T-score", "Non-union", "T2", "Height", "Fracture type"]
    ),
    st.text(max_size=12),
)
VALUES = st.one_of(
    st.sampled_from(["F", "1", "2", "0", "yes", "L 1", "none", "0.2", "-2,5", "740", ""]), st.text(max_size=6)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(HEADINGS, st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=6))
def test_whatever_a_table_holds_its_dictionary_can_be_read_again_or_asks(columns):
    raw = pd.DataFrame(columns, dtype=object).rename(columns=clean).map(clean)
    if raw.columns.duplicated().any():
        return
    mapping = guess_mapping(raw, KNOWN)
    text = mapping_text(mapping)
    if any(g.open_codes for g in mapping.guesses):
        with pytest.raises(CohortDataError, match="stand for"):
            parse_dictionary(text)
    elif mapping.guesses:
        again = check(raw, parse_dictionary(text))
        first = check(raw, mapping.dictionary())
        assert again.mistakes == first.mistakes
        pd.testing.assert_frame_equal(again.frame, first.frame)


def test_the_dictionary_of_redcap_gives_labels_to_codes_and_names_of_its_own_are_guessed():
    own = from_redcap(
        '"Variable / Field Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels"\n'
        'rec,text,Record ID,\nage,text,Age at injury,\ngeschlecht,radio,Sex,"1, Male | 2, Female"\n'
        "nonunion,yesno,Non-union,\nnotes,text,Notes,\n"
    )
    raw = pd.DataFrame(
        {"rec": ["1", "2"], "age": ["70", "81"], "geschlecht": ["1", "2"], "nonunion": ["0", "1"], "notes": ["x", "y"]}
    )
    mapping = guess_mapping(raw, KNOWN, own)
    assert {g.heading: g.variable.name for g in mapping.guesses} == {
        "rec": "patient_id",
        "age": "age_years",
        "geschlecht": "sex",
        "nonunion": "non_union",
    }
    assert not mapping.is_certain
    frame = check(raw, parse_dictionary(mapping_text(mapping))).checked()
    assert frame["sex"].tolist() == ["male", "female"]
    assert frame["non_union"].tolist() == [False, True]


def test_labels_of_ones_own_are_kept_unless_they_are_the_designs_in_another_spelling():
    raw = pd.DataFrame({"sex": ["1", "2"]})
    spelt = parse_dictionary('[sex]\ntype = "category"\nlevels = {1 = "Male", 2 = "Female"}')
    [guess] = guess_mapping(raw, KNOWN, spelt).guesses
    assert dict(guess.variable.levels) == {"1": "male", "2": "female"}
    kept = parse_dictionary('[sex]\ntype = "category"\nlevels = {1 = "men", 2 = "ladies"}')
    assert guess_mapping(raw, KNOWN, kept).guesses == ()
