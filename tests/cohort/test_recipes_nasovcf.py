"""The recipe of HAN 2025: on the reconstructed cohort it prints what the paper prints."""

from importlib.resources import files

import numpy as np
import pytest
from pandas import NA

from ovcf.cohort.data.dataset import check
from ovcf.cohort.data.read import read_table
from ovcf.cohort.recipes.columns_of import columns_of, dictionary_for, printed_name
from ovcf.cohort.recipes.nasovcf import nasovcf_study, with_score
from ovcf.scores.prognosis.nasovcf import nasovcf
from ovcf.vocabulary import FractureType
from scripts import derive_han_reconstruction
from tests.cohort import simulated

_FEW = ["fracture_type", "vhl_percent_0mo", "vhl_percent_6mo", "ka_deg_0mo", "t2_pattern", "t_score", "non_union"]
TABLE = files("ovcf.cohort").joinpath("tables", "han_2025_reconstructed.csv")


def typed(recipe, raw):
    return check(raw, dictionary_for(recipe, raw.columns)).checked()


@pytest.fixture(scope="module")
def printed():
    raw = read_table(str(TABLE)).drop(columns="group")
    return nasovcf_study(typed("nasovcf", raw), reconstructed=True)


@pytest.fixture(scope="module")
def study():
    return nasovcf_study(typed("nasovcf", simulated.han()))


def test_the_packaged_cohort_is_what_its_script_derives():
    assert derive_han_reconstruction.as_csv() == TABLE.read_text(encoding="utf-8")


# HAN 2025, Table 1 (univariate, non-union): level: OR, low, high; to the last printed digit.
TABLE_1 = {
    "burst": (5.677, 2.781, 11.586),
    "-3.5 < T <= -2.5": (5.826, 2.083, 16.294),
    "T <= -3.5": (35.964, 11.354, 113.909),
    "male": (0.436, 0.182, 1.042),
    "T11": (1.150, 0.375, 3.526),
    "T12": (1.349, 0.482, 3.780),
    "L1": (1.174, 0.491, 2.806),
}
TABLE_1_YES = {
    "height loss ≥ 15%": (9.162, 4.181, 20.080),
    "kyphosis angle ≥ 15°": (7.382, 2.567, 21.226),
    "diffuse low T2 signal": (6.427, 2.919, 14.151),
}


def test_every_odds_ratio_of_table_1_is_reproduced(printed):
    found = {}
    for model in printed["non-union-each-factor"].models:
        for e in model.effects:
            found[e.term.variable if e.term.level == "yes" else e.term.level] = e.odds_ratio
    for name, figures in (TABLE_1 | TABLE_1_YES).items():
        assert (found[name].value, found[name].low, found[name].high) == pytest.approx(figures, abs=0.003), name


def test_the_odds_ratio_and_auc_of_the_score_are_those_printed(printed):
    models = {m.effects[0].term.variable: m.effects[0] for m in printed["non-union-each-factor"].models}
    score = models["NASOVCF"].odds_ratio
    # The closest table that the printed counts allow; the interval of 0.872 cannot be met as well.
    assert (score.value, score.low, score.high) == pytest.approx((1.754, 1.504, 2.046), abs=0.0015)
    assert printed["non-union-roc"].auc.value == pytest.approx(0.872, abs=0.0005)


@pytest.mark.parametrize(
    ("key", "counts", "wilson"),
    [
        ("non-union-by-group", [(1, 47), (9, 98), (39, 63)], [(0.4, 11.1), (4.9, 16.5), (49.6, 72.9)]),
        ("progressive-kyphosis-by-group", [(1, 47), (17, 98), (30, 63)], [(0.4, 11.1), (11.1, 26.0), (35.8, 59.7)]),
    ],
)
def test_group_outcomes_and_their_intervals_are_those_of_the_paper(printed, key, counts, wilson):
    groups = printed[key].groups
    assert [(e, n) for _, e, n, _ in groups] == counts
    assert [name for name, *_ in groups] == ["low", "medium", "high"]
    for (*_, share), (low, high) in zip(groups, wilson, strict=True):
        assert (100 * share.low, 100 * share.high) == pytest.approx((low, high), abs=0.06)


def test_pairs_of_groups_are_pearson_with_bonferroni(printed):
    pairs = {(a, b): p for a, b, p in printed["non-union-by-group"].p_adjusted}
    # Worked by hand: Pearson P .1166 of union in low against medium; times three.
    assert pairs["low", "medium"] == pytest.approx(3 * 0.1166, abs=3e-4)
    assert pairs["medium", "high"] < 0.001
    assert pairs["low", "high"] < 0.001


def test_table_3_tests_of_sex_and_level_are_those_printed(printed):
    lines = {line.variable: line.comparison for line in printed["baseline-by-group"].lines}
    assert round(lines["sex"].p, 3) == 0.184
    assert round(lines["fractured level"].p, 3) == 0.979
    assert {line.test for line in lines.values()} == {"chi-square"}


@pytest.mark.parametrize(
    ("level", "figures"),
    [
        ("female", (4.575, 1.556, 13.454)),
        ("T11", (0.608, 0.210, 1.765)),
        ("T12", (0.944, 0.392, 2.273)),
        ("L2", (0.922, 0.396, 2.145)),
    ],
)
def test_progressive_kyphosis_by_sex_and_level_is_that_printed(printed, level, figures):
    effects = {
        e.term.level: e.odds_ratio for m in printed["progressive-kyphosis-each-factor"].models for e in m.effects
    }
    assert (effects[level].value, effects[level].low, effects[level].high) == pytest.approx(figures, abs=0.002)


def test_what_a_cohort_lacks_is_listed_with_its_columns(printed):
    missed = {n.id: n for n in printed.not_made}
    assert "vhl_percent_6mo" in missed["vhl-by-group"].reason
    assert "vas_0mo" in missed["vas-over-visits"].remedy
    assert "paper itself" in missed["validation-non-union"].reason


def test_a_whole_table_gives_every_part_of_the_design(study):
    assert {item.section for item in study.items} == {
        "Patients",
        "Non-union",
        "Progressive kyphosis",
        "Height loss and kyphosis",
        "Pain and disability",
        "External validation",
    }
    for item in study.items:
        said = "\n".join(item.result.remarks())
        assert "Method: " in said, item.id
        assert "n: " in said, item.id


def test_medians_and_kruskal_wallis_are_scipys(study):
    from scipy.stats import kruskal

    frame, _ = with_score(typed("nasovcf", simulated.han()))
    groups = [g["vhl_percent_6mo"].to_numpy() for _, g in frame.groupby("group", observed=True)]
    row = study["vhl-by-group"].tables[0].rows[1]
    assert row[-1] == pytest.approx(kruskal(*groups).pvalue)
    assert [c.value for c in row[1:4]] == pytest.approx([np.median(g) for g in groups])


def test_totals_are_those_of_the_score_itself():
    frame, said = with_score(typed("nasovcf", simulated.han(40)))
    assert not [remark for remark in said if "total" in remark]
    for _, p in frame.iterrows():
        one = nasovcf(
            fracture_type=FractureType(p.fracture_type),
            vhl_percent=p.vhl_percent_0mo,
            local_kyphosis_deg=p.ka_deg_0mo,
            t2_diffuse_low=p.t2_pattern == "diffuse low",
            t_score=p.t_score,
        )
        assert (p.nasovcf, p.group) == (one.total, one.group)


def test_a_t_score_above_minus_one_has_no_total_and_is_counted():
    raw = simulated.han(30).assign(t_score=[-0.9, *[-2.0] * 29])
    frame, said = with_score(typed("nasovcf", raw))
    assert np.isnan(frame.nasovcf[0])
    assert any("1 patient" in s and "outside" in s for s in said)


def test_a_total_that_contradicts_its_items_is_told():
    frame, _ = with_score(typed("nasovcf", simulated.han(30)))
    raw = simulated.han(30).assign(nasovcf=frame["nasovcf"])
    raw.loc[0, "nasovcf"] = (raw.loc[0, "nasovcf"] + 2) % 14
    _, said = with_score(typed("nasovcf", raw))
    assert any("differs from that of the items in 1 patients" in s for s in said)


def test_progressive_kyphosis_is_more_than_ten_degrees():
    raw = simulated.han(3).assign(ka_deg_0mo=[5.0, 5.0, 5.0], ka_deg_6mo=[15.0, 15.01, None])
    frame, _ = with_score(typed("nasovcf", raw))
    assert frame["progressive_kyphosis"].tolist()[:2] == [False, True]
    assert frame["progressive_kyphosis"].isna().tolist() == [False, False, True]


def test_the_order_of_patients_changes_nothing():
    raw = simulated.han(60)[_FEW]
    one, other = (nasovcf_study(typed("nasovcf", r)) for r in (raw, raw.sample(frac=1, random_state=5)))
    for key in ("non-union-by-group", "vhl-by-group", "non-union-each-factor"):
        for a, b in zip(one[key].tables, other[key].tables, strict=True):
            assert a.cells() == b.cells()


def test_a_constant_outcome_costs_only_its_own_analyses():
    study = nasovcf_study(typed("nasovcf", simulated.han(60)[_FEW].assign(non_union=0)))
    missed = {n.id: n.reason for n in study.not_made}
    assert "non-union-by-group" in missed
    assert "vhl-by-group" not in missed


def test_every_visit_is_described_as_the_first_is():
    found = dictionary_for("nasovcf", ["vas_0mo", "vas_24mo", "unknown"])
    assert [v.name for v in found.variables] == ["vas_0mo", "vas_24mo"]
    assert found["vas_24mo"].high == 10
    assert printed_name("nasovcf", "odi_3mo") == "ODI (%), 3 months"


@pytest.mark.parametrize("recipe", ["nasovcf", "nagao", "voormolen", "kadri"])
def test_every_packaged_dictionary_can_be_read(recipe):
    assert columns_of(recipe).variables


def test_missing_predictors_are_imputed_beside_the_complete_cases():
    raw = simulated.han(200)
    raw.loc[::10, "vas_0mo"] = None
    study = nasovcf_study(typed("nasovcf", raw))
    assert study["non-union-model"].n == 180
    assert study["non-union-model-imputed"].n == 200
    assert {"non-union-model-optimism"} <= {i.id for i in study.items}


def test_another_score_in_the_table_is_compared_by_delong():
    raw = simulated.han(100)[_FEW].assign(of_score=lambda f: f["vhl_percent_0mo"].clip(0, 20))
    study = nasovcf_study(typed("nasovcf", raw))
    assert "OF score" in str(study["non-union-other-scores"])


def derived(**columns):
    """(the frame with what follows, remarks) of a table of these columns."""
    raw = simulated.han(len(next(iter(columns.values())))).drop(columns="non_union").assign(**columns)
    return with_score(check(raw, dictionary_for("nasovcf", raw.columns)).checked())


def answers(column):
    return [None if value is NA else bool(value) for value in column.tolist()]


def test_non_union_follows_from_the_cleft_and_the_anterior_heights():
    """HAN: a cleft on MRI, or an anterior height that differs between standing and supine; TV of the follow-up."""
    frame, said = derived(
        cleft_6mo=["air", "none", "none", "none", None, None, "fluid"],
        anterior_height_standing_mm_6mo=[20.0, 20.0, 20.0, 20.0, 18.0, 20.0, None],
        anterior_height_supine_mm_6mo=[20.0, 21.0, 21.1, None, 20.0, 20.5, None],
    )
    assert answers(frame["non_union"]) == [True, False, True, None, True, None, True]
    assert any("Non-union is derived" in s and "not known in 2 patients" in s for s in said)
    assert frame["union"].tolist()[:3] == ["non-union", "union", "non-union"]


def test_a_given_verdict_is_never_replaced_and_its_contradiction_is_told():
    frame, said = derived(cleft_6mo=["air", "none"], non_union=[0, 0])
    assert answers(frame["non_union"]) == [False, False]
    assert any("In 1 patients the cleft and anterior heights say otherwise" in s for s in said)


def test_progressive_kyphosis_is_not_called_across_postures():
    angles = {"ka_deg_0mo": [15.0, 15.0, 15.0, 15.0], "ka_deg_6mo": [25.0, 25.01, 26.0, 26.0]}
    frame, said = derived(**angles)
    assert answers(frame["progressive_kyphosis"]) == [False, True, True, True]
    assert any("takes both radiographs as of one posture" in s for s in said)
    postures = {"posture_0mo": ["standing"] * 4, "posture_6mo": ["standing", "standing", "supine", None]}
    frame, said = derived(**angles, **postures)
    assert answers(frame["progressive_kyphosis"]) == [False, True, None, None]
    assert any("not called in 2 patients" in s for s in said)
