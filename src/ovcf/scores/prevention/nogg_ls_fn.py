"""NOGG 2024: FRAX for major fractures adjusted where the lumbar spine lies below the femoral neck."""

from __future__ import annotations

from ovcf.scores.declare import Advice, Calc, Group, Quantity, Score, number, of_case
from ovcf.units import Unit

SHARE = 0.1

NOGG_LS_FN = Score(
    id="nogg-ls-fn",
    name="NOGG adjustment",
    version="NOGG 2024",
    title="FRAX major fracture, adjusted for a low lumbar spine",
    about="FRAX itself is not computed: enter what its website says.",
    population="women after the menopause and men from 50 years, United Kingdom; the effect was found in 21158 women",
    not_for="hip fractures, and a spine that is not the lower one",
    evidence=("nogg-2024", "ls-fn-2014", "frax"),
    examples=({"frax_mof_percent": 20, "t_lumbar_spine": -3.5, "t_femoral_neck": -2.0},),
    inputs=(
        of_case("frax_mof_percent", "FRAX major", option="frax-mof", unit=Unit.PERCENT, decimals=1),
        of_case(
            "prevention.t_score_lumbar_spine",
            "T-score of the lumbar spine",
            id="t_lumbar_spine",
            unit=Unit.STANDARD_DEVIATION,
        ),
        of_case(
            "prevention.t_score_femoral_neck",
            "T-score of the femoral neck",
            id="t_femoral_neck",
            unit=Unit.STANDARD_DEVIATION,
        ),
    ),
    quantities=(
        Quantity(
            id="difference",
            name="Femoral neck less lumbar spine",
            unit=Unit.STANDARD_DEVIATION,
            decimals=1,
            value=Calc("-", ("t_femoral_neck", "t_lumbar_spine")),
        ),
        Quantity(
            id="adjusted",
            name="Adjusted risk",
            unit=Unit.PERCENT,
            decimals=1,
            value=Calc(
                "min", (100.0, Calc("+", ("frax_mof_percent", Calc("*", (SHARE, "frax_mof_percent", "difference")))))
            ),
        ),
    ),
    classes=(
        Group(
            "raised",
            number("difference", ">", 0),
            "the lumbar spine lies {difference} SD lower: {frax_mof_percent}% becomes {adjusted}%",
        ),
        Group("not adjusted", meaning="the lumbar spine is not the lower one: NOGG speaks of a discordantly low spine"),
    ),
    advice=(
        Advice("A conditional recommendation, for major fractures only. The difference is not rounded here."),
        Advice(
            "The lumbar T-score leaves out fractured vertebrae: a compressed body reads as denser.", None, ("han-2025",)
        ),
    ),
)
SCORES = (NOGG_LS_FN,)
