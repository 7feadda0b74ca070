"""The ESSR's interim consensus (2024): which number and size of fractures on radiographs mean osteoporosis."""

from __future__ import annotations

from ovcf.scores.declare import (
    ALWAYS,
    Advice,
    Calc,
    Group,
    Input,
    Quantity,
    Score,
    all_of,
    any_of,
    number,
    of_case,
    word,
)
from ovcf.units import Unit
from ovcf.vocabulary import Sex


def _count(id_: str, name: str, help_: str) -> Input:
    return Input(
        id=id_, name=name, kind="whole", low=0, high=14, case_field="height_losses", derived=f"losses_{id_}", help=help_
    )


ESSR = Score(
    id="essr",
    name="ESSR rule",
    version="interim consensus 2024",
    title="Do fractures on radiographs mean osteoporosis (ESSR)?",
    about="Number and size of osteoporotic-like fractures, mimics excluded.",
    population="older women and men (no age is given in the abstract); experts' consensus",
    not_for="acute fractures with symptoms, the young, and deformities of another cause",
    evidence=("essr-2024",),
    assessed=ALWAYS,
    examples=(
        {"sex": "female", "below_20": 1, "from_20": 1, "from_25": 0},
        {"sex": "male", "below_20": 0, "from_20": 0, "from_25": 1, "largest": 35},
    ),
    inputs=(
        of_case("sex", "Sex", words=tuple(Sex)),
        _count("below_20", "Losses below 20%", "How many fractures have lost less than 20% of their height"),
        _count("non_adjacent", "Non-adjacent losses below 20%", "How many of those are not next to another one"),
        _count("from_20", "Losses of 20 to 25%", "How many have lost 20% to below 25%"),
        _count("from_25", "Losses of 25% and more", "How many have lost 25% or more"),
        Input(
            id="largest",
            name="Largest loss",
            low=0,
            high=100,
            unit=Unit.PERCENT,
            case_field="height_losses",
            derived="largest_loss",
            help="The largest loss, percent",
        ),
    ),
    quantities=(
        Quantity(id="number", name="Number of fractures", value=Calc("+", ("below_20", "from_20", "from_25"))),
    ),
    classes=(
        Group(
            "meets the diagnosis of osteoporosis",
            all_of(
                word("sex", "female"),
                any_of(
                    number("from_25", ">=", 1),
                    all_of(number("from_20", ">=", 1), number("below_20", ">=", 1)),
                    number("non_adjacent", ">=", 3),
                ),
            ),
            "older women: one loss of 25% or more, one of 20-25% with one below 20%, or three non-adjacent below 20%",
        ),
        Group("not met by this rule", word("sex", "female"), "older women; osteoporosis is not ruled out by it"),
        Group(
            "may not be enough",
            all_of(number("number", "=", 1), number("largest", "<", 40)),
            "older men: a single loss below 40% may be insufficient",
        ),
        Group("no rule for men", meaning="the consensus speaks of a single loss below 40% in men, of nothing else"),
    ),
    flags=(
        Advice(
            "two losses of 20-25% are not named by the consensus, though one with a lesser one is",
            all_of(
                word("sex", "female"), number("from_20", ">=", 2), number("below_20", "=", 0), number("from_25", "=", 0)
            ),
        ),
    ),
    advice=(
        Advice(
            "For prevalent fractures on radiographs. An acute fracture after low-energy trauma is osteoporotic "
            "without any count."
        ),
    ),
)
SCORES = (ESSR,)
