"""NASOVCF validated: on the cohort that it comes from the printed figures return; elsewhere the differences show."""

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from ovcf.cohort.prediction.external_validation import validate_nasovcf
from ovcf.cohort.prediction.validation_checklists import validation_checklists
from ovcf.cohort.published.han_2025 import T_SCORE_BANDS
from ovcf.errors import ClinicalDataError, CohortDataError


@pytest.fixture(scope="module")
def han() -> pd.DataFrame:
    with files("ovcf.cohort.tables").joinpath("han_2025_reconstructed.csv").open() as table:
        return pd.read_csv(table)


def test_the_cohort_of_han_gives_back_what_han_prints(han):
    result = validate_nasovcf(han)
    assert (result.n, result.events) == (208, 49)
    assert result.auc.value == pytest.approx(0.872, abs=5e-4)
    assert result.odds_ratio.value == pytest.approx(1.754, abs=2e-3)
    assert result.slope.value == pytest.approx(1, abs=5e-3)
    assert [(g.events, g.n) for g in result.groups] == [(1, 47), (9, 98), (39, 63)]
    # Specification 1.1.10: Wilson intervals of non-union by group, in per cent.
    expected = [(0.4, 11.1), (4.9, 16.5), (49.6, 72.9)]
    assert [(g.observed.low * 100, g.observed.high * 100) for g in result.groups] == [
        pytest.approx(e, abs=0.05) for e in expected
    ]
    assert all(g.difference.value == 0 and g.p == pytest.approx(1) for g in result.groups)
    assert result.calibration.intercept.value == pytest.approx(0, abs=1e-6)
    assert result.calibration.slope.value == pytest.approx(1, abs=1e-6)


def test_the_limit_of_the_high_group_has_the_youden_index_of_its_counts(han):
    # 39 of 49 non-unions and 24 of 159 unions are in the high group.
    tables = {table.title: table for table in validate_nasovcf(han).tables}
    cut = tables["The limits of the groups"].frame().iloc[1]
    assert cut.sensitivity == pytest.approx(39 / 49)
    assert cut.specificity == pytest.approx(135 / 159)
    assert cut.ppv == pytest.approx(39 / 63)


def test_progressive_kyphosis_has_its_own_published_groups(han):
    result = validate_nasovcf(han, "progressive_kyphosis")
    assert [(g.events, g.n) for g in result.groups] == [(1, 47), (17, 98), (30, 63)]
    assert result.auc_difference_p is None


def test_twice_the_risk_is_seen_in_calibration_not_in_discrimination(han):
    rng = np.random.default_rng(0)
    more = han.assign(non_union=np.maximum(han.non_union, rng.random(len(han)) < 0.3).astype(int))
    result = validate_nasovcf(more)
    assert result.calibration.intercept.low > 0
    assert result.groups[0].difference.low > 0
    assert result.slope.high < 1


def test_the_total_is_computed_from_measured_items():
    rng = np.random.default_rng(1)
    n = 120
    frame = pd.DataFrame(
        {
            "fracture_type": rng.choice(["compression", "burst"], n),
            "vhl_percent_0mo": rng.uniform(0, 40, n),
            "ka_deg_0mo": rng.uniform(0, 25, n),
            "t2_pattern": rng.choice(["diffuse low", "confined high"], n),
            "t_score": rng.uniform(-4.5, -1, n),
            "non_union": rng.integers(0, 2, n),
        }
    )
    # The case of HAN's Fig. 5: 10 points; and one patient whom the score does not cover, one with a gap.
    frame.loc[0, ["fracture_type", "vhl_percent_0mo", "ka_deg_0mo", "t2_pattern", "t_score"]] = (
        "compression",
        17.8,
        19.6,
        "diffuse low",
        -3.6,
    )
    frame.loc[1, "t_score"] = -0.9
    frame.loc[2, "t2_pattern"] = None
    result = validate_nasovcf(frame)
    flow = dict(result.tables[0].rows)
    assert result.n == 118
    assert flow["T-score above -1.0, outside the score's population"] == 1
    assert flow["no total, for an item is missing"] == 1
    assert "t2_pattern 1" in str(result)
    assert "left out for want of a total" in str(result)
    bands = result.tables[1].frame().set_index("feature").here
    assert bands[list(T_SCORE_BANDS)].sum() == pytest.approx(1)


def test_every_tripod_item_is_answered_from_what_was_done_or_left_to_the_authors(han):
    result = validate_nasovcf(han)
    answers = result.tables[-1].frame().set_index("item")["answer"]
    assert answers["18a"] == "to be written by the authors"
    assert answers["21"] == "208 participants, 49 events"
    assert f"AUC {result.auc:.3f}" in answers["23a"]
    assert answers.str.len().min() > 0
    more = validation_checklists(result, {"12d": "under Centres"})[1].frame().set_index("item")["answer"]
    assert more["12d"] == "under Centres"


def test_the_risk_of_bias_is_answered_from_what_was_done(han):
    answers = validate_nasovcf(han).tables[-2].frame().set_index("item")["answer"]
    assert answers["4.1"] == "no: 49 with the outcome, 159 without"
    assert answers["4.3"] == "yes"
    assert answers["3.5"] == "no information: for the authors"
    kyphosis = validate_nasovcf(han, "progressive_kyphosis").tables[-2].frame().set_index("item")["answer"]
    assert kyphosis["3.3"].startswith("no")


def test_the_case_mix_of_han_is_the_printed_one(han):
    table = validate_nasovcf(han).tables[1].frame()
    assert table.here.tolist() == pytest.approx(table.han.tolist())
    assert table.han.tolist()[:4] == pytest.approx([47 / 208, 37 / 208, 17 / 208, 105 / 208])
    assert len(table) == 12


def test_few_events_are_said(han):
    assert "fewer than 100" in str(validate_nasovcf(han))


def test_an_empty_group_is_shown_as_empty(han):
    result = validate_nasovcf(han[han.group != "low"])
    assert result.groups[0].n == 0
    assert result.groups[0].observed is None
    assert result.plot().get_xlim() == (-0.5, 2.5)


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (lambda f: f.assign(nasovcf=f.nasovcf.replace(8, 7)), {}, "7 is no total"),
        (lambda f: f.assign(non_union=0), {}, "always 0"),
        (lambda f: f.drop(columns="nasovcf"), {}, "vhl_percent_0mo"),
        (lambda f: f, {"outcome": "death"}, "not one of HAN 2025"),
        (lambda f: f.assign(non_union=None), {}, "non_union"),
    ],
)
def test_what_cannot_be_validated_is_named(han, change, options, said):
    with pytest.raises(CohortDataError, match=said):
        validate_nasovcf(change(han), **options)


def test_words_and_values_that_the_score_does_not_know_are_named(han):
    items = {"vhl_percent_0mo": 3.0, "ka_deg_0mo": 4.0, "t2_pattern": "none", "t_score": -2.0}
    frame = han.drop(columns="nasovcf").assign(**items)
    with pytest.raises(CohortDataError, match="'wedge' is unknown"):
        validate_nasovcf(frame.assign(fracture_type="wedge"))
    with pytest.raises(ClinicalDataError, match="VHL"):
        validate_nasovcf(frame.assign(vhl_percent_0mo=150.0))
