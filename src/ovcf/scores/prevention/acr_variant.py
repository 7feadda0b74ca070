"""ACR Appropriateness Criteria 2018: which of the first three variants a patient is, and what it calls appropriate."""

from __future__ import annotations

from ovcf.scores.declare import Advice, Group, Input, Score, all_of, flag

_V1 = (
    "new symptomatic fracture, no known malignancy: medical management, MRI and CT without contrast agent usually "
    "appropriate; augmentation, surgical consultation, bone scan and SPECT may be"
)

ACR_VARIANT = Score(
    id="acr-variant",
    name="ACR variant",
    version="2018",
    title="ACR Appropriateness Criteria: which variant",
    about="Variants 1 to 3. Others (known malignancy, earlier fractures, asymptomatic) were not seen.",
    population="vertebral compression fractures, not after high-energy trauma; guideline of radiologists",
    not_for="known malignancy, trauma of high energy, and variants beyond the third",
    evidence=("acr-2018", "nice-ta279", "cochrane-2018"),
    examples=({"osteoporotic": True, "mri": True, "edema": True, "red_flags": False, "contraindication": False},),
    inputs=(
        Input(id="malignancy", name="Known malignancy", kind="flag", help="Whether a malignancy is known"),
        Input(id="mri", name="MRI read", kind="flag", help="Whether an MRI has been read"),
        Input(id="osteoporotic", name="Osteoporotic", kind="flag", help="Whether the fracture is osteoporotic"),
        Input(id="red_flags", name="Red flags", kind="flag", help="Whether there are red flags"),
        Input(id="edema", name="Edema", kind="flag", help="Whether MRI shows edema"),
        Input(
            id="contraindication",
            name="Contraindication",
            kind="flag",
            help="Whether something speaks against augmentation or surgery",
        ),
    ),
    classes=(
        Group("not covered", flag("malignancy"), "a known malignancy has variants of its own, which were not seen"),
        Group("variant 1", flag("mri", False), _V1),
        Group("not covered", flag("red_flags"), "red flags: variants 2 and 3 are of patients without them"),
        Group("not covered", flag("osteoporotic", False), "variants 2 and 3 are of osteoporotic fractures"),
        Group(
            "variant 3",
            all_of(flag("contraindication"), flag("edema")),
            "painful fracture with edema and a contraindication: medical management usually appropriate, surgical "
            "consultation may be",
        ),
        Group("not covered", flag("contraindication"), "a contraindication without edema is in none of these variants"),
        Group(
            "variant 2",
            meaning="osteoporotic fracture with or without edema, no red flags: medical management and "
            "augmentation usually appropriate, surgical consultation usually not",
        ),
    ),
    alerts=(
        Advice(
            "Red flags go before every variant: a deficit of the cord or cauda equina to emergency MRI and "
            "spine-surgical review, a suspected tumour or infection to its own work-up.",
            flag("red_flags"),
            ("rule-neurology", "rule-red-flags"),
        ),
    ),
    advice=(
        Advice(
            "One position among several: NICE asks for a recent, unhealed fracture, and Cochrane 2018 speaks "
            "against vertebroplasty in routine practice. Variant 2 does not ask for edema."
        ),
    ),
)
SCORES = (ACR_VARIANT,)
