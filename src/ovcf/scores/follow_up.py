"""HAN's two outcomes at 6 months: progressive kyphosis and non-union."""

from __future__ import annotations

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.scores.result import Verdict
from ovcf.scores.tally import above
from ovcf.vocabulary import Posture

PROGRESSION_DEG = 10.0
UNION_MOBILITY_MM = 1.0


def progressive_kyphosis(
    before_deg: float,
    after_deg: float,
    *,
    posture_before: Posture | str | None,
    posture_after: Posture | str | None,
) -> Verdict:
    """Whether the local kyphosis angle rose by more than 10 degrees between two radiographs of one posture.

    Posture alone moves the angle by more than that (26 degrees sitting, 15 supine): across different or unknown
    postures the answer is None.

    Raises:
        ClinicalDataError: an angle that is not possible.
        ScoreInputError: an unknown posture.
    """
    first, second = (
        parse_decimal(angle, field=f"local kyphosis angle {when}", low=-90, high=120)
        for angle, when in ((before_deg, "before"), (after_deg, "after"))
    )
    difference = second - first
    postures = _posture(posture_before), _posture(posture_after)
    change = f"local kyphosis angle changed by {difference:+.2f}°"  # one decimal would hide 10.01
    answer: bool | None = above(difference, PROGRESSION_DEG)
    because = f"{change}, {'more' if answer else 'not more'} than 10°"
    if Posture.UNKNOWN in postures:
        answer, because = None, f"{change}, but the posture of a radiograph is not known"
    elif postures[0] is not postures[1]:
        answer, because = None, f"{change}, but from {postures[0]} to {postures[1]}: posture alone can do that"
    return Verdict(
        rule="Progressive kyphosis", answer=answer, because=because, evidence=("han-2025", "posture-kyphosis")
    )


def _posture(value: Posture | str | None) -> Posture:
    try:
        return Posture("lateral decubitus" if value == "decubitus" else value or "unknown")
    except ValueError:
        known = ", ".join(p.value for p in Posture)
        raise ScoreInputError("posture", f"{value!r} is not known", f"Give one of: {known}.") from None


def non_union(
    *,
    cleft: bool | None,
    anterior_height_change_mm: float | None,
    limit_mm: float = UNION_MOBILITY_MM,
) -> Verdict:
    """Non-union at 6 months: a cleft (MRI or CT), or an anterior height that differs between standing and supine.

    HAN gives no millimetres; ``limit_mm`` defaults to the 1.0 mm of a later definition of union. One sign present is
    non-union; union needs both ruled out.

    Raises:
        ClinicalDataError: a change or limit that is not possible.
    """
    limit = parse_decimal(limit_mm, field="limit of mobility (mm)", low=0, high=20)
    moves: bool | None = None
    if anterior_height_change_mm is not None:
        change = parse_decimal(anterior_height_change_mm, field="change of anterior height (mm)", low=-50, high=50)
        moves = above(abs(change), limit)
    signs = {"cleft": cleft, f"anterior height moves by more than {limit:g} mm": moves}
    present = [name for name, here in signs.items() if here]
    unknown = [name for name, here in signs.items() if here is None]
    if present:
        answer, because = True, " and ".join(present)
    elif unknown:
        answer, because = None, f"not known: {'; '.join(unknown)}"
    else:
        answer, because = False, f"no cleft, and the anterior height moves by at most {limit:g} mm"
    return Verdict(rule="Non-union", answer=answer, because=because, evidence=("han-2025", "fracture-union-2020"))
