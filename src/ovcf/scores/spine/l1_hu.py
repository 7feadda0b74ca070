"""Attenuation of L1 on CT where no T-score is known (Pickhardt 2013). It never enters NASOVCF."""

from __future__ import annotations

from ovcf.scores.declare import Advice, Group, Input, Score, flag, not_known, number, of_case

SENSITIVE_HU, SPECIFIC_HU, LOW_HU, HIGH_HU = 160.0, 110.0, 100.0, 200.0

L1_HU = Score(
    id="l1-hu",
    name="L1 on CT",
    version="Pickhardt 2013",
    title="Attenuation of L1 on CT, for want of a T-score",
    about="Mean of a region drawn in the trabecular bone of an intact L1. It never enters NASOVCF.",
    population="1867 adults with CT and DXA for any reason, one centre; not patients with a fracture",
    not_for="NASOVCF or any score that asks for a T-score, and a fractured or treated L1",
    evidence=("pickhardt-2013", "l1-hu-uk-2023", "l1-hu-australia", "rule-l1-hu"),
    examples=({"l1_hu": 118, "l1_affected": False},),
    inputs=(
        of_case("l1_hu", "Attenuation of L1 (HU)", option="hu", help="Trabecular attenuation of L1, Hounsfield units"),
        Input(
            id="l1_affected",
            name="L1 fractured or treated",
            kind="flag",
            help="Whether L1 is fractured, cemented, instrumented or diseased",
        ),
    ),
    classes=(
        Group(
            "not usable",
            flag("l1_affected", unknown=False),
            "L1 is fractured, cemented, instrumented or diseased: its attenuation is not that of its bone",
        ),
        Group("below 100 HU", number("l1_hu", "<", LOW_HU), "of such values at least 68% had osteoporosis by DXA"),
        Group(
            "100 to 110 HU",
            number("l1_hu", "<=", SPECIFIC_HU),
            "a limit of 110 HU was more than 90% specific for osteoporosis by DXA",
        ),
        Group(
            "above 110 to 160 HU",
            number("l1_hu", "<=", SENSITIVE_HU),
            "neither: 160 HU or less found 90% of those with osteoporosis by DXA",
        ),
        Group(
            "above 160 to 200 HU",
            number("l1_hu", "<=", HIGH_HU),
            "one in ten with osteoporosis by DXA lay above 160 HU",
        ),
        Group("above 200 HU", meaning="99% of such values had no osteoporosis by DXA"),
    ),
    flags=(
        Advice(
            "whether L1 is whole is not known: fractured, cemented, instrumented or diseased, it says nothing of bone",
            not_known("l1_affected"),
        ),
    ),
    advice=(
        Advice(
            "A screening test against DXA. Elsewhere: 169 and 104 HU for 90% (AUC 0.74, 536 British patients); AUC "
            "0.64 in 407 Australian ones."
        ),
        Advice(
            "Attenuation depends on the scanner and its tube voltage, which the abstract does not name; a contrast "
            "agent made no difference there."
        ),
        Advice("It is no T-score: NASOVCF does not take it. Consider DXA."),
    ),
)
SCORES = (L1_HU,)
