"""A validation in twelve simulated centres, from the table to the report; the truth of the score is known."""

import numpy as np
import pytest

from ovcf.cohort.data.dataset import check
from ovcf.cohort.recipes.columns_of import dictionary_for
from ovcf.cohort.recipes.multicentre import multicentre_study
from tests.cohort import simulated


@pytest.fixture(scope="module")
def study():
    raw = simulated.multicentre()
    return multicentre_study(check(raw, dictionary_for("multicentre", raw.columns)).checked())


def test_every_analysis_is_made(study):
    assert not study.not_made
    assert [i.id for i in study.items] == [
        "missing-by-centre",
        "baseline-by-centre",
        "validation",
        "performance-by-centre",
        "auc-imputed",
        "performance-imputed",
        "risk-by-six-months",
        "updating",
        "agreement-fracture-type",
        "agreement-t2-pattern",
        "limits-of-agreement-height-loss",
        "icc-height-loss",
        "limits-of-agreement-kyphosis",
        "icc-kyphosis",
    ]


def test_the_odds_ratio_that_the_patients_were_made_with_is_found(study):
    ratio = study["validation"].odds_ratio
    assert ratio.low < 1.754 < ratio.high


def test_every_centre_is_judged_and_centres_differ_as_they_were_made_to(study):
    found = study["performance-by-centre"]
    level = found["Calibration in the large"]
    left_out = str(found).count("is in no pooled figure")  # where no event was seen in a group, say
    assert len(level.centres) + left_out == 12
    assert left_out <= 1
    assert level.tau_low < 0.5 < level.tau_high  # the spread of the centres' levels
    assert level.prediction.low < level.pooled.low


def test_imputation_keeps_the_patients_whom_complete_cases_lose(study):
    complete, imputed = study["validation"], study["auc-imputed"]
    assert imputed.n > 1.5 * complete.n
    assert abs(imputed["AUC"].estimate.value - complete.auc.value) < 0.03
    assert imputed["AUC"].estimate.standard_error < complete.auc.standard_error / np.prod(
        [complete.auc.value, 1 - complete.auc.value]
    )


def test_a_table_without_centres_readers_or_dates_says_what_it_could_not_make():
    raw = simulated.multicentre(300)
    raw = raw.drop(columns=["centre", "months", "event", *(c for c in raw if c.endswith("reader2"))])
    study = multicentre_study(check(raw, dictionary_for("multicentre", raw.columns)).checked())
    assert {"performance-by-centre", "risk-by-six-months", "agreement-t2-pattern"} <= {n.id for n in study.not_made}
    assert {"validation", "auc-imputed", "updating"} <= {i.id for i in study.items}
