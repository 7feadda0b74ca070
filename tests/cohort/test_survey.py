"""Weighted shares and models give what R's survey package gives, and what plain ones give without weights."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.groups.contingency import odds_ratio
from ovcf.cohort.groups.survey import SurveyDesign, survey_logistic, survey_shares
from ovcf.cohort.regression.logistic import logistic
from ovcf.errors import CohortDataError
from scripts import survey_fracture
from tests.cohort.r_script import ask_r
from tests.shared_data import shared

PLACE = {"weight": "w", "stratum": "stratum", "unit": "unit"}


def sample(n=900, seed=7):
    rng = np.random.default_rng(seed)
    stratum, unit = rng.integers(1, 7, n), rng.integers(1, 4, n)
    x = rng.normal(size=n) + 0.3 * unit
    band = rng.choice(["young", "old"], n)
    risk = 1 / (1 + np.exp(1.5 - 0.5 * x - 0.6 * (band == "old")))
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 20, n),
            "stratum": stratum,
            "unit": unit,
            "x": x,
            "band": pd.Categorical(band, ["young", "old"]),
            "sex": pd.Categorical(rng.choice(["women", "men"], n), ["women", "men"]),
            "y": (rng.random(n) < risk).astype(int),
        }
    )


DESIGN_IN_R = "d <- svydesign(ids=~unit, strata=~stratum, weights=~w, data=t, nest=TRUE);"


def test_shares_and_intervals_are_those_of_r():
    frame = sample()
    found = survey_shares(frame, "y", SurveyDesign.of(frame, **PLACE), by=("sex", "band"), label="event")
    expected = ask_r(
        DESIGN_IN_R + "a <- svyciprop(~y, subset(d, sex=='women' & band=='old'), method='logit');"
        "c(coef(a), confint(a), SE(a))",
        ("survey",),
        t=frame,
    )
    share = next(r[4] for r in found.rows if r[:2] == ("women", "old"))
    assert (share.value, share.low, share.high, share.standard_error) == pytest.approx(expected, rel=1e-6)


def test_odds_ratios_and_intervals_are_those_of_r():
    frame = sample()
    frame.loc[:20, "x"] = np.nan
    found = survey_logistic(frame, "y", ["x", "band"], SurveyDesign.of(frame, **PLACE))
    expected = ask_r(
        DESIGN_IN_R + "m <- svyglm(y ~ x + I(band=='old'), d, family=quasibinomial(), control=list(epsilon=1e-14));"
        "c(coef(m)[-1], SE(m)[-1], confint(m)[-1,1], confint(m)[-1,2], summary(m)$coefficients[-1,4])",
        ("survey",),
        t=frame,
    )
    figures = [
        [e.coefficient for e in found.effects],
        [e.standard_error for e in found.effects],
        [np.log(e.odds_ratio.low) for e in found.effects],
        [np.log(e.odds_ratio.high) for e in found.effects],
        [e.p for e in found.effects],
    ]
    assert np.ravel(figures) == pytest.approx(expected, rel=1e-6)


def test_equal_weights_give_the_plain_estimate():
    frame = sample().assign(w=3.0)
    found = survey_logistic(frame, "y", ["x", "band"], SurveyDesign.of(frame, **PLACE)).effects
    plain = logistic(frame, "y", ["x", "band"]).effects
    assert [e.coefficient for e in found] == pytest.approx([e.coefficient for e in plain], abs=1e-8)


def test_a_two_by_two_table_gives_its_odds_ratio():
    frame = sample().assign(w=1.0)
    cells = pd.crosstab(frame["band"], frame["y"]).loc[["old", "young"], [1, 0]].to_numpy()
    found = survey_logistic(frame, "y", ["band"], SurveyDesign.of(frame, **PLACE)).effects[0]
    assert found.odds_ratio.value == pytest.approx(odds_ratio(cells).value)


def test_the_scale_of_the_weights_changes_nothing():
    frame = sample()
    one, other = (
        survey_logistic(f, "y", ["x"], SurveyDesign.of(f, **PLACE)).effects[0]
        for f in (frame, frame.assign(w=1000 * frame["w"]))
    )
    assert one.odds_ratio.low == pytest.approx(other.odds_ratio.low)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"w": -1.0}, "negative"), ({"w": np.nan}, "missing"), ({"stratum": range(900)}, "single unit")],
)
def test_a_design_that_cannot_be_is_refused(change, said):
    with pytest.raises(CohortDataError, match=said):
        SurveyDesign.of(sample().assign(**change), **PLACE)


def test_a_separating_predictor_is_told():
    frame = sample().assign(x=lambda f: f["y"] * 2.0)
    with pytest.raises(CohortDataError, match="converge"):
        survey_logistic(frame, "y", ["x"], SurveyDesign.of(frame, **PLACE))


def test_the_worked_example_is_what_its_script_writes(tmp_path):
    shared("nhanes-2013-2014")
    repository = Path(__file__).resolve().parents[2]
    frame = survey_fracture.survey()
    assert (len(frame), int(frame["vertebral fracture"].sum())) == (2635, 154)
    made = survey_fracture.page(frame, tmp_path / "survey-fracture.md")
    assert made == (repository / "docs" / "how-to" / "survey-fracture.md").read_text(encoding="utf-8")
