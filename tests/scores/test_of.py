"""OF classification and OF score: every class, the undefined fifth, and what unknown findings leave open."""

import pytest

from ovcf.errors import ClinicalDataError, ScoreInputError
from ovcf.scores.classification.of import of_class, of_score
from ovcf.scores.result import Status

INTACT = {
    "tension_band_injury": False,
    "translation_or_rotation": False,
    "distraction": False,
    "superior_endplate": False,
    "inferior_endplate": False,
    "pincer_or_collapse": False,
    "posterior_wall_fraction": 0.0,
    "edema": False,
}
CARD = {"version": "ao-card-modified"}


@pytest.mark.parametrize(
    ("findings", "label"),
    [
        ({}, "none"),
        ({"edema": True}, "OF1"),
        ({"superior_endplate": True}, "OF2"),
        ({"inferior_endplate": True, "posterior_wall_fraction": 0.19}, "OF2"),
        ({"superior_endplate": True, "posterior_wall_fraction": 0.21}, "OF3"),
        ({"superior_endplate": True, "inferior_endplate": True}, "OF4"),
        ({"superior_endplate": True, "inferior_endplate": True, "posterior_wall_fraction": 0.5}, "OF4"),
        ({"pincer_or_collapse": True}, "OF4"),
        ({"tension_band_injury": True, "superior_endplate": True}, "OF5"),
        ({"translation_or_rotation": True}, "OF5"),
        ({"distraction": True, "pincer_or_collapse": True}, "OF5"),
    ],
)
def test_every_class_from_its_findings(findings, label):
    result = of_class(**{**INTACT, **findings})
    assert (result.label, result.possible, result.missing) == (label, (label,), ())


def test_exactly_one_fifth_of_the_posterior_wall_is_of3_and_flagged():
    result = of_class(**{**INTACT, "superior_endplate": True, "posterior_wall_fraction": 1 / 5})
    assert result.label == "OF3"
    assert "exactly 1/5" in result.flags[0]
    assert not of_class(**{**INTACT, "superior_endplate": True, "posterior_wall_fraction": 0.2001}).flags


def test_an_unknown_posterior_wall_leaves_two_classes_and_is_the_only_thing_missing():
    result = of_class(**{**INTACT, "superior_endplate": True, "posterior_wall_fraction": None, "edema": None})
    assert result.label is None
    assert result.possible == ("OF2", "OF3")
    assert result.missing == ("posterior wall fraction",)


def test_a_finding_that_cannot_change_the_class_may_be_unknown():
    result = of_class(**{**dict.fromkeys(INTACT), "distraction": True})
    assert (result.label, result.missing) == ("OF5", ())


def test_nothing_known_leaves_every_class():
    assert len(of_class(**dict.fromkeys(INTACT)).possible) == 6


def test_a_posterior_wall_without_an_endplate_is_flagged():
    assert "no OF class" in of_class(**{**INTACT, "edema": True, "posterior_wall_fraction": 0.4}).flags[0]


@pytest.mark.parametrize(
    ("findings", "total", "group"),
    [
        (
            {
                "of": "OF3",
                "t_score": -3.2,
                "deformity_progression": True,
                "vas_under_analgesia": 7,
                "neurology": "N0",
                "mobile_under_analgesia": False,
                "asa_class": 2,
            },
            10,
            "surgery",
        ),
        (
            {
                "of": "OF2",
                "t_score": -2.0,
                "deformity_progression": False,
                "vas_under_analgesia": 3,
                "mobile_under_analgesia": True,
                "anticoagulation": True,
            },
            0,
            "conservative",
        ),
        ({"of": "OF3"}, 6, "either"),
        (
            {
                "of": 1,
                "t_score": -1.0,
                "deformity_progression": False,
                "vas_under_analgesia": 0,
                "neurology": "N0",
                "mobile_under_analgesia": True,
                "asa_class": 4,
                "mfi5": 3,
                "anticoagulation": True,
            },
            -3,
            "conservative",
        ),
        (
            {
                "of": 5,
                "qct_hu": 90,
                "deformity_progression": True,
                "vas_under_analgesia": 5,
                "neurology": "N2",
                "mobile_under_analgesia": False,
                "asa_class": 3,
                "mfi5": 2,
                "anticoagulation": False,
            },
            16,
            "surgery",
        ),
    ],
)
def test_the_published_vectors(findings, total, group):
    result = of_score(**CARD, **findings)
    assert (result.total, result.group, result.status) == (total, group, Status.COMPLETE)


def test_what_is_unknown_counts_nothing_but_stays_in_sight():
    result = of_score(**CARD, of=3)
    assert result.attainable == (1, 12)
    assert result.attainable_groups == ("conservative", "either", "surgery")
    assert len(result.missing) == 6
    assert any("unknown" in advisory for advisory in result.advisories)


def test_without_the_class_there_is_no_total():
    result = of_score(**CARD, of=None, t_score=-3.2)
    assert (result.status, result.total, result.group) == (Status.INCOMPLETE, None, None)


def test_two_health_findings_are_the_most_that_count():
    result = of_score(**CARD, of=3, asa_class=4, mfi5=3)
    health = result.items[-1]
    assert (health.points, health.possible) == (-2, (-2,))
    assert of_score(**CARD, of=3, asa_class=4).items[-1].possible == (-2, -1)


@pytest.mark.parametrize(
    ("t", "hu", "points"),
    [(-3.0, None, 0), (-3.001, None, 1), (None, 90, 1), (None, 90.1, 0), (-2, 80, 1), (-4, 200, 1)],
)
def test_either_density_criterion_scores(t, hu, points):
    assert of_score(**CARD, of=3, t_score=t, qct_hu=hu).items[1].points == points


def test_the_version_is_named_and_one_that_nobody_read_is_not_offered():
    assert of_score(version="ao-card-modified", of=3, vas_under_analgesia=4).total == 5
    for version in ("2018", "blattert-2018"):
        with pytest.raises(ScoreInputError, match="ao-card-modified"):
            of_score(version=version, of=3)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"of": "OF6"}, ScoreInputError),
        ({"of": 3, "neurology": "N5"}, ScoreInputError),
        ({"of": 3, "t_score": 250}, ClinicalDataError),
        ({"of": 3, "vas_under_analgesia": 11}, ClinicalDataError),
    ],
)
def test_impossible_input_is_refused(bad, error):
    with pytest.raises(error):
        of_score(**CARD, **bad)
