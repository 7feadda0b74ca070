"""An outline drawn anew changes the marrow that is read, on every slice, and nothing else."""

import numpy as np
import pytest

from ovcf.geometry import SagittalPlane
from ovcf.imaging.volume import Volume
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.edits import Drawn
from ovcf.segmentation.redrawn import redrawn
from tests.reading.words import edit, moved, vertebra

PLANE = SagittalPlane(origin=(0.0, 0.0, 0.0), posterior=(0.0, 1.0, 0.0), caudal=(0.0, 0.0, -1.0))
GRID = Volume(np.zeros((5, 60, 60)), np.array([[3, 0, 0, -6], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1.0]]))
"""Five slices of 3 mm; row r lies r mm caudal, column c lies c mm posterior of the plane's origin."""


def box(x0, x1, y0, y1):
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def tapering():
    """A body of 30 x 20 mm that is 2 mm smaller on every side on the outer slices."""
    body = np.zeros((5, 60, 60), bool)
    for at, less in enumerate((2, 0, 0, 0, 2)):
        body[at, 20 + less : 40 - less, 15 + less : 45 - less] = True
    return body


OLD = box(14.5, 44.5, 19.5, 39.5)


def test_the_same_outline_gives_the_same_body():
    assert np.array_equal(redrawn(GRID, PLANE, tapering(), OLD, OLD), tapering())


def test_a_sunk_endplate_is_taken_off_on_every_slice_and_the_sides_still_taper():
    new = redrawn(GRID, PLANE, tapering(), OLD, box(14.5, 44.5, 25.5, 39.5))
    assert not new[:, :25].any()
    assert new[2].sum() == pytest.approx(30 * 14, rel=0.01)
    assert new[0].sum() == pytest.approx(26 * 10, rel=0.1)
    assert np.array_equal(new[1:4, 30:], tapering()[1:4, 30:])


def outline(seen, level, shift=(0.0, 0.0), scale=1.0):
    ring = np.array(vertebra(seen, level).outline)
    middle = ring.mean(axis=0)
    return tuple((float(x), float(y)) for x, y in (ring - middle) * scale + middle + shift)


def measured(assessment, method, level="L1"):
    return next(m for m in assessment.measurements if m.method.id == method and m.index_level == level)


def test_a_body_drawn_smaller_is_read_smaller(seen, case):
    l1 = vertebra(seen, "L1").id
    before = dict(measured(conclude(seen, (), case), "bme-percent").details)
    smaller = edit("RedrawOutline", vertebra=l1, outline=outline(seen, "L1", scale=0.8))
    after = dict(measured(conclude(seen, (smaller,), case), "bme-percent").details)
    name = "body area, all slices [mm2]"
    assert after[name] / before[name] == pytest.approx(0.64, abs=0.04)


def test_an_outline_drawn_anew_fits_the_moved_landmarks_again(seen, case):
    l1 = vertebra(seen, "L1").id
    stale = moved(seen, "L1", by=(0.0, 0.5))
    again = edit("RedrawOutline", vertebra=l1, outline=outline(seen, "L1"))
    warned = [
        any("outline was drawn before" in w for w in measured(conclude(seen, edits, case), "bme-percent").warnings)
        for edits in ((stale,), (stale, again))
    ]
    assert warned == [True, False]


def test_the_marrow_of_an_added_vertebra_is_read_on_its_neighbours_slices(seen, case):
    l1 = vertebra(seen, "L1")
    anew = Drawn(vertebra="n1", level=l1.level, points=l1.points, outline=l1.outline)
    edits = (
        edit("DeleteVertebra", vertebra=l1.id),
        edit("AddVertebra", landmark_set="a", drawn=anew),
        edit("ChooseIndex", vertebra="n1"),
    )
    before, after = (measured(conclude(seen, e, case), "bme-percent").value for e in ((), edits))
    assert after == pytest.approx(before, abs=3)
