"""Table 1 of imputed patients: by hand on two small data sets, and nothing where nothing is missing."""

import pandas as pd
import pytest

from ovcf.cohort.groups.baseline import baseline
from ovcf.cohort.missing.imputation import Imputed, impute
from ovcf.cohort.missing.pooled_baseline import pooled_baseline

GROUP = ["a"] * 5 + ["b"] * 5
AGE = [70.0, 72, 75, 79, 84, 66, 71, 73, 80, 90]


def patients(age=AGE, smoker=(1, 0, 0, 1, 1, 0, 0, 1, 0, 0)):
    return pd.DataFrame({"group": GROUP, "age": age, "smoker": list(smoker)})


def two(first, second):
    return Imputed(frames=(first, second), missing=(("age", 1), ("smoker", 1)), method="two by hand")


def test_equal_data_sets_give_the_usual_table():
    whole = baseline(patients(), "group", ["age", "smoker"]).tables[0]
    pooled = pooled_baseline(two(patients(), patients()), "group", ["age", "smoker"]).tables[0]
    assert [row[:5] for row in pooled.cells()] == [row[:5] for row in whole.cells()]


def test_each_cell_is_the_mean_over_the_data_sets():
    other = [74.0, *AGE[1:]]
    frame = (
        pooled_baseline(two(patients(), patients(other, (1, 1, 0, 1, 1, 0, 0, 1, 0, 0))), "group", ["age", "smoker"])
        .tables[0]
        .frame()
    )
    age, smoker = frame.iloc[0], frame.iloc[1]
    assert age["a_mean"] == pytest.approx((76 + 76.8) / 2)  # (70 + 72 + 75 + 79 + 84) / 5, and with 74
    assert age["a_median"] == 75
    assert age["a_sd"] ** 2 == pytest.approx((pd.Series(AGE[:5]).var() + pd.Series(other[:5]).var()) / 2)
    assert (smoker["a_count"], smoker["a_of"]) == (3.5, 5)
    assert age["missing"] == 1


def test_what_was_imputed_is_said_and_no_p_is_given():
    frame = patients()
    frame.loc[[1, 7], "age"] = None
    result = pooled_baseline(
        impute(frame, ["group", "age", "smoker"], imputations=3, seed=1), "group", ["age", "smoker"]
    )
    assert "P" not in result.tables[0].headings()
    assert dict(result.missing)["age"] == 2
    assert "no P values" in str(result)
