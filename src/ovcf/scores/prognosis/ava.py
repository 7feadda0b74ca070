"""The AVA score (2022): the risk of a fracture next to an augmented vertebra within a month.

Read in its abstract: five predictors, "five-point score", two cut-offs. One point each is inferred from that.
"""

from __future__ import annotations

from ovcf.scores.declare import ALWAYS, Advice, Case, Check, Group, Input, Item, Outcome, Score, flag, number, of_case
from ovcf.units import Unit


def _yes(input_: str) -> tuple[Case, ...]:
    return Case(1, "yes", flag(input_)), Case(0, "no")


AVA = Score(
    id="ava",
    name="AVA score",
    version="2022",
    title="AVA score: risk of an adjacent fracture after augmentation, 0-5",
    about="Before a vertebral augmentation of one level. Only the abstract was read.",
    population="377 patients of six Japanese hospitals, single-level vertebral augmentation, followed for a month",
    not_for="several levels at once, and fractures after the first month",
    evidence=("ava-2022", "INC-39"),
    examples=({"instability_mm": 6.5, "focal_kyphosis_deg": 8, "days": 21, "cleft": True, "previous_fracture": False},),
    inputs=(
        of_case(
            "before_augmentation.instability_mm",
            "Intravertebral instability (mm)",
            option="instability",
            unit=Unit.MM,
            decimals=1,
        ),
        of_case(
            "before_augmentation.focal_kyphosis_deg",
            "focal kyphosis (degrees)",
            option="kyphosis",
            unit=Unit.DEGREE,
            decimals=1,
        ),
        Input(
            id="days",
            name="Days of symptoms",
            low=0,
            high=36500,
            case_field="weeks_since_onset",
            derived="days_since_onset",
            help="Duration of symptoms, days",
        ),
        Input(
            id="cleft",
            name="Cleft",
            kind="flag",
            case_field="cleft",
            derived="cleft_present",
            help="Intravertebral cleft",
        ),
        of_case("before_augmentation.previous_fracture", "Previous fracture"),
        of_case("before_augmentation.single_level", "Single level"),
    ),
    assessed=ALWAYS,
    items=(
        Item(
            name="Intravertebral instability",
            shows="{instability_mm} mm ({label})",
            cases=(Case(1, "at least 5 mm", number("instability_mm", ">=", 5)), Case(0, "below 5 mm")),
        ),
        Item(
            name="Focal kyphosis",
            shows="{focal_kyphosis_deg}° ({label})",
            cases=(Case(1, "at least 10°", number("focal_kyphosis_deg", ">=", 10)), Case(0, "below 10°")),
        ),
        Item(
            name="Duration of symptoms",
            shows="{days} days ({label})",
            cases=(Case(1, "at least 30", number("days", ">=", 30)), Case(0, "below 30")),
        ),
        Item(name="Intravertebral cleft", cases=_yes("cleft")),
        Item(name="Previous vertebral fracture", cases=_yes("previous_fracture")),
    ),
    groups=(Group("low", number("total", "<=", 1)), Group("intermediate", number("total", "<", 4)), Group("high")),
    checks=(Check("single level", flag("single_level"), "made for the augmentation of one level"),),
    outcomes=(
        Outcome(
            title="Fracture of an adjacent vertebra within a month",
            evidence="ava-2022",
            counts=(("low", "adjacent_fractures_up_to_1_point"), ("high", "adjacent_fractures_from_4_points")),
            note="AVA 2022, abstract: of 2 and 3 points no count is printed; over all it was 58 of 377. Rates of "
            "groups, tested only on the patients they came from.",
        ),
    ),
    advice=(
        Advice("One point for each of the five is inferred from the abstract; the paper was not read."),
        Advice("Derived and corrected by bootstrap on the same patients; no other cohort was found."),
        Advice(
            "Four other models of new fractures after cement had AUCs of 0.52 to 0.74 elsewhere (Dai 2024).",
            evidence=("dai-2024",),
        ),
        Advice("Its printed sensitivities fit 53 adjacent fractures, not the 58 it counts."),
        Advice("Focal kyphosis is not defined in the abstract: it need not be HAN's angle."),
    ),
)
SCORES = (AVA,)
