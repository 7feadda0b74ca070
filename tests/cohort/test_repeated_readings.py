"""Readers who read again, and methods that measured more than once: R, Bland and Altman's own figures, simulation."""

import numpy as np
import pytest

from ovcf.cohort.agreement.crossed import crossed_readers
from ovcf.cohort.agreement.reliability import icc
from ovcf.cohort.agreement.repeated import bland_altman_repeated
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r

pd = pytest.importorskip("pandas")

CARDIAC = """7.83,6.57 7.42,5.62 7.89,6.90 7.12,6.57 7.88,6.35
6.16,4.06 7.26,4.29 6.71,4.26 6.54,4.09
4.75,4.71 5.24,5.50 4.86,5.08 4.78,5.02 6.05,6.01 5.42,5.67
4.21,4.14 3.61,4.20 3.72,4.61 3.87,4.68 3.92,5.04
3.13,3.03 2.98,2.86 2.85,2.77 3.17,2.46 3.09,2.32 3.12,2.43
5.92,5.90 6.42,5.81 5.92,5.70 6.27,5.76
7.13,5.09 6.62,4.63 6.58,4.61 6.93,5.09
4.54,4.72 4.81,4.61 5.11,4.36 5.29,4.20 5.39,4.36 5.57,4.20
4.48,3.17 4.92,3.12 3.97,2.96
4.22,4.35 4.65,4.62 4.74,3.16 4.44,3.53 4.50,3.53
6.78,7.20 6.07,6.09 6.52,7.00 6.42,7.10 6.41,7.40 5.76,6.80
5.06,4.50 4.72,4.20 4.90,3.80 4.80,3.80 4.90,4.20 5.10,4.50"""
"""Cardiac output by radionuclide ventriculography and impedance, a line per subject (Bland and Altman 2007)."""


def cardiac():
    rows = [(i, *map(float, pair.split(","))) for i, line in enumerate(CARDIAC.splitlines()) for pair in line.split()]
    return pd.DataFrame(rows, columns=["subject", "rv", "ic"])


def readings(rng, n=30, k=4, m=2, subject=4.0, reader=0.5, both=0.3, repeat=1.0):
    cube = (
        20
        + rng.normal(0, subject**0.5, (n, 1, 1))
        + rng.normal(0, reader**0.5, (1, k, 1))
        + rng.normal(0, both**0.5, (n, k, 1))
        + rng.normal(0, repeat**0.5, (n, k, m))
    )
    rows = [(i, f"R{j}", r, cube[i, j, r]) for i in range(n) for j in range(k) for r in range(m)]
    return pd.DataFrame(rows, columns=["subject", "reader", "time", "height"])


# Bland-Altman


def test_limits_are_those_of_bland_and_altman_2007_where_the_truth_varies():
    found = bland_altman_repeated(cardiac(), "subject", "rv", "ic")
    assert found.bias.value == pytest.approx(0.6021667, abs=5e-8)
    assert found.sd == pytest.approx(0.99062408, abs=5e-8)
    # They take 1.96, we 1.959964.
    assert (found.lower.value, found.upper.value) == pytest.approx((-1.3394565, 2.5437899), abs=5e-5)
    assert (found.n, len(found.differences)) == (12, 60)


def test_limits_are_those_of_bland_and_altman_2007_where_the_truth_is_constant():
    found = bland_altman_repeated(cardiac(), "subject", "rv", "ic", true_value="constant")
    assert found.sd == pytest.approx(1.0518506, abs=5e-8)
    assert (found.lower.value, found.upper.value) == pytest.approx((-1.4594605, 2.6637939), abs=5e-5)


@pytest.mark.parametrize("true_value", ["varies", "constant"])
def test_intervals_of_the_limits_hold_as_often_as_they_say(true_value):
    rng = np.random.default_rng(7)
    n, m, between, within = 20, 3, 0.8, 0.6
    truth = 1 + 1.959964 * np.sqrt(between + (2 * within if true_value == "constant" else within))
    held = 0
    for _ in range(300):
        own = rng.normal(0, between**0.5, (n, 1))
        if true_value == "constant":
            a, b = (1 + own + rng.normal(0, within**0.5, (n, m)), rng.normal(0, within**0.5, (n, m)))
        else:
            b = rng.normal(0, 3, (n, m))
            a = b + 1 + own + rng.normal(0, within**0.5, (n, m))
        frame = pd.DataFrame({"id": np.repeat(range(n), m), "a": a.ravel(), "b": b.ravel()})
        upper = bland_altman_repeated(frame, "id", "a", "b", true_value=true_value).upper
        held += upper.low <= truth <= upper.high
    assert 0.91 <= held / 300 <= 0.985  # 95 % within what 300 draws allow


def test_repeats_need_no_partner_where_the_truth_is_constant():
    frame = cardiac()
    frame.loc[frame.index[::7], "ic"] = np.nan
    assert bland_altman_repeated(frame, "subject", "rv", "ic", true_value="constant").n == 12
    assert len(bland_altman_repeated(frame, "subject", "rv", "ic").differences) == 51


def test_a_single_pair_of_each_is_another_question():
    with pytest.raises(CohortDataError, match="none measured twice"):
        bland_altman_repeated(cardiac().drop_duplicates("subject"), "subject", "rv", "ic")


# Readers


def test_components_are_those_of_lme4():
    frame = readings(np.random.default_rng(3))
    theirs = ask_r(
        """fit <- lmer(height ~ 1 + (1|subject) + (1|reader) + (1|subject:reader), d, REML=TRUE,
                       control=lmerControl(optimizer='bobyqa', optCtrl=list(rhoend=1e-10)))
           v <- as.data.frame(VarCorr(fit)); v$vcov[match(c('subject','reader','subject:reader','Residual'), v$grp)]""",
        ("lme4",),
        d=frame,
    )
    c = crossed_readers(frame, "subject", "reader", "height").components
    # Of a balanced design REML and the analysis of variance are the same; lme4 stops where its deviance is flat.
    assert [c.subject, c.reader, c.interaction, c.repeat] == pytest.approx(theirs, rel=2e-4)


def test_the_coefficients_follow_from_the_components():
    found = crossed_readers(readings(np.random.default_rng(3)), "subject", "reader", "height")
    c = found.components
    total = c.subject + c.reader + c.interaction + c.repeat
    assert found.icc_between.value == pytest.approx(c.subject / total)
    assert found.icc_within.value == pytest.approx(1 - c.repeat / total)
    assert found.sem_within.value == pytest.approx(c.repeat**0.5)
    assert found.sdc_between.value == pytest.approx(1.959964 * (2 * (total - c.subject)) ** 0.5)


def test_each_reader_is_the_one_way_model_of_his_own_repeats():
    frame = readings(np.random.default_rng(3))
    first = crossed_readers(frame, "subject", "reader", "height").readers[0]
    own = frame[frame["reader"] == "R0"].pivot(index="subject", columns="time", values="height").to_numpy()
    assert first.icc == icc(own)["ICC(1,1)"]
    assert first.sd.value == pytest.approx((np.diff(own, axis=1) ** 2 / 2).mean() ** 0.5)


def test_intervals_hold_as_often_as_they_say():
    rng = np.random.default_rng(11)
    truth = {"icc_between": 4 / 5.8, "icc_within": 4.8 / 5.8, "sdc_within": 1.959964 * 2**0.5}
    held = dict.fromkeys(truth, 0)
    for _ in range(250):
        found = crossed_readers(readings(rng, n=20, k=4, m=2), "subject", "reader", "height", draws=1500)
        for name, value in truth.items():
            e = getattr(found, name)
            held[name] += e.low <= value <= e.high
    assert all(0.905 <= count / 250 <= 0.995 for count in held.values()), held


def test_a_subject_without_all_readings_is_left_out_and_counted():
    frame = readings(np.random.default_rng(3)).drop(index=[0, 17])
    found = crossed_readers(frame, "subject", "reader", "height")
    assert (found.n, dict(found.missing)) == (28, {"height": 2})
    assert "smallest detectable change" in found.plot().get_xlabel().lower()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f[f["time"] == 0], "1 repeats"),
        (lambda f: f[f["reader"] == "R0"], "1 readers"),
        (lambda f: f.assign(height=2.0), "is always 2"),
        (lambda f: f.drop(columns="reader"), "no column"),
    ],
)
def test_a_design_that_is_not_crossed_is_refused(change, said):
    with pytest.raises(CohortDataError, match=said):
        crossed_readers(change(readings(np.random.default_rng(3))), "subject", "reader", "height")
