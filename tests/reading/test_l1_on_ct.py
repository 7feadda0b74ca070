"""The attenuation of L1 in a region on CT: proposed, placed by a reader, measured, told, undone; never in NASOVCF."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import MeasurementInputError, ReadingError
from ovcf.imaging.mid_sagittal import mid_sagittal_plane
from ovcf.imaging.study import Role
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.file import ReadingFile, digest, from_bytes, to_bytes
from ovcf.reading.observing.pictures import pictures_of
from ovcf.reading.observing.regions import regions_of
from ovcf.reading.version import Reading, Version
from tests.reading.ct_phantom import BONE, CASE, ct_of, seen_on
from tests.reading.words import edit


@pytest.fixture(scope="module")
def seen():
    return seen_on(*ct_of(gradient=2.0))[1]


def region(seen, *edits, case=CASE):
    (found,) = [r for r in regions_of(edited(seen, edits, case)) if r.region == "attenuation"]
    return found


def circle(x, y, radius):
    turns = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    return tuple((float(x + radius * math.cos(t)), float(y + radius * math.sin(t))) for t in turns)


def placed(r, outline=None, **changed):
    fields = {"vertebra": r.vertebra, "region": "attenuation", "series": r.series, "slice": r.slice}
    return edit("PlaceRegion", **{**fields, "outline": outline or r.outline, **changed})


def guidance(made):
    return {s.id: s.text for s in made.guidance}


def test_a_region_is_proposed_clear_of_the_shell_and_counts_only_once_it_is_placed(seen):
    proposed = region(seen)
    assert (proposed.level, proposed.role, proposed.by_reader) == (Level.L1, Role.CT, False)
    assert proposed.on_ct.doubts == ()  # nothing of the shell of 700 HU is in it
    x, y = (np.array([p[k] for p in proposed.outline]) for k in (0, 1))
    front, top = 15.0, 40.0  # of the body, in its own 30 x 24 mm
    assert front + 3 < x.min() < x.max() < front + 0.8 * 30  # in front of the vein
    assert top + 3 < y.min() < y.max() < top + 24 - 3
    assert proposed.signal == pytest.approx(BONE + 2.0 * ((x.min() + x.max()) / 2 - front), abs=1.0)
    made = conclude(seen, (), CASE)
    assert made.case.l1_hu is None
    assert "l1-on-ct" not in guidance(made)


def test_a_placed_region_gives_the_mean_of_where_it_lies_and_the_band_of_it(seen):
    proposed = region(seen)
    middle = [sum(p[k] for p in proposed.outline) / len(proposed.outline) for k in (0, 1)]
    for back in (-6.0, 0.0, 5.0):
        there = placed(proposed, circle(middle[0] + back, middle[1], 5.0))
        made = conclude(seen, (there,), CASE)
        assert made.case.l1_hu == pytest.approx(proposed.signal + 2.0 * back, abs=1.5)  # 2 HU a millimetre
        assert "above 110 to 160 HU" in guidance(made)["l1-on-ct"]
        (ct,) = made.series
        assert any("in a region placed by" in reason for reason in ct.reasons)
        assert made.scores == conclude(seen, (), CASE).scores  # NASOVCF does not take it


def test_of_a_region_and_a_number_entered_by_hand_the_last_word_holds(seen):
    there = placed(region(seen))
    typed = edit("EnterFact", field="l1_hu", value=95.0)
    assert conclude(seen, (there, typed), CASE).case.l1_hu == 95.0
    assert not region(seen, there, typed).by_reader
    measured = conclude(seen, (typed, there), CASE).case.l1_hu
    assert measured == pytest.approx(region(seen).signal, abs=3.0)
    assert conclude(seen, (there, typed, edit("Revoke", edit=typed.id)), CASE).case.l1_hu == measured
    assert conclude(seen, (there,), replace(CASE, l1_hu=95.0)).case.l1_hu == measured  # an edit before the file


def test_across_the_shell_it_is_told_and_outside_of_the_body_refused(seen):
    proposed = region(seen)
    x, y = (sum(p[k] for p in proposed.outline) / len(proposed.outline) for k in (0, 1))
    told = conclude(seen, (placed(proposed, circle(x, y, 13.5)),), CASE).warnings
    assert any("cortex, cement" in one for one in told)
    with pytest.raises(ReadingError, match="outside of the body"):
        conclude(seen, (placed(proposed, circle(x + 30, y, 6.0)),), CASE)
    with pytest.raises(MeasurementInputError, match="voxels"):
        conclude(seen, (placed(proposed, circle(x, y, 1.5)),), CASE)
    with pytest.raises(ReadingError, match="lies on CT"):
        conclude(seen, (placed(proposed, region="body"),), CASE)


def test_of_an_l1_that_is_not_whole_nothing_is_said_of_bone(seen):
    proposed = region(seen)
    made = conclude(seen, (placed(proposed), edit("SetState", vertebra=proposed.vertebra, state="cemented")), CASE)
    assert "not that of its bone" in guidance(made)["l1-on-ct"]


def test_a_vertebra_that_is_renamed_takes_its_region_with_it_and_that_is_told(seen):
    proposed = region(seen)
    there = (placed(proposed), edit("NameVertebra", vertebra=proposed.vertebra, level=Level.L2, follow="image"))
    made = conclude(seen, there, CASE)
    assert made.case.l1_hu is None
    assert any("now named L2" in one for one in made.warnings)
    assert region(seen, *there).vertebra != proposed.vertebra


@pytest.mark.parametrize("spacing", [(0.8, 0.8, 3.0), (0.8, 3.0, 0.8)])
def test_a_ct_in_thick_slices_across_or_along_the_back_is_kept_and_shown_too(spacing):
    study, thick = seen_on(*ct_of(spacing))
    found = region(thick)
    assert found.signal == pytest.approx(BONE, abs=1.0)
    assert conclude(thick, (placed(found),), CASE).case.l1_hu == pytest.approx(BONE, abs=1.0)
    pictures = pictures_of(study, thick)
    assert {p.series for p in pictures} == {"1.2.9"}
    offsets = sorted(p.offset_mm for p in pictures)
    assert min(b - a for a, b in pairwise(offsets)) >= 3.0


def test_it_is_stored_with_the_reading(seen):
    name = digest(seen)
    version = Version(id="v", observations=name, case=CASE, edits=(placed(region(seen)),))
    again = from_bytes(
        to_bytes(ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen})), "x"
    )
    assert again.current == seen
    first = conclude(seen, version.edits, CASE)
    assert conclude(again.current, again.reading.current.edits, again.reading.current.case).case == first.case


def test_the_plane_of_the_bodies_is_where_it_is_looked_at():
    volume, labels = ct_of()
    assert mid_sagittal_plane(volume, labels).origin[0] == pytest.approx(35.0, abs=1.0)
