"""A question as data: what it asks for, what it refuses, and that its answer is the one of the function it names."""

import numpy as np
import pytest

from ovcf.cohort.agreement.reliability import bland_altman, icc
from ovcf.cohort.data.dictionary import VariableType, parse_dictionary
from ovcf.cohort.groups.baseline import baseline
from ovcf.cohort.prediction.roc import roc
from ovcf.cohort.questions.agreement import agreement
from ovcf.cohort.questions.asked import Asked, Question, described, level_of
from ovcf.cohort.questions.table1 import columns_to_describe, table1
from ovcf.cohort.recipes.validation import validation_study
from ovcf.cohort.regression.logistic import logistic
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.errors import CohortDataError

pd = pytest.importorskip("pandas")


def patients(n=120):
    rng = np.random.default_rng(5)
    age = rng.uniform(60, 90, n)
    return pd.DataFrame(
        {
            "id": [f"P{i}" for i in range(n)],
            "age": age,
            "sex": pd.Categorical(rng.choice(["female", "male"], n)),
            "healed": rng.random(n) < 1 / (1 + np.exp((age - 75) / 8)),
            "months": rng.exponential(12, n),
            "ka_1": age / 5,
            "ka_2": age / 5 + rng.normal(0, 1, n),
            "ka_3": age / 5 + rng.normal(0, 1, n),
        }
    )


FRAME = patients()
OWN = """
missing_codes = ["-9"]
[sex]
heading = "Geschlecht"
type = "category"
levels = {1 = "m", 2 = "f"}
"""


def test_table_1_is_the_baseline_of_what_can_be_described():
    found = Asked(question=Question.TABLE1, by=("sex",)).answer(FRAME).report
    described = columns_to_describe(FRAME, "sex")
    assert "id" not in described
    assert "sex" not in described
    expected = baseline(FRAME, "sex", described)
    assert found["table-1"].tables[0].rows == expected.tables[0].rows
    some = Asked(question=Question.TABLE1, by=("sex",), columns=("age",)).answer(FRAME).report
    assert [line.variable for line in some["table-1"].lines] == ["age"]


def test_the_headline_of_table_1_names_what_differs_or_says_that_nothing_does():
    different = FRAME.assign(age=FRAME["age"] + 20 * (FRAME["sex"] == "male"))
    assert "Different between the groups at P < .05: age" in table1(different, "sex", ["age"]).headline[0]
    even = pd.DataFrame({"sex": ["female", "male"] * 20, "age": [70.0, 70, 80, 80] * 10})
    assert table1(even, "sex", ["age"]).headline[0] == (
        "No variable differs between the groups at P < .05 (1 compared)."
    )


def test_table_1_of_nothing_that_can_be_compared_is_refused_and_an_unknown_group_by_its_name():
    with pytest.raises(CohortDataError, match="cannot be compared"):
        table1(FRAME.assign(empty=np.nan), "sex", ["empty"])
    with pytest.raises(CohortDataError, match="ward"):
        table1(FRAME, "ward", ["age"])


def test_roc_and_kaplan_meier_and_regression_are_those_of_the_engine():
    asked = Asked(question=Question.ROC, outcome="healed", by=("age",), lower=("age",)).answer(FRAME).report
    assert asked["roc"].auc.value == pytest.approx(roc(FRAME["healed"], -FRAME["age"]).auc.value)
    asked = Asked(question=Question.KM, time="months", outcome="healed", by=("sex",), at=(12.0,)).answer(FRAME).report
    expected = kaplan_meier(FRAME, "months", "healed", group="sex")
    assert asked["kaplan-meier"].log_rank.p == expected.log_rank.p
    asked = Asked(question=Question.REGRESSION, outcome="healed", by=("age", "sex"), reference={"sex": "Male"})
    expected = logistic(FRAME, "healed", ["age", "sex"], references={"sex": "male"})
    found = asked.answer(FRAME).report["logistic"]
    assert found.effects == expected.effects


def test_agreement_of_two_columns_and_of_three():
    answer, found = agreement(FRAME, ["ka_1", "ka_2"])
    assert found["ICC(2,1)"].value == icc(FRAME[["ka_1", "ka_2"]].to_numpy())["ICC(2,1)"].value
    assert answer.report["bland-altman"].bias.value == bland_altman(FRAME["ka_1"], FRAME["ka_2"]).bias.value
    assert f"smallest detectable change {found.sdc:.3g}" in answer.headline[0]
    asked = Asked(question=Question.AGREEMENT, by=("ka_1", "ka_2", "ka_3")).answer(FRAME).report
    assert [item.id for item in asked.items] == ["icc", "bland-altman-1", "bland-altman-2", "bland-altman-3"]


def test_a_pair_without_limits_is_told_and_the_rest_is_made():
    twice = FRAME.assign(again=FRAME["ka_1"])
    answer, found = agreement(twice, ["ka_1", "again"])
    assert found["ICC(2,1)"].value == 1
    assert {item.id for item in answer.report.items} | {left.id for left in answer.report.not_made} == {
        "icc",
        "bland-altman",
    }
    with pytest.raises(CohortDataError, match="at least two columns"):
        agreement(FRAME, ["ka_1"])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"question": Question.TABLE1}, "table1, by"),
        ({"question": Question.ROC, "by": ("age",)}, "roc, outcome"),
        ({"question": Question.KM, "outcome": "healed"}, "km, time"),
        ({"question": Question.AGREEMENT}, "agreement, by"),
        ({"question": Question.TABLE1, "by": ("sex", "age")}, "are several columns"),
    ],
)
def test_a_question_without_its_columns_is_refused(asked, message):
    with pytest.raises(CohortDataError, match=message):
        Asked(**asked)


def test_columns_are_what_they_are_asked_for():
    asked = Asked(
        question=Question.REGRESSION,
        outcome="healed",
        by=("age", "sex"),
        cluster="centre",
        splines={"age": 4},
        category=("grade",),
        number=("vas",),
    )
    assert asked.wanted == ("healed", "age", "sex", "centre")
    assert asked.kinds == {
        "centre": VariableType.CATEGORY,
        "grade": VariableType.CATEGORY,
        "age": VariableType.NUMBER,
        "vas": VariableType.NUMBER,
    }
    assert Asked(question=Question.KM, time="months", outcome="healed", by=("sex",)).kinds == {
        "sex": VariableType.CATEGORY,
        "months": VariableType.NUMBER,
    }
    assert Asked(question=Question.AGREEMENT, by=("ka_1",)).kinds == {"ka_1": VariableType.NUMBER}


def test_own_words_of_a_column_go_before_what_its_values_say():
    raw = pd.DataFrame({"Geschlecht": ["1", "2"] * 4, "Alter": [str(60 + i) for i in range(8)]})
    own = parse_dictionary(OWN)
    found = described(raw, ["Geschlecht", "Alter"], own, {})
    assert [v.name for v in found.variables] == ["Geschlecht", "Alter"]
    assert [v.type for v in found.variables] == [VariableType.CATEGORY, VariableType.NUMBER]
    assert "-9" in found.missing_codes
    alone = described(raw, ["Alter"], None, {"Alter": VariableType.NUMBER})
    assert [v.name for v in alone.variables] == ["Alter"]


def test_a_level_is_found_whatever_its_capitals_and_an_unknown_one_stays_as_it_is():
    assert level_of(FRAME, "sex", "FEMALE") == "female"
    assert level_of(FRAME, "healed", "Yes") is True
    assert level_of(FRAME, "sex", "unknown") == "unknown"


def test_the_validation_of_nasovcf_alone_says_what_the_columns_do_not_allow():
    found = validation_study(pd.DataFrame({"age_years": [70, 80, 75], "sex": ["female", "male", "female"]}))
    assert not found.items
    assert [left.id for left in found.not_made] == ["validation-non-union", "validation-progressive-kyphosis"]
