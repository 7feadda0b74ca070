"""The workshop: HAN's points from HAN's margins, ridge against an independent optimiser, honest optimism."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.prediction.points_score import Patterns, fit_ridge, log_odds_ratios
from ovcf.cohort.prediction.score_derivation import points_by_ridge, points_by_univariable
from ovcf.errors import CohortDataError
from tests.shared_data import shared

FACTORS = ["fracture_type", "vhl_15_or_more", "ka_15_or_more", "t2_diffuse_low", "t_score_band"]
REFERENCES = {"fracture_type": "compression", "t_score_band": "-2.5 < T <= -1.0"}


@pytest.fixture(scope="module")
def han() -> pd.DataFrame:
    with files("ovcf.cohort.tables").joinpath("han_2025_reconstructed.csv").open() as table:
        return pd.read_csv(table)


def test_the_way_of_han_gives_back_the_published_points(han):
    # Table 2 of the paper: 2 each for burst, VHL, KA, T2; 2 and 4 for the T-score bands. Sex and level had no points.
    result = points_by_univariable(han, "non_union", [*FACTORS, "sex", "level"], references=REFERENCES, resamples=20)
    points = {(i.term.variable, i.term.level): i.points for i in result.score.items if i.points}
    assert points == {
        ("fracture_type", "burst"): 2,
        ("vhl_15_or_more", ""): 2,
        ("ka_15_or_more", ""): 2,
        ("t2_diffuse_low", ""): 2,
        ("t_score_band", "-3.5 < T <= -2.5"): 2,
        ("t_score_band", "T <= -3.5"): 4,
    }
    assert "No points: sex, level" in str(result)
    assert result.score.total(han).tolist() == han.nasovcf.tolist()
    assert result.auc.value == pytest.approx(0.872, abs=5e-4)  # Fig. 1


def test_its_coefficients_are_the_printed_ln_odds_ratios(han):
    result = points_by_univariable(han, "non_union", FACTORS, references=REFERENCES, resamples=2)
    # INC-08: the paper prints 2.21 for ln 9.162 = 2.215.
    assert [i.coefficient for i in result.score.items] == pytest.approx(
        [1.736, 2.215, 1.999, 1.861, 1.762, 3.583], abs=5e-4
    )


def test_univariable_coefficients_of_glow_are_those_of_the_textbook():
    # Hosmer, Lemeshow, Sturdivant: Applied Logistic Regression, 3rd ed., 2013, Table 4.7.
    glow = pd.read_csv(shared("glow500") / "glow500.csv").assign(fracture=lambda f: (f.fracture == "Yes").astype(int))
    result = points_by_univariable(
        glow,
        "fracture",
        ["priorfrac", "momfrac", "armassist", "smoke", "raterisk"],
        references={"raterisk": "Less"},
        p_below=1,
        resamples=2,
    )
    found = {(i.term.variable, i.term.level): i.coefficient for i in result.score.items}
    assert found == {
        ("priorfrac", "Yes"): pytest.approx(1.064, abs=1e-3),
        ("momfrac", "Yes"): pytest.approx(0.661, abs=1e-3),
        ("armassist", "Yes"): pytest.approx(0.709, abs=1e-3),
        ("smoke", "Yes"): pytest.approx(-0.308, abs=1e-3),
        ("raterisk", "Same"): pytest.approx(0.546, abs=1e-3),
        ("raterisk", "Greater"): pytest.approx(0.909, abs=1e-3),
    }


def test_the_better_way_shrinks_and_says_how_optimistic_each_is(han):
    ours = points_by_ridge(han, "non_union", FACTORS, references=REFERENCES, resamples=60)
    assert ours.auc.value > 0.85
    assert 0.8 < ours.optimism.corrected_auc < ours.optimism.apparent_auc
    assert ours.optimism.corrected_slope < 1
    again = points_by_ridge(han, "non_union", FACTORS, references=REFERENCES, resamples=60)
    assert again.optimism == ours.optimism


def test_noise_is_found_out_by_the_optimism():
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(rng.integers(0, 2, (120, 12)), columns=[f"x{i}" for i in range(12)])
        frame["y"] = rng.integers(0, 2, 120)
        found.append(points_by_univariable(frame, "y", list(frame)[:12], p_below=1, resamples=40).optimism)
    apparent, corrected = (np.mean([getattr(f, name) for f in found]) for name in ("apparent_auc", "corrected_auc"))
    assert apparent > 0.6
    # The bootstrap leaves some of it: a resample holds 63 % of the patients it is tested in.
    assert abs(corrected - 0.5) < 0.5 * (apparent - 0.5)


def test_ridge_is_the_minimum_that_scipy_finds():
    from scipy.optimize import minimize

    rng = np.random.default_rng(8)
    x = rng.integers(0, 2, (150, 4)).astype(float)
    y = (rng.random(150) < 1 / (1 + np.exp(1 - x @ [1, 0.5, 0, -1]))).astype(float)
    data = Patterns.of(x, y, [[0], [1], [2], [3]])
    penalty = 3.0

    def loss(b):
        eta = b[0] + x @ b[1:]
        return np.logaddexp(0, eta).sum() - y @ eta + penalty / 2 * (x.var(axis=0) * b[1:] ** 2).sum()

    theirs = minimize(loss, np.zeros(5), tol=1e-12, method="BFGS").x
    assert fit_ridge(data.x, data.n[None], data.events[None], np.array([penalty]))[0] == pytest.approx(theirs, abs=1e-5)


def test_an_empty_cell_is_halved_after_haldane():
    # Worked by hand: progressive kyphosis 30, 33 / 1, 46 has OR 41.818182; 10, 0 / 5, 5 would be infinite.
    x = np.repeat([1.0, 0.0], [63, 47])[:, None]
    y = np.concatenate([np.ones(30), np.zeros(33), np.ones(1), np.zeros(46)])
    assert np.exp(log_odds_ratios(Patterns.of(x, y, [[0]]))[0][0]) == pytest.approx(41.818182, abs=1e-6)
    x, y = np.repeat([1.0, 0.0], 10)[:, None], np.concatenate([np.ones(15), np.zeros(5)])
    assert np.exp(log_odds_ratios(Patterns.of(x, y, [[0]]))[0][0]) == pytest.approx(21.0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.assign(vhl_15_or_more=np.linspace(0, 40, len(f))), "points need categories"),
        (lambda f: f.assign(non_union=0), "always 0"),
        (lambda f: f.assign(t2_diffuse_low=1), "single value"),
        (lambda f: f.drop(columns="ka_15_or_more"), "ka_15_or_more"),
    ],
)
def test_what_cannot_make_a_score_is_named(han, change, said):
    with pytest.raises(CohortDataError, match=said):
        points_by_univariable(change(han), "non_union", FACTORS, references=REFERENCES)


def test_a_patient_with_a_missing_item_is_left_out_and_has_no_total(han):
    frame = han.copy()
    frame.loc[0, "t_score_band"] = None
    result = points_by_univariable(frame, "non_union", FACTORS, references=REFERENCES, resamples=2)
    assert result.n == 207
    assert "t_score_band 1" in str(result)
    assert np.isnan(result.score.total(frame)[0])
