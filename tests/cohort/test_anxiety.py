"""Three raters of the anxiety of twenty people (data `anxiety` of the R package irr): psych, and figures irr prints."""

import numpy as np
import pytest

from ovcf.cohort.agreement.kappa import cohen_kappa
from ovcf.cohort.agreement.reliability import icc
from tests.cohort.r_script import ask_r

ANXIETY = np.array(
    [
        [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
        [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
        [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
    ]
).T


def test_agreement_on_one_rating_is_as_irr_prints_it():
    """`icc(anxiety, "twoway", "agreement")`: ICC(A,1) = 0.198, -0.039 < ICC < 0.494."""
    found = icc(ANXIETY)["ICC(2,1)"]
    assert (round(found.value, 3), round(found.low, 3), round(found.high, 3)) == (0.198, -0.039, 0.494)


def test_all_coefficients_and_weighted_kappa_are_those_of_psych():
    ratings = "matrix(c(" + ",".join(str(v) for v in ANXIETY.T.ravel()) + "), 20)"
    theirs = ask_r(
        f"""x <- {ratings}; r <- ICC(x, lmer=FALSE)$results
        k <- function(i, j) cohen.kappa(x[, c(i, j)], w=(outer(1:6, 1:6, '-')^2), levels=1:6)$weighted.kappa
        list(icc=as.matrix(r[, c('ICC', 'lower bound', 'upper bound')]), kappa=c(k(1, 2), k(1, 3), k(2, 3)))""",
        ("psych",),
    )
    found = icc(ANXIETY)
    for name, row in zip(("(1,1)", "(2,1)", "(3,1)", "(1,k)", "(2,k)", "(3,k)"), theirs["icc"], strict=True):
        e = found[f"ICC{name}"]
        assert (e.value, e.low, e.high) == pytest.approx(row, rel=1e-6, abs=1e-9), name
    ours = [
        cohen_kappa(ANXIETY[:, i], ANXIETY[:, j], weights="quadratic", categories=range(1, 7)).estimate.value
        for i, j in ((0, 1), (0, 2), (1, 2))
    ]
    assert ours == pytest.approx(theirs["kappa"], rel=1e-6)
