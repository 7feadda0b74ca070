"""Vertebrae by name, their order, and who is whose neighbour in spines that have more or fewer of them."""

from dataclasses import FrozenInstanceError
from itertools import pairwise

import pytest

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.errors import LevelError


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("T12", "T12"),
        ("t12", "T12"),
        ("th12", "T12"),
        ("Th 12", "T12"),
        ("D12", "T12"),
        ("d_7", "T7"),
        ("l-1", "L1"),
        (" L5 ", "L5"),
        ("c 2", "C2"),
        ("S1", "S1"),
        ("T13", "T13"),
        ("L6", "L6"),
    ],
)
def test_a_level_is_read_as_people_write_it(written, level):
    assert Level.parse(written) == level


@pytest.mark.parametrize("written", ["", "C0", "C8", "T0", "T14", "L0", "L7", "S2", "X1", "12", "T1.5", "L1L2"])
def test_what_is_no_vertebra_is_refused_by_its_name(written):
    with pytest.raises(LevelError) as refused:
        Level.parse(written)
    assert repr(written) in str(refused.value)


def test_vertebrae_are_ordered_from_the_head_down():
    """C1 to C7, T1 to T12, L1 to L5, S1; T13 and L6 stand where they occur."""
    names = [*(f"C{n}" for n in range(1, 8)), *(f"T{n}" for n in range(1, 14)), *(f"L{n}" for n in range(1, 7)), "S1"]
    assert [level.value for level in sorted(Level, key=lambda level: level.rank)] == names
    assert [Level(name).rank for name in ("C1", "C2", "C7", "T1")] == [0, 1, 6, 7]


@pytest.mark.parametrize(
    ("level", "region"),
    [
        ("C1", "cervical"),
        ("C7", "cervical"),
        ("T1", "thoracic"),
        ("T13", "thoracic"),
        ("L1", "lumbar"),
        ("S1", "sacral"),
    ],
)
def test_region(level, region):
    assert Level(level).region == region


def test_most_people_have_twelve_thoracic_and_five_lumbar_vertebrae():
    assert STANDARD_COLUMN == VertebralColumn() == VertebralColumn(thoracic=12, lumbar=5)
    assert len(STANDARD_COLUMN.levels) == 7 + 12 + 5 + 1
    assert str(STANDARD_COLUMN) == "12 thoracic and 5 lumbar vertebrae"


@pytest.mark.parametrize(
    ("thoracic", "lumbar", "upper", "lower"),
    [
        (11, 5, "T11", "L1"),
        (12, 5, "T12", "L1"),
        (13, 5, "T13", "L1"),
        (12, 4, "L4", "S1"),
        (12, 5, "L5", "S1"),
        (12, 6, "L6", "S1"),
    ],
)
def test_the_numbers_of_vertebrae_decide_who_is_whose_neighbour(thoracic, lumbar, upper, lower):
    column = VertebralColumn(thoracic=thoracic, lumbar=lumbar)
    assert column.below(Level(upper)) == lower
    assert column.above(Level(lower)) == upper
    assert column.adjacent(Level(upper), Level(lower))


@pytest.mark.parametrize("lumbar", [4, 5, 6])
@pytest.mark.parametrize("thoracic", [11, 12, 13])
def test_each_vertebra_of_a_column_is_below_the_one_before_it(thoracic, lumbar):
    column = VertebralColumn(thoracic=thoracic, lumbar=lumbar)
    assert len(column.levels) == 7 + thoracic + lumbar + 1
    for upper, lower in pairwise(column.levels):
        assert (column.below(upper), column.above(lower)) == (lower, upper)
        assert column.adjacent(upper, lower)
        assert column.adjacent(lower, upper)
    assert column.above(Level.C1) is None
    assert column.below(Level.S1) is None


def test_a_vertebra_is_neighbour_neither_of_itself_nor_of_the_next_but_one():
    assert not STANDARD_COLUMN.adjacent(Level.L1, Level.L1)
    assert not STANDARD_COLUMN.adjacent(Level.T12, Level.L2)
    assert not STANDARD_COLUMN.adjacent(Level.L2, Level.T12)


@pytest.mark.parametrize(("thoracic", "lumbar"), [(10, 5), (14, 5), (12, 3), (12, 7), (0, 5)])
def test_a_column_that_nobody_has_is_refused(thoracic, lumbar):
    with pytest.raises(LevelError, match=f"{thoracic} thoracic and {lumbar} lumbar"):
        VertebralColumn(thoracic=thoracic, lumbar=lumbar)


@pytest.mark.parametrize(
    ("column", "level", "variant"),
    [
        (STANDARD_COLUMN, Level.T13, "thoracic = 13"),
        (STANDARD_COLUMN, Level.L6, "lumbar = 6"),
        (VertebralColumn(thoracic=11), Level.T12, "thoracic = 12"),
    ],
)
def test_a_vertebra_that_this_person_does_not_have_is_refused_and_the_variant_asked_for(column, level, variant):
    for neighbour in (column.above, column.below):
        with pytest.raises(LevelError, match=variant):
            neighbour(level)


def test_a_column_does_not_change():
    with pytest.raises(FrozenInstanceError):
        STANDARD_COLUMN.thoracic = 13
