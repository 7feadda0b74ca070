"""ASTLOF for several osteoporotic fractures (2018): each fractured vertebra counts on its own.

Read in its table and abstract. The table leaves T-scores of -2.5 and -3.5 themselves without points.
"""

from __future__ import annotations

from ovcf.language.worded import say
from ovcf.scores.declare import (
    ALWAYS,
    Advice,
    Calc,
    Case,
    Check,
    Group,
    Item,
    Quantity,
    Score,
    any_of,
    number,
    of_case,
    word,
)
from ovcf.units import Unit

MAX_VERTEBRAE = 8
NO_PAIN, BACK_PAIN, SUSTAINED = "no obvious pain", "back or low back pain", "sustained pain or cord injury"


def _each(id_: str, name: str, points: int) -> Item:
    """So many points for each of up to eight vertebrae."""
    return Item(
        name=name,
        shows="{" + id_ + "}",
        cases=tuple(Case(points * n, str(n), number(id_, "=", n)) for n in range(MAX_VERTEBRAE + 1)),
    )


def _none_at(limit: float) -> Case:
    return Case(
        None,
        say("{limit:g} itself", limit=limit),
        number("t_score", "=", limit),
        "in no class of the table",
        say("a T-score of {limit:g} itself has no points in the table of ASTLOF", limit=limit),
    )


ASTLOF = Score(
    id="astlof",
    name="ASTLOF",
    version="2018, several levels",
    title="ASTLOF for several mild osteoporotic fractures",
    about="Count the injured vertebrae: each gives its points. Only the table and the abstract were read.",
    population="470 patients with several mild osteoporotic fractures of the thoracolumbar spine, retrospective",
    not_for="one fracture alone, and T-scores of -2.5 or -3.5 themselves",
    evidence=("astlof-2018", "INC-41"),
    assessed=ALWAYS,
    examples=({"compression": 2, "burst": 0, "long_signal": 2, "cleft": 0, "t_score": -3.0, "pain": BACK_PAIN},),
    inputs=(
        of_case("several_fractures.compression", "Compression fractures"),
        of_case("several_fractures.burst", "Burst fractures"),
        of_case("several_fractures.long_signal", "Long T1 and T2 signal"),
        of_case("several_fractures.cleft", "Vacuum or effusion"),
        of_case("t_score", "T-score", unit=Unit.STANDARD_DEVIATION, help="T-score"),
        of_case("several_fractures.pain", "Pain"),
    ),
    quantities=(
        Quantity(id="by_shape", name="Vertebrae fractured", value=Calc("+", ("compression", "burst"))),
        Quantity(id="by_mri", name="Vertebrae with a signal", value=Calc("+", ("long_signal", "cleft"))),
        Quantity(id="more_by_mri", name="Signal without a fracture", value=Calc("-", ("by_mri", "by_shape"))),
    ),
    items=(
        _each("compression", "Compression fractures", 1),
        _each("burst", "Burst fractures", 2),
        _each("long_signal", "Vertebrae with long T1 and T2 signal", 1),
        _each("cleft", "Vertebrae with vacuum or effusion", 2),
        Item(
            name="Bone mineral density T-score",
            shows="{t_score} ({label})",
            cases=(
                _none_at(-2.5),
                _none_at(-3.5),
                Case(0, "above -2.5", number("t_score", ">", -2.5)),
                Case(1, "between -3.5 and -2.5", number("t_score", ">", -3.5)),
                Case(2, "below -3.5"),
            ),
        ),
        Item(
            name="Pain",
            cases=(
                Case(0, NO_PAIN, word("pain", NO_PAIN)),
                Case(1, BACK_PAIN, word("pain", BACK_PAIN)),
                Case(2, SUSTAINED),
            ),
        ),
    ),
    groups=(Group("below 5", number("total", "<", 5)), Group("5 or more: surgery in the source")),
    checks=(
        Check(
            "several vertebrae",
            any_of(number("by_shape", ">=", 2), number("by_mri", ">=", 2)),
            "made for several fractured vertebrae, not for one alone",
        ),
    ),
    alerts=(
        Advice(
            "An injury of the cord shares its two points with sustained pain. It is an emergency: emergency MRI and "
            "spine-surgical review go before every score.",
            word("pain", SUSTAINED),
            ("rule-neurology",),
        ),
    ),
    advice=(
        Advice("What the source did from 5 points on; it was not tested on other patients."),
        Advice(
            "More vertebrae are counted by MRI than by shape: each vertebra counts once by its shape and once by MRI.",
            number("more_by_mri", ">", 0),
        ),
    ),
)
SCORES = (ASTLOF,)
