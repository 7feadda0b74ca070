"""RAND/UCLA 2018: how many of ten signs raise suspicion of a fragility fracture. Paid for by a maker of kyphoplasty."""

from __future__ import annotations

from ovcf.scores.declare import Advice, Group, Input, Score, number

RAND_UCLA = Score(
    id="rand-ucla",
    name="RAND/UCLA signs",
    version="2018",
    title="Suspicion of a vertebral fragility fracture, by signs",
    about="How many of the panel's ten signs are there. Their names were not seen: count them with the paper at hand.",
    population="twelve experts, on adults with back pain of VAS 5 or more, not after high-velocity trauma, no "
    "suspected malignant fracture",
    not_for="trauma of high velocity, suspected malignancy, minors, and decisions on treatment",
    evidence=("rand-ucla-2018",),
    examples=({"signs": 5},),
    inputs=(
        Input(
            id="signs",
            name="Number of signs",
            kind="whole",
            low=0,
            high=10,
            help="How many of the ten signs are present",
        ),
    ),
    classes=(
        Group("none", number("signs", "<", 1), "no sign; the panel's levels begin with one"),
        Group("low", number("signs", "<=", 3), "1 to 3 signs"),
        Group("intermediate", number("signs", "<=", 6), "4 to 6 signs"),
        Group("high", meaning="7 signs or more"),
    ),
    advice=(
        Advice("The panel sees the patient again after 2 to 4 weeks, and prefers MRI where a fracture is suspected."),
        Advice("Funding: Medtronic, which sells kyphoplasty; by its page it took no part in design or text."),
        Advice("Opinion of a panel: how often a suspicion was right was not tested."),
    ),
)
SCORES = (RAND_UCLA,)
