"""Sugita's shapes of an osteoporotic vertebral fracture on the first lateral radiograph (2005): a label, no more.

The paper was not at hand. Three of the five names were seen in an abstract of others; the rest is not verified in a
source.
"""

from __future__ import annotations

from ovcf.language.worded import say
from ovcf.scores.declare import Advice, Group, Input, Score, word

SHAPES = ("swelled-front", "bow-shaped", "projecting", "concave", "dented")

SUGITA = Score(
    id="sugita",
    name="Sugita classification",
    version="2005",
    title="Sugita's shape of a fracture, as the reader sees it",
    about="A label: no measurement decides it, and nothing follows from it.",
    population="osteoporotic vertebral fractures on the first lateral radiograph; not verified in a source",
    not_for="any measurement or prediction",
    evidence=("sugita-2005", "muratore-2020"),
    examples=({"shape": "bow-shaped"},),
    inputs=(
        Input(
            id="shape",
            name="Shape",
            kind="word",
            words=SHAPES,
            help="Shape of the fractured body on the first lateral radiograph",
        ),
    ),
    classes=(
        *(Group(say("{shape} type", shape=shape), word("shape", shape)) for shape in SHAPES[:-1]),
        Group(say("{shapes} type", shapes=SHAPES[-1])),
    ),
    advice=(Advice("The names projecting and dented, and what each shape looks like, are not verified in a source."),),
)
SCORES = (SUGITA,)
