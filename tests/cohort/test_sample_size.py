"""Sample sizes: published examples, R, and whether the promise is kept."""

import numpy as np
import pytest

from ovcf.cohort.agreement.reliability import icc
from ovcf.cohort.groups.contingency import proportion
from ovcf.cohort.planning.sample_size import (
    for_auc_precision,
    for_auc_test,
    for_icc,
    for_kappa,
    for_prediction_model,
    for_proportion,
    for_two_proportions,
    kappa_table,
)
from ovcf.errors import CohortDataError
from tests.cohort.r_script import ask_r


@pytest.mark.parametrize(("share", "half"), [(0.1, 0.05), (0.25, 0.03), (0.5, 0.1)])
def test_wilsons_interval_is_as_narrow_as_asked_and_one_patient_fewer_is_too_few(share, half):
    n = for_proportion(share, half).n

    def width(size):
        z = 1.959964
        return z / (1 + z * z / size) * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size))

    assert width(n) <= half < width(n - 1)
    found = proportion(round(share * n), n)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.05)


def test_two_proportions_as_in_fleiss():
    # Fleiss, Table A.3: 0.60 against 0.70, alpha 0.05, power 0.80 without correction is 356 in each group
    assert for_two_proportions(0.6, 0.7).parts == (("each group", 356),)


def test_the_prediction_model_of_riley():
    # BMJ 2020;368:m441, binary example: 24 parameters, prevalence 0.174, R² 0.288: 623, 662 and 221
    result = for_prediction_model(24, 0.174, 0.288)
    assert [n for _, n in result.parts] == [623, 662, 221]
    assert result.n == 662


def test_the_interval_of_an_icc_is_as_wide_as_planned():
    n = for_icc(0.7, 3, 0.2).n
    rng = np.random.default_rng(8)
    widths = []
    for _ in range(200):
        scores = np.sqrt(0.7) * rng.normal(size=(n, 1)) + np.sqrt(0.3) * rng.normal(size=(n, 3))
        form = icc(scores)["ICC(1,1)"]
        widths.append(form.high - form.low)
    assert np.mean(widths) == pytest.approx(0.2, abs=0.01)


def test_the_precision_of_an_auc_is_hanley_and_mcneils():
    # At AUC 0.8 with 50 events and 50 others: (0.16 + 49 (2/3 - 0.64) + 49 (0.7111 - 0.64)) / 2500 is SE 0.044502.
    assert for_auc_precision(0.8, 1.959964 * 0.04451, 0.5).n == 100
    assert for_auc_precision(0.8, 1.959964 * 0.04449, 0.5).n > 100


@pytest.mark.slow
def test_the_power_of_an_auc_is_that_of_proc():
    theirs = ask_r(
        """
        f <- function(auc, kappa)
          unlist(power.roc.test(auc=auc, kappa=kappa, power=0.9, sig.level=0.05)[c('ncases', 'ncontrols')])
        list(even=unname(f(.7, 1)), uneven=unname(f(.8, 3)))
        """,
        ("pROC",),
    )
    assert [n for _, n in for_auc_test(0.7, power=0.9).parts] == list(np.ceil(theirs["even"]))
    uneven = for_auc_test(0.8, prevalence=0.25, power=0.9)
    assert [n for _, n in uneven.parts] == list(np.ceil(theirs["uneven"]))


def test_kappa_at_even_prevalence_is_one_line():
    # with both raters at 0.5 the variance is 1 - kappa²
    assert for_kappa(kappa_table(0.6, 0.5), 0.1).n == int(np.ceil(1.959964**2 * (1 - 0.36) / 0.01))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: for_proportion(20, 0.05), "not between 0 and 1"),
        (lambda: for_two_proportions(0.2, 0.2), "the same"),
        (lambda: for_auc_test(0.4), "not above 0.5"),
        (lambda: for_icc(0.8, 1, 0.2), "cannot agree"),
        (lambda: kappa_table(-0.5, 0.1), "cannot be at this prevalence"),
        (lambda: for_prediction_model(5, 0.1, 0.6), "stays below"),
    ],
)
def test_what_cannot_be_planned_is_refused(call, message):
    with pytest.raises(CohortDataError, match=message):
        call()
