"""The clinical file: what it may say, what it must not, and how each fault is told."""

import contextlib
import json
import pickle
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ovcf.anatomy import Level
from ovcf.cli.remedies import message
from ovcf.clinical.case import ClinicalCase
from ovcf.clinical.earlier import EarlierVisit
from ovcf.clinical.flags import RedFlags
from ovcf.clinical.read_case import case_from_mapping, read_case
from ovcf.errors import ClinicalDataError, MissingFileError, SeveralClinicalDataError, UnreadableFileError
from ovcf.scores.applicability import applicability
from ovcf.vocabulary import Aetiology, FractureType, NeurologicalGrade, Sex, T2Pattern, Treatment

NAMED = {f.name: type(part) for f in fields(ClinicalCase) if is_dataclass(part := getattr(ClinicalCase(), f.name))}
SECTIONS = tuple(NAMED.values())

FULL = """
patient_id = "P-017"
visit_date = 2025-05-14
age_years = 79
sex = "female"
t_score = -2.5
index_level = "th12"
other_fractures = ["L4"]
fracture_type = "Burst"
vas = 7.5
analgesic_class = 3
treatment = "conservative"
posture_radiograph = "standing"
t2_pattern = "diffuse low"

[neurology]
bladder_or_bowel = true
n_grade = "N3"

[red_flags]
fever = false
"""


def written(tmp_path, text, name="case.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_full_file_is_read_into_the_words_of_the_field(tmp_path):
    case = read_case(written(tmp_path, FULL))
    assert case.patient_id == "P-017"
    assert case.visit_date == "2025-05-14"
    assert (case.age_years, case.sex, case.t_score) == (79.0, Sex.FEMALE, -2.5)
    assert case.index_level is Level.T12
    assert case.fractured == (Level.T12, Level.L4)
    assert case.fracture_type is FractureType.BURST
    assert case.treatment is Treatment.CONSERVATIVE
    assert case.analgesic_class == 3
    assert case.neurology.n_grade is NeurologicalGrade.N3
    assert case.red_flags.fever is False


@pytest.mark.parametrize(("written_as", "meant"), [("F", Sex.FEMALE), ("m", Sex.MALE), ("Female", Sex.FEMALE)])
def test_sex_may_be_a_letter(tmp_path, written_as, meant):
    assert read_case(written(tmp_path, f'sex = "{written_as}"')).sex is meant


def test_toml_and_json_say_the_same(tmp_path):
    as_json = {"age_years": 71, "index_level": "T11", "neurology": {"gait_change": False}, "t_score": None}
    as_toml = 'age_years = 71\nindex_level = "T11"\n[neurology]\ngait_change = false\n'
    assert read_case(written(tmp_path, json.dumps(as_json), "c.json")) == read_case(written(tmp_path, as_toml))


def test_what_is_left_out_is_unknown_not_no():
    case = case_from_mapping({})
    empty = (None, (), "", *(part() for part in SECTIONS))
    assert all(getattr(case, f.name) in empty for f in fields(case))
    assert case.neurology.symptomatic is None
    assert case.red_flags.infected is None


@pytest.mark.parametrize("section", NAMED)
def test_every_section_of_the_case_is_a_table_of_the_file(section):
    assert getattr(case_from_mapping({section: {}}), section) == NAMED[section]()


@pytest.mark.parametrize("minus", ["-", "−", "–"])
def test_a_typographic_minus_is_a_minus(tmp_path, minus):
    assert read_case(written(tmp_path, f't_score = "{minus}2.5"')).t_score == -2.5


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("t_score = 250", ["case.toml: t_score", "250", "from -8 to 6"]),
        ("t_score = nan", ["case.toml: t_score", "nan"]),
        ("t_score = inf", ["case.toml: t_score", "inf"]),
        ('t_score = "-2,5"', ["case.toml: t_score", "decimal comma", "-2.5"]),
        ('t_score = "−2,5"', ["case.toml: t_score", "decimal comma"]),
        ('t_score = "low"', ["case.toml: t_score", "not a number"]),
        ("t_score = true", ["case.toml: t_score", "not a number"]),
        ("t_score = [1]", ["case.toml: t_score", "not a number"]),
        ("age_years = -1", ["case.toml: age_years", "from 0 to 120"]),
        ("vas = 70", ["case.toml: vas", "from 0 to 10"]),
        ("analgesic_class = 1.5", ["case.toml: analgesic_class", "whole number", "from 0 to 3"]),
        ("tscore = -2.5", ["case.toml: tscore", "not a field", "Did you mean t_score?"]),
        ("bladder_or_bowel = true", ["not a field", "bladder_or_bowel in [neurology]"]),
        ("[neurology]\nsaddle_anesthesia = true", ["neurology: saddle_anesthesia", "saddle_anaesthesia"]),
        ("xyzzy = 1", ["case.toml: xyzzy", "ovcf schema case"]),
        ('sex = "x"', ["case.toml: sex", "female, male"]),
        ('index_level = "L9"', ["case.toml: index_level", "L9", "T12"]),
        ('other_fractures = "L1"', ["case.toml: other_fractures", "not a list"]),
        ("index_level = 1", ["case.toml: index_level", "quotes"]),
        ('cement_allergy = "no"', ["case.toml: cement_allergy", "neither yes nor no", "leave the field out"]),
        ("cement_allergy = 1", ["case.toml: cement_allergy", "neither yes nor no"]),
        ("neurology = true", ["case.toml: neurology", "not a section"]),
        ('visit_date = "14.5.2025"', ["case.toml: visit_date", "YYYY-MM-DD"]),
        ('t2_pattern = "grey"', ["case.toml: t2_pattern", "diffuse low"]),
    ],
)
def test_a_wrong_value_is_refused_with_field_range_and_remedy(tmp_path, text, names):
    with pytest.raises(ClinicalDataError) as raised:
        read_case(written(tmp_path, text))
    for name in names:
        assert name in str(raised.value)


@pytest.mark.parametrize(
    ("text", "name", "says"),
    [
        ("", "case.toml", "is empty"),
        ("  \n\n", "case.toml", "is empty"),
        ('index_level = "L1"\nage_years = ', "case.toml", "line 2"),
        ("t_score = -2.5\nDear colleague, the patient", "case.toml", "line 2"),
        ('{"age_years": 71,\n "sex": ', "case.json", "line 2"),
        ("[1, 2]", "case.json", "holds no fields"),
        ("t_score = -2,5", "case.toml", "not TOML"),
    ],
)
def test_a_file_that_is_not_a_clinical_file_is_named_with_the_line(tmp_path, text, name, says):
    with pytest.raises(UnreadableFileError, match=name) as raised:
        read_case(written(tmp_path, text, name))
    assert says in str(raised.value)
    assert "ovcf schema case" in raised.value.remedy.text


def test_a_picture_given_as_the_clinical_file_is_refused(tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    with pytest.raises(UnreadableFileError, match="UTF-8"):
        read_case(path)


def test_a_field_given_twice_in_json_is_refused(tmp_path):
    with pytest.raises(ClinicalDataError, match="twice"):
        read_case(written(tmp_path, '{"t_score": -2.5, "t_score": -3.5}', "case.json"))


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.toml"):
        read_case(tmp_path / "nowhere.toml")


def test_the_case_itself_refuses_impossible_values():
    with pytest.raises(ClinicalDataError, match="age_years"):
        ClinicalCase(age_years=400)
    with pytest.raises(ClinicalDataError, match="visit_date"):
        ClinicalCase(visit_date="2025-13-01")


def test_the_schema_documents_every_field_and_range():
    schema = TypeAdapter(ClinicalCase).json_schema()
    tables = [
        schema["properties"],
        *(schema["$defs"][name]["properties"] for name in (*(part.__name__ for part in SECTIONS), "EarlierVisit")),
    ]
    assert all(entry.get("description") for table in tables for entry in table.values())
    number = next(t for t in schema["properties"]["t_score"]["anyOf"] if t["type"] == "number")
    assert (number["minimum"], number["maximum"]) == (-8, 6)
    with pytest.raises((ValidationError, ClinicalDataError)):
        TypeAdapter(ClinicalCase).validate_python({"t_score": 250})


def test_every_example_is_read():
    read = {path.name: read_case(path) for path in (Path(__file__).parents[2] / "examples" / "cases").glob("*.toml")}
    case = read["case.toml"]
    assert (case.index_level, case.t_score, case.age_years) == (Level.L1, -2.8, 78.0)
    assert case.aetiology is Aetiology.OSTEOPOROSIS
    assert case.neurology.symptomatic is False


def test_the_documented_file_names_every_field():
    text = (Path(__file__).parents[2] / "docs" / "case.md").read_text(encoding="utf-8")
    for kind in (ClinicalCase, *SECTIONS, EarlierVisit):
        for f in fields(kind):
            assert f"`{f.name}`" in text, f"docs/case.md does not name {f.name}"
            assert f.metadata["description"] in text


YES_NO = st.sampled_from([None, True, False])


@given(st.fixed_dictionaries({f.name: YES_NO for f in fields(RedFlags)}))
def test_a_flag_is_raised_exactly_when_it_is_present(answers):
    flags = RedFlags(**answers)
    raised = {*flags.history, *flags.malignancy, *flags.infection, *flags.benign}
    assert raised == {name.replace("_", " ") for name, answer in answers.items() if answer}


@given(st.fixed_dictionaries({"t_score": st.floats(-8, 6), "age_years": st.floats(0, 120), "vas": st.floats(0, 10)}))
def test_a_case_survives_its_own_json(facts):
    case = case_from_mapping(facts | {"index_level": "L1", "neurology": {"n_grade": "N0"}})
    adapter = TypeAdapter(ClinicalCase)
    assert adapter.validate_json(adapter.dump_json(case)) == case


@given(st.dictionaries(st.text(max_size=12), st.none() | st.booleans() | st.floats() | st.text(max_size=8), max_size=4))
def test_any_other_content_is_refused_by_name_never_by_a_crash(facts):
    with contextlib.suppress(ClinicalDataError):
        assert isinstance(case_from_mapping(facts), ClinicalCase)
        assert facts.keys() <= {f.name for f in fields(ClinicalCase)}


@pytest.mark.parametrize(
    ("facts", "used"),
    [
        ({"t_score_l1": -4, "t_score_l2": -2, "t_score_l3": -3, "t_score_l4": -2.5}, -2.5),
        ({"t_score_l1": -4, "t_score_l2": -2, "t_score_l3": -3}, -2.5),
        ({"t_score_l2": -2, "t_score": -3.1}, -3.1),
        ({"t_score_l1": -4, "t_score_l2": -2, "t_score_l3": -3, "old_fractures": ["L2"]}, None),
        ({"t_score": -3.1}, -3.1),
    ],
)
def test_t_scores_by_level_give_their_mean_without_fractured_levels_from_two_levels_on(facts, used):
    assert case_from_mapping({"index_level": "L1", **facts}).used_t_score == used


EARLIER = """
visit_date = "2025-11-20"
[[earlier]]
visit_date = "2025-05-14"
vhl_percent = 17.8
posture_radiograph = "standing"
[[earlier]]
months_before = 3
vas = 4
"""


def test_earlier_visits_are_read_in_their_order_and_tell_how_long_ago_the_first_was(tmp_path):
    case = read_case(written(tmp_path, EARLIER))
    assert [v.when for v in case.earlier] == ["2025-05-14", "3 months before"]
    assert (case.earlier[0].vhl_percent, case.earlier[1].vas) == (17.8, 4)
    assert case.weeks_since_first_visit == pytest.approx(190 / 7)
    adapter = TypeAdapter(ClinicalCase)
    assert adapter.validate_json(adapter.dump_json(case)) == case


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[[earlier]]\nvas = 4", ["case.toml: earlier 1", "when it was", "months_before"]),
        ('[[earlier]]\nvisit_date = "14.5.2025"', ["YYYY-MM-DD"]),
        ("[[earlier]]\nmonths_before = 3\nvas = 40", ["earlier 1: vas", "from 0 to 10"]),
        ("[[earlier]]\nmonths_before = 3\nt_score = -2", ["earlier 1: t_score", "not a field"]),
        ('visit_date = "2025-01-01"\n[[earlier]]\nvisit_date = "2025-05-14"', ["2025-05-14", "not before this one"]),
        ('refractured_levels = ["L1"]', ["refractured_levels", "not among the cemented levels"]),
        ("anterior_height_supine_mm = 100", ["anterior_height_supine_mm", "from 0 to 60"]),
        ("sq_grade = 4", ["sq_grade", "from 0 to 3"]),
        ('cleft_on = "ultrasound"', ["cleft_on", "MRI, CT, radiograph"]),
    ],
)
def test_a_wrong_earlier_visit_is_refused_with_what_is_wrong(tmp_path, text, names):
    with pytest.raises(ClinicalDataError) as raised:
        read_case(written(tmp_path, text))
    for name in names:
        assert name in f"{raised.value} {raised.value.remedy}"


@pytest.mark.parametrize(("months", "recent"), [(5.9, True), (6.0, False)])
def test_a_fracture_first_seen_half_a_year_ago_is_not_scored_as_a_recent_one(months, recent):
    facts = {"index_level": "L1", "recent_fracture": True, "treatment": "conservative"}
    case = case_from_mapping({**facts, "earlier": [{"months_before": months}]})
    assert (not applicability(case).against) is recent


def test_words_given_as_text_are_members_of_their_list_so_that_no_rule_misses_them():
    case = ClinicalCase(
        index_level="L1", other_fractures=("T12",), aetiology="infection", t2_pattern="diffuse low", sex="female"
    )
    assert case == ClinicalCase(
        index_level=Level.L1,
        other_fractures=(Level.T12,),
        aetiology=Aetiology.INFECTION,
        t2_pattern=T2Pattern.DIFFUSE_LOW,
        sex=Sex.FEMALE,
    )
    assert case.aetiology is Aetiology.INFECTION
    assert applicability(case).urgent
    with pytest.raises(ClinicalDataError, match="aetiology: 'tumor' is not known"):
        ClinicalCase(aetiology="tumor")


WRONG = {
    "age_yaers": 74,
    "sex": "femal",
    "vas": 17,
    "visit_date": "2025-13-40",
    "t_score": "-2,5",
    "focal_lesions": "L1",
    "neurology": {"radiculopaty": True},
    "earlier": [{"visit_date": "2025-01-01", "vass": 3}],
}


def test_a_clinical_file_tells_all_that_is_wrong_in_it_at_once():
    with pytest.raises(SeveralClinicalDataError) as told:
        case_from_mapping(WRONG, where="case.toml")
    where = [one.where.removeprefix("case.toml: ").rpartition(": ")[2] for one in told.value.each]
    inside = {"neurology": "radiculopaty", "earlier": "vass"}
    assert where == [inside.get(name, name) for name in WRONG]
    assert "Did you mean age_years?" in str(told.value)
    assert "Did you mean radiculopathy?" in str(told.value)
    lines = message(told.value).splitlines()
    assert lines[0] == "case.toml: 8 entries cannot be used."
    assert [line.split(":")[0].strip() for line in lines[1:]] == [*list(WRONG)[:-1], "earlier 1"]


def test_one_thing_wrong_is_told_alone_and_the_error_survives_a_child_process():
    with pytest.raises(ClinicalDataError, match=r"^case: vas: 17 is not possible") as told:
        case_from_mapping({"vas": 17})
    assert not isinstance(told.value, SeveralClinicalDataError)
    several = SeveralClinicalDataError("case.toml", [told.value, told.value])
    assert str(pickle.loads(pickle.dumps(several))) == str(several)
