"""Pain on one scale: VAS 0-10 or 0-100 mm, or NRS, as 0 (none) to 10 (unbearable)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.scores.tally import TOLERANCE, at_least

Scale = Literal["vas", "vas-mm", "nrs"]
SCALES = ("vas", "vas-mm", "nrs")
SEVERE = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PainScore:
    """Pain from 0 to 10. ``severe`` is 7 or more, the limit of UK commissioning for augmentation."""

    value: float
    scale: str
    severe: bool
    evidence: tuple[str, ...] = ("uk-commissioning-vas",)


def pain(value: float, *, scale: Scale = "vas") -> PainScore:
    """Read pain given as ``vas`` (0-10), ``vas-mm`` (0-100 mm) or ``nrs`` (whole numbers 0-10).

    Raises:
        ClinicalDataError: a value outside the scale.
        ScoreInputError: an unknown scale, or an NRS that is no whole number.
    """
    if scale not in SCALES:
        raise ScoreInputError("pain, scale", f"{scale!r} is not known", f"Give one of: {', '.join(SCALES)}.")
    top = 100.0 if scale == "vas-mm" else 10.0
    given = parse_decimal(value, field=f"pain ({scale})", low=0, high=top)
    if scale == "nrs" and abs(given - round(given)) > TOLERANCE:
        raise ScoreInputError("pain (nrs)", f"{given:g} is no whole number", "Give 0 to 10, or the scale vas.")
    ten = given * 10 / top
    return PainScore(value=ten, scale=scale, severe=at_least(ten, SEVERE))
