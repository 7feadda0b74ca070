"""HAN's two outcomes at 6 months: progressive kyphosis and non-union."""

from __future__ import annotations

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.scores.declare import Input, Score
from ovcf.scores.result import Verdict
from ovcf.scores.tally import above
from ovcf.units import Unit
from ovcf.vocabulary import Posture

PROGRESSION_DEG = 10.0
UNION_MOBILITY_MM = 1.0

PROGRESSIVE_KYPHOSIS = Score(
    id="progressive-kyphosis", name="Progressive kyphosis", version="Han 2025",
    title="More than 10° more kyphosis, in the same posture?",
    population="as NASOVCF, 6 months after the fracture",
    evidence=("han-2025", "posture-kyphosis"),
    function="progressive_kyphosis",
    examples=({"before_deg": 19.6, "after_deg": 26.0, "posture_before": "standing", "posture_after": "standing"},),
    inputs=(
        Input(id="before_deg", name="before", place="first", required=True, low=-90, high=120, unit=Unit.DEGREE,
              help="Local kyphosis angle before, degrees"),
        Input(id="after_deg", name="after", place="first", required=True, low=-90, high=120, unit=Unit.DEGREE,
              help="The same at follow-up"),
        Input(id="posture_before", name="Posture before", kind="word", words=tuple(Posture), default="unknown",
              help="Posture of the first radiograph"),
        Input(id="posture_after", name="Posture after", kind="word", words=tuple(Posture), default="unknown",
              help="Posture of the second radiograph"),
    ),
    formula="yes if after - before > 10 degrees; open if the postures differ or are not known",
)  # fmt: skip
NON_UNION = Score(
    id="non-union", name="Non-union", version="Han 2025", title="Cleft or mobility at 6 months?",
    population="as NASOVCF, 6 months after the fracture",
    evidence=("han-2025", "fracture-union-2020"),
    function="non_union",
    examples=({"cleft": False, "anterior_height_change_mm": 0.4},),
    inputs=(
        Input(id="cleft", name="Cleft", kind="flag", help="Intravertebral cleft on MRI or CT"),
        Input(id="anterior_height_change_mm", name="Change of anterior height", option="height-change",
              low=-50, high=50, unit=Unit.MM, help="Anterior height standing minus supine, mm"),
        Input(id="limit_mm", name="Limit of mobility", option="limit", low=0, high=20, unit=Unit.MM,
              default=UNION_MOBILITY_MM,
              help="Mobility from which on a fracture counts as not united, mm (exceeded, not reached)"),
    ),
    formula="yes if there is a cleft or |change| > limit; no if neither; open while one is not known",
)  # fmt: skip
SCORES = (PROGRESSIVE_KYPHOSIS, NON_UNION)


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
