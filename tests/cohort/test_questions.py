"""One question to any table: the engine's own figures, under the names that the table has."""

import base64
import re

import numpy as np
import pytest

from ovcf.cohort.data.dataset import check
from ovcf.cohort.data.dictionary import VariableType
from ovcf.cohort.data.infer import describable, heading_for, inferred
from ovcf.cohort.prediction.roc import compare_roc, roc
from ovcf.cohort.questions.discrimination import discrimination
from ovcf.cohort.questions.explanation import explanation
from ovcf.cohort.questions.table1 import table1
from ovcf.cohort.questions.time_to_event import time_to_event
from ovcf.cohort.regression.linear import LinearResult
from ovcf.cohort.regression.logistic import LogisticResult, logistic
from ovcf.cohort.survival.cox import HazardResult, cox
from ovcf.cohort.survival.kaplan_meier import kaplan_meier
from ovcf.errors import CohortDataError
from ovcf.report.cohort.cohort_methods import methods_paragraph
from tests.cohort import simulated

pd = pytest.importorskip("pandas")


def table():
    raw = simulated.messy()
    return check(raw, inferred(raw, [str(c) for c in raw.columns if c != "Pat. No."])).checked()


# What columns are


def kind(*values):
    [v] = inferred(pd.DataFrame({"x": list(values) * 4}, dtype=object), ["x"]).variables
    return v.type.value


def test_columns_are_what_their_values_say():
    assert kind("yes", "No") == "boolean"
    assert kind("0", "1") == "boolean"
    assert kind("71", "80.5", "") == "number"
    assert kind("T12", "L1") == "category"
    assert kind("1", "2", "3") == "category"  # codes more often than counts
    assert kind("0", "4", "7", "9", "3", "5", "1") == "number"
    assert kind(*map(str, range(20)), "?") == "number"  # a question mark is a gap


def test_a_kind_may_be_said():
    raw = pd.DataFrame({"x": ["1", "2", "3"] * 5})
    assert inferred(raw, ["x"], {"x": VariableType.NUMBER})["x"].type is VariableType.NUMBER


def test_spellings_of_one_group_are_one_and_levels_stand_from_above_downwards():
    raw = pd.DataFrame({"level": ["L1", "l 1", "L1", "T12", "T9", "t12"] * 3})
    assert list(check(raw, inferred(raw, ["level"])).checked()["level"].cat.categories) == ["T9", "T12", "L1"]


def test_an_age_that_nobody_has_is_a_mistake_with_its_row():
    raw = pd.DataFrame({"Age (yrs)": ["71", "740", "65"]})
    [mistake] = check(raw, inferred(raw, ["Age (yrs)"])).mistakes
    assert (mistake.row, mistake.column, mistake.value) == (3, "Age (yrs)", "740")
    months = pd.DataFrame({"Age (months)": ["871", "740", "965"]})
    assert check(months, inferred(months, ["Age (months)"])).mistakes == ()


@pytest.mark.parametrize(
    "model", [lambda f: cox(f, "months", "e", ["age", "vbq"]), lambda f: logistic(f, "e", ["age"])]
)
def test_an_age_that_nobody_has_is_refused_by_every_model_by_name_and_row(model):
    frame = simulated.kadri(120).rename(columns={"age_years": "age"})
    frame["e"] = (frame["event"] == "fracture").astype(int)
    frame.loc[7, "age"] = 740
    with pytest.raises(CohortDataError, match=r"age: 740 \(row 7\) is not possible \(0 to 120 years\)"):
        model(frame)


def test_a_covariate_that_separates_is_named():
    rng = np.random.default_rng(2)
    event = np.arange(40) % 2
    frame = pd.DataFrame(
        {"months": np.where(event == 1, rng.uniform(1, 5, 40), 9), "e": event, "cleft": event, "x": rng.normal(size=40)}
    )
    with pytest.raises(CohortDataError, match="cleft separates"):
        cox(frame, "months", "e", ["x", "cleft"])


@pytest.mark.parametrize(
    ("word", "heading"),
    [("age", "Age (yrs)"), ("non_union", "Non-union"), ("T-score", "T-score L1-4"), ("sex", "Sex"), ("BRACE", "Brace")],
)
def test_a_heading_need_not_be_written_to_the_letter(word, heading):
    assert heading_for(word, list(simulated.messy().columns)) == heading


def test_a_heading_that_is_two_or_none_is_an_error():
    headings = list(simulated.messy().columns)
    with pytest.raises(CohortDataError, match="may be 'VAS pre' or"):
        heading_for("VAS", headings)
    with pytest.raises(CohortDataError, match="Did you mean 'Brace'"):
        heading_for("Brase", headings)


def test_names_of_patients_and_single_values_describe_nobody():
    raw = simulated.messy().assign(Always="x", Remarks=[f"text {i}" for i in range(180)])
    found = describable(raw)
    assert {"Pat. No.", "Always", "Remarks"} & set(found) == set()
    assert {"Age (yrs)", "Brace", "Non-union"} <= set(found)


# What is asked


def test_markers_are_compared_and_each_is_the_engines_own_curve():
    frame = table()
    found = discrimination(frame, "Non-union", ["Height loss (%)", "T-score L1-4"], lower=["T-score L1-4"])
    whole = frame.dropna(subset=["T-score L1-4"])
    own = roc(whole["Non-union"], whole["T-score L1-4"], name="T-score L1-4", lower=True)
    assert found.report["roc-2"].auc == own.auc
    assert found.report["roc-1"].n == found.report["roc-2"].n == found.report["roc-compared"].n == len(whole)
    assert f"AUC {own.auc.value:.3f}" in found.headline[1]


def test_a_marker_of_which_less_is_worse_is_its_negative_turned_round():
    frame = table().dropna(subset=["T-score L1-4"])
    y, t = frame["Non-union"], frame["T-score L1-4"]
    turned, negative = roc(y, t, lower=True, cut_offs=[-2.5]), roc(y, -t, cut_offs=[2.5])
    assert turned.auc == negative.auc
    assert [c.sensitivity for c in turned.cut_offs] == [c.sensitivity for c in negative.cut_offs]
    assert turned.cut_offs[0].value.value == -negative.cut_offs[0].value.value
    assert turned.cut_offs[1].sensitivity.value == pytest.approx(((t < -2.5) & (y == 1)).sum() / (y == 1).sum())
    assert "Event if below" in turned.tables[1].headings()
    other = frame["Height loss (%)"]
    ours = compare_roc(y, {"t": t, "h": other}, lower=["t"]).pairs[0][2]
    assert ours == compare_roc(y, {"t": -t, "h": other}).pairs[0][2]


def test_time_to_event_gives_curves_log_rank_and_hazard_ratios():
    frame = table()
    found = time_to_event(frame, "Follow-up (months)", "New fracture", by="Brace", at=[6, 12])
    whole = frame.dropna(subset=["Brace"])
    own = kaplan_meier(whole, "Follow-up (months)", "New fracture", group="Brace")
    assert found.report["kaplan-meier"].log_rank == own.log_rank
    ratios = cox(whole, "Follow-up (months)", "New fracture", ["Brace"], references={"Brace": "none"})
    assert [r.ratio.value for r in found.report["hazard-ratio"].ratios] == pytest.approx(
        [r.ratio.value for r in ratios.ratios]
    )
    assert any("Log-rank" in line for line in found.headline)


@pytest.mark.parametrize(
    ("outcome", "options", "kind"),
    [
        ("VAS 6m", {}, LinearResult),
        ("Non-union", {}, LogisticResult),
        ("Fracture type", {"event": "Burst"}, LogisticResult),
        ("New fracture", {"time": "Follow-up (months)"}, HazardResult),
    ],
)
def test_the_regression_is_that_of_the_outcome(outcome, options, kind):
    found = explanation(table(), outcome, ["Age (yrs)", "Sex"], **options)
    assert isinstance(found.report.items[0].result, kind)
    assert len(found.headline) == 2


def test_options_that_a_model_has_not_are_errors():
    frame = table()
    with pytest.raises(CohortDataError, match="strata: are for a Cox model"):
        explanation(frame, "Non-union", ["Sex"], strata=["Centre"])
    with pytest.raises(CohortDataError, match="no cluster"):
        explanation(frame, "New fracture", ["Sex"], time="Follow-up (months)", cluster="Centre")


def test_an_outcome_of_words_asks_which_is_the_event():
    with pytest.raises(CohortDataError, match="holds Burst, comp"):
        discrimination(table(), "Fracture type", ["Height loss (%)"])
    with pytest.raises(CohortDataError, match="has no value 'bursting'"):
        discrimination(table(), "Fracture type", ["Height loss (%)"], event="bursting")
    found = discrimination(table(), "Fracture type", ["Height loss (%)"], event="burst")
    assert found.report["roc"].auc.value > 0.5


def test_table_1_leaves_out_what_cannot_be_compared_and_says_so():
    frame = table().assign(same=1.0)
    found = table1(frame, "Non-union", ["Age (yrs)", "same"])
    assert [n.id for n in found.report.not_made] == ["same"]
    with pytest.raises(CohortDataError, match="fewer than two groups"):
        table1(frame[frame["Sex"] == "F"], "Sex", ["Age (yrs)"])


# What is said of it


def test_the_methods_paragraph_names_what_was_done_and_the_software():
    said = methods_paragraph(table1(table(), "Sex", ["Age (yrs)", "Brace", "VAS pre"]).report, "ovcf 9.9")
    assert "mean ± standard deviation" in said or "median (quartiles)" in said
    assert "Pearson chi-square" in said
    assert re.search(r"ovcf 9\.9 \(Python 3\.\d+\.\d+, numpy \d", said)
    assert "Each analysis used the patients in whom its variables were known." in said
    several = time_to_event(table(), "Follow-up (months)", "New fracture", by="Sex").report
    assert "log-rank test" in methods_paragraph(several, "ovcf")
    assert "Cox's proportional hazards" in methods_paragraph(several, "ovcf")


def test_plots_and_results_show_themselves_in_a_notebook():
    result = discrimination(table(), "Non-union", ["Height loss (%)"]).report["roc"]
    axes = result.plot()
    assert "<svg" in axes._repr_svg_()
    assert axes._repr_png_().startswith(b"\x89PNG")
    page = result._repr_html_()
    image = base64.b64decode(re.search(r'base64,([^"]+)"', page)[1])
    assert b"<svg" in image
    assert "<table " in page
