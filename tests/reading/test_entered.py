"""What a reader enters in the clinical file stands before what was measured; what was measured says how sure it is."""

from dataclasses import replace

import pytest

from ovcf.anatomy import Level
from ovcf.assessment.result import Provenance
from ovcf.clinical.read_case import case_from_mapping
from ovcf.imaging.study import Study
from ovcf.reading.conclude import conclude
from ovcf.reading.observing.observe import Found
from ovcf.workflow.draft import draft

MADE = Provenance("tests", "2026-01-01T00:00:00+00:00", "", ())


def named(assessment, level=Level.L1):
    return {f.name: f for f in assessment.findings if f.level == level}


def test_height_loss_entered_by_hand_is_a_measurement_though_there_is_no_image():
    case = case_from_mapping({"index_level": "L1", "vhl_percent": 17.8, "local_kyphosis_deg": 19.6})
    made = draft(Study(()), case, Found(), provenance=MADE).assessment
    assert [(m.method.id, m.value) for m in made.measurements] == [("vhl-han", 17.8), ("ka-han", 19.6)]
    assert all(m.source.placed_by == "the reader" for m in made.measurements)


def test_figures_entered_by_hand_stand_before_those_measured(seen, case):
    made = conclude(seen, (), replace(case, vhl_percent=33.0))
    first = next(m for m in made.measurements if m.method.id == "vhl-han" and m.index_level == "L1")
    assert (first.value, first.source.placed_by) == (33.0, "the reader")


@pytest.mark.parametrize(
    ("facts", "name", "value"),
    [
        ({"sq_grade": 3}, "SQ", "grade 3"),
        ({"bme_percent": 80}, "Marrow edema level", "severe"),
        ({"of_class": "OF4"}, "OF classification", "OF4"),
    ],
)
def test_grade_edema_and_class_may_be_entered_in_the_clinical_file(seen, case, facts, name, value):
    found = named(conclude(seen, (), replace(case, **facts)))
    (key,) = (k for k in found if k == name or k.startswith(f"{name} ("))
    assert found[key].value == value


def test_what_was_measured_carries_its_probability(digital):
    observations, case = digital
    found = named(conclude(observations, (), case))
    for name in (
        "Marrow edema level",
        "Signs of a recent fracture",
        "Endplates, suggested",
        "Posterior wall, suggested",
        "T2 signal pattern",
    ):
        shares = dict(found[name].probability)
        assert sum(shares.values()) == pytest.approx(1), name
    assert sum(p for _, p in found["OF class, suggested"].probability) == pytest.approx(1)


def test_a_t2_pattern_read_at_3_t_says_that_han_read_at_1_5_t(digital):
    observations, case = digital
    at_3 = replace(observations, series=tuple(replace(s, field_strength_t=3.0) for s in observations.series))
    at_1_5 = replace(observations, series=tuple(replace(s, field_strength_t=1.5) for s in observations.series))
    said = [" ".join(named(conclude(o, (), case))["T2 signal pattern"].reasons) for o in (at_3, at_1_5)]
    assert "the series is of 3 T; HAN read the patterns at 1.5 T" in said[0]
    assert "1.5 T" not in said[1]
