"""Figures of cohort results: what is drawn are the numbers of the result, at the places that the axes name."""

import numpy as np
import pytest

from ovcf.cohort.agreement.reliability import bland_altman
from ovcf.cohort.centres.mixed_logistic import mixed_logistic
from ovcf.cohort.prediction.calibration import calibration
from ovcf.cohort.prediction.decision import decision_curve
from ovcf.cohort.prediction.roc import compare_roc
from ovcf.cohort.prediction.score_derivation import points_by_univariable
from ovcf.cohort.recipes.by_group import medians_by_group, outcome_by_group
from ovcf.cohort.recipes.over_visits import course, grades_over_visits
from ovcf.cohort.regression.linear import linear
from ovcf.cohort.regression.logistic import logistic, univariable
from ovcf.cohort.survival.competing_risks import cumulative_incidence
from ovcf.cohort.survival.cox import cox

pd = pytest.importorskip("pandas")
plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def drawn(axes):
    """Each line as its points (x, y)."""
    return [list(zip(*np.broadcast_arrays(*line.get_data()), strict=True)) for line in axes.lines]


def has(axes, *points):
    shapes = [np.array(line, float) for line in drawn(axes) if len(line) == len(points)]
    return any(np.allclose(shape, np.array(points, float)) for shape in shapes)


def patients(n=200):
    rng = np.random.default_rng(3)
    age = rng.uniform(60, 90, n)
    return pd.DataFrame(
        {
            "age": age,
            "sex": rng.choice(["f", "m"], n),
            "kind": rng.choice(["wedge", "crush", "burst"], n),
            "loss": 10 + 0.2 * age + rng.normal(0, 3, n),
            "depth": 20 + rng.normal(0, 3, n),
            "union": rng.random(n) < 1 / (1 + np.exp(-(age - 75) / 6)),
            "months": rng.exponential(20, n),
        }
    )


def test_bland_altman_draws_every_pair_the_bias_and_both_limits():
    found = bland_altman([10, 12, 9, 14], [11, 11, 10, 12], unit="mm")
    axes = found.plot()
    assert axes.collections[0].get_offsets().tolist() == [[10.5, -1], [11.5, 1], [9.5, -1], [13, 2]]
    levels = [line.get_ydata()[0] for line in axes.lines]
    assert levels == pytest.approx([found.bias.value, found.lower.value, found.upper.value])
    assert axes.get_xlabel() == "Mean of first and second (mm)"


def test_a_calibration_plot_has_the_ideal_the_curve_and_the_groups():
    frame = patients()
    risk = 1 / (1 + np.exp(-(frame["age"] - 75) / 6))
    found = calibration(frame["union"].astype(int), risk)
    axes = found.plot()
    assert has(axes, (0, 0), (1, 1))
    assert has(axes, *((at, e.value) for at, e in found.curve))
    assert has(axes, *((predicted, share.value) for predicted, share in found.groups))


def test_a_decision_curve_has_nobody_everyone_and_the_model_at_each_threshold():
    frame = patients()
    found = decision_curve(frame["union"].astype(int), {"age": (frame["age"] - 60) / 30}, thresholds=[0.1, 0.3, 0.5])
    axes = found.plot()
    [(name, benefit)] = found.models
    assert has(axes, *zip((0.1, 0.3, 0.5), benefit, strict=True))
    assert has(axes, *zip((0.1, 0.3, 0.5), found.treat_all, strict=True))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["nobody", "everyone", name]


def test_a_forest_of_differences_names_each_term_beside_its_interval():
    found = linear(patients(), "loss", ["age", "sex"])
    axes = found.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == [str(e.term) for e in found.effects]
    for place, effect in enumerate(found.effects):
        assert has(axes, (effect.difference.low, place), (effect.difference.high, place))
        assert has(axes, (effect.difference.value, place))


def test_a_forest_of_hazard_ratios_is_logarithmic_with_its_figures_beside_it():
    found = cox(patients(), "months", "union", ["age", "sex"])
    axes = found.plot()
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "Hazard ratio (95% CI)"
    assert [label.get_text() for label in axes.get_yticklabels()] == [r.term for r in found.ratios]
    assert [text.get_text() for text in axes.texts] == [f"{r.ratio:.2f}" for r in found.ratios]
    assert has(axes, (found.ratios[1].ratio.low, 1), (found.ratios[1].ratio.high, 1))


def test_forests_of_odds_ratios_together_alone_and_over_centres():
    frame = patients().assign(centre=list("abcd") * 50, union=lambda d: d["union"].astype(int))
    for found, effects in (
        (whole := logistic(frame, "union", ["age", "sex"]), whole.effects),
        (alone := univariable(frame, "union", ["age", "sex"]), [e for m in alone.models for e in m.effects]),
        (mixed := mixed_logistic(frame, "union", ["age"], "centre"), mixed.effects),
    ):
        axes = found.plot()
        assert [label.get_text() for label in axes.get_yticklabels()] == [str(e.term) for e in effects]
        assert has(axes, (effects[0].odds_ratio.low, 0), (effects[0].odds_ratio.high, 0))


def test_curves_of_competing_ends_and_of_two_scores_have_their_names():
    frame = patients().assign(end=lambda d: np.where(d["union"], "union", np.where(d["age"] > 80, "death", "lost")))
    incidence = cumulative_incidence(frame, "months", "end", happened="union", competing=["death"], group="sex")
    axes = incidence.plot()
    assert axes.get_ylabel() == "Cumulative incidence"
    assert axes.get_ylim()[0] == 0
    both = compare_roc(frame["union"].astype(int), {"Age": frame["age"], "Loss": frame["loss"]})
    shown = " ".join(text.get_text() for text in both.plot().get_legend().get_texts())
    assert "Age" in shown
    assert "Loss" in shown


def test_the_terms_of_a_bent_effect_stand_in_no_forest():
    frame = patients()
    for found in (
        linear(frame, "loss", ["age", "sex"], splines={"age": 4}),
        cox(frame, "months", "union", ["age", "sex"], splines={"age": 4}),
    ):
        [label] = found.plot().get_yticklabels()
        assert label.get_text() == "sex: m vs f"


def test_shares_by_group_with_their_counts():
    found = outcome_by_group(patients().assign(union=lambda d: d["union"].astype(int)), "union", "kind", label="Union")
    axes = found.plot()
    assert [text.get_text() for text in axes.texts] == [f"{k}/{n}" for _, k, n, _ in reversed(found.groups)]
    assert [label.get_text() for label in axes.get_yticklabels()] == [name for name, *_ in reversed(found.groups)]
    name, _, _, share = found.groups[0]
    assert has(axes, (100 * share.value, len(found.groups) - 1)), name


def test_boxes_by_group_hold_the_quartiles():
    frame = patients()
    found = medians_by_group(frame, {"loss": "Loss", "depth": "Depth"}, "sex", title="Both", unit="mm")
    axes = found.plot()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Loss", "Depth"]
    medians = [frame.loc[frame["sex"] == sex, column].median() for sex in ("f", "m") for column in ("loss", "depth")]
    inside = [{round(float(y), 6) for y in line.get_ydata()} for line in axes.lines]
    for median in medians:
        assert {round(float(median), 6)} in inside


GRADES = ("none", "minor", "moderate", "severe")


def test_grades_over_visits_stack_to_a_hundred_with_their_counts():
    frame = pd.DataFrame({"g0": ["none", "minor", "minor", "severe"], "g3": ["none", "none", "minor", "none"]})
    axes = grades_over_visits(frame, {"g0": 0, "g3": 3}, GRADES, title="Edema").plot()
    tops = {}
    for bar in axes.patches:
        at = round(bar.get_x(), 3)
        tops[at] = tops.get(at, 0) + bar.get_height()
    assert list(tops.values()) == pytest.approx([100, 100])
    assert [text.get_text() for text in axes.texts] == ["1", "2", "1", "3", "1"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [*reversed(GRADES)]


def test_a_course_draws_each_patient_and_the_medians_above():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [2.0, 3, 4, 5, 9], "c": [2.0, 2, 4, 6, 8]})
    axes = course(frame, {"a": 0, "b": 3, "c": 6}, label="Edema, %").plot()
    assert has(axes, (0, 1), (3, 2), (6, 2))
    assert has(axes, (0, 3), (3, 4), (6, 4))
    assert axes.get_ylabel() == "Edema, %"


def test_rates_by_total_stand_at_their_totals_with_the_patients_above():
    frame = patients().assign(old=lambda d: d["age"] > 75, union=lambda d: d["union"].astype(int))
    found = points_by_univariable(frame, "union", ["old", "sex"], p_below=1, resamples=5)
    axes = found.plot()
    for total, n, _, rate in found.rates:
        assert has(axes, (total, rate.low), (total, rate.high))
        assert f"n={n}" in [text.get_text() for text in axes.texts]
