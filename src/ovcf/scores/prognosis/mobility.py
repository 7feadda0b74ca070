"""Mobility of the fractured body at 5 weeks (Sato 2020), beside union at 6 months."""

from __future__ import annotations

from ovcf.scores.declare import Advice, Calc, Group, Input, Quantity, Score, any_of, not_known, number, of_case
from ovcf.units import Unit

LIMIT_MM = 2.1
EARLY_WEEKS, LATE_WEEKS = 4.0, 6.0
"""What counts as 5 weeks here: this project's choice."""

MOBILITY = Score(
    id="mobility",
    name="Mobility at 5 weeks",
    version="Sato 2020",
    title="Does the body still move at 5 weeks (sitting against lying on the side)?",
    about="Beside union at 6 months, which `ovcf score non-union` judges.",
    population="54 acute fractures T11-L3 in 53 inpatients of 82 years on average, one centre; 44 for this limit",
    not_for="other weeks than the fifth, other postures, and union itself",
    evidence=("fracture-union-2020",),
    examples=({"anterior_height_sitting_mm": 14.0, "anterior_height_decubitus_mm": 15.8, "weeks": 5},),
    inputs=(
        of_case("anterior_height_sitting_mm", "Anterior height sitting", option="sitting", unit=Unit.MM, decimals=1),
        of_case(
            "anterior_height_decubitus_mm",
            "Anterior height lying on the side",
            option="decubitus",
            unit=Unit.MM,
            decimals=1,
        ),
        Input(id="weeks", name="Weeks since onset", low=0, high=5200, help="Weeks since the pain began"),
    ),
    quantities=(
        Quantity(
            id="mobility_mm",
            name="Mobility",
            unit=Unit.MM,
            decimals=2,
            value=Calc("abs", (Calc("-", ("anterior_height_sitting_mm", "anterior_height_decubitus_mm")),)),
        ),
    ),
    classes=(
        Group(
            "at most 2.1 mm",
            number("mobility_mm", "<=", LIMIT_MM),
            "moves by {mobility_mm} mm: a promising sign of union, semi-union included, at 6 months",
        ),
        Group(
            "more than 2.1 mm",
            meaning="moves by {mobility_mm} mm, above the source's limit; of all 44 there, 31 had united at 6 months",
        ),
    ),
    flags=(
        Advice(
            "measured at {weeks} weeks, the limit is of 5 weeks",
            any_of(number("weeks", "<", EARLY_WEEKS), number("weeks", ">", LATE_WEEKS)),
        ),
        Advice("when it was measured is not known: the limit is of 5 weeks", not_known("weeks")),
    ),
    advice=(
        Advice("The limit came from a curve of 44 fractures and was not tested on others. Heights are of one scale."),
    ),
)
SCORES = (MOBILITY,)
