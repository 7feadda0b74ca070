"""The WHO class of a T-score (1994)."""

from __future__ import annotations

from ovcf.clinical.number import parse_decimal
from ovcf.scores.result import Classification
from ovcf.scores.tally import TOLERANCE, above, at_least

NORMAL, OSTEOPENIA, OSTEOPOROSIS, ESTABLISHED = "normal", "osteopenia", "osteoporosis", "established osteoporosis"
_MEANING = {
    NORMAL: "T-score of -1.0 or more",
    OSTEOPENIA: "T-score between -2.5 and -1.0",
    OSTEOPOROSIS: "T-score of -2.5 or less",
    ESTABLISHED: "T-score of -2.5 or less with a fragility fracture",
}


def who_class(t_score: float | None, *, fragility_fracture: bool | None = None) -> Classification:
    """Normal, osteopenia, osteoporosis or established osteoporosis.

    The classes hold for women after the menopause and men from 50 years. A fragility fracture can be diagnostic of
    osteoporosis at any T-score; the result says so, and keeps the class.

    Raises:
        ClinicalDataError: a T-score outside -8 to 6.
    """
    advisories = ["Holds for women after the menopause and men from 50 years."]
    if t_score is None:
        possible = (NORMAL, OSTEOPENIA, OSTEOPOROSIS, ESTABLISHED)
        return _result(possible, ("T-score",), (), advisories)
    t = parse_decimal(t_score, field="T-score", low=-8, high=6)
    flags = ("T = -1.0 is normal by WHO, and scored by NASOVCF (INC-23)",) if abs(t + 1.0) <= TOLERANCE else ()
    if at_least(t, -1.0) or above(t, -2.5):
        if fragility_fracture:
            advisories.append("A fragility fracture alone can diagnose osteoporosis (AACE 2020).")
        return _result((NORMAL if at_least(t, -1.0) else OSTEOPENIA,), (), flags, advisories)
    if fragility_fracture is None:
        return _result((OSTEOPOROSIS, ESTABLISHED), ("fragility fracture",), flags, advisories)
    return _result((ESTABLISHED if fragility_fracture else OSTEOPOROSIS,), (), flags, advisories)


def _result(
    possible: tuple[str, ...], missing: tuple[str, ...], flags: tuple[str, ...], advisories: list[str]
) -> Classification:
    label = possible[0] if len(possible) == 1 else None
    return Classification(
        system="WHO class of the T-score", version="1994", label=label, meaning=_MEANING[label] if label else "",
        possible=possible, missing=missing, flags=flags, advisories=tuple(advisories),
        evidence=("who-1994", "aace-2020") if len(advisories) > 1 else ("who-1994",),
    )  # fmt: skip
