"""Values, wording and sources as a report prints them."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.measures.measurement import Measurement
from ovcf.measures.registry import measurements
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.plain_text import listed
from ovcf.render import charts
from ovcf.render.sources import Sources
from ovcf.render.words.names import LEFT_OUT, OTHER, name_of
from ovcf.render.words.values import interval_text, near, value_text, with_interval
from ovcf.render.words.wording import day, estimate, plain, spans
from ovcf.units import Unit
from tests.report.example import ASSESSMENT


def edema(value, u):
    return Measurement(method=BONE_MARROW_EDEMA, value=value, unit=Unit.PERCENT, standard_uncertainty=u)


def test_areas_are_whole_percents_that_end_at_0_and_100():
    assert with_interval(edema(97.6, 3.0)) == "98% (92 to 100%)"
    assert interval_text(edema(1.0, 2.0)) == "0 to 5%"


def test_height_loss_has_one_decimal_and_a_true_minus():
    vhl = ASSESSMENT.measurements[0]
    assert with_interval(vhl) == "17.8% (13.7 to 21.9%)"
    assert value_text(replace(vhl, value=-0.26)) == "−0.3%"


def test_an_unknown_error_gives_no_interval():
    assert with_interval(edema(12.0, None)) == "12%"


def test_near_a_limit_means_that_it_lies_within_the_interval():
    assert near((13.4, 26.7), 15)
    assert not near((15.1, 26.7), 15)
    assert not near(None, 15)


@pytest.mark.parametrize(
    ("p", "printed"), [(0.0, "< 1%"), (0.004, "< 1%"), (0.5, "50%"), (0.9951, "> 99%"), (1, "> 99%")]
)
def test_an_estimate_is_never_0_or_100_percent(p, printed):
    assert estimate(p) == printed


def test_levels_next_to_each_other_are_one_span():
    assert spans([Level.L1, Level.T8, Level.T9, Level.T10]) == "T8 to T10, L1"
    assert spans([Level.T12, Level.L1]) == "T12, L1"
    assert spans([]) == ""


def test_dates_and_lists_as_read_aloud():
    assert day("2020-01-06") == "6 January 2020"
    assert day(None) == ""
    assert listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("label map bodies.nii.gz", "label map"),
        ("T >= -2.5", "T ≥ −2.5"),
        ("well-known, T-score", "well-known, T-score"),
    ],
)
def test_names_of_files_do_not_reach_a_reader(text, printed):
    assert plain(text) == printed


def test_sources_are_numbered_as_they_are_met_and_tables_of_one_paper_share_a_number():
    sources = Sources(ASSESSMENT)
    assert sources.cite(["nagao-2025", "han-2025"]) == ["1", "2"]
    assert sources.cite(["han-2025-outcomes", "unc-case", "nothing-such"]) == ["2", "3"]
    assert [number for number, _ in sources.listed] == ["1", "2", "3", "4", "5", "6"]


def test_charts_take_their_colours_from_the_page_and_in_print_from_paper():
    drawn = charts.against_limits(20.0, (13.0, 27.0), [(15.0, "15%")], (0.0, 30.0))
    assert "var(--patient)" in drawn
    assert "var(" not in charts.printed(drawn)
    assert charts.LIGHT["patient"] in charts.printed(drawn)
    assert set(charts.LIGHT) == set(charts.DARK)


def test_words_in_a_chart_are_escaped():
    assert "<script" not in charts.against_limits(1.0, None, [(1.0, "<script>")], (0.0, 2.0))


def test_every_declared_measurement_has_its_words_and_place_in_the_table():
    for one in measurements().values():
        m = Measurement(method=one.method, value=1.0, unit=Unit.RATIO)
        assert one.id in LEFT_OUT or name_of(m, Level.L1).group != OTHER, one.id
