"""Pain on one scale: VAS 0-10 or 0-100 mm, or NRS, as 0 (none) to 10 (unbearable)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.declare import Calc, Group, Input, Quantity, Score, all_of, number, word
from ovcf.scores.evaluate import classify

Scale = Literal["vas", "vas-mm", "nrs"]
SCALES = ("vas", "vas-mm", "nrs")
SEVERE = 7.0
OFF_SCALE = "no such value"

PAIN = Score(
    id="pain",
    name="Pain",
    version="VAS or NRS",
    title="Pain by VAS (0-10 or mm) or NRS",
    population="any patient who can answer for himself or herself",
    not_for="deciding on augmentation by itself, and patients whose answers may not hold (dementia, delirium)",
    evidence=("uk-commissioning-vas",),
    function="pain",
    examples=({"value": 73, "scale": "vas-mm"},),
    inputs=(
        Input(id="value", name="Pain", place="first", required=True, low=0, high=100, help="Pain on its scale"),
        Input(
            id="scale",
            name="Scale",
            kind="word",
            words=SCALES,
            default="vas",
            help="vas (0-10), vas-mm (0-100 mm) or nrs (whole numbers 0-10)",
        ),
    ),
    quantities=(
        Quantity(
            id="ten",
            name="Pain, 0 to 10",
            decimals=1,
            value=Calc("/", (Calc("*", ("value", 10.0)), Calc("by word", ("scale", 10.0, 100.0, 10.0)))),
        ),
        Quantity(
            id="between",
            name="How far from a whole number",
            value=Calc("abs", (Calc("-", ("value", Calc("floor", (Calc("+", ("value", 0.5)),)))),)),
        ),
    ),
    classes=(
        Group(OFF_SCALE, number("ten", ">", 10), "the value lies beyond the end of its scale"),
        Group(OFF_SCALE, all_of(word("scale", "nrs"), number("between", ">", 0)), "an NRS is a whole number"),
        Group("severe", number("ten", ">=", SEVERE), "{ten} of 10: severe, from 7 on (UK commissioning)"),
        Group("not severe", meaning="{ten} of 10, below 7 (UK commissioning calls pain severe from 7 on)"),
    ),
    formula="value x 10 / (100 for vas-mm, else 10); severe from 7 on",
)
SCORES = (PAIN,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PainScore:
    """Pain from 0 to 10. ``severe`` is 7 or more, the limit of UK commissioning; ``meaning`` says so."""

    value: float
    scale: str
    severe: bool
    meaning: str
    evidence: tuple[str, ...] = ("uk-commissioning-vas",)


def pain(value: float, *, scale: Scale = "vas") -> PainScore:
    """Read pain given as ``vas`` (0-10), ``vas-mm`` (0-100 mm) or ``nrs`` (whole numbers 0-10).

    Raises:
        ClinicalDataError: a value outside the scale.
        ScoreInputError: an unknown scale, or an NRS that is no whole number.
    """
    if scale not in SCALES:
        raise ScoreInputError(
            "pain, scale", f"{scale!r} is not known", say("Give one of: {join}.", join=joined(", ", SCALES))
        )
    top = 100.0 if scale == "vas-mm" else 10.0
    given = parse_decimal(value, field=say("pain ({scale})", scale=scale), low=0, high=top)
    found = classify(PAIN, value=given, scale=scale)
    if found.label == OFF_SCALE:
        raise ScoreInputError(
            "pain (nrs)", say("{given:g} is no whole number", given=given), "Give 0 to 10, or the scale vas."
        )
    return PainScore(value=given * 10 / top, scale=scale, severe=found.label == "severe", meaning=found.meaning)
