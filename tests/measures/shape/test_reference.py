"""The packaged reference: plausible against published shapes, honest about its limits, derivable again."""

import csv
import itertools
from importlib.resources import files

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError
from ovcf.measures.shape.reference import TABLE, has_reference, reference
from ovcf.vocabulary import Sex
from scripts import derive_morphometry_reference, nhanes
from tests.shared_data import shared

LEVELS = [Level(name) for name in nhanes.LEVELS]


@pytest.fixture(scope="module")
def survey():
    return nhanes.read(shared("nhanes-2013-2014"))


@pytest.mark.parametrize("sex", ["female", "male", None])
@pytest.mark.parametrize("level", LEVELS)
def test_every_level_has_ratios_of_healthy_size_and_spread(level, sex):
    for age in (None, 45, 55, 65, 90):
        normal = reference(level, sex, age)
        for name, low, high in (("Ha/Hp", 0.85, 1.08), ("Hm/Hp", 0.84, 1.0), ("Hp/Hpred", 0.98, 1.02)):
            assert low < normal[name].mean < high
        assert all(0.015 < ratio.sd < 0.08 for ratio in normal.values())
        assert all(ratio.n > 100 for ratio in normal.values())


def test_the_shape_along_the_spine_is_the_published_one():
    """Wedged in the mid-thoracic spine and at the thoracolumbar junction, square at L3, lordotic at L4."""
    ha_hp = {level: reference(level, None)["Ha/Hp"].mean for level in LEVELS}
    assert min(ha_hp, key=ha_hp.get) in (Level.T6, Level.T7, Level.T11, Level.T12)
    assert ha_hp[Level.T11] < ha_hp[Level.T9]
    assert ha_hp[Level.L4] > 1 > ha_hp[Level.L2] > ha_hp[Level.L1]


def test_posterior_height_rises_caudally_down_to_the_upper_lumbar_spine():
    for level in LEVELS[:9]:
        assert reference(level, None)["Hp/Hp+1"].mean < 1


def test_a_ratio_to_the_vertebra_below_is_the_reciprocal_of_its_ratio_back():
    for upper, lower in itertools.pairwise(LEVELS):
        down, up = reference(upper, None)["Hp/Hp+1"].mean, reference(lower, None)["Hp/Hp-1"].mean
        assert down * up == pytest.approx(1, abs=0.01)


def test_men_are_more_wedged_at_the_thoracolumbar_junction_than_women():
    for level in (Level.T11, Level.T12, Level.L1, Level.L2):
        assert reference(level, "male")["Ha/Hp"].mean < reference(level, "female")["Ha/Hp"].mean


def test_sex_as_the_clinical_case_holds_it_is_understood():
    assert reference(Level.L1, Sex.FEMALE, 71) == reference(Level.L1, "female", 78.5)
    assert reference(Level.L1, "female", 69.99) != reference(Level.L1, "female", 70)


def test_outside_the_table_it_says_what_to_do():
    with pytest.raises(MeasurementInputError, match="L5: the table holds T4 to L4 only"):
        reference(Level.L5, "female")
    with pytest.raises(MeasurementInputError, match="39 years is below the 40"):
        reference(Level.L1, "female", 39)
    with pytest.raises(MeasurementInputError, match="below the 40"):
        reference(Level.L1, "female", float("nan"))
    with pytest.raises(MeasurementInputError, match="Give female or male"):
        reference(Level.L1, "F")
    assert not has_reference(Level.T3)


def test_trimming_removes_fractures_and_leaves_the_healthy():
    healthy = np.random.default_rng(3).normal(0.92, 0.04, 2000)
    fractured = np.full(40, 0.6)
    mean, sd, n = derive_morphometry_reference.trimmed(np.r_[healthy, fractured, np.nan])
    assert mean == pytest.approx(0.92, abs=0.003)
    assert sd == pytest.approx(0.04, rel=0.05)
    assert 1975 <= n <= 2000


def test_deriving_it_again_gives_the_packaged_table(survey):
    lines = derive_morphometry_reference.TABLE.read_text(encoding="utf-8").splitlines()
    packaged = list(csv.reader(line for line in lines if not line.startswith("#")))
    assert packaged[1:] == [list(row) for row in derive_morphometry_reference.derive(survey)]


def test_the_survey_is_read_in_our_frame(survey):
    known = np.isfinite(survey.points).all(axis=(2, 3))
    sa, sp, ia, ip, *_ = np.moveaxis(survey.points[known], 1, 0)
    assert known.sum() > 30_000
    assert (sa[:, 0] < sp[:, 0]).all()
    assert (ia[:, 0] < ip[:, 0]).all()
    assert (sa[:, 1] < ia[:, 1]).all()
    assert (sp[:, 1] < ip[:, 1]).all()
    heights = np.linalg.norm(np.stack([ia - sa, ip - sp]), axis=-1)
    assert np.median(np.abs(heights - survey.heights[known][:, [0, 2]].T)) < 0.4


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (40, "40-49"),
        (49.9, "40-49"),
        (50, "50-59"),
        (59.5, "50-59"),
        (60, "60-69"),
        (69.5, "60-69"),
        (70, "70+"),
        (104, "70+"),
    ],
)
def test_an_age_is_compared_with_the_people_of_its_decade(age, band):
    text = files("ovcf.measures").joinpath("tables", TABLE).read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    expected = {
        row["ratio"]: (float(row["mean"]), float(row["sd"]), int(row["n"]))
        for row in rows
        if (row["level"], row["sex"], row["age"]) == ("L1", "female", band)
    }
    assert expected
    assert reference(Level.L1, "female", age) == expected
