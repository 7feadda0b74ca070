"""VBQ in perspective: Kadri's 3.0, the 4.28 of another cohort after cement, and what two scans differ by."""

from __future__ import annotations

from ovcf.language.worded import say
from ovcf.scores.declare import Advice, Group, Input, Score, all_of, any_of, flag, number, of_case

KADRI, AFTER_CEMENT = 3.0, 4.28
DETECTABLE = 0.99
"""Smallest detectable change of two scans of one person."""
ONE_SCAN = 0.36
"""Standard error of one scan."""
SURE = 1.96

VBQ_IN_PERSPECTIVE = Score(
    id="vbq",
    name="VBQ in perspective",
    version="2025",
    title="Vertebral bone quality against the published limits",
    about="Where a VBQ lies among the limits that were published after cement. No value reassures, none is a risk.",
    population="Kadri 2025: 60 patients after vertebroplasty; 341 and 251 others after cement augmentation; at 1.5 T",
    not_for="the risk of one patient, and reassurance",
    evidence=(
        "kadri-2025",
        "vbq-after-cement-2025",
        "vbq-after-cement-yeh",
        "vbq-after-cement-cai",
        "vbq-normative",
        "INC-42",
    ),
    examples=({"vbq": 3.4, "after_cement": True, "field_strength": 1.5},),
    inputs=(
        of_case("vbq", "VBQ", decimals=2, help="Vertebral bone quality without the fractured level"),
        of_case("hyperlipidaemia", "High blood lipids", help="Whether blood lipids are high: they may raise VBQ"),
        Input(id="after_cement", name="After cement", kind="flag", help="Whether the fracture has been augmented"),
        Input(
            id="field_strength", name="Field strength (T)", low=0.1, high=12, help="Field strength of the scanner, T"
        ),
    ),
    classes=(
        Group(
            "at least 4.28",
            number("vbq", ">=", AFTER_CEMENT),
            "at or above both limits: 4.28 separated best in 341 patients after cement (AUC 0.84)",
        ),
        Group(
            "3.0 to below 4.28",
            number("vbq", ">=", KADRI),
            "high by Kadri (from 3.0), below the 4.28 of another cohort; the means without a further fracture were "
            "3.52, 3.99 and 4.14 in three cohorts after cement",
        ),
        Group("below 3.0", meaning="not high by either limit; that it reassures was not shown"),
    ),
    advice=(
        Advice("Two scans of one person differ by up to 0.99 in 95 of 100 (107 patients): a smaller one may be error."),
        Advice("The limits are of patients after cement: before it they were not tested.", flag("after_cement", False)),
        Advice(
            "High blood lipids may raise VBQ: with them the limit of 4.28 found half of those who broke again (0.50 "
            "against 0.83).",
            flag("hyperlipidaemia"),
        ),
        Advice(
            "VBQ runs lower at 3 T (2.20 against 2.77 in one centre): the limits are of 1.5 T.",
            any_of(number("field_strength", "<", 1.4), number("field_strength", ">", 1.6)),
            ("vbq-field-strength-2023",),
        ),
        Advice(
            "Of 107 patients with a lumbar spine MRI most of those above 50 years exceeded 3.0.",
            number("vbq", ">=", KADRI),
        ),
        *(
            Advice(
                say(
                    "The error of one scan ({sure:.1f} in 95 of 100) reaches across {limit:g}: another scan "
                    "of the same person could lie on its other side.",
                    sure=SURE * ONE_SCAN,
                    limit=limit,
                ),
                all_of(number("vbq", ">=", limit - SURE * ONE_SCAN), number("vbq", "<=", limit + SURE * ONE_SCAN)),
                ("rule-close-call",),
            )
            for limit in (KADRI, AFTER_CEMENT)
        ),
    ),
)
SCORES = (VBQ_IN_PERSPECTIVE,)
