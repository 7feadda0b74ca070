"""A comparison that passes here must pass on another processor: none may stand near the edge of its tolerance."""

import math

import pytest

NEAR = 0.3
"""Of the tolerance: rounding on another processor may multiply a difference by three."""


@pytest.fixture(autouse=True)
def nothing_on_the_edge(monkeypatch):
    """Fails where a comparison with a computed figure holds by less than a factor of three.

    A figure printed to a few digits differs by its own rounding, which is the same everywhere.
    """
    scalar = type(pytest.approx(1.0))
    compare, near = scalar.__eq__, []

    def watched(self, actual):
        same = compare(self, actual)
        expected = self.expected
        if same and isinstance(expected, float) and _computed(expected) and 0 < self.tolerance <= 1e-4 * abs(expected):
            used = abs(actual - expected) / self.tolerance
            if used > NEAR:
                near.append(f"{actual!r} for {expected!r} takes {used:.0%} of the tolerance")
        return same

    monkeypatch.setattr(scalar, "__eq__", watched)
    yield
    assert not near, near


def _computed(value: float) -> bool:
    return math.isfinite(value) and len(repr(float(value)).split("e")[0].replace(".", "").strip("-0")) > 10
