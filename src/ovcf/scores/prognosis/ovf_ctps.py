"""OVF-CTPS: its findings, recorded. The points are not public, so there is no score."""

from __future__ import annotations

from ovcf.scores.declare import ALWAYS, Advice, Group, Score, of_case

OVF_CTPS = Score(
    id="ovf-ctps",
    name="OVF-CTPS items",
    version="items only",
    title="The findings of the OVF-CTPS, without a score",
    about="Records the six findings. Their points are not public: no total exists here.",
    population="osteoporotic vertebral fractures; 201 patients by the text, 171 by its figures",
    not_for="any prediction",
    evidence=("ovf-ctps", "INC-40"),
    assessed=ALWAYS,
    examples=({"sugita_shape": "bow-shaped", "collapse_on_standing": True, "stir_line": False},),
    inputs=(
        of_case("collapse.sugita_shape", "Sugita's shape"),
        of_case("collapse.collapse_on_standing", "Collapse on standing"),
        of_case("collapse.posterior_wall_injury", "Posterior wall"),
        of_case("t2_pattern", "T2 signal", option="t2"),
        of_case("collapse.stir_line", "Line on STIR"),
        of_case("collapse.basivertebral_foramen", "Basivertebral foramen"),
    ),
    classes=(
        Group(
            "recorded, no score",
            meaning="Sugita's shape: {sugita_shape}; collapse on standing: "
            "{collapse_on_standing}; posterior wall injured: {posterior_wall_injury}; T2 signal: {t2_pattern}; line "
            "on STIR: {stir_line}; basivertebral foramen: {basivertebral_foramen}",
        ),
    ),
    advice=(
        Advice(
            "The score has 0 to 13 points and a cut-off of 6 (AUC 0.918, abstract); which finding gives how many is "
            "not public. Nothing follows from the findings here."
        ),
    ),
)
SCORES = (OVF_CTPS,)
