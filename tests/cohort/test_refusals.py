"""What an analysis cannot be made of is refused, with what is wrong and where."""

import numpy as np
import pytest

from ovcf.cohort.agreement.repeated import bland_altman_repeated
from ovcf.cohort.centres.internal_external import internal_external
from ovcf.cohort.centres.mixed_logistic import mixed_logistic
from ovcf.cohort.centres.pooling import pool_centres
from ovcf.cohort.data.infer import inferred
from ovcf.cohort.data.score_table import scored
from ovcf.cohort.data.splines import spline_knots
from ovcf.cohort.groups.group_tests import compare_counts
from ovcf.cohort.groups.multiplicity import adjust
from ovcf.cohort.regression.logistic import univariable
from ovcf.cohort.visits.mixed_model import linear_mixed_model
from ovcf.errors import CohortDataError
from ovcf.scores.registry import scores

pd = pytest.importorskip("pandas")

READ_TWICE = pd.DataFrame({"id": list("aabbcc"), "one": np.arange(6.0), "other": np.arange(6.0) + 1})
VISITS = pd.DataFrame({"id": list("aabbcc"), "month": [0, 3] * 3, "vas": [8.0, 3, 7, 2, 9, 4]})
CENTRES = pd.DataFrame({"y": [0, 1] * 20, "x": np.arange(40.0), "centre": ["one"] * 40})
SCORE = scores()["astlof"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: adjust([0.01, 0.2], "hochberg"), "correction: 'hochberg' is unknown"),
        (lambda: pool_centres(["a", "b"], [1.0], [0.1]), "differ in number"),
        (lambda: pool_centres(["a"], [1.0], [0.1]), "1 can be pooled"),
        (lambda: pool_centres(["a", "b"], [1.0, 2.0], [0.1, 0.0]), "centre b: its estimate has no finite error"),
        (lambda: inferred(pd.DataFrame({"age": ["70"]}), ["agee"]), "agee: is no column of the table"),
        (lambda: inferred(pd.DataFrame({"age": ["", "NA"]}), ["age"]), "age: has no known value"),
        (lambda: spline_knots(np.arange(50.0), 8, name="age"), "age: 8 knots"),
        (lambda: spline_knots([1.0] * 20, 3, name="age"), "age: has too few distinct values for 3 knots"),
        (lambda: compare_counts([[5, 5], [5, 5]], "t"), "'t' does not compare categories"),
        (lambda: bland_altman_repeated(READ_TWICE, "id", "one", "other", true_value="fixed"), "'fixed' is unknown"),
        (lambda: bland_altman_repeated(READ_TWICE, "id", "one", "other"), "all differences are the same"),
        (lambda: univariable(CENTRES, "y", []), "predictors: are none"),
        (lambda: mixed_logistic(CENTRES, "y", ["x"], "centre"), "centre: names fewer than two centres"),
        (lambda: internal_external(CENTRES, "y", ["x"], "centre"), "centre: names fewer than two centres"),
        (
            lambda: linear_mixed_model(VISITS.iloc[::2], "vas", subject="id", visit="month", time="linear"),
            "mixed model|visit|month",
        ),
        (lambda: scored(pd.DataFrame({"x": [1]}), SCORE, {"y": "x"}), "has no input 'y'"),
        (lambda: scored(pd.DataFrame({"x": [1]}), SCORE, {SCORE.inputs[0].id: "z"}), "the table has no column 'z'"),
    ],
)
def test_it_is_said_what_is_wrong_and_where(call, message):
    with pytest.raises(CohortDataError, match=f"(?i){message}"):
        call()


def test_a_centre_without_which_no_model_can_be_fitted_is_named():
    frame = CENTRES.assign(centre=["one"] * 20 + ["other"] * 20, rare=[0] * 20 + [0, 1] * 10)
    with pytest.raises(CohortDataError, match="without centre other: rare"):
        internal_external(frame, "y", ["x", "rare"], "centre")


def test_p_values_may_stay_as_they_are():
    assert adjust([0.2, 0.01], "none") == [0.2, 0.01]
