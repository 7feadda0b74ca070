"""HAN's two outcomes at 6 months, where a table holds what they are judged by instead of the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.cohort.optional_import import optional_import
from ovcf.language.worded import say
from ovcf.scores.prognosis.follow_up import UNION_MOBILITY_MM, non_union_column, progressive_kyphosis_column
from ovcf.vocabulary import Posture

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd
    from numpy.typing import NDArray

CLEFT, STANDING, SUPINE = "cleft_6mo", "anterior_height_standing_mm_6mo", "anterior_height_supine_mm_6mo"
_ANGLES = ("ka_deg_0mo", "ka_deg_6mo")
_POSTURES = ("posture_0mo", "posture_6mo")


def with_outcomes(data: pd.DataFrame) -> list[str]:
    """Add ``non_union`` and ``progressive_kyphosis`` to ``data`` where they can be derived; remarks for the report.

    A verdict that is given is used and never replaced; where the findings beside it say otherwise, that is told.
    """
    return [*_non_union(data), *_kyphosis(data)]


def _non_union(data: pd.DataFrame) -> list[str]:
    if not {CLEFT, STANDING, SUPINE} & set(data) or ("non_union" not in data and not _derivable(data)):
        return []
    clefts = [None if c is None else c != "none" for c in _known(data, CLEFT)]
    changes = [
        None if a is None or b is None else float(a) - float(b)
        for a, b in zip(_known(data, STANDING), _known(data, SUPINE), strict=True)
    ]
    derived = _answers(non_union_column(cleft=clefts, anterior_height_change_mm=changes))
    if "non_union" in data:
        return _differing(data, "non_union", derived, "the cleft and anterior heights")
    data["non_union"] = optional_import("pandas").array(derived, dtype="boolean")
    unknown = derived.count(None)
    remark = say(
        "Non-union is derived: a cleft, or an anterior height that differs by more than "
        "{union_mobility_mm:g} mm between standing and supine (HAN gives no limit; this one is another "
        "source's). It is not known in {unknown} patients: union needs both ruled out.",
        union_mobility_mm=UNION_MOBILITY_MM,
        unknown=unknown,
    )
    return [remark]


def _derivable(data: pd.DataFrame) -> bool:
    return CLEFT in data or {STANDING, SUPINE} <= set(data)


def _kyphosis(data: pd.DataFrame) -> list[str]:
    if not set(_ANGLES) <= set(data):
        return []
    told = set(_POSTURES) <= set(data)
    # A table without postures says nothing of them; the design measures both in one.
    postures = [_known(data, name) if told else [Posture.STANDING.value] * len(data) for name in _POSTURES]
    before, after = (_known(data, angle) for angle in _ANGLES)
    derived = _answers(
        progressive_kyphosis_column(before, after, posture_before=postures[0], posture_after=postures[1])
    )
    if "progressive_kyphosis" in data:
        return _differing(data, "progressive_kyphosis", derived, "the kyphosis angles")
    data["progressive_kyphosis"] = optional_import("pandas").array(derived, dtype="boolean")
    if told:
        apart = sum(one != other or one is None for one, other in zip(*postures, strict=True))
        return [
            say(
                "Progressive kyphosis is not called in {apart} patients whose postures differ or are not known.",
                apart=apart,
            )
        ] * (apart > 0)
    return ["Progressive kyphosis takes both radiographs as of one posture, which is not given (posture_0mo, _6mo)."]


def _differing(data: pd.DataFrame, outcome: str, derived: Sequence[bool | None], by: str) -> list[str]:
    given = [None if g is None else bool(g) for g in _known(data, outcome)]
    apart = sum(g is not None and d is not None and g != d for g, d in zip(given, derived, strict=True))
    words = outcome.replace("_", " ")
    return [
        say(
            "In {apart} patients {by} say otherwise than the {words} that is given; what is given was used.",
            apart=apart,
            by=by,
            words=words,
        )
    ] * (apart > 0)


def _answers(column: NDArray[np.float64]) -> list[bool | None]:
    return [None if np.isnan(x) else bool(x) for x in column]


def _known(data: pd.DataFrame, column: str) -> list[Any]:
    """The values of a column, None where missing or where there is no such column."""
    if column not in data:
        return [None] * len(data)
    values: Iterable[Any] = data[column].astype("object").where(data[column].notna(), None)
    return list(values)
