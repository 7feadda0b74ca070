"""Damaged tables: every analysis either refuses with a message that names the trouble, or gives whole figures."""

import re

import numpy as np
import pandas as pd
import pytest

import ovcf.cohort.api as cohort
from ovcf.cli.cohort.commands import app
from ovcf.cohort.data.dataset import check
from ovcf.cohort.recipes.columns_of import dictionary_for
from ovcf.cohort.recipes.kadri import kadri_study
from ovcf.cohort.recipes.nagao import nagao_study
from ovcf.cohort.recipes.nasovcf import nasovcf_study
from ovcf.cohort.recipes.voormolen import voormolen_study
from ovcf.errors import CohortDataError
from tests.cohort import simulated

N = 60


def patients():
    rng = np.random.default_rng(5)
    i = np.arange(N)
    y = i % 3 == 0
    x = rng.normal(size=N) + 1.1 * y
    first = rng.integers(1, 4, N).astype(float)
    return pd.DataFrame(
        {
            "id": [f"P{k:02d}" for k in i],
            "event": y.astype(int),
            "score": x,
            "other": rng.normal(size=N),
            "risk": np.clip(1 / (1 + np.exp(1 - x)), 0.01, 0.99),
            "group": np.where(i % 2, "a", "b"),
            "sign": np.where(rng.random(N) < 0.3 + 0.4 * y, "yes", "no"),
            "months": np.round(rng.exponential(10, N) + 0.1, 1),
            "end": np.where(y, "fracture", np.where(rng.random(N) < 0.3, "death", "none")),
            "first": first,
            "second": np.where(rng.random(N) < 0.7, first, rng.integers(1, 4, N)),
            "reread": x + rng.normal(0, 0.3, N),
        }
    )


def visits(frame):
    """Three visits of each patient, pain about his score; a score that is no number stays as it is."""
    noise = np.random.default_rng(1).normal(0, 0.5, (len(frame), 3))
    rows = [
        (p.id, p.group, m, p.score if isinstance(p.score, str) else p.score - 0.3 * m + noise[i, j])
        for i, p in enumerate(frame.itertuples())
        for j, m in enumerate((0, 1, 6))
    ]
    return pd.DataFrame(rows, columns=["id", "group", "month", "vas"])


OVER_TIME = {"subject": "id", "visit": "month", "group": "group"}
DEATH = {"happened": "fracture", "competing": ["death"]}
ANALYSES = {
    "baseline": lambda f: cohort.baseline(f, "group", ["score", "sign", "event"]),
    "logistic": lambda f: cohort.logistic(f, "event", ["score", "sign"]),
    "profile": lambda f: cohort.logistic(f, "event", ["score", "other"], interval="profile"),
    "univariable": lambda f: cohort.univariable(f, "event", ["score", "sign"]),
    "landmark": lambda f: cohort.from_landmark(f, "months", "event", 3, group="group", known_at="score"),
    "reclassification": lambda f: cohort.reclassification(f["event"], f["risk"], f["second"] / 4, [0.3]),
    "roc": lambda f: cohort.roc(f["event"], f["score"], name="score", resamples=20),
    "compare_roc": lambda f: cohort.compare_roc(f["event"], {"score": f["score"], "other": f["other"]}),
    "compare_scores": lambda f: cohort.compare_scores(f, "event", ["score", "other"], resamples=20),
    "kaplan_meier": lambda f: cohort.kaplan_meier(f, "months", "event", group="group", at=[5]),
    "cox": lambda f: cohort.cox(f, "months", "event", ["score", "sign"]),
    "incidence": lambda f: cohort.cumulative_incidence(f, "months", "end", group="group", at=[5], **DEATH),
    "fine_gray": lambda f: cohort.fine_gray(f, "months", "end", ["score", "sign"], **DEATH),
    "mixed_anova": lambda f: cohort.mixed_anova(visits(f), "vas", **OVER_TIME),
    "mixed_model": lambda f: cohort.linear_mixed_model(visits(f), "vas", **OVER_TIME),
    "groups_at_visits": lambda f: cohort.groups_at_visits(visits(f), "vas", **OVER_TIME),
    "visits_within_groups": lambda f: cohort.visits_within_groups(visits(f), "vas", **OVER_TIME),
    "calibration": lambda f: cohort.calibration(f["event"], f["risk"]),
    "decision_curve": lambda f: cohort.decision_curve(f["event"], {"risk": f["risk"]}),
    "optimism": lambda f: cohort.optimism(cohort.logistic(f, "event", ["score", "other"]), f, resamples=10),
    "kappa": lambda f: cohort.cohen_kappa(f["first"], f["second"]),
    "fleiss": lambda f: cohort.fleiss_kappa(f[["first", "second"]]),
    "gwet": lambda f: cohort.gwet_ac1(f[["first", "second"]]),
    "icc": lambda f: cohort.icc(f[["score", "reread"]]),
    "bland_altman": lambda f: cohort.bland_altman(f["score"], f["reread"]),
    "points": lambda f: cohort.points_by_univariable(f, "event", ["sign", "group"], p_below=0.99, resamples=10),
    "ridge": lambda f: cohort.points_by_ridge(f, "event", ["sign", "group"], resamples=10),
    "pooled": lambda f: cohort.pooled_logistic(
        cohort.impute(f, ["event", "score", "sign"], imputations=2, cycles=1), "event", ["score", "sign"]
    ),
}
OUTCOME = {
    "logistic",
    "profile",
    "univariable",
    "roc",
    "compare_roc",
    "compare_scores",
    "kaplan_meier",
    "cox",
    "incidence",
    "fine_gray",
    "calibration",
    "decision_curve",
    "optimism",
    "points",
    "ridge",
    "pooled",
}
GROUPS = {
    "baseline",
    "kaplan_meier",
    "incidence",
    "mixed_anova",
    "mixed_model",
    "groups_at_visits",
    "visits_within_groups",
}
VISITS = {"mixed_anova", "mixed_model", "groups_at_visits", "visits_within_groups"}
MEASURED = set(ANALYSES) - {"kaplan_meier", "incidence", "landmark", "points", "ridge"}


def of_rows(frame, rows):
    return (np.arange(len(frame)) < rows).astype(int)


def put(frame, value, *names):
    """The frame with ``value`` in the fourth row of the columns named."""
    frame = frame.astype(dict.fromkeys(names, object))
    frame.loc[3, list(names)] = value
    return frame


TYPED = ("score", "reread", "risk", "first")
# name: how the table is damaged, which analyses must refuse it, what their message says
DAMAGE = {
    "nothing": (lambda f: f, set(), ""),
    "constant outcome": (lambda f: f.assign(event=0, end="none"), OUTCOME, r"is always 0|has no event"),
    "unknown outcome": (
        lambda f: f.assign(event=np.nan, end=None),
        OUTCOME,
        r"is empty|missing: (event|end)|no known value",
    ),
    "one event": (
        lambda f: f.assign(event=of_rows(f, 1), end=np.where(of_rows(f, 1), "fracture", "none")),
        {"roc", "compare_roc", "compare_scores", "calibration", "optimism", "points", "ridge"},
        r"1 events and 59 non-events",
    ),
    "perfect separation": (
        lambda f: f.assign(
            score=10.0 * f["event"] + f["other"],
            risk=np.where(f["event"] == 1, 0.9, 0.1),
            sign=np.where(f["event"] == 1, "yes", "no"),
        ),
        {"cox", "fine_gray", "calibration", "optimism"},
        r"separates",
    ),
    "constant score": (
        lambda f: f.assign(score=2.0, reread=2.0, risk=0.3, first=1.0, second=1.0),
        MEASURED - VISITS - {"decision_curve", "reclassification"},
        r"single value|always 2|the same|no spread|same category",
    ),
    "nothing known": (
        lambda f: f.assign(score=np.nan, reread=np.nan, risk=np.nan, first=np.nan, sign=None),
        (set(ANALYSES) - {"kaplan_meier", "incidence", "landmark"}),
        r"no known value|missing: |rated|no two subjects",
    ),
    "infinite": (
        lambda f: put(put(f, np.inf, *TYPED), np.inf, "months"),
        (MEASURED | {"kaplan_meier", "incidence"}) - {"kappa", "fleiss", "gwet"},
        r"infinite",
    ),
    "text among numbers": (
        lambda f: put(put(f, "unknown", *TYPED), "unknown", "months"),
        MEASURED | {"kaplan_meier", "incidence"},
        r"'unknown'",
    ),
    "groups in numbers and text": (
        lambda f: f.assign(group=[1 if i % 2 else "b" for i in range(len(f))]),
        GROUPS | {"points", "ridge"},
        r"group: mixes numbers and text \('b'\)",
    ),
    "one patient in a group": (
        lambda f: f.assign(group=np.where(of_rows(f, 1), "a", "b")),
        {"baseline", "mixed_anova", "groups_at_visits", "visits_within_groups"},
        r"fewer than (two|2)",
    ),
    "single group": (
        lambda f: f.assign(group="a"),
        GROUPS | {"points", "ridge"},
        r"one group|two groups|single value|or groups",
    ),
    "duplicate ids": (
        lambda f: f.assign(id=["P00", "P00", *f["id"][2:]]),
        VISITS,
        r"patient P00: (has visit|is in more)",
    ),
    "negative times": (
        lambda f: f.assign(months=-f["months"]),
        {"kaplan_meier", "cox", "incidence", "fine_gray"},
        r"'months': is negative",
    ),
    "no rows": (lambda f: f.iloc[:0], set(ANALYSES), r"has no row|is empty|0 |subjects"),
    "one row": (lambda f: f.iloc[:1], set(ANALYSES) - {"landmark"}, r"."),
    "a score twice": (
        lambda f: f.assign(other=f["score"], reread=f["score"]),
        {"profile", "optimism", "compare_roc", "compare_scores", "bland_altman"},
        r"follows from|rank the patients alike|all differences are the same",
    ),
}
NOT_A_NUMBER = re.compile(r"\b(nan|NaN|NaT|<NA>|None)\b")


def outcome_of(analysis):
    """What the analysis prints, or the message with which it refuses."""
    try:
        return str(analysis()), None
    except CohortDataError as error:
        return "", error


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("analysis", ANALYSES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_table_is_refused_by_name_or_analysed_whole(damage, analysis):
    harm, refused, message = DAMAGE[damage]
    text, error = outcome_of(lambda: ANALYSES[analysis](harm(patients())))
    assert not NOT_A_NUMBER.search(text)
    if analysis in refused:
        assert error is not None
        assert re.search(message, str(error))
    if damage == "nothing":
        assert error is None


PAIN = visits(patients())
COURSES = {
    "patients alike": PAIN.assign(vas=np.random.default_rng(3).normal(size=len(PAIN)) - 0.2 * PAIN["month"]),
    "one value": PAIN.assign(vas=3.0),
    "one value per visit": PAIN.assign(vas=PAIN["month"] * 1.0),
    "one value per patient": PAIN.assign(vas=PAIN["id"].str[1:].astype(float)),
    "no spread in a group": PAIN.assign(vas=PAIN["vas"].where(PAIN["group"] == "a", 2.0)),
    "no spread at a visit": PAIN.assign(vas=PAIN["vas"].where(PAIN["month"] > 0, 2.0)),
    "one visit": PAIN[PAIN["month"] == 0],
    "visits in words": PAIN.assign(month=PAIN["month"].map({0: "before", 1: "1 month", 6: "6 months"})),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("course", COURSES)
@pytest.mark.parametrize("analysis", ["mixed_anova", "linear_mixed_model", "groups_at_visits", "visits_within_groups"])
def test_an_odd_course_over_visits_is_refused_by_name_or_analysed_whole(course, analysis):
    text, error = outcome_of(lambda: getattr(cohort, analysis)(COURSES[course], "vas", **OVER_TIME))
    assert not NOT_A_NUMBER.search(text)
    assert error is None or re.search(r"not vary|fewer than two|not a number|does not converge", str(error))


def test_patients_who_do_not_differ_give_a_variance_of_zero_and_it_is_said():
    result = cohort.linear_mixed_model(COURSES["patients alike"], "vas", **OVER_TIME)
    assert dict(result.variances)["patients"] == pytest.approx(0, abs=1e-6)
    assert "estimated as zero" in str(result)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("non_union", 0, "non_union: is always 0"),
        ("non_union", [1] + [0] * 119, "outcome: 1 events and 119 non-events"),
        ("non_union", np.nan, "non_union: is empty"),
        ("non_union", 2, "non_union: holds 2, not only 0 and 1"),
        ("fracture_type", None, "no patient with both total and outcome"),
        ("t_score", np.nan, "no patient with both total and outcome"),
        ("nasovcf", 4, "single value"),
        ("nasovcf", 13, "13"),
        ("nasovcf", "high", "'high' is not a number"),
        ("nasovcf", np.inf, "infinite"),
    ],
)
def test_an_external_validation_that_cannot_be_is_refused_by_name(column, values, said):
    table = simulated.han().assign(**{column: values})
    text, error = outcome_of(lambda: cohort.validate_nasovcf(table, score="nasovcf" if column == "nasovcf" else None))
    assert text == ""
    assert said in str(error)


STUDIES = {
    "han": ("nasovcf", nasovcf_study),
    "nagao": ("nagao", nagao_study),
    "voormolen": ("voormolen", voormolen_study),
    "kadri": ("kadri", kadri_study),
}


@pytest.mark.parametrize("rows", [1, 3, 12])
@pytest.mark.parametrize("study", STUDIES)
def test_a_recipe_on_a_handful_of_patients_says_what_it_could_not_make(study, rows):
    recipe, make = STUDIES[study]
    raw = getattr(simulated, study)().iloc[:rows]
    report = make(check(raw, dictionary_for(recipe, raw.columns)).frame)
    assert report.not_made or rows == 12
    assert all(missed.reason and missed.remedy for missed in report.not_made)
    assert not any(NOT_A_NUMBER.search(str(item.result)) for item in report.items)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("height_m", 158, "height_m: '158' in row 5 is outside .*times 0.01 it fits: another unit"),
        ("age_years", "seventy", "age_years: 'seventy' in row 5 is not a number"),
        ("t_score", "-2,5", "t_score: '-2,5' in row 5 has a decimal comma"),
        ("vas_0mo", "inf", "vas_0mo: 'inf' in row 5 is not a finite number"),
        ("non_union", "maybe", "non_union: 'maybe' in row 5 is neither yes nor no"),
        ("patient_id", "P000", "patient_id: 'P000' in row 5 is also in row 2"),
    ],
)
def test_the_command_lists_each_mistake_by_row_and_writes_nothing(tmp_path, capsys, column, value, said):
    raw = put(simulated.han(40), value, column)
    raw.to_csv(tmp_path / "patients.csv", index=False)
    with pytest.raises(CohortDataError):
        app(
            ["nasovcf", str(tmp_path / "patients.csv"), "--out", str(tmp_path / "out")],
            exit_on_error=False,
            result_action="return_value",
        )
    assert re.search(said, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()
