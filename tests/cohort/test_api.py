"""The names for notebooks: all there, and every result shows itself."""

import pandas as pd

import ovcf.cohort.api as cohort
from ovcf.cohort.published.han_2025 import FACTORS, score_of
from ovcf.cohort.published.reconstruct import Cells, Margin


def test_every_name_is_there_and_documented():
    assert all(getattr(cohort, name).__doc__ for name in cohort.__all__)


def test_every_name_that_is_fetched_is_offered():
    fetched = {name for name, one in vars(cohort).items() if getattr(one, "__module__", "").startswith("ovcf.cohort.")}
    assert fetched == set(cohort.__all__)


def test_results_show_themselves_in_a_notebook_and_as_text():
    cells = Cells.of(FACTORS, score_of)
    rows = cohort.reconstruct(
        cells,
        [
            Margin.of(40),
            Margin.of(15, non_union=True),
            Margin.of(12, group="high", non_union=True),
            Margin.of(20, group="high"),
            Margin.of(18, sex="male"),
        ],
    )
    patients = pd.DataFrame(rows)
    for result in (
        cohort.baseline(patients, "non_union", ["sex", "nasovcf"]),
        cohort.roc(patients["non_union"], patients["nasovcf"], name="NASOVCF", resamples=50),
    ):
        assert "<table" in result._repr_html_()
        assert "NASOVCF" in str(result) or "nasovcf" in str(result)
        assert len(result.tidy())
