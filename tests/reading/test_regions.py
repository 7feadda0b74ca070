"""Regions of bone quality moved by a reader: read from what was kept, undone, stored; refused where nothing was."""

from dataclasses import replace

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import ReadingError
from ovcf.imaging.study import Role
from ovcf.kept import Kept
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.file import ReadingFile, digest, from_bytes, to_bytes
from ovcf.reading.marrow import marrow_series
from ovcf.reading.observing.regions import regions_of
from ovcf.reading.version import Reading, Version
from tests.reading.words import edit, vertebra


def shown(seen, case, *edits):
    return {(r.role, f"{r.level}.{r.region}"): r for r in regions_of(edited(seen, edits, case))}


def bone_quality(seen, case, *edits, method="vbq", **more):
    made = conclude(seen, edits, case, **more)
    return next((m for m in made.measurements if m.method.id == method), None)


def placed(region, by=(0.0, 0.0), **changed):
    x, y = by
    fields = {
        "vertebra": region.vertebra,
        "region": region.region,
        "series": region.series,
        "slice": region.slice,
        "outline": tuple((a + x, b + y) for a, b in region.outline),
    }
    return edit("PlaceRegion", **{**fields, **changed})


def circle(x, y, radius):
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return tuple((float(x + radius * np.cos(t)), float(y + radius * np.sin(t))) for t in turns)


def by_hand(seen, case, edit_):
    """Mean signal of the pixels whose centres lie in the outline, the coil divided out, pixel by pixel."""
    series = marrow_series(seen, case)[Role.T1]
    plane = seen.set_of(edit_.vertebra).plane
    ring, image, inside = np.array(edit_.outline), series.flat(edit_.slice), []
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            p = plane.from_patient(series.volume.to_patient([edit_.slice, row, column]))
            a, b = ring - p, np.roll(ring, -1, axis=0) - p
            turned = np.arctan2(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)).sum()
            if abs(turned) > np.pi:
                inside.append(image[row, column])
    return np.mean(inside)


def test_the_regions_are_shown_where_bone_quality_is_read(digital):
    seen, case = digital
    there = shown(seen, case)
    assert {"L1.body", "L2.body", "L3.body", "L3.csf"} <= {name for role, name in there if role is Role.T1}
    made = dict(bone_quality(seen, case).details)
    for level in ("L2", "L3"):
        assert there[Role.T1, f"{level}.body"].signal == pytest.approx(made[f"{level} signal"])
    assert there[Role.T1, "L3.csf"].signal == pytest.approx(made["CSF signal at L3"])


def test_a_region_put_where_it_is_already_changes_nothing_but_the_mean_for_the_median(digital):
    seen, case = digital
    there, before = shown(seen, case), bone_quality(seen, case)
    after = bone_quality(seen, case, *(placed(there[Role.T1, f"{level}.body"]) for level in ("L2", "L3")))
    assert after.value == pytest.approx(before.value, rel=1e-9)


def test_a_placed_csf_region_is_the_mean_of_its_pixels(digital):
    seen, case = digital
    there = shown(seen, case)[Role.T1, "L3.csf"]
    x, y = np.mean(there.outline, axis=0)
    moved = edit(
        "PlaceRegion",
        vertebra=there.vertebra,
        region="csf",
        series=there.series,
        slice=there.slice,
        outline=circle(x, y + 1.3, 2.1),
    )
    made = dict(bone_quality(seen, case, moved).details)
    assert made["CSF signal at L3"] == pytest.approx(by_hand(seen, case, moved))
    assert shown(seen, case, moved)[Role.T1, "L3.csf"].by_reader


def test_a_placed_body_region_is_the_mean_of_its_pixels_and_says_so(digital):
    seen, case = digital
    moved = placed(shown(seen, case)[Role.T1, "L2.body"], by=(2.0, -1.0))
    now = conclude(seen, (moved,), case)
    made = dict(next(m for m in now.measurements if m.method.id == "vbq").details)
    assert made["L2 signal"] == pytest.approx(by_hand(seen, case, moved))
    assert any("placed by the reader in L2" in reason for f in now.findings for reason in f.reasons)


def test_a_region_of_another_series_leaves_this_one_alone(digital):
    seen, case = digital
    moved = placed(shown(seen, case)[Role.T2, "L3.csf"], by=(0.0, 2.0))
    assert bone_quality(seen, case, moved).value == bone_quality(seen, case).value
    both = [bone_quality(seen, case, *edits, method="vbq-t2").value for edits in ((), (moved,))]
    assert both[0] != both[1]


def test_kept_results_equal_a_cold_process_undo_restores_and_a_file_holds_it(digital):
    seen, case = digital
    results, there = Kept(), shown(seen, case)
    first, second = (placed(there[Role.T1, name], by=(0.5, 0.5)) for name in ("L2.body", "L3.csf"))
    begun = conclude(seen, (), case, results=results)
    warm = conclude(seen, (first, second), case, results=results)
    assert warm == conclude(seen, (first, second), case)
    assert warm == conclude(seen, (second, first), case, results=results)
    assert warm != begun
    undone = (first, second, edit("Revoke", edit=second.id), edit("Revoke", edit=first.id))
    assert conclude(seen, undone, case, results=results) == begun
    name = digest(seen)
    version = Version(id="v", observations=name, case=case, edits=(first, second))
    file = ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen})
    back = from_bytes(to_bytes(file), "r")
    assert conclude(back.current, back.reading.current.edits, case) == warm


def test_the_region_stays_with_its_vertebra_whatever_that_is_called(digital):
    seen, case = digital
    there = shown(seen, case)[Role.T1, "L2.body"]
    renamed = edit("NameVertebra", vertebra=there.vertebra, level=Level.L1)
    assert shown(seen, case, placed(there), renamed)[Role.T1, "L1.body"].by_reader


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"outline": ((0.0, 0.0), (1.0, 1.0))}, "no outline"),
        ({"outline": circle(30.0, 60.0, 0.05)}, "holds no pixel"),
        ({"outline": circle(-200.0, 60.0, 3.0)}, "holds no pixel"),
        ({"slice": 99}, "is not in the series"),
        ({"series": "1.2.3"}, "belongs to no MR or CT series that was read"),
        ({"vertebra": "z9"}, "is not in this reading"),
    ],
)
def test_what_cannot_be_read_is_refused(digital, changed, why):
    seen, case = digital
    there = shown(seen, case)[Role.T1, "L3.csf"]
    with pytest.raises(ReadingError, match=why):
        conclude(seen, (placed(there, **changed),), case)


def test_signal_that_was_not_kept_is_not_taken_for_dark(digital):
    seen, case = digital
    there = shown(seen, case)[Role.T1, "L3.csf"]
    x, y = np.mean(there.outline, axis=0)
    with pytest.raises(ReadingError, match=r"no signal was kept|holds no pixel"):
        conclude(seen, (placed(there, outline=circle(x + 25, y, 4.0)),), case)


def test_without_a_canal_the_reader_places_csf_and_bone_quality_is_read(seen, case):
    """The label map of the small patient has no canal: the signal behind its bodies was kept all the same."""
    assert bone_quality(seen, case) is None
    facts = next(s for s in seen.series if s.role is Role.T1)
    body = vertebra(seen, "L3")
    _, sp, _, ip = body.points[:4]
    x, y = sp[0] + 12.0, (sp[1] + ip[1]) / 2
    samples = next(m for m in seen.marrow if m.series == facts.uid)
    region = edit(
        "PlaceRegion", vertebra=body.id, region="csf", series=facts.uid, slice=samples.middle, outline=circle(x, y, 4.0)
    )
    made = bone_quality(seen, case, region)
    assert dict(made.details)["CSF signal at L3"] == pytest.approx(by_hand(seen, case, region))


def test_a_slice_left_out_needs_its_series_and_takes_part_no_more(digital):
    seen, case = digital
    v = vertebra(seen, "L1")
    with pytest.raises(ReadingError, match="belongs to no MR or CT series that was read"):
        conclude(seen, (edit("Exclude", vertebra=v.id, slice=3),), case)
    stir = next(s for s in seen.series if s.role is Role.STIR)
    mask = marrow_series(seen, case)[Role.STIR].bodies[Level.L1]
    at = int(np.flatnonzero(mask.any(axis=(1, 2)))[1])
    without = edit("Exclude", vertebra=v.id, series=stir.uid, slice=at)
    kept_mask = marrow_series(seen, case, (without,))[Role.STIR].bodies[Level.L1]
    assert not kept_mask[at].any()
    assert kept_mask.sum() == mask.sum() - mask[at].sum()
    made = bone_quality(seen, case, without, method="bme-percent")
    assert dict(made.details)["slices"] == dict(bone_quality(seen, case, method="bme-percent").details)["slices"] - 1


def test_a_reading_that_holds_regions_stays_as_small_as_it_was(digital):
    seen, case = digital
    name = digest(seen)
    version = Version(id="v", observations=name, case=case)
    file = ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen})
    edits = (placed(shown(seen, case)[Role.T1, "L3.csf"]),)
    held = replace(file, reading=Reading(id="r", versions=(replace(version, edits=edits),)))
    assert len(to_bytes(held)) < len(to_bytes(file)) + 5_000
    assert len(to_bytes(file)) < 5_000_000
