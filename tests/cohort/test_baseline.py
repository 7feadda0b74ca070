"""Baseline tables: the right test for each variable, and its P as other libraries give it."""

import re

import numpy as np
import pytest

from ovcf.cohort.groups.baseline import baseline, groups_in_rows
from ovcf.cohort.groups.group_tests import (
    PLANNED,
    compare_counts,
    compare_numbers,
    pairwise_numbers,
    standardised_difference,
    standardised_difference_of_counts,
)
from ovcf.errors import CohortDataError

pd = pytest.importorskip("pandas")
stats = pytest.importorskip("scipy.stats")


def patients(n=240, seed=5):
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(["low", "medium", "high"], n // 3))
    high = (group == "high").astype(float)
    return pd.DataFrame(
        {
            "group": pd.Categorical(group, ["low", "medium", "high"]),
            "age": rng.normal(75 + 2 * high, 8),
            "hospital_days": rng.exponential(6, n),
            "t_score": rng.normal(-3 - high, np.where(high == 1, 2.0, 0.5)),
            "sex": rng.choice(["female", "male"], n, p=[0.75, 0.25]),
            "asa": rng.choice([1, 2, 3], n),
            "burst": rng.random(n) < 0.2 + 0.3 * high,
            "rare": rng.random(n) < 0.02,
        }
    )


VARIABLES = ["age", "hospital_days", "t_score", "sex", "asa", "burst", "rare"]


def test_every_variable_gets_the_test_that_its_distribution_asks_for():
    result = baseline(patients(), "group", VARIABLES, kinds={"asa": "category"})
    tests = {line.variable: line.comparison.test for line in result.lines}
    assert tests == {
        "age": "anova",
        "hospital_days": "kruskal",
        "t_score": "welch",
        "sex": "chi-square",
        "asa": "chi-square",
        "burst": "chi-square",
        "rare": "fisher",
    }
    assert "Shapiro-Wilk" in result.lines[1].comparison.reason
    assert list(result.tables[1].frame()["variable"]) == VARIABLES


def test_p_values_are_those_of_the_tests_themselves():
    frame = patients()
    by = {line.variable: line.comparison for line in baseline(frame, "group", VARIABLES).lines}
    age, days = (
        [g[name].to_numpy() for _, g in frame.groupby("group", observed=True)] for name in ("age", "hospital_days")
    )
    assert by["age"].p == pytest.approx(stats.f_oneway(*age).pvalue)
    assert by["hospital_days"].p == pytest.approx(stats.kruskal(*days).pvalue)
    crossed = pd.crosstab(frame["group"], frame["sex"])
    assert by["sex"].p == pytest.approx(stats.chi2_contingency(crossed, correction=False).pvalue)


def test_welch_is_that_of_pingouin():
    pingouin = pytest.importorskip("pingouin")
    frame = patients()
    groups = [g["t_score"].to_numpy() for _, g in frame.groupby("group", observed=True)]
    theirs = pingouin.welch_anova(data=frame, dv="t_score", between="group")
    p = next(c for c in theirs.columns if c.lower().startswith("p") and "unc" in c)
    assert compare_numbers(groups, "welch").p == pytest.approx(theirs[p].iloc[0])


def test_two_groups_are_the_t_test_and_the_rank_sum_test():
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=30), rng.normal(0.5, size=40)
    assert compare_numbers([a, b], "anova").p == pytest.approx(stats.ttest_ind(a, b).pvalue)
    assert compare_numbers([a, b], "welch").p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    exact = stats.mannwhitneyu(a, b, method="exact").pvalue
    assert compare_numbers([a, b], "kruskal").p == pytest.approx(exact)
    many = rng.normal(size=60)
    plain = stats.mannwhitneyu(a, many, use_continuity=False, method="asymptotic").pvalue
    assert compare_numbers([a, many], "kruskal").p == pytest.approx(plain)


def test_pairs_are_adjusted_within_their_variable():
    rng = np.random.default_rng(2)
    groups = [rng.normal(m, size=30) for m in (0, 0.2, 1)]
    pairs = pairwise_numbers(groups, ["a", "b", "c"], "anova", "bonferroni")
    assert [(p.first, p.second) for p in pairs] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert all(p.p_adjusted == pytest.approx(min(1, 3 * p.p)) for p in pairs)


def test_standardised_differences_by_hand():
    # means 1 and 3, variances 1 and 3: 2 / sqrt(2)
    a, b = np.array([0.0, 1.0, 2.0]), np.array([3 - 3**0.5, 3.0, 3 + 3**0.5])
    assert standardised_difference(a, b) == pytest.approx(2 / np.sqrt(2))
    # of a proportion: (0.6 - 0.4) / sqrt((0.24 + 0.24) / 2)
    found = standardised_difference_of_counts(np.array([40.0, 60.0]), np.array([60.0, 40.0]))
    assert found == pytest.approx(0.2 / np.sqrt(0.24))


def test_missing_values_are_counted_by_variable_and_percentages_are_of_the_known():
    frame = patients()
    frame.loc[[0, 1, 2], "age"] = np.nan
    frame.loc[[4], "sex"] = None
    frame.loc[[9], "group"] = np.nan
    result = baseline(frame, "group", ["age", "sex"])
    assert dict(result.missing) == {"group": 1, "age": 3, "sex": 1}
    assert result.n == 239
    assert result.tidy()["overall_known"].iloc[1] == 238


def test_the_table_prints_and_is_tidy():
    result = baseline(patients(), "group", VARIABLES)
    assert "high (n = 80)" in str(result)
    assert {"low_mean", "low_median", "low_count"} <= set(result.tidy().columns)
    assert len(result.tables) == 3


@pytest.mark.parametrize(
    ("change", "variables", "message"),
    [
        ({"group": "low"}, ["age"], "fewer than two groups"),
        ({"age": 70.0}, ["age"], "all the same"),
        ({"sex": "female"}, ["sex"], "is always female"),
        ({}, ["weight"], "no column"),
    ],
)
def test_what_cannot_be_compared_is_named(change, variables, message):
    with pytest.raises(CohortDataError, match=message):
        baseline(patients().assign(**change), "group", variables)


def test_a_test_fixed_beforehand_is_used_and_an_unfit_one_refused():
    result = baseline(patients(), "group", ["age"], tests={"age": "kruskal"})
    assert (result.lines[0].comparison.test, result.lines[0].comparison.reason) == ("kruskal", PLANNED)
    with pytest.raises(CohortDataError, match="does not compare numbers"):
        baseline(patients(), "group", ["age"], tests={"age": "fisher"})
    with pytest.raises(CohortDataError, match="does not compare categories"):
        compare_counts([[5, 6], [7, 8]], "anova")


def test_two_groups_are_compared_by_tests_that_are_called_so():
    frame = patients()
    two = frame[frame["group"] != "medium"]
    result = baseline(two, "group", ["age", "hospital_days", "t_score"])
    called = result.tables[1].frame().set_index("variable")
    assert called["test"].tolist() == ["t test", "Mann-Whitney U test", "Welch's t test"]
    low, high = (two.loc[two["group"] == g, "age"] for g in ("low", "high"))
    assert called.loc["age", "statistic"] == pytest.approx(stats.ttest_ind(low, high).statistic)
    low, high = (two.loc[two["group"] == g, "hospital_days"] for g in ("low", "high"))
    assert called.loc["hospital_days", "statistic"] == stats.mannwhitneyu(low, high).statistic
    assert "ANOVA" not in str(result)
    assert "Kruskal" not in str(result)


def test_a_row_has_one_number_of_decimals():
    frame = patients()
    frame["wide"] = np.where(frame["group"] == "high", 100.0, 1.0) * frame["t_score"]  # each group a spread of its own
    result = baseline(frame, "group", ["age", "wide", "t_score"])
    for row in result.tables[0].cells():
        numbers = re.findall(r"\d+(?:\.(\d+))?", " ".join(row[2:6]).replace("(n", ""))
        assert len({len(decimals) for decimals in numbers}) == 1, row


def test_a_table_without_tests_has_no_p_and_describes_skewed_numbers_by_medians():
    data = patients()
    result = baseline(data, "group", ["age", "hospital_days", "sex"], tested=False)
    assert len(result.tables) == 1
    assert "P" not in result.tables[0].headings()
    level = {row[0]: row[1] for row in result.tables[0].rows}
    assert level == {"age": "mean ± SD", "hospital_days": "median (IQR)", "sex": "male"}
    assert "Shapiro" not in str(result)


def test_many_groups_stand_in_rows_with_the_same_cells():
    data = patients()
    across = baseline(data, "group", ["age", "sex"], tested=False)
    down = groups_in_rows(across, "group").tables[0]
    printed = across.tables[0].cells()
    assert down.headings() == ["group", "n", "age, mean ± SD", "sex, male"]
    cells = down.cells()
    assert cells[0] == ["All", "240", printed[0][2], printed[1][2]]
    assert [row[1] for row in cells[1:4]] == ["80", "80", "80"]
    assert [row[2] for row in cells[1:4]] == printed[0][3:6]
    assert cells[4] == ["largest SMD", "", printed[0][6], printed[1][6]]
    assert cells[5] == ["missing", "", "0", "0"]
