"""What a reader must know of scores that were imputed, and columns as they are printed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ovcf.cohort.recipes.study_report import Workbench

CUT = (
    "Items are imputed as the score uses them, at its limits: a measurement imputed first and cut afterwards would "
    "hide part of what they tell of the outcome."
)
OF_TOTAL = "AUC is of the total of points; the other figures are of HAN's rates of the three groups."
OVER_CENTRES = (
    "Observed / expected of a centre takes HAN's rates as printed: their sampling error is the same for all centres, "
    "moves them together, and says nothing of how they differ."
)
IN_KEY_GROUPS = (
    "Observed / expected takes HAN's rates as printed: their sampling error moves all of these groups together."
)
OF_THE_TEST = (
    "The test takes HAN's rates as printed. It asks whether these numbers serve here, not whether patients here fare "
    "otherwise than HAN's."
)


def said(bench: Workbench, result: Any, title: str = "", notes: Sequence[str] = (OF_TOTAL, CUT)) -> Any:
    """The result with these notes after its own, and its columns as they are printed."""
    missing = tuple((bench.printed(name), count) for name, count in result.missing)
    return replace(result, title=title or result.title, missing=missing, notes=(*result.notes, *notes))
