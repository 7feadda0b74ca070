"""Edits laid over observations: what a reader says goes before the clinical file, and that before what was measured."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.errors import ClinicalDataError, ReadingError
from ovcf.landmarks import POINTS
from ovcf.reading.conclude import conclude
from ovcf.reading.editing.edits import Drawn
from ovcf.reading.editing.lay_over import edited
from ovcf.reading.editing.placing_error import READER_SHARE
from tests.reading.words import edit, moved, vertebra


def levels(seen, case, *edits):
    return list(edited(seen, edits, case).sets[0].levels.values())


def height_loss(points):
    """HAN's formula by hand, from the corners of three vertebrae, cranial to caudal."""
    (c, d), (a, b), (e, f) = ([np.hypot(*(p[2] - p[0])), np.hypot(*(p[3] - p[1]))] for p in points)
    reference = (c + d + e + f) / 4
    return 100 * (reference - (a + b) / 2) / reference


def kyphosis(points):
    """Between the lower endplate of the upper neighbour and the upper one of the lower neighbour, by hand."""
    above, _, below = points
    u, v = above[3] - above[2], below[1] - below[0]
    return np.degrees(np.arctan2(u[0] * v[1] - u[1] * v[0], u @ v))


def measured(assessment, method):
    return next(m for m in assessment.measurements if m.method.id == method and m.index_level == "L1")


def test_a_moved_point_moves_height_loss_and_kyphosis_to_what_its_place_says(seen, case):
    points = [np.array(vertebra(seen, level).points, float) for level in ("T12", "L1", "L2")]
    moves = [moved(seen, "L1", by=(0.4, -2.5)), moved(seen, "T12", "inferior_anterior", by=(0.0, 1.5))]
    points[1][0] += (0.4, -2.5)
    points[0][2] += (0.0, 1.5)
    now = conclude(seen, moves, case)
    assert measured(now, "vhl-han").value == pytest.approx(height_loss(points), abs=1e-9)
    assert measured(now, "ka-han").value == pytest.approx(kyphosis(points), abs=1e-9)


def test_a_moved_point_is_as_sure_as_readers_are_and_the_others_stay_as_they_were(seen, case):
    now = edited(seen, [moved(seen, "L1", by=(1, 1))], case).sets[0].spine()
    before = vertebra(seen, "L1")
    height = np.median([np.hypot(*np.subtract(v.points[3], v.points[1])) for v in seen.landmarks[0] if v.points])
    assert now[Level.L1].sd[0] == pytest.approx(READER_SHARE * height)
    assert now[Level.L1].sd[1:] == before.sd[1:]


def test_readers_error_of_a_point_gives_the_published_error_of_height_loss():
    """PLoS ONE 2013;8:e71204: limits of agreement within readers of 11.75 points, so 11.75 / 1.96 / sqrt(2) for one."""
    one_reading = 11.75 / 1.96 / np.sqrt(2)
    assert 100 * READER_SHARE * np.sqrt(1.5) == pytest.approx(one_reading, rel=0.02)


def test_it_is_told_who_corrected_the_points(seen, case):
    spine = edited(seen, [moved(seen, "L1", reader="CD"), moved(seen, "L2", reader="AB")], case).sets[0].spine()
    assert {v.source.placed_by.partition(", ")[2] for v in spine} == {"corrected by AB, CD"}


def test_one_name_and_all_others_follow(seen, case):
    l1 = vertebra(seen, "L1").id
    assert levels(seen, case) == ["T12", "L1", "L2", "L3", "L4"]
    assert levels(seen, case, edit("NameVertebra", vertebra=l1, level=Level.L2)) == ["L1", "L2", "L3", "L4", "L5"]
    alone = edit("NameVertebra", vertebra=vertebra(seen, "T12").id, level=Level.T11, follow="alone")
    assert levels(seen, case, alone) == ["T11", "L1", "L2", "L3", "L4"]


def test_a_sixth_lumbar_vertebra_makes_room_for_itself(seen, case):
    named = edit("NameVertebra", vertebra=vertebra(seen, "L4").id, level=Level.L6)
    now = edited(seen, [named], case).sets[0]
    assert list(now.levels.values()) == ["L2", "L3", "L4", "L5", "L6"]
    assert now.column.lumbar == 6


def test_a_name_beyond_the_end_of_the_spine_is_refused(seen, case):
    with pytest.raises(ReadingError, match="beyond the ends"):
        edited(seen, [edit("NameVertebra", vertebra=vertebra(seen, "T12").id, level=Level.S1)], case)


def test_what_the_file_says_of_its_index_vertebra_is_not_told_of_another(seen, case):
    assert case.fracture_type == "compression"
    now = edited(seen, [edit("ChooseIndex", vertebra=vertebra(seen, "L3").id)], case)
    assert now.case.index_level is Level.L3
    assert now.case.fracture_type is None
    assert any("describes L1" in w for w in now.warnings)


def test_an_edit_goes_before_the_clinical_file_and_the_file_before_what_was_measured(seen, case):
    from dataclasses import replace

    l1 = vertebra(seen, "L1").id
    said = edit("Overrule", vertebra=l1, finding="t2_pattern", value="confined high")
    in_file = replace(case, t2_pattern="diffuse low")

    def points(case, *edits):
        score = next(s for s in conclude(seen, edits, case).scores if s.score == "NASOVCF")
        return next(i.points for i in score.items if "T2" in i.name)

    assert points(case) is not None
    assert points(in_file) == 2
    assert points(in_file, said) == 0


def test_a_state_is_one_state_and_bars_from_reference(seen, case):
    l2 = vertebra(seen, "L2").id
    old, none = (
        edit("SetState", vertebra=l2, state="old fracture"),
        edit("SetState", vertebra=l2, state="none of these"),
    )
    now = edited(seen, [edit("SetState", vertebra=l2, state="cemented"), old], case).case
    assert (now.old_fractures, now.cemented_levels) == ((Level.L2,), ())
    assert edited(seen, [old, none], case).case.old_fractures == ()
    withheld = conclude(seen, [old], case).withheld
    assert any("height loss" in w.name and "L2 is fractured" in w.reason for w in withheld)


def test_a_fact_is_checked_as_in_the_clinical_file(seen, case):
    assert edited(seen, [edit("EnterFact", field="vas", value=7.0)], case).case.vas == 7
    assert edited(seen, [edit("EnterFact", field="age_years", value=None)], case).case.age_years is None
    flag = edited(seen, [edit("EnterFact", field="neurology.radiculopathy", value=True)], case).case
    assert flag.neurology.radiculopathy is True
    for field, value in (("vas", 11.0), ("vass", 1.0), ("sex", "unclear")):
        with pytest.raises(ClinicalDataError):
            edited(seen, [edit("EnterFact", field=field, value=value)], case)


def test_vertebrae_are_added_split_merged_and_deleted(seen, case):
    l4, l3 = vertebra(seen, "L4"), vertebra(seen, "L3")
    assert levels(seen, case, edit("DeleteVertebra", vertebra=l4.id)) == ["T12", "L1", "L2", "L3"]
    below = tuple((x, y + 38) for x, y in l4.points)
    added = edit("AddVertebra", landmark_set="a", drawn=Drawn(vertebra="n1", level=Level.L5, points=below))
    assert levels(seen, case, added)[-1] == "L5"
    both = (*l3.points[:2], *l4.points[2:4])
    merged = edit("MergeVertebrae", vertebrae=(l3.id, l4.id), into=Drawn(vertebra="n2", level=Level.L3, points=both))
    assert levels(seen, case, merged) == ["T12", "L1", "L2", "L3"]
    halves = tuple(Drawn(vertebra=f"n{n}", level=v.level, points=v.points) for n, v in ((3, l3), (4, l4)))
    split = edit("SplitVertebra", vertebra="n2", into=halves)
    assert sorted(levels(seen, case, merged, split)) == ["L1", "L2", "L3", "L4", "T12"]


@pytest.mark.parametrize(
    "wrong",
    [
        edit("MovePoint", vertebra="z9", point=POINTS[0], to=(0.0, 0.0)),
        edit("ChooseImage", landmark_set="z"),
        edit("SetRole", series="nowhere", role="CT"),
    ],
)
def test_what_is_not_there_cannot_be_edited_and_it_is_told_what_is(seen, case, wrong):
    with pytest.raises(ReadingError, match=r"is not in this reading.*It has: .+"):
        edited(seen, [wrong], case)


def test_a_moved_body_says_that_its_marrow_was_outlined_before(seen, case):
    edema = measured(conclude(seen, [moved(seen, "L1", by=(0.5, 0.5))], case), "bme-percent")
    assert any("outline was drawn before" in w for w in edema.warnings)
    assert not any("outline was drawn before" in w for w in measured(conclude(seen, [], case), "bme-percent").warnings)
