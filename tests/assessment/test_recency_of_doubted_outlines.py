"""Where two contrasts place a body apart, its marrow may speak for a recent fracture, never against one."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import RecencySign
from ovcf.assessment.measured.by_signal import read_signs
from ovcf.assessment.measured.ledger import Ledger
from ovcf.assessment.measured.marrow_series import MarrowSeries
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.landmarks import Source
from ovcf.measures.declare import Acquisition, Contrast
from ovcf.measures.signal.marrow import reference_marrow

LEVELS = (Level.T12, Level.L1, Level.L2, Level.L3, Level.L4)
MM, WHY = (4.0, 1.0, 1.0), "two contrasts place it 6.0 mm apart"
NORMAL, EDEMA = {Role.T1: 300.0, Role.STIR: 60.0}, {Role.T1: 120.0, Role.STIR: 300.0}


def series(role, edema_at, apart):
    """Five bodies of even marrow with little noise; the cranial two thirds of one hold edema."""
    voxels = np.random.default_rng(3).normal(0, 3.0, (7, 190, 60))
    bodies = {}
    for i, level in enumerate(LEVELS):
        rows = slice(8 + 36 * i, 38 + 36 * i)
        bodies[level] = np.zeros(voxels.shape, bool)
        bodies[level][1:6, rows, 8:38] = True
        voxels[bodies[level]] += NORMAL[role]
        if level == edema_at:
            voxels[1:6, rows.start : rows.start + 20, 8:38] += EDEMA[role] - NORMAL[role]
    return MarrowSeries(
        role.value,
        Acquisition(),
        Volume(voxels, np.diag([*MM, 1.0])),
        bodies,
        None,
        reference_marrow(voxels, bodies, (edema_at,) if edema_at else (), voxel_mm=MM),
        3,
        Source(image=role.value),
        contrast=Contrast.T1 if role is Role.T1 else Contrast.FLUID,
        apart=apart,
    )


def read(edema_at=None, apart=None):
    """What is read of L2: its sign of recency, what is kept of it for scores, and why it is withheld."""
    ledger = Ledger()
    prepared = {role: series(role, edema_at, apart or {}) for role in NORMAL}
    reading = read_signs(prepared, (), ledger)
    signs = [f.data.recent for f in ledger.findings if isinstance(f.data, RecencySign) and f.level is Level.L2]
    why = [w.reason for w in ledger.withheld if w.name == "recent-fracture signs" and w.level is Level.L2]
    return signs, reading.of(Level.L2).recent, why


def test_marrow_of_a_body_that_is_surely_seen_tells_either():
    assert read() == ([False], False, [])
    assert read(edema_at=Level.L2) == ([True], True, [])


def test_a_doubted_outline_without_edema_is_not_called_old():
    assert read(apart={Level.L2: WHY}) == ([], None, [WHY])


def test_a_doubted_outline_with_edema_is_still_told():
    assert read(edema_at=Level.L2, apart={Level.L2: WHY}) == ([True], True, [])


@pytest.mark.parametrize("doubted", list(NORMAL))
def test_doubt_on_one_of_the_contrasts_is_enough(doubted):
    ledger = Ledger()
    prepared = {role: series(role, None, {}) for role in NORMAL}
    prepared[doubted] = replace(prepared[doubted], apart={Level.L2: WHY})
    assert read_signs(prepared, (), ledger).of(Level.L2).recent is None
    assert [w.level for w in ledger.withheld if w.reason == WHY] == [Level.L2]
