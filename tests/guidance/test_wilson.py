"""Wilson intervals against published values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.errors import EvidenceError
from ovcf.guidance.wilson import wilson


@pytest.mark.parametrize(
    ("events", "n", "low", "high", "tolerance"),
    [
        (24, 63, 0.271175, 0.504414, 1e-6),
        (1, 47, 0.003766, 0.111130, 1e-6),
        (81, 263, 0.255289, 0.366210, 1e-6),  # this and the next three: Newcombe 1998
        (15, 148, 0.062386, 0.160487, 1e-6),
        (0, 20, 0.0, 0.161125, 1e-6),
        (1, 29, 0.006113, 0.171755, 1e-6),
        (430, 474, 0.877675, 0.930124, 1e-5),
        (10, 14, 0.4535, 0.8828, 1e-4),
        (26, 89, 0.208, 0.394, 1e-3),
    ],
)
def test_published_intervals(events, n, low, high, tolerance):
    rate = wilson(events, n)
    assert rate.low == pytest.approx(low, abs=tolerance)
    assert rate.high == pytest.approx(high, abs=tolerance)


def test_a_rate_is_read_with_its_counts_and_interval():
    assert str(wilson(1, 47)) == "1/47, 2.1% (95% interval 0.4 to 11.1%)"


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_mirrors(counts):
    events, n = counts
    rate, mirror = wilson(events, n), wilson(n - events, n)
    assert 0 <= rate.low <= rate.share + 1e-12
    assert rate.share - 1e-12 <= rate.high <= 1
    assert rate.low == pytest.approx(1 - mirror.high, abs=1e-12)


@pytest.mark.parametrize(("events", "n"), [(1, 0), (-1, 5), (6, 5)])
def test_counts_that_are_no_proportion_are_refused(events, n):
    with pytest.raises(EvidenceError, match="proportion"):
        wilson(events, n)
