"""Standing against supine: the change of anterior height at any magnification, HAN's second sign of non-union."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.measures.shape.mobility import anterior_height_change, standing_and_supine
from ovcf.units import Unit
from ovcf.vocabulary import Modality, Posture


def film(anterior_mm, posture, *, magnification=1.0, calibrated=True, sd=0.3, levels=("T12", "L1", "L2"), on=None):
    """T12 and L2 are 27 mm high; L1 is 25 mm behind and ``anterior_mm`` in front."""
    source = Source(
        modality=Modality.RADIOGRAPH, posture=posture, image=posture.value, calibrated=calibrated, acquired_on=on
    )
    made = []
    for n, level in enumerate(("T12", "L1", "L2")):
        front, back = (anterior_mm, 25.0) if level == "L1" else (27.0, 27.0)
        corners = np.array([(0, -front / 2), (34, -back / 2), (0, front / 2), (34, back / 2)])
        corners[:, 1] += 36 * n
        if level in levels:
            made.append(VertebraLandmarks.from_array(Level(level), magnification * corners, sd=sd, source=source))
    return SpineLandmarks(vertebrae=tuple(made))


@pytest.mark.parametrize(("standing", "supine"), [(18.0, 18.0), (18.0, 21.5), (9.9, 18.3)])
@pytest.mark.parametrize("magnification", [1.0, 1.15, 1.3])
def test_the_change_is_that_of_the_body_whatever_the_magnification_of_the_other_radiograph(
    standing, supine, magnification
):
    """18.3 and 9.9 mm are the anterior heights of Hashidate's pseudarthroses supine and as usual."""
    upright = film(standing, Posture.STANDING)
    lying = film(supine, Posture.SUPINE, magnification=magnification, calibrated=False)
    change = anterior_height_change(upright, lying, Level.L1)
    assert (change.value, change.unit) == (pytest.approx(standing - supine), Unit.MM)


def test_its_uncertainty_is_that_of_the_landmarks_of_both():
    change = anterior_height_change(film(18, Posture.STANDING), film(21, Posture.SUPINE), Level.L1)
    # Ha errs by 0.3 sqrt 2; the mean of two neighbours by half of its sum, weighted with the ratio; both radiographs.
    own = 0.3 * np.sqrt(2)
    each = [np.hypot(own, ratio * own / np.sqrt(2)) for ratio in (18 / 27, 21 / 27)]
    assert change.standard_uncertainty == pytest.approx(np.hypot(*each), rel=1e-6)


@given(st.floats(0.3, 3), st.floats(0.3, 3))
def test_two_uncalibrated_radiographs_give_percent_of_the_neighbours(first, second):
    change = anterior_height_change(
        film(18, Posture.STANDING, magnification=first, calibrated=False),
        film(21, Posture.SUPINE, magnification=second, calibrated=False),
        Level.L1,
    )
    assert change.unit is Unit.PERCENT
    assert change.value == pytest.approx(100 * (18 - 21) / 27)
    (warning,) = change.warnings
    assert "no radiograph is calibrated" in warning


def test_without_a_common_neighbour_the_heights_are_compared_with_a_warning_or_not_at_all():
    upright, lying = film(18, Posture.STANDING, levels=("L1", "L2")), film(21, Posture.SUPINE, levels=("T12", "L1"))
    change = anterior_height_change(upright, lying, Level.L1)
    assert change.value == pytest.approx(-3)
    assert "magnification" in change.warnings[0]
    with pytest.raises(MeasurementInputError, match="no intact neighbour"):
        anterior_height_change(upright, film(21, Posture.SUPINE, levels=("T12", "L1"), calibrated=False), Level.L1)


def test_a_fractured_neighbour_is_no_yardstick():
    upright, lying = film(18, Posture.STANDING), film(21, Posture.SUPINE)
    short = lying.marked([(Level.T12, "fractured")])
    change = anterior_height_change(upright, short, Level.L1)
    assert change.value == pytest.approx(-3)
    assert dict(change.details)["Ha of neighbours [mm]"] == pytest.approx(27)


def test_only_a_standing_and_a_supine_radiograph_of_one_visit_are_paired():
    day = "2025-05-14"
    upright = film(18, Posture.STANDING, on=day)
    lying = film(21, Posture.SUPINE, on=day)
    assert standing_and_supine([lying, upright], Level.L1) == (upright, lying)
    assert standing_and_supine([upright, film(21, Posture.SUPINE, on="2025-11-14")], Level.L1) is None
    hours_apart = [film(18, Posture.STANDING, on=f"{day}T08:30"), film(21, Posture.SUPINE, on=f"{day} 16:45")]
    assert standing_and_supine(hours_apart, Level.L1) == tuple(hours_apart)
    assert standing_and_supine([upright, film(21, Posture.UNKNOWN)], Level.L1) is None
    assert standing_and_supine([upright, lying], Level.T8) is None
    for other in set(Modality) - {Modality.RADIOGRAPH}:
        image = replace(lying, vertebrae=tuple(replace(v, source=replace(v.source, modality=other)) for v in lying))
        assert standing_and_supine([upright, image], Level.L1) is None


def test_of_two_calibrated_radiographs_the_less_enlarged_gives_the_millimetres():
    change = anterior_height_change(film(18, Posture.STANDING), film(21, Posture.SUPINE, magnification=1.2), Level.L1)
    assert change.value == pytest.approx(-3)
    assert "enlarged by 20%" in change.warnings[0]
    assert not anterior_height_change(film(18, Posture.STANDING), film(21, Posture.SUPINE), Level.L1).warnings
