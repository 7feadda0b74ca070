"""Every declared measurement: found by itself, cited, the same for one patient and for a cohort, in the JSON Schema."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from pydantic import TypeAdapter

import ovcf.measures
from ovcf.anatomy import Level
from ovcf.assessment.findings.kinds import FindingData
from ovcf.errors import OvcfError
from ovcf.guidance.evidence import evidence
from ovcf.landmarks import SpineLandmarks
from ovcf.measures import registry
from ovcf.measures.declare import TAKEN
from ovcf.measures.from_landmarks import measure, measure_columns
from ovcf.measures.registry import Published, from_landmarks, measurements, of_whole_spine, published
from ovcf.units import Unit
from tests.unchanging import changeable, dataclasses_of
from tests.vectors import TV3, spine

SHAPE = from_landmarks()


@pytest.fixture
def fresh():
    """The registry reads the folders anew, before and after."""
    caches = (registry.measurements, registry._declared)
    for one in caches:
        one.cache_clear()
    yield
    for one in caches:
        one.cache_clear()


def six_points(corners):
    """The corners with the middles of the endplates between them, the upper one sunk by 2."""
    sa, sp, ia, ip = np.asarray(corners, float)
    return np.array([sa, sp, ia, ip, (sa + sp) / 2 + (0, 2), (ia + ip) / 2])


@pytest.mark.parametrize("one", measurements().values(), ids=lambda one: one.id)
def test_each_says_what_it_is_and_cites_a_known_source(one):
    assert one.method.name
    assert one.method.definition
    assert one.method.evidence
    for source in one.method.evidence:
        assert evidence(source).citation


def test_one_that_comes_with_a_finding_names_a_kind_of_finding():
    kinds = {kind.__dataclass_fields__["kind"].default for kind in get_args(get_args(FindingData)[0])}
    named = {one.finding for one in measurements().values() if one.finding}
    assert named <= kinds
    assert "edema level" in named


@pytest.mark.parametrize("one", SHAPE, ids=lambda one: one.id)
def test_a_cohort_is_measured_as_its_patients_are(one):
    cases = [[six_points(body) for body in TV3[name]] for name in "ABCD"]
    single = [measure(one, spine(case), Level.L1).value for case in cases]
    points = {step: np.array([case[1 + step] for case in cases]) for step in TAKEN[one.points]}
    assert measure_columns(one, points) == pytest.approx(single)
    points = {step: np.where(np.arange(4)[:, None, None] == 2, np.nan, p) for step, p in points.items()}
    if one.id != "vhl-han":  # its heights must be positive numbers
        assert np.isnan(measure_columns(one, points)).tolist() == [False, False, True, False]


@pytest.mark.parametrize("one", SHAPE, ids=lambda one: one.id)
def test_it_needs_the_vertebrae_it_says_and_no_other(one):
    whole = spine([six_points(body) for body in TV3["B"]])
    made = measure(one, whole, Level.L1)
    assert made.index_level == Level.L1
    assert made.unit is (one.unit or Unit.MM)
    for step, level in ((-1, Level.T12), (1, Level.L2)):
        alone = SpineLandmarks(vertebrae=tuple(v for v in whole if v.level != level))
        if step in TAKEN[one.points]:
            with pytest.raises(OvcfError, match=level):
                measure(one, alone, Level.L1)
        else:
            assert measure(one, alone, Level.L1).value == made.value


def test_two_files_must_not_declare_the_same_id(fresh, monkeypatch):
    twice = (*registry._declared(), measurements()["ha"])
    registry.measurements.cache_clear()
    monkeypatch.setattr(registry, "_declared", lambda: twice)
    with pytest.raises(ValueError, match="two measurements are called ha"):
        measurements()
    monkeypatch.undo()


@pytest.mark.parametrize("spoilt", ["neither", "both"])
def test_a_measurement_has_a_function_or_the_finding_it_comes_with(fresh, monkeypatch, spoilt):
    ha = measurements()["ha"]
    bad = replace(ha, function=None) if spoilt == "neither" else replace(ha, finding="a finding")
    registry.measurements.cache_clear()
    monkeypatch.setattr(registry, "_declared", lambda: (bad,))
    with pytest.raises(ValueError, match="needs a function"):
        measurements()
    monkeypatch.undo()


def test_the_export_read_back_is_the_declaration():
    adapter = TypeAdapter(dict[str, Published])
    assert adapter.validate_json(adapter.dump_json(published())) == published()
    assert published()["vbq"].csf
    assert published()["hm"].middle


def test_bone_quality_is_of_the_spine_and_height_of_a_vertebra():
    assert of_whole_spine("vbq")
    assert not of_whole_spine("ha")


def test_a_result_cannot_be_changed_after_it_was_made():
    assert dataclasses_of(ovcf.measures)
    assert changeable(ovcf.measures) == []
