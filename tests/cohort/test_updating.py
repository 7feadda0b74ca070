"""Adapting a model: R's glm for every step, and how much is changed where nothing or everything is off."""

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.prediction.updating import update_model
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

SAME = {"rel": 1e-6, "abs": 1e-9}


def patients(truth, n=2000, seed=3) -> pd.DataFrame:
    """Patients of the published model -1 + a + 0.5 b whose events follow ``truth`` of a, b."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, n))
    event = (rng.random(n) < 1 / (1 + np.exp(-truth(a, b)))).astype(int)
    return pd.DataFrame({"a": a, "b": b, "published": 1 / (1 + np.exp(1 - a - 0.5 * b)), "event": event})


def test_each_step_is_that_of_glm():
    data = patients(lambda a, b: -0.5 + 0.7 * a + 0.6 * b, 400)
    theirs = ask_r(
        """z <- qlogis(d$published); f <- function(m) glm(m, binomial, d, epsilon=1e-14)
        l <- f(event ~ offset(z)); s <- f(event ~ z); r <- f(event ~ a + b)
        list(b=c(coef(l), coef(s)), ll=c(as.numeric(logLik(l)), as.numeric(logLik(s)), as.numeric(logLik(r))),
             p=c(anova(l, r, test='LRT')[2, 5], anova(s, r, test='LRT')[2, 5]))""",
        d=data,
    )
    found = update_model(data, "event", "published", ["a", "b"])
    published, level, line, full = found.models
    assert [level.intercept, line.intercept, line.slope] == pytest.approx(theirs["b"], **SAME)
    assert [level.log_likelihood, line.log_likelihood, full.log_likelihood] == pytest.approx(theirs["ll"], **SAME)
    assert [level.p, line.p] == pytest.approx(theirs["p"], **SAME)
    assert published.log_likelihood == pytest.approx(
        np.log(np.where(data["event"] == 1, data["published"], 1 - data["published"])).sum(), rel=1e-9
    )


@pytest.mark.parametrize(
    ("truth", "chosen"),
    [
        (lambda a, b: -1 + a + 0.5 * b, "as published"),
        (lambda a, b: 0.2 + a + 0.5 * b, "intercept"),
        (lambda a, b: 0.5 * (-1 + a + 0.5 * b), "intercept and slope"),
        (lambda a, b: -1 + 0.2 * a + 1.2 * b, "refitted"),
    ],
)
def test_as_little_is_changed_as_the_patients_ask_for(truth, chosen):
    found = update_model(patients(truth), "event", "published", ["a", "b"])
    assert found.chosen.update == chosen
    assert f"Chosen: {chosen}." in str(found)
    expected = 1 / (1 + np.exp(-truth(*patients(truth)[["a", "b"]].to_numpy().T)))
    assert np.abs(found.risk - expected).mean() < 0.03


def test_a_risk_of_one_cannot_be_adapted():
    data = patients(lambda a, b: a)
    data.loc[0, "published"] = 1.0
    with pytest.raises(CohortDataError, match="strictly between 0 and 1"):
        update_model(data, "event", "published", ["a", "b"])
