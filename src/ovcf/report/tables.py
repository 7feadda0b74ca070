"""Words of scores and findings under the names by which the reading page knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ovcf.render.words.score_words import outcome, score_probability
from ovcf.render.words.values import of_whole_spine
from ovcf.render.words.wording import shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ovcf.assessment.findings.finding import Finding

    Row = dict[str, Any]
    Cite = Callable[[Iterable[str]], list[str]]

__all__ = ["finding_row", "of_whole_spine", "outcome", "score_probability"]


def finding_row(f: Finding, cite: Cite) -> Row:
    """One finding with the probability of each category and the reasons."""
    return {
        "name": f.name.replace("_", " "),
        "value": f.value,
        "probability": shares(f.probability),
        "reasons": [reason for reason in f.reasons if reason],
        "image": f.image,
        "refs": cite(f.evidence),
    }
