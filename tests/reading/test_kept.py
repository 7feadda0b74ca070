"""Kept results are the same results: nothing is mixed up, nothing outlives what it came from."""

import numpy as np
import pytest

from ovcf.anatomy import Level
from ovcf.kept import Kept, keeping, kept
from ovcf.measures.signal import marrow
from ovcf.reading.conclude import conclude
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.session import Session
from ovcf.reading.version import Reading, Version
from tests.reading.words import edit, vertebra

CALLS = []


@kept
def total(array, *, times=1):
    CALLS.append(times)
    return float(array.sum()) * times


@kept
def failing(x):
    CALLS.append(x)
    raise ValueError(x)


@pytest.fixture(autouse=True)
def fresh():
    CALLS.clear()


def test_equal_arguments_are_computed_once_and_only_within():
    array, results = np.arange(4.0), Kept()
    with keeping(results):
        assert [total(array), total(array), total(array[:])] == [6, 6, 6]
    assert len(CALLS) == 1
    total(array)
    assert len(CALLS) == 2


def test_other_parts_of_one_array_are_other_arguments():
    array = np.arange(6.0)
    with keeping(Kept()):
        assert [total(array[:3]), total(array[3:]), total(array[::2])] == [3, 12, 6]


def test_an_array_that_is_gone_leaves_no_result_to_another_in_its_place():
    with keeping(Kept()):
        for n in range(200):
            assert total(np.full(5, float(n))) == 5 * n


def test_named_arguments_count():
    array = np.ones(3)
    with keeping(Kept()):
        assert [total(array), total(array, times=2)] == [3, 6]


def test_an_error_is_raised_again_and_not_kept():
    with keeping(Kept()):
        for _ in range(2):
            with pytest.raises(ValueError, match="7"):
                failing(7)
    assert CALLS == [7, 7]


def test_the_oldest_results_go_first():
    results = Kept(most=2)
    arrays = [np.full(2, float(n)) for n in range(3)]
    with keeping(results):
        for array in arrays:
            total(array)
        total(arrays[2])
        total(arrays[0])
    assert len(results) == 2
    assert len(CALLS) == 4


def test_another_index_vertebra_finds_its_marrow_read_and_gives_what_a_cold_process_gives(seen, case, monkeypatch):
    name = digest(seen)
    version = Version(id="v", observations=name, case=case)
    session = Session(ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen}))
    session.assessment()
    session.look_ahead()
    read = []
    inner = marrow.trabecular_roi
    monkeypatch.setattr(marrow, "trabecular_roi", lambda *a, **k: (read.append(1), inner(*a, **k))[1])
    choice = edit("ChooseIndex", vertebra=vertebra(seen, "L2").id)
    _, warm = session.preview(choice)
    assert not read
    assert warm == conclude(seen, (choice,), case)
    assert read, "a cold process reads it"


@pytest.mark.parametrize("level", ["T12", "L2"])
def test_names_one_place_off_find_everything_judged_and_give_what_a_cold_process_gives(seen, case, monkeypatch, level):
    name = digest(seen)
    version = Version(id="v", observations=name, case=case)
    session = Session(ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen}))
    session.assessment()
    session.look_ahead()
    judged = []
    for function in ("fit_sensitivity", "robust_sd"):
        inner = getattr(marrow, function)
        monkeypatch.setattr(marrow, function, lambda *a, inner=inner, **k: (judged.append(1), inner(*a, **k))[1])
    renamed = edit("NameVertebra", vertebra=vertebra(seen, "L1").id, level=Level(level))
    _, warm = session.preview(renamed)
    assert not judged
    assert warm == conclude(seen, (renamed,), case)
    assert judged, "a cold process judges anew"


@kept
def widened(array):
    CALLS.append("widened")
    return np.repeat(array, 1000)


@kept
def mean_of_wide(array):
    CALLS.append("mean")
    return float(widened(array).mean())


def test_where_memory_is_short_large_steps_on_the_way_go_and_results_stay():
    array, results = np.arange(4.0), Kept()
    with keeping(results), results.lasting():
        assert mean_of_wide(array) == 1.5
    before = results.nbytes
    results.trim()
    assert results.nbytes < before / 10
    with keeping(results):
        assert mean_of_wide(array) == 1.5
        assert CALLS == ["mean", "widened"]
        widened(array)
    assert CALLS == ["mean", "widened", "widened"]


def test_what_was_asked_for_itself_stays_though_it_is_large():
    array, results = np.arange(4.0), Kept()
    with keeping(results), results.lasting():
        mean_of_wide(array)
        widened(array)
    results.trim()
    with keeping(results):
        widened(array)
    assert CALLS == ["mean", "widened"]


def test_a_preview_leaves_nothing_large_behind():
    seen, tried, results = np.arange(4.0), np.arange(1.0, 5.0), Kept()
    with keeping(results):
        with results.lasting():
            widened(seen)
        widened(tried)
    results.trim()
    assert results.nbytes == widened(seen).nbytes + seen.nbytes


def test_a_whole_number_and_its_fraction_are_not_mixed_up():
    array = np.ones(3)
    with keeping(Kept()):
        assert [repr(total(array, times=n)) for n in (1, True, 1.0)] == ["3.0", "3.0", "3.0"]
    assert [type(n) for n in CALLS] == [int, bool, float]


def test_a_trimmed_reading_gives_what_a_cold_process_gives(seen, case):
    name = digest(seen)
    version = Version(id="v", observations=name, case=case)
    session = Session(ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen}))
    with session.lasting():
        session.assessment()
    before = session.nbytes
    session.trim()
    assert session.nbytes < before
    for choice in (
        edit("ChooseIndex", vertebra=vertebra(seen, "L2").id),
        edit("NameVertebra", vertebra=vertebra(seen, "L1").id, level=Level("T12")),
        edit("Exclude", vertebra=vertebra(seen, "L3").id),
    ):
        assert session.preview(choice)[1] == conclude(seen, (choice,), case)
        session.trim()
