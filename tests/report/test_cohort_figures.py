"""Figures of a cohort show labels as they are written."""

from types import SimpleNamespace

import pytest

from ovcf.report.cohort.cohort_figures import draw

pyplot = pytest.importorskip("matplotlib.pyplot")


@pytest.mark.parametrize("label", [r"$\frac{1$", "costs in $", "a_b^c", "50 % \\ %"])
def test_a_label_that_looks_like_a_formula_is_drawn_as_text(label):
    def plot():
        _, axes = pyplot.subplots()
        axes.set_xlabel(label)
        return axes

    study = SimpleNamespace(items=[SimpleNamespace(id="one", result=SimpleNamespace(plot=plot))])
    assert draw(study)["one"].png


def test_a_heading_in_chinese_is_drawn_with_its_letters(recwarn):
    def plot():
        _, axes = pyplot.subplots()
        axes.set_xlabel("椎体高度丢失率（%）")
        return axes

    study = SimpleNamespace(items=[SimpleNamespace(id="one", result=SimpleNamespace(plot=plot))])
    assert draw(study)["one"].svg
    assert not [w for w in recwarn if "missing from" in str(w.message)]
