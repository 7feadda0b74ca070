"""``ovcf reading regions`` and ``--region``, ``--exclude`` with a slice: what is typed is what is stored."""

import json

import numpy as np
import pytest

from ovcf.reading.editing.edits import Exclude, PlaceRegion
from ovcf.reading.file import ReadingFile, digest, read_reading, write_reading
from ovcf.reading.version import Reading, Version
from tests.cli.conftest import command  # noqa: F401  # a fixture

WHERE = "reading.ovcf"


@pytest.fixture
def reading(digital, tmp_path, monkeypatch):
    """A file of the digital patient's reading, in a folder of its own."""
    seen, case = digital
    name = digest(seen)
    version = Version(id="v", observations=name, case=case)
    monkeypatch.chdir(tmp_path)
    write_reading(
        ReadingFile(reading=Reading(id="r", versions=(version,)), observations={name: seen}), tmp_path / WHERE
    )
    return tmp_path / WHERE


def test_a_region_is_moved_and_the_list_shows_where_it_is_now(reading, command):  # noqa: F811
    there = json.loads(command("reading", "regions", WHERE, "--json")[1])
    before = next(r for r in there if (r["role"], r["level"], r["region"]) == ("sagittal T1", "L3", "csf"))
    code, printed, _ = command("reading", "edit", WHERE, "--region", "L3.csf", "-0.5,+1", "--reader", "AB")
    assert code == 0
    assert "bone quality" in printed
    (made,) = read_reading(reading).reading.current.edits
    assert isinstance(made, PlaceRegion)
    moved = np.subtract(made.outline, before["outline"])
    assert moved == pytest.approx(np.broadcast_to((-0.5, 1.0), moved.shape))
    assert "a reader" in command("reading", "regions", WHERE)[1]


def test_a_circle_on_a_slice_of_a_series(reading, command):  # noqa: F811
    there = {(r["role"], r["region"]): r for r in json.loads(command("reading", "regions", WHERE, "--json")[1])}
    x, y = np.mean(there["sagittal T2", "csf"]["outline"], axis=0)
    at = there["sagittal T2", "csf"]["slice"]
    code, _, said = command("reading", "edit", WHERE, "--region", f"L3.csf@T2:{at + 1}", f"{x:.2f},{y:.2f},2")
    assert code == 0, said
    (made,) = read_reading(reading).reading.current.edits
    assert (made.slice, made.series) == (at, there["sagittal T2", "csf"]["series"])
    assert np.hypot(*(np.array(made.outline) - (round(x, 2), round(y, 2))).T) == pytest.approx(2.0)


def test_a_slice_of_one_series_is_left_out(reading, command):  # noqa: F811
    assert command("reading", "edit", WHERE, "--exclude", "L1@STIR:4")[0] == 0
    (made,) = read_reading(reading).reading.current.edits
    assert isinstance(made, Exclude)
    assert made.slice == 3  # stored from 0, typed and shown from 1
    assert made.series


@pytest.mark.parametrize(
    ("option", "why"),
    [
        (("--region", "L3.cord", "+1,+1"), "is no region"),
        (("--region", "L3.csf", "+1"), "neither DX,DY nor X,Y,RADIUS"),
        (("--region", "T12.csf", "+1,+1"), "has no region to move"),
        (("--region", "L3.csf@PD", "+1,+1"), "is no MR or CT series"),
        (("--exclude", "L1@CT:3"), "is no MR or CT series"),
        (("--exclude", "L1@STIR:0"), "is no MR or CT series"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(reading, command, option, why):  # noqa: F811
    code, _, said = command("reading", "edit", WHERE, *option)
    assert code == 2
    assert why in said
    assert not read_reading(reading).reading.current.edits
