"""Outlines drawn on one slice, and endplates taken as lines: what they change, and what they leave as it was."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.errors import ReadingError
from ovcf.landmarks import POINTS
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.file import from_bytes, to_bytes
from ovcf.reading.observing.slices import outlines_on_slices
from ovcf.reading.version import ReadingStatus
from tests.reading.words import edit, moved, vertebra

AREA = "body area, all slices [mm2]"


def read(seen, case, *edits):
    """Edema of L1 with the area that it was read in."""
    found = next(
        m for m in conclude(seen, edits, case).measurements if m.method.id == "bme-percent" and m.index_level == "L1"
    )
    return found.value, dict(found.details)[AREA]


def stir(seen):
    return next(m for m in seen.marrow if seen.get_series(m.series).role == "sagittal STIR")


def area_of(samples, body, at):
    """Of the voxels that were seen of a body on a slice, in mm2."""
    k = samples.bodies.index(body) + 1
    return float((samples.labels[at] == k).sum() * np.prod(samples.volume.spacing_mm[1:]))


def aside(seen, samples, at):
    """How far a slice lies from the plane of the points, in mm."""
    plane = seen.landmarks[0].plane
    centre = np.array([at, *(np.array(samples.voxels.shape[1:]) / 2)])
    return float((samples.volume.to_patient(centre) - plane.origin) @ plane.normal)


def shoelace(ring):
    x, y = np.asarray(ring, float).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def rectangle(seen, level, width, height):
    x, y = np.mean(vertebra(seen, level).points[:4], axis=0).tolist()
    w, h = width / 2, height / 2
    return ((x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h))


@pytest.fixture
def place(seen):
    """(samples, slice, mm aside) of a slice beside the plane of the points that shows L1."""
    samples, l1 = stir(seen), vertebra(seen, "L1").id
    there = [at for at in range(len(samples.labels)) if area_of(samples, l1, at) > 0]
    at = next(at for at in there if 2 < abs(aside(seen, samples, at)) < 9)
    return samples, at, aside(seen, samples, at)


def test_an_outline_on_one_slice_changes_that_slice_alone_by_as_much_as_was_drawn(seen, case, place):
    samples, at, mm = place
    l1, ring = vertebra(seen, "L1").id, rectangle(seen, "L1", 16, 9)
    _, before = read(seen, case)
    _, after = read(seen, case, edit("RedrawOutline", vertebra=l1, outline=ring, offset_mm=mm, tool="brush"))
    pixel = float(np.prod(samples.volume.spacing_mm[1:]))
    expected = before - area_of(samples, l1, at) + shoelace(ring)
    assert after == pytest.approx(expected, abs=(16 + 9) * np.sqrt(pixel))  # half a pixel all around


def test_edema_counts_inside_the_outline_of_the_slice(seen, case, place):
    """The anterior half of L1 is edema, the posterior half marrow: cut to its posterior half, the slice has none."""
    samples, at, mm = place
    l1 = vertebra(seen, "L1")
    before, _ = read(seen, case)
    sa, sp, ia, ip = (np.array(p) for p in l1.points[:4])
    back = tuple(map(tuple, (0.45 * sa + 0.55 * sp, sp, ip, 0.45 * ia + 0.55 * ip)))
    after, area = read(seen, case, edit("RedrawOutline", vertebra=l1.id, outline=back, offset_mm=mm))
    whole = sum(area_of(samples, l1.id, k) for k in range(len(samples.labels)))
    lost = before / 100 * area_of(samples, l1.id, at)  # every slice is cut from the same body
    assert after == pytest.approx(100 * (before / 100 * whole - lost) / area, abs=2.5)
    assert after < before


def test_what_was_drawn_on_a_slice_stays_when_the_outline_of_the_plane_is_drawn_anew(seen, case, place):
    samples, at, mm = place
    l1, ring = vertebra(seen, "L1"), rectangle(seen, "L1", 16, 9)
    edits = (
        edit("RedrawOutline", vertebra=l1.id, outline=ring, offset_mm=mm),
        edit("RedrawOutline", vertebra=l1.id, outline=rectangle(seen, "L1", 30, 15), tool="edge"),
    )
    on = {(o.series, o.slice): o for o in outlines_on_slices(edited(seen, edits, case), l1.id)}
    assert on[samples.series, at].by_reader
    assert on[samples.series, at].outline == ring
    others = [o for (series, k), o in on.items() if series == samples.series and k != at]
    assert not any(o.by_reader for o in others)
    assert max(shoelace(o.outline) for o in others) == pytest.approx(30 * 15, rel=0.1)


def test_the_points_stay_where_they_are_when_the_outline_is_drawn(seen, case, place):
    _, _, mm = place
    l1 = vertebra(seen, "L1")
    for offset in (None, mm):
        drawn = edit("RedrawOutline", vertebra=l1.id, outline=rectangle(seen, "L1", 16, 9), offset_mm=offset)
        v = edited(seen, (drawn,), case).sets[0].vertebrae[l1.id]
        assert v.seen.points == l1.points
        assert not v.moved


def test_outlines_on_slices_are_those_that_the_marrow_was_seen_in(seen, case):
    l1, samples = vertebra(seen, "L1").id, stir(seen)
    for o in outlines_on_slices(edited(seen, (), case), l1):
        if o.series == samples.series:
            assert shoelace(o.outline) == pytest.approx(area_of(samples, l1, o.slice), rel=0.04)


@pytest.mark.parametrize("offset", [250.0, -250.0])
def test_a_place_without_a_slice_is_refused(seen, case, offset):
    drawn = edit(
        "RedrawOutline", vertebra=vertebra(seen, "L1").id, outline=rectangle(seen, "L1", 16, 9), offset_mm=offset
    )
    with pytest.raises(ReadingError, match="where no slice is"):
        edited(seen, (drawn,), case)


def test_marrow_is_withheld_where_the_outline_reaches_beyond_what_was_kept(seen, case):
    l1 = vertebra(seen, "L1").id
    drawn = edit("RedrawOutline", vertebra=l1, outline=rectangle(seen, "L1", 90, 15))
    concluded = conclude(seen, (drawn,), case)
    assert not [m for m in concluded.measurements if m.method.id == "bme-percent" and m.index_level == "L1"]
    assert any("no signal was kept" in w.reason and w.level == "L1" for w in concluded.withheld)


def test_drawn_shapes_are_the_same_after_they_were_written_and_read(seen, case, place, reading_file):
    _, _, mm = place
    l1 = vertebra(seen, "L1")
    sa = l1.points[0]
    edits = (
        edit("RedrawOutline", vertebra=l1.id, outline=rectangle(seen, "L1", 16, 9), offset_mm=mm, tool="brush"),
        edit("MoveEndplate", vertebra=l1.id, endplate="superior", anterior=(sa[0], sa[1] + 1)),
    )
    reading = reading_file.reading
    for one in edits:
        reading = reading.with_edit(one)
    assert reading.current.status is ReadingStatus.DRAFT
    again = from_bytes(to_bytes(replace(reading_file, reading=reading)), "again")
    assert again.reading.current.edits == edits


def test_an_endplate_moves_the_points_it_names_and_no_others(seen, case):
    l1 = vertebra(seen, "L1")
    to = {name: (x + 0.4, y + 2.0) for name, (x, y) in zip(POINTS, l1.points, strict=True)}
    line = edit(
        "MoveEndplate",
        vertebra=l1.id,
        endplate="superior",
        anterior=to["superior_anterior"],
        posterior=to["superior_posterior"],
        middle=to["superior_middle"],
    )
    v = edited(seen, (line,), case).sets[0].vertebrae[l1.id]
    names = {"superior_anterior", "superior_posterior", "superior_middle"}
    assert v.moved == names
    expected = [to[name] if name in names else p for name, p in zip(POINTS, l1.points, strict=True)]
    assert list(v.seen.points) == expected


def test_one_end_alone_is_as_good_as_its_point_moved(seen, case):
    l1 = vertebra(seen, "L1")
    x, y = l1.points[POINTS.index("inferior_posterior")]
    as_line = edit("MoveEndplate", vertebra=l1.id, endplate="inferior", posterior=(x, y - 3))
    as_point = moved(seen, "L1", "inferior_posterior", by=(0, -3))
    first, second = (conclude(seen, (one,), case) for one in (as_line, as_point))
    assert first.measurements == second.measurements


def test_an_endplate_that_goes_nowhere_is_refused(seen, case):
    with pytest.raises(ReadingError, match="moved nowhere"):
        edited(seen, (edit("MoveEndplate", vertebra=vertebra(seen, "L1").id, endplate="inferior"),), case)
