"""TLICS, the thoracolumbar injury classification and severity score (Lee 2005)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.scores.declare import Advice, Case, Group, Input, Item, Score, number, word
from ovcf.scores.evaluate import evaluate

if TYPE_CHECKING:
    from ovcf.scores.result import ScoreResult

MORPHOLOGY = {"compression": 1.0, "burst": 2.0, "translation or rotation": 3.0, "distraction": 4.0}
LIGAMENTS = {"intact": 0.0, "suspected": 2.0, "injured": 3.0}
NEUROLOGY = {"intact": 0.0, "root": 2.0, "complete cord": 2.0, "incomplete cord": 3.0, "cauda equina": 3.0}
_PARTS = (
    ("morphology", "Morphology", "morphology", MORPHOLOGY, "Morphology of the injury"),
    ("posterior_ligaments", "Posterior ligamentous complex", "ligaments", LIGAMENTS, "Posterior ligamentous complex"),
    ("neurology", "Neurology", "neurology", NEUROLOGY, "Neurological status"),
)

TLICS = Score(
    id="tlics",
    name="TLICS",
    version="Lee 2005",
    title="TLICS, for traumatic fractures",
    population="traumatic thoracolumbar injuries, not osteoporotic ones",
    not_for="osteoporotic fractures",
    evidence=("lee-2005", "han-2025"),
    function="tlics",
    examples=({"morphology": "compression", "posterior_ligaments": "intact", "neurology": "cauda equina"},),
    inputs=tuple(
        Input(id=id_, name=name, kind="word", option=option, words=tuple(table), help=about)
        for id_, name, option, table, about in _PARTS
    ),
    items=tuple(
        Item(name=name, cases=tuple(Case(points, w, word(id_, w)) for w, points in table.items()))
        for id_, name, _, table, _ in _PARTS
    ),
    groups=(
        Group("non-operative", number("total", "<=", 3)),
        Group("either", number("total", "<", 5)),
        Group("operative"),
    ),
    alerts=(
        Advice(
            "{neurology}: emergency MRI and spine-surgical review go before this score.",
            word("neurology", "complete cord", "incomplete cord", "cauda equina"),
            ("rule-neurology",),
        ),
    ),
    advice=(Advice("Made for traumatic fractures, not for osteoporotic ones (Han 2025)."),),
)
SCORES = (TLICS,)


def tlics(*, morphology: str | None, posterior_ligaments: str | None, neurology: str | None) -> ScoreResult:
    """TLICS from morphology, posterior ligamentous complex and neurological status (keys of the tables above).

    Raises:
        ScoreInputError: a finding that the score does not know.
    """
    return evaluate(TLICS, morphology=morphology, posterior_ligaments=posterior_ligaments, neurology=neurology)
