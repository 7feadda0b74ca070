"""HAN's two outcomes at 6 months: progressive kyphosis and non-union."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.language.worded import joined, say
from ovcf.scores.columns import classify_columns, flag_column, input_column
from ovcf.scores.declare import Advice, Calc, Group, Input, Quantity, Score, all_of, any_of, flag, number, word
from ovcf.scores.evaluate import classify
from ovcf.scores.result import Verdict
from ovcf.units import Unit
from ovcf.vocabulary import Posture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Column = NDArray[np.float64]

PROGRESSION_DEG = 10.0
UNION_MOBILITY_MM = 1.0
READERS_DIFFER_DEG = 8.7
"""95% limits of agreement between two readers, of kyphosis between end vertebrae not chosen beforehand."""

PROGRESSIVE_KYPHOSIS = Score(
    id="progressive-kyphosis",
    name="Progressive kyphosis",
    version="Han 2025",
    title="More than 10° more kyphosis, in the same posture?",
    population="as NASOVCF, 6 months after the fracture",
    not_for="films in different or unknown postures, and angles by Cobb",
    evidence=("han-2025", "posture-kyphosis"),
    function="progressive_kyphosis",
    examples=({"before_deg": 19.6, "after_deg": 26.0, "posture_before": "standing", "posture_after": "standing"},),
    inputs=(
        Input(
            id="before_deg",
            name="local kyphosis angle before",
            place="first",
            required=True,
            low=-90,
            high=120,
            unit=Unit.DEGREE,
            help="Local kyphosis angle before, degrees",
        ),
        Input(
            id="after_deg",
            name="local kyphosis angle after",
            place="first",
            required=True,
            low=-90,
            high=120,
            unit=Unit.DEGREE,
            help="The same at follow-up",
        ),
        Input(
            id="posture_before",
            name="Posture before",
            kind="word",
            words=tuple(Posture),
            default="unknown",
            help="Posture of the first radiograph",
        ),
        Input(
            id="posture_after",
            name="Posture after",
            kind="word",
            words=tuple(Posture),
            default="unknown",
            help="Posture of the second radiograph",
        ),
    ),
    quantities=(
        Quantity(
            id="change_deg",
            name="Change of the angle",
            value=Calc("-", ("after_deg", "before_deg")),
            unit=Unit.DEGREE,
            decimals=2,
            signed=True,
        ),  # one decimal would hide 10.01
        Quantity(
            id="postures_apart",
            name="Whether the postures differ",
            value=Calc("abs", (Calc("-", ("posture_after", "posture_before")),)),
        ),
    ),
    classes=(
        Group(
            "open",
            any_of(word("posture_before", "unknown", unknown=True), word("posture_after", "unknown", unknown=True)),
            "local kyphosis angle changed by {change_deg}°, but the posture of a radiograph is not known",
        ),
        Group(
            "open",
            number("postures_apart", ">", 0),
            "local kyphosis angle changed by {change_deg}°, but from "
            "{posture_before} to {posture_after}: posture alone can do that",
        ),
        Group(
            "progressive",
            number("change_deg", ">", PROGRESSION_DEG),
            "local kyphosis angle changed by {change_deg}°, more than 10°",
        ),
        Group("not progressive", meaning="local kyphosis angle changed by {change_deg}°, not more than 10°"),
    ),
    advice=(
        Advice(
            "Two readers differ by up to 8.7° in 95 of 100 (another angle, abstract), and the limit is 10°: this "
            "change is too close to it to call without the error of your own measurement.",
            all_of(
                word("class", "progressive", "not progressive"),
                number("change_deg", ">=", PROGRESSION_DEG - READERS_DIFFER_DEG),
                number("change_deg", "<=", PROGRESSION_DEG + READERS_DIFFER_DEG),
            ),
            ("rule-close-call", "kyphosis-readers"),
        ),
    ),
    formula="yes if after - before > 10 degrees; open if the postures differ or are not known",
)
NON_UNION = Score(
    id="non-union",
    name="Non-union",
    version="Han 2025",
    title="Cleft or mobility at 6 months?",
    population="as NASOVCF, 6 months after the fracture",
    not_for="the time before 6 months, and cemented vertebrae",
    evidence=("han-2025", "fracture-union-2020"),
    function="non_union",
    examples=({"cleft": False, "anterior_height_change_mm": 0.4},),
    inputs=(
        Input(id="cleft", name="Cleft", kind="flag", help="Intravertebral cleft on MRI or CT"),
        Input(
            id="anterior_height_change_mm",
            name="change of anterior height (mm)",
            option="height-change",
            low=-50,
            high=50,
            unit=Unit.MM,
            help="Anterior height standing minus supine, mm",
        ),
        Input(
            id="limit_mm",
            name="limit of mobility (mm)",
            option="limit",
            low=0,
            high=20,
            unit=Unit.MM,
            default=UNION_MOBILITY_MM,
            help="Mobility from which on a fracture counts as not united, mm (exceeded, not reached)",
        ),
    ),
    quantities=(
        Quantity(
            id="beyond_mm",
            name="Mobility beyond the limit",
            unit=Unit.MM,
            value=Calc("-", (Calc("abs", ("anterior_height_change_mm",)), "limit_mm")),
        ),
    ),
    classes=(
        Group(
            "non-union",
            any_of(flag("cleft"), number("beyond_mm", ">", 0)),
            "a cleft, or an anterior height that moves by more than {limit_mm} mm",
        ),
        Group("union", meaning="no cleft, and the anterior height moves by at most {limit_mm} mm"),
    ),
    formula="yes if there is a cleft or |change| > limit; no if neither; open while one is not known",
)
SCORES = (PROGRESSIVE_KYPHOSIS, NON_UNION)


def progressive_kyphosis(
    before_deg: float, after_deg: float, *, posture_before: Posture | str | None, posture_after: Posture | str | None
) -> Verdict:
    """Whether the local kyphosis angle rose by more than 10 degrees between two radiographs of one posture.

    Posture alone moves the angle by more than that (26 degrees sitting, 15 supine): across different or unknown
    postures the answer is None.

    Raises:
        ClinicalDataError: an angle that is not possible.
        ScoreInputError: an unknown posture.
    """
    found = classify(
        PROGRESSIVE_KYPHOSIS,
        before_deg=before_deg,
        after_deg=after_deg,
        posture_before=_posture(posture_before),
        posture_after=_posture(posture_after),
    )
    answer = None if found.label == "open" else found.label == "progressive"
    return Verdict(
        rule=PROGRESSIVE_KYPHOSIS.name,
        answer=answer,
        because=found.meaning,
        advisories=found.advisories,
        evidence=found.evidence,
    )


def _posture(value: Posture | str | None) -> Posture:
    try:
        return Posture("lateral decubitus" if value == "decubitus" else value or "unknown")
    except ValueError:
        known = joined(", ", (p.value for p in Posture))
        raise ScoreInputError("posture", f"{value!r} is not known", say("Give one of: {known}.", known=known)) from None


def non_union(
    *, cleft: bool | None, anterior_height_change_mm: float | None, limit_mm: float = UNION_MOBILITY_MM
) -> Verdict:
    """Non-union at 6 months: a cleft (MRI or CT), or an anterior height that differs between standing and supine.

    HAN gives no millimetres; ``limit_mm`` defaults to the 1.0 mm of a later definition of union. One sign present is
    non-union; union needs both ruled out.

    Raises:
        ClinicalDataError: a change or limit that is not possible.
    """
    limit = parse_decimal(limit_mm, field="limit of mobility (mm)", low=0, high=20)
    given = {"cleft": cleft, "anterior_height_change_mm": anterior_height_change_mm, "limit_mm": limit}
    found = classify(NON_UNION, **given)
    alone = classify(NON_UNION, **{**given, "cleft": False})
    moves = None if alone.label is None else alone.label == "non-union"
    signs = {"cleft": cleft, say("anterior height moves by more than {limit:g} mm", limit=limit): moves}
    unknown = [name for name, here in signs.items() if here is None]
    if found.label is None:
        because = say("not known: {join}", join=joined("; ", unknown))
    elif found.label == "union":
        because = found.meaning
    else:
        because = joined(" and ", (name for name, here in signs.items() if here))
    answer = None if found.label is None else found.label == "non-union"
    return Verdict(rule=NON_UNION.name, answer=answer, because=because, evidence=found.evidence)


def progressive_kyphosis_column(
    before_deg: Sequence[float | None],
    after_deg: Sequence[float | None],
    *,
    posture_before: Sequence[Posture | str | None],
    posture_after: Sequence[Posture | str | None],
) -> Column:
    """:func:`progressive_kyphosis` of ``(n,)`` patients: 1 yes, 0 no, NaN open, or an angle is missing (None).

    Raises:
        As that; the message names the row.
    """
    words = PROGRESSIVE_KYPHOSIS.input("posture_before").words
    columns = {
        "before_deg": input_column(PROGRESSIVE_KYPHOSIS, "before_deg", np.array(before_deg, float)),
        "after_deg": input_column(PROGRESSIVE_KYPHOSIS, "after_deg", np.array(after_deg, float)),
    }
    for name, postures in (("posture_before", posture_before), ("posture_after", posture_after)):
        code = {posture: float(words.index(_posture(posture))) for posture in set(postures)}
        columns[name] = np.array([code[posture] for posture in postures], float)
    found = _yes_no(PROGRESSIVE_KYPHOSIS, columns, yes="progressive", no="not progressive")
    return np.where(np.isnan(columns["before_deg"]) | np.isnan(columns["after_deg"]), np.nan, found)


def non_union_column(*, cleft: Sequence[bool | None], anterior_height_change_mm: Sequence[float | None]) -> Column:
    """:func:`non_union` of ``(n,)`` patients, by its own limit: 1 yes, 0 no, NaN not known; None is missing.

    Raises:
        As that; the message names the row.
    """
    columns = {
        "cleft": flag_column(np.array(cleft, float), NON_UNION.input("cleft").name),
        "anterior_height_change_mm": input_column(
            NON_UNION, "anterior_height_change_mm", np.array(anterior_height_change_mm, float)
        ),
        "limit_mm": np.array([UNION_MOBILITY_MM]),
    }
    return _yes_no(NON_UNION, columns, yes="non-union", no="union")


def _yes_no(score: Score, columns: dict[str, Column], *, yes: str, no: str) -> Column:
    """1 and 0 for two of the classes, NaN for every other and where several may be."""
    found = classify_columns(score, columns)
    value = np.full(len(found.labels) + 1, np.nan)  # the last is for -1
    value[found.labels.index(yes)], value[found.labels.index(no)] = 1.0, 0.0
    return value[found.code]
