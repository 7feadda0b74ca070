"""The AVA score, as far as its abstract gives it."""

import pytest

from ovcf.guidance.evidence import evidence
from ovcf.scores.evaluate import evaluate
from ovcf.scores.prognosis.ava import AVA
from ovcf.scores.result import Status

NONE = {"instability_mm": 4.9, "focal_kyphosis_deg": 9.9, "days": 29, "cleft": False, "previous_fracture": False}


@pytest.mark.parametrize(
    ("findings", "total", "group"),
    [
        ({}, 0, "low"),
        ({"instability_mm": 5}, 1, "low"),
        ({"focal_kyphosis_deg": 10, "days": 30}, 2, "intermediate"),
        ({"focal_kyphosis_deg": 10, "days": 30, "cleft": True}, 3, "intermediate"),
        ({"focal_kyphosis_deg": 10, "days": 30, "cleft": True, "previous_fracture": True}, 4, "high"),
        (
            {"instability_mm": 9, "focal_kyphosis_deg": 40, "days": 90, "cleft": True, "previous_fracture": True},
            5,
            "high",
        ),
    ],
)
def test_each_predictor_of_the_abstract_counts_from_its_limit_on(findings, total, group):
    result = evaluate(AVA, **{**NONE, **findings})
    assert (result.total, result.group) == (total, group)


def test_more_than_one_level_is_not_what_it_was_made_for():
    assert evaluate(AVA, **NONE, single_level=False).status is Status.NOT_APPLICABLE


def test_it_says_that_its_points_are_inferred_and_its_figures_do_not_fit():
    said = " ".join(evaluate(AVA).advisories)
    assert "inferred" in said
    assert "53 adjacent fractures, not the 58" in said
    assert "0.52 to 0.74" in said
    assert "dai-2024" in evaluate(AVA).evidence


def test_the_span_of_other_models_elsewhere_is_that_of_the_abstract():
    figures = evidence("dai-2024")
    aucs = [*figures["auc_zhong_2015_at_1_2_and_3_years"]]
    aucs += [figures["auc_zhong_2016_adjacent"], figures["auc_li_2021"], figures["auc_li_2022"]]
    assert (round(min(aucs), 2), round(max(aucs), 2)) == (0.52, 0.74)


def test_the_printed_sensitivities_fit_53_events():
    source = evidence("ava-2022")
    (below, _), (above, _) = (
        source.counts("adjacent_fractures_up_to_1_point"),
        source.counts("adjacent_fractures_from_4_points"),
    )
    for cut, found in (("above_1_point", lambda n: n - below), ("from_4_points", lambda _: above)):
        printed = source[f"sensitivity_specificity_percent_{cut}"][0]
        assert round(100 * found(53) / 53, 1) == printed
        assert round(100 * found(58) / 58, 1) != printed
