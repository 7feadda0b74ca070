"""What counts as edema at a threshold, areas left out of it, and who said so: counted again here, voxel by voxel."""

import numpy as np
import pytest
from matplotlib.path import Path

from ovcf.anatomy import Level
from ovcf.errors import ReadingError
from ovcf.imaging.study import Role
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.marrow import marrow_series
from ovcf.reading.observing.counted import counted
from ovcf.report.html import to_html
from tests.reading.test_regions import circle
from tests.reading.words import edit, vertebra

EDEMA, LOW = "bme-percent", "t2-low-percent"


def measured(made, method):
    return next(m for m in made.measurements if m.method.id == method and m.index_level == Level.L1)


def at(seen, case, name, *edits, sd=None):
    return counted(edited(seen, edits, case), vertebra(seen, "L1").id, name, sd)


def drawn(seen, case, role=Role.STIR, radius=4.0, beside=(0.0, 0.0), **more):
    """A circle in the middle of L1, on the middle slice of a series."""
    series = marrow_series(seen, case)[role]
    v = vertebra(seen, "L1")
    x, y = np.mean(v.points[:4], axis=0) + beside
    fields = {"series": series.uid, "slice": series.middle, "reason": "haemangioma", "outline": circle(x, y, radius)}
    return edit("LeaveOut", vertebra=v.id, **fields | more)


def inside(volume, plane, at_slice, outline):
    """The pixels of one slice whose centres lie in an outline, as matplotlib finds them."""
    rows, columns = np.indices(volume.voxels.shape[1:])
    places = np.stack([np.full(rows.size, at_slice), rows.ravel(), columns.ravel()], 1).astype(float)
    return Path(outline).contains_points(plane.from_patient(volume.to_patient(places))).reshape(rows.shape)


@pytest.mark.parametrize("sd", [2.0, 6.0, 15.0])
def test_the_percentage_is_that_of_the_voxels_that_are_painted(digital, sd, follows):
    seen, case = digital
    made = follows(seen, (edit("SetThreshold", name="edema", sd=sd),), case)
    found = at(seen, case, "edema", sd=sd)
    assert not found.series.by_program  # a label map by hand: every voxel of the body counts once
    share = 100 * found.areas["edema"].sum() / found.body.sum()
    assert measured(made, EDEMA).value == pytest.approx(share)
    assert not (found.areas["edema"] & ~found.body).any()


def test_what_is_painted_is_brighter_than_the_threshold_and_less_is_painted_where_it_is_higher(digital):
    seen, case = digital
    low, high = (at(seen, case, "edema", sd=sd) for sd in (2.0, 15.0))
    assert high.areas["edema"].sum() < low.areas["edema"].sum()
    reference = low.series.reference
    for found, sd in ((low, 2.0), (high, 15.0)):
        flat = np.stack([found.series.flat(k) for k in range(len(found.body))])
        assert np.median(flat[found.areas["edema"]]) > reference.median + sd * reference.spread
    healthy = np.abs(low.healthy)
    assert np.median(healthy) == pytest.approx(0.6745, rel=0.25)  # the half of a normal distribution lies within


@pytest.mark.parametrize("sd", [2.0, 3.0, 8.0])
def test_the_low_area_on_t2_is_that_of_the_painted_pixels(digital, sd, follows):
    seen, case = digital
    made = follows(seen, (edit("SetThreshold", name="t2", sd=sd),), case)
    found = at(seen, case, "t2", sd=sd)
    assert measured(made, LOW).value == pytest.approx(100 * found.areas["low"].sum() / found.body.sum())
    assert found.body.any(axis=(1, 2)).sum() == 1


def test_a_threshold_bears_its_reader_until_the_automatic_one_is_taken_again(digital, follows):
    seen, case = digital
    automatic = follows(seen, (), case)
    set_ = edit("SetThreshold", "B. Reader", name="edema", sd=7.5)
    made = follows(seen, (set_,), case)
    told = "threshold set by B. Reader: 7.5 SD of sound marrow, automatic 3"
    assert told in measured(made, EDEMA).warnings
    assert told not in measured(made, LOW).warnings
    page = to_html(made, ()).replace("\u00a0", " ")
    assert told in page[page.index("Edema in") :]
    assert follows(seen, (set_, edit("SetThreshold", name="edema", sd=None)), case) == automatic
    assert follows(seen, (set_, edit("Revoke", edit=set_.id)), case) == automatic


@pytest.mark.parametrize("through", ["slice", "body"])
def test_an_area_left_out_is_counted_neither_as_edema_nor_as_body(digital, through, follows):
    seen, case = digital
    out = drawn(seen, case, through=through, of="series")
    before, after = at(seen, case, "edema"), at(seen, case, "edema", out)
    area = np.zeros_like(before.body)
    for k in range(len(area)) if through == "body" else [out.slice]:
        area[k] = inside(before.volume, before.plane, k, out.outline)
    assert area[out.slice].sum() > 10
    np.testing.assert_array_equal(after.body, before.body & ~area)
    made = follows(seen, (out,), case)
    assert measured(made, EDEMA).value == pytest.approx(100 * after.areas["edema"].sum() / after.body.sum())
    share = 100 * (before.body & area).sum() / before.body.sum()
    told = f"left out of L1 by AB: haemangioma, {share:.0f}% of the body"
    assert told in measured(made, EDEMA).warnings
    assert not [w for w in measured(made, LOW).warnings if "left out" in w]


def test_an_area_of_the_study_lies_at_the_same_place_on_every_series(digital):
    seen, case = digital
    out = drawn(seen, case, radius=5.0, through="body", of="study")
    before, after = marrow_series(seen, case), marrow_series(seen, case, (out,))
    plane = seen.set_of(out.vertebra).plane
    for role in (Role.T1, Role.T2, Role.STIR):
        was, now = before[role].bodies[Level.L1], after[role].bodies[Level.L1]
        for k in range(len(was)):
            area = inside(before[role].volume, plane, k, out.outline)
            np.testing.assert_array_equal(now[k], was[k] & ~area)
        assert now.sum() < was.sum()


def test_an_area_in_a_lumbar_body_leaves_its_region_of_bone_quality(digital, follows):
    seen, case = digital
    t1 = marrow_series(seen, case)[Role.T1]
    v = vertebra(seen, "L3")
    x, y = np.mean(v.points[:4], axis=0)
    out = edit(
        "LeaveOut", vertebra=v.id, series=t1.uid, slice=t1.middle, reason="Schmorl node", outline=circle(x, y - 6, 4.0)
    )
    made = follows(seen, (out,), case)
    vbq = next(m for m in made.measurements if m.method.id == "vbq")
    was = next(m for m in follows(seen, (), case).measurements if m.method.id == "vbq")
    assert dict(vbq.details)["L3 signal"] != dict(was.details)["L3 signal"]
    assert dict(vbq.details)["L2 signal"] == pytest.approx(
        dict(was.details)["L2 signal"], rel=0.005
    )  # the coil is fitted anew
    assert any("left out of L3 by AB: Schmorl node" in w for w in vbq.warnings)


def test_a_body_of_which_more_than_half_is_left_out_is_named_as_not_read(digital, follows):
    seen, case = digital
    made = follows(seen, (drawn(seen, case, radius=40.0, through="body"),), case)
    assert not [m for m in made.measurements if m.method.id == EDEMA and m.index_level == Level.L1]
    assert [w for w in made.withheld if w.level == Level.L1 and "more than half of the body is left out" in w.reason]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"outline": ((0.0, 0.0), (1.0, 1.0))}, "no outline"),
        ({"outline": circle(-300.0, 60.0, 3.0)}, "holds no pixel"),
        ({"slice": 99}, "is not in the series"),
        ({"series": "1.2.3"}, "belongs to no MR or CT series that was read"),
        ({"vertebra": "z9"}, "is not in this reading"),
        ({"reason": "other"}, "says not why"),
    ],
)
def test_what_is_no_area_is_refused(digital, changed, why, follows):
    seen, case = digital
    fields = {k: getattr(drawn(seen, case), k) for k in ("vertebra", "series", "slice", "outline", "reason")}
    with pytest.raises(ReadingError, match=why):
        follows(seen, (edit("LeaveOut", **fields | changed),), case)


@pytest.mark.parametrize(("region", "what"), [("body", "the body"), ("csf", "the canal")])
def test_a_region_that_leaves_its_place_is_warned_of_and_then_refused(digital, region, what, follows):
    from ovcf.reading.observing.regions import regions_of
    from tests.reading.test_regions import placed

    seen, case = digital
    now = edited(seen, (), case)
    here = next(r for r in regions_of(now) if (r.role, r.level, r.region) == (Role.T1, Level.L3, region))
    series = marrow_series(seen, case)[Role.T1]
    within = series.canal if region == "csf" else series.bodies[Level.L3]
    plane = seen.set_of(here.vertebra).plane
    warned = refused = 0
    for step in (1.13, 4.13, 8.13, 13.13, 18.13):  # no edge runs through the middle of a pixel
        moved = placed(here, by=(0.0 if region == "body" else step, -step if region == "body" else 0.0))
        pixels = inside(series.volume, plane, moved.slice, moved.outline)
        share = (pixels & ~within[moved.slice]).sum() / pixels.sum()
        if share > 0.5:
            with pytest.raises(ReadingError, match=f"outside of {what} for the most part|no signal was kept"):
                follows(seen, (moved,), case)
            refused += 1
            break
        vbq = next(m for m in follows(seen, (moved,), case).measurements if m.method.id == "vbq")
        told = [w for w in vbq.warnings if "lies outside of" in w]
        assert bool(told) is bool(share > 0.02)
        if told:
            assert told[0].startswith(f"{100 * share:.0f}% of the region of")
            assert what in told[0].replace("its", "the")
            warned += 1
    assert warned
    assert refused
