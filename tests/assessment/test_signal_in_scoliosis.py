"""Where the spine leans to one side, CSF and bodies are read where they are, not where the middle of the spine is."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.measured.by_signal import read_signs
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import MarrowSeries
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.measures.declare import Acquisition
from ovcf.measures.signal.marrow import reference_marrow

MARROW, CSF, FAT, MM = 300.0, 100.0, 380.0, (4.0, 1.0, 1.0)
LEVELS = (Level.L1, Level.L2, Level.L3, Level.L4)
MIDDLE = 4


def leaning_spine(per_level):
    """T1 of four bodies whose canal, three slices wide with a rim of fat, moves by slices from level to level."""
    voxels = np.full((13, 160, 80), 200.0)
    canal = np.zeros(voxels.shape, bool)
    bodies = {}
    for i, level in enumerate(LEVELS):
        rows = slice(10 + 36 * i, 40 + 36 * i)
        bodies[level] = np.zeros(voxels.shape, bool)
        bodies[level][1:12, rows, 10:40] = True
        voxels[bodies[level]] = MARROW
        first = MIDDLE - 1 + per_level * i
        canal[first - 1 : first + 4, rows, 44:58] = True
        voxels[first - 1 : first + 4, rows, 44:58] = FAT
        voxels[first : first + 3, rows, 44:58] = CSF
    volume = Volume(voxels, np.diag([*MM, 1.0]))
    reference = reference_marrow(voxels, bodies, (), voxel_mm=MM)
    plain = Acquisition(contrast_agent=False)
    return MarrowSeries("t1", plain, volume, bodies, canal, reference, MIDDLE, Source(image="T1"))


@pytest.mark.parametrize("per_level", [0, 1])
def test_vbq_is_marrow_over_csf_however_the_spine_leans(per_level):
    ledger = Ledger()
    reading = read_signs({Role.T1: leaning_spine(per_level)}, (), ledger)
    assert reading.vbq == pytest.approx(MARROW / CSF)


def test_vbq_is_the_same_where_the_coil_fades_along_the_spine():
    spine = leaning_spine(0)
    spine.volume.voxels[:] *= 1 - 0.003 * np.arange(160)[None, :, None]
    reference = reference_marrow(spine.volume.voxels, spine.bodies, (), voxel_mm=MM)
    reading = read_signs({Role.T1: replace(spine, reference=reference)}, (), Ledger())
    assert reading.vbq == pytest.approx(MARROW / CSF, rel=0.01)


@pytest.mark.parametrize(("moved", "expected"), [(0, MIDDLE), (1, MIDDLE + 1), (4, MIDDLE + 4)])
def test_a_body_is_judged_on_its_own_middle_slice(moved, expected):
    spine = leaning_spine(0)
    spine.bodies[Level.L1][:] = False
    spine.bodies[Level.L1][MIDDLE - 4 + moved : MIDDLE + 5 + moved, 10:40, 10:40] = True
    assert spine.slice_of(Level.L1) == expected
