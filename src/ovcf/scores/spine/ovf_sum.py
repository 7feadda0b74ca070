"""The sum of fracture severities from T4 to L5: OVFss of women (2022), OLVFss of men (2023).

Read in their abstracts. The sum ranks a person in a population; with T-scores it goes only loosely (men: r about 0.2).
"""

from __future__ import annotations

from ovcf.anatomy import Level
from ovcf.language.worded import say
from ovcf.scores.declare import Advice, Case, Check, Group, Item, Score, all_of, flag, not_known, number, of_case, word
from ovcf.units import Unit
from ovcf.vocabulary import Sex

LEVELS = tuple(level for level in Level if Level.T4.rank <= level.rank <= Level.L5.rank and level is not Level.T13)
#: Height loss from which on a vertebra has so many points, the largest first.
STEPS = (
    (200 / 3, -3.0, "at least 2/3"),
    (40.0, -2.5, "40% to 2/3"),
    (100 / 3, -2.0, "1/3 to 40%"),
    (25.0, -1.5, "25% to 1/3"),
    (20.0, -1.0, "20% to 25%"),
)


def _item(level: Level) -> Item:
    id_ = level.lower()
    sound = all_of(not_known(id_), flag("others_sound"))
    return Item(
        name=level,
        shows="{label}",
        cases=(
            Case(0, "no fracture", sound),
            *(Case(points, label, number(id_, ">=", limit)) for limit, points, label in STEPS),
            Case(-0.5, "below 20%", number(id_, ">", 0)),
            Case(0, "no fracture"),
        ),
    )


def _sum(
    id_: str,
    name: str,
    whom: str,
    sex: Sex,
    population: str,
    not_for: str,
    evidence: tuple[str, ...],
    groups: tuple[Group, ...],
    advice: tuple[Advice, ...],
) -> Score:
    return Score(
        id=id_,
        name=name,
        version="from radiographs",
        title=say("{name}: sum of fracture severities T4-L5, {whom}", name=name, whom=whom),
        about="Height loss of every fractured vertebra, percent; 0 where there is no fracture. A vertebra that was not "
        "entered is not sound: say so with the last answer if every other one was seen and is.",
        population=population,
        not_for=not_for,
        evidence=evidence,
        examples=({"t12": 27, "l1": 41, "others_sound": True},),
        inputs=(
            *(
                of_case(f"height_losses.{level.lower()}", say("{level} height loss", level=level), unit=Unit.PERCENT)
                for level in LEVELS
            ),
            of_case("height_losses.others_sound", "All others seen and sound"),
            of_case("sex", "Sex", words=tuple(Sex)),
        ),
        assessed=word("sex", sex),
        checks=(Check("sex", word("sex", sex), say("made for {whom}", whom=whom)),),
        items=tuple(map(_item, LEVELS)),
        groups=groups,
        advice=advice,
    )


OVFSS = _sum(
    "ovfss",
    "OVFss",
    "women",
    Sex.FEMALE,
    "community women of about 70 years: 301 Italian, 301 and two groups of 110 and 101 Chinese",
    "men, acute fractures, and a limit of osteoporosis",
    ("ovfss-2022",),
    (),
    (
        Advice(
            "No limit for women is applied: the T-scores that the sum corresponds to were not on the page seen. The "
            "ESSR has a rule for older women.",
            None,
            ("essr-2024",),
        ),
    ),
)
OLVFSS = _sum(
    "olvfss",
    "OLVFss",
    "men",
    Sex.MALE,
    "755 Chinese community men of 76.4 years on average",
    "women, acute fractures, and a man's own T-score",
    ("olvfss-2023",),
    (
        Group("meets the criterion of osteoporosis", number("total", "<=", -3)),
        Group("suggests osteoporosis", number("total", "<=", -2.5)),
        Group("above -2.5"),
    ),
    (
        Advice(
            "A rank in a population: the sum and T-scores correlate with 0.21 to 0.26 only. Chinese men; not tested "
            "in others."
        ),
    ),
)
SCORES = (OVFSS, OLVFSS)
