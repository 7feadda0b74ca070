"""Two findings that go with neurological deficits: a fragment in the canal, and movement on dynamic films."""

from __future__ import annotations

from ovcf.scores.declare import Advice, Group, Score, any_of, number, of_case
from ovcf.units import Unit

CANAL_PERCENT, DYNAMIC_DEG = 42.0, 15.0

NEUROLOGICAL_RISK = Score(
    id="neurological-risk",
    name="Neurological risk",
    version="review of 11 cohorts",
    title="Fragment in the canal, or movement on dynamic films?",
    about="An alert, no probability. Symptoms of the cord or cauda equina go before it.",
    population="osteoporotic fractures in 11 cohorts; 45 patients with insufficient union in the one that is named",
    not_for="ruling out a deficit, and no probability",
    evidence=("neuro-risk-review", "hoshino-2009"),
    examples=({"canal_compromise_percent": 45, "dynamic_angle_change_deg": 8},),
    inputs=(
        of_case("canal_compromise_percent", "Fragment in the canal", option="canal", unit=Unit.PERCENT, decimals=1),
        of_case(
            "dynamic_angle_change_deg", "Wedge angle on dynamic films", option="dynamic", unit=Unit.DEGREE, decimals=1
        ),
    ),
    classes=(
        Group(
            "alert",
            any_of(
                number("canal_compromise_percent", ">", CANAL_PERCENT),
                number("dynamic_angle_change_deg", ">", DYNAMIC_DEG),
            ),
            "percent of the canal taken up by bone: {canal_compromise_percent} (alert above 42); degrees by which the "
            "wedge angle changes on dynamic films: {dynamic_angle_change_deg} (alert above 15)",
        ),
        Group(
            "no alert",
            meaning="percent of the canal taken up by bone: {canal_compromise_percent}; degrees by which the wedge "
            "angle changes on dynamic films: {dynamic_angle_change_deg}; a deficit is not ruled out",
        ),
    ),
    advice=(
        Advice(
            "Consider spine-surgical review and a neurological examination at each visit, even without symptoms.",
            any_of(
                number("canal_compromise_percent", ">", CANAL_PERCENT),
                number("dynamic_angle_change_deg", ">", DYNAMIC_DEG),
            ),
        ),
        Advice(
            "Bladder, bowel, saddle area, strength and gait go before it: with any of them the emergency rule holds.",
            None,
            ("rule-neurology",),
        ),
    ),
)
SCORES = (NEUROLOGICAL_RISK,)
