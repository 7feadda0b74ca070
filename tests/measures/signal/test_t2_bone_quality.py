"""VBQ on T2: marrow over CSF by hand, which levels count, and the whole way from a series to the assessment."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.measured.by_signal import read_signs
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import MarrowSeries
from ovcf.guidance.evidence import evidence
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.measures.declare import Acquisition, Contrast
from ovcf.measures.signal.marrow import reference_marrow

LEVELS = (Level.L1, Level.L2, Level.L3, Level.L4)
MM, MIDDLE, CSF = (4.0, 1.0, 1.0), 3, 700.0


def t2(signals=(420.0, 440.0, 460.0, 480.0), canal=True):
    """T2 of four bodies (30 x 30 mm), bright CSF behind them, nerve roots half as bright in its posterior half."""
    voxels = np.full((7, 160, 70), 100.0)
    bodies, within = {}, np.zeros(voxels.shape, bool)
    for i, (level, signal) in enumerate(zip(LEVELS, signals, strict=True)):
        rows = slice(8 + 36 * i, 38 + 36 * i)
        bodies[level] = np.zeros(voxels.shape, bool)
        bodies[level][1:6, rows, 8:38] = True
        voxels[bodies[level]] = signal
    within[:, 8:148, 42:58] = True
    voxels[:, 8:148, 42:50], voxels[:, 8:148, 50:58] = CSF, CSF / 2
    return MarrowSeries(
        "t2",
        Acquisition(),
        Volume(voxels, np.diag([*MM, 1.0])),
        bodies,
        within if canal else None,
        reference_marrow(voxels, bodies, (), voxel_mm=MM),
        MIDDLE,
        Source(image="T2"),
        contrast=Contrast.T2,
    )


def read(series, excluded=()):
    ledger = Ledger()
    read_signs({Role.T2: series}, excluded, ledger)
    return ledger, next((m for m in ledger.measurements if m.method.id == "vbq-t2"), None)


def test_the_median_body_over_csf_and_not_over_the_roots():
    """A slope between levels is taken for the coil, so the bodies are equal here: 450 / 700."""
    _, made = read(t2(signals=(450.0,) * 4))
    assert made.value == pytest.approx(450 / 700, rel=1e-6)
    assert made.value > evidence("vbq-t2")["cut_off"]


def test_a_fractured_level_takes_no_part():
    series = t2(signals=(450.0, 900.0, 450.0, 450.0))
    without = replace(series, reference=reference_marrow(series.voxels, series.bodies, (Level.L2,), voxel_mm=MM))
    _, made = read(without, (Level.L2,))
    assert made.value == pytest.approx(450 / 700, rel=1e-6)
    assert made.levels == (Level.L1, Level.L3, Level.L4)


@pytest.mark.parametrize(
    ("series", "excluded", "why"), [(t2(canal=False), (), "no spinal canal"), (t2(), LEVELS[:3], "1 of L1-L4 usable")]
)
def test_what_is_missing_is_withheld_with_its_reason(series, excluded, why):
    ledger, made = read(series, excluded)
    assert made is None
    assert [w for w in ledger.withheld if w.name == "Bone quality on T2 (VBQ-CSF)" and why in w.reason]


def test_brightness_of_the_whole_image_changes_nothing():
    series = t2(signals=(450.0,) * 4)
    series.volume.voxels[:] *= 3.7
    bright = replace(series, reference=reference_marrow(series.voxels, series.bodies, (), voxel_mm=MM))
    assert read(bright)[1].value == pytest.approx(450 / 700, rel=1e-6)
