"""The WHO class of a T-score (1994)."""

from __future__ import annotations

from ovcf.clinical.number import parse_decimal
from ovcf.scores.result import Classification
from ovcf.scores.tally import TOLERANCE, at_least

NORMAL, OSTEOPENIA, OSTEOPOROSIS, ESTABLISHED = "normal", "osteopenia", "osteoporosis", "established osteoporosis"
_MEANING = {
    NORMAL: "T-score of -1.0 or more",
    OSTEOPENIA: "T-score between -2.5 and -1.0",
    OSTEOPOROSIS: "T-score of -2.5 or less",
    ESTABLISHED: "T-score of -2.5 or less with a fragility fracture",
}


def who_class(t_score: float, *, fragility_fracture: bool | None = None) -> Classification:
    """Normal, osteopenia, osteoporosis or established osteoporosis.

    The classes hold for women after the menopause and men from 50 years. A fragility fracture can be diagnostic of
    osteoporosis at any T-score; the result says so, and keeps the class.

    Raises:
        ClinicalDataError: a T-score outside -8 to 6.
    """
    advisories = ["Holds for women after the menopause and men from 50 years."]
    t = parse_decimal(t_score, field="T-score", low=-8, high=6)
    flags: tuple[str, ...] = (
        ("T = -1.0 is normal by WHO, and scored by NASOVCF (INC-23)",) if abs(t + 1.0) <= TOLERANCE else ()
    )
    if not at_least(-2.5, t):
        label = NORMAL if at_least(t, -1.0) else OSTEOPENIA
        if fragility_fracture:
            advisories.append("A fragility fracture alone can diagnose osteoporosis (AACE 2020).")
    else:
        label = ESTABLISHED if fragility_fracture else OSTEOPOROSIS
        if fragility_fracture is None:
            flags += ("established osteoporosis if there is a fragility fracture",)
    return Classification(
        system="WHO class of the T-score", version="1994", label=label, meaning=_MEANING[label], possible=(label,),
        flags=flags, advisories=tuple(advisories),
        evidence=("who-1994", "aace-2020") if len(advisories) > 1 else ("who-1994",),
    )  # fmt: skip
