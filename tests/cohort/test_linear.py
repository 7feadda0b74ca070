"""Linear regression: NIST's certified values, statsmodels' errors by cluster, splines."""

import numpy as np
import pytest

from ovcf.cohort.regression.linear import linear
from ovcf.errors import CohortDataError

pd = pytest.importorskip("pandas")
sm = pytest.importorskip("statsmodels.api")

LONGLEY = """60323 83 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99 365385 1870 3547 115094 1953
63761 100 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962"""
"""NIST Statistical Reference Datasets, Longley: y and x1 to x6, of which the model is near collinear."""
CERTIFIED = {
    "x1": (15.0618722713733, 84.9149257747669),
    "x2": (-0.358191792925910e-01, 0.334910077722432e-01),
    "x3": (-2.02022980381683, 0.488399681651699),
    "x4": (-1.03322686717359, 0.214274163161675),
    "x5": (-0.511041056535807e-01, 0.226073200069370),
    "x6": (1829.15146461355, 455.478499142212),
}


def longley():
    rows = [list(map(float, line.split())) for line in LONGLEY.splitlines()]
    return pd.DataFrame(rows, columns=["y", *(f"x{i}" for i in range(1, 7))])


def patients(n=160, seed=3):
    rng = np.random.default_rng(seed)
    centre = rng.integers(0, 8, n)
    age = rng.normal(75, 7, n)
    return pd.DataFrame(
        {
            "pain": 3 + 0.05 * age + rng.normal(0, 1, 8)[centre] + rng.normal(0, 1, n),
            "age": age,
            "sex": rng.choice(["female", "male"], n),
            "centre": centre.astype(str),
        }
    )


def test_longley_as_nist_certifies_it():
    # Half of what a double holds is lost to collinearity in this set: NIST's own programs keep 7 to 12 digits.
    result = linear(longley(), "y", list(CERTIFIED))
    for effect in result.effects:
        value, error = CERTIFIED[effect.term.variable]
        assert effect.difference.value == pytest.approx(value, rel=2e-7)
        assert effect.difference.standard_error == pytest.approx(error, rel=2e-7)
    assert result.intercept.value == pytest.approx(-3482258.63459582, rel=2e-7)
    assert result.residual_sd == pytest.approx(304.854073561965, rel=1e-6)
    assert result.r_squared == pytest.approx(0.995479004577296, rel=1e-9)
    assert result.degrees == 9


def test_intervals_and_p_are_those_of_student_t():
    frame = patients()
    found = linear(frame, "pain", ["age", "sex"])
    x = sm.add_constant(pd.DataFrame({"age": frame["age"], "male": (frame["sex"] == "male").astype(float)}))
    theirs = sm.OLS(frame["pain"], x).fit()
    assert [e.p for e in found.effects] == pytest.approx(theirs.pvalues.iloc[1:].tolist())
    low, high = theirs.conf_int().loc["age"]
    assert (found.effects[0].difference.low, found.effects[0].difference.high) == pytest.approx((low, high))


def test_errors_by_cluster_are_those_of_statsmodels():
    frame = patients()
    found = linear(frame, "pain", ["age"], cluster="centre")
    theirs = sm.OLS(frame["pain"], sm.add_constant(frame["age"])).fit(
        cov_type="cluster", cov_kwds={"groups": frame["centre"]}, use_t=True
    )
    assert found.effects[0].difference.standard_error == pytest.approx(theirs.bse["age"])
    assert found.effects[0].p == pytest.approx(theirs.pvalues["age"])
    assert found.degrees == 7
    assert any("8 clusters" in note for note in found.notes)


def test_a_bend_is_found_where_there_is_one_and_not_where_there_is_none():
    rng = np.random.default_rng(5)
    x = rng.uniform(-2, 2, 400)
    frame = pd.DataFrame({"x": x, "bent": x**2 + rng.normal(0, 0.3, 400), "straight": x + rng.normal(0, 0.3, 400)})
    bent = linear(frame, "bent", ["x"], splines={"x": 4}).tables[0].frame()
    straight = linear(frame, "straight", ["x"], splines={"x": 4}).tables[0].frame()
    assert bent["p_bend"].iloc[0] < 1e-6
    assert straight["p_bend"].iloc[0] > 0.05


def test_missing_values_are_left_out_and_counted_and_predictions_follow():
    frame = patients()
    frame.loc[[0, 1], "age"] = np.nan
    found = linear(frame, "pain", ["age", "sex"])
    assert (found.n, dict(found.missing)) == (158, {"pain": 0, "age": 2, "sex": 0})
    predicted = found.predict(frame)
    assert np.isnan(predicted[:2]).all()
    assert np.corrcoef(predicted[2:], frame["pain"][2:])[0, 1] ** 2 == pytest.approx(found.r_squared)


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({"pain": 3.0}, (["age"], {}), "is always 3"),
        ({"again": lambda f: 2 * f["age"]}, (["age", "again"], {}), "again"),
        ({"centre": "one"}, (["age"], {"cluster": "centre"}), "fewer than two clusters"),
        ({}, (["height"], {}), "no column"),
    ],
)
def test_what_cannot_be_fitted_is_named(change, arguments, said):
    predictors, options = arguments
    with pytest.raises(CohortDataError, match=said):
        linear(patients().assign(**change), "pain", predictors, **options)
