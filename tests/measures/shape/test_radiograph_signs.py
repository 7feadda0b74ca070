"""The two radiograph signs: strict limits, unknown where they cannot be told, and how probable they are."""

from statistics import NormalDist

import pytest
from pydantic import TypeAdapter

from ovcf.anatomy import Level
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.radiograph_signs import RadiographSign, radiograph_signs
from tests.vectors import TRIPLE, TV3, spine


def boxes(*sizes, **keywords):
    """T12-L2 as upright bodies of given (anterior, posterior) height in mm."""
    corners = [
        [(0, 50 * i + max(0, p - a)), (40, 50 * i), (0, 50 * i + max(a, p)), (40, 50 * i + p)]
        for i, (a, p) in enumerate(sizes)
    ]
    return spine(corners, **keywords)


def test_the_published_vector_b_is_wedged_but_not_short():
    wedge, short = radiograph_signs(spine(TV3["B"]), Level.L1)
    assert (wedge.present, short.present) == (True, False)
    assert wedge.measurements[0].value == 10
    assert [m.value for m in short.measurements] == pytest.approx([10.714, 16.667], abs=5e-4)


@pytest.mark.parametrize(("anterior", "present"), [(27.0, False), (26.99, True), (30.0, False), (33.5, False)])
def test_the_wedge_limit_is_strict_and_signed(anterior, present):
    wedge, _ = radiograph_signs(boxes((30, 30), (anterior, 30), (30, 30)), Level.L1)
    assert wedge.present is present


@pytest.mark.parametrize(
    ("sizes", "present"),
    [
        (((30, 30), (24, 24), (30, 30)), False),
        (((30, 30), (23.9, 23.9), (30, 30)), True),
        (((24, 24), (23.9, 23.9), (30, 30)), True),
        (((30, 30), (23.9, 23.9), (24, 24)), True),
        (((25, 25), (24, 24), (29, 29)), False),
    ],
)
def test_short_against_either_neighbour_is_short_and_exactly_20_percent_is_not(sizes, present):
    _, short = radiograph_signs(boxes(*sizes), Level.L1)
    assert short.present is present


def test_without_calibration_millimetres_are_unknown_but_percentages_hold():
    source = Source(calibrated=False)
    pixels = SpineLandmarks(
        vertebrae=tuple(
            VertebraLandmarks.from_array(level, body, source=source)
            for level, body in zip(TRIPLE, TV3["B"], strict=True)
        )
    )
    wedge, short = radiograph_signs(pixels, Level.L1)
    assert wedge.present is None
    assert "not calibrated" in wedge.note
    assert short.present is False


def test_a_missing_neighbour_leaves_absence_unknown_but_not_presence():
    intact, crushed = boxes((30, 30), (29, 29), (30, 30)), boxes((30, 30), (20, 20), (30, 30))
    fractured = [(Level.T12, "fractured")]
    _, unknown = radiograph_signs(intact.marked(fractured), Level.L1)
    assert unknown.present is None
    assert "cranial neighbour T12 is fractured" in unknown.note
    _, present = radiograph_signs(crushed.marked(fractured), Level.L1)
    assert present.present is True
    _, alone = radiograph_signs(SpineLandmarks(vertebrae=crushed.vertebrae[1:2]), Level.L1)
    assert (alone.present, alone.measurements) == (None, ())


def test_the_probability_of_a_wedge_is_half_at_the_limit_and_normal_beside_it():
    at, beside = (radiograph_signs(boxes((30, 30), (a, 30), (30, 30), sd=0.5), Level.L1)[0] for a in (27.0, 26.0))
    assert at.probability == pytest.approx(0.5, abs=1e-6)
    assert beside.probability == pytest.approx(NormalDist().cdf(1 / 1.0), abs=1e-3)
    assert radiograph_signs(spine(TV3["B"]), Level.L1)[0].probability is None


def test_the_probability_of_a_short_body_grows_with_its_loss():
    losses = [
        radiograph_signs(boxes((30, 30), (h, h), (30, 30), sd=0.5), Level.L1)[1].probability for h in (27, 24, 21)
    ]
    assert losses[0] < 0.01
    assert 0.5 < losses[1] < 0.8
    assert losses[2] > 0.99


def test_a_sign_can_be_written_and_read_back():
    signs = radiograph_signs(boxes((30, 30), (26, 30), (30, 30), sd=0.5), Level.L1)
    adapter = TypeAdapter(tuple[RadiographSign, ...])
    assert adapter.validate_json(adapter.dump_json(signs)) == signs
