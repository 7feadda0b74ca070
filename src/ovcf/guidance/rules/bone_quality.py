"""Vertebral bone quality after augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.guidance.evidence import evidence
from ovcf.guidance.rule import Rule
from ovcf.guidance.statement import Statement, Urgency
from ovcf.guidance.wilson import wilson
from ovcf.language.worded import say
from ovcf.plain_text import listed
from ovcf.scores.prognosis.close_call import SURE
from ovcf.scores.spine.vbq import KADRI

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ovcf.guidance.advice_input import AdviceInput

RULE = Rule(
    what="VBQ beside every published limit, with what raises it",
    whom="patients after cement; before it the limits were not tested",
    not_for="a patient's risk, and reassurance",
)
_TOPIC = "Bone quality (VBQ)"


def statements(findings: AdviceInput) -> Iterator[Statement]:
    """What a high VBQ meant in patients after vertebroplasty. A VBQ that is not high reassures of nothing."""
    found = findings.applicability
    if findings.vbq_high is None or found.urgent or found.cause_in_doubt:
        return
    value = "" if findings.vbq is None else f" {findings.vbq:.2f}"
    kadri = evidence("kadri-2025")
    secondary = wilson(*kadri.counts("secondary_fracture"))
    cited = ("kadri-2025", "vbq-normative", "vbq-field-strength-2023", "vbq-thresholds-2025")
    limits = "Of 107 spine patients most above 50 years exceeded 3 (abstract), and VBQ depends on field strength."
    if findings.vbq_high and findings.augmented:
        yield Statement(
            id="vbq-high-after-augmentation",
            topic=_TOPIC,
            urgency=Urgency.ADVICE,
            evidence=cited,
            text=say(
                "VBQ{value} is high (>= {kadri:g}). In Kadri 2025 (60 patients after vertebroplasty, "
                "abstract) a further fracture of any bone occurred in {secondary}, more often and "
                "earlier with a high VBQ; no size of the effect is given. Consider closer follow-up and "
                "a review of bone treatment. {limits}",
                value=value,
                kadri=kadri["vbq_high"],
                secondary=secondary,
                limits=limits,
            ),
        )
    else:
        kind = (
            say("high (>= {kadri:g})", kadri=kadri["vbq_high"])
            if findings.vbq_high
            else say("below {kadri:g}", kadri=kadri["vbq_high"])
        )
        yield Statement(
            id="vbq",
            topic=_TOPIC,
            urgency=Urgency.INFORMATION,
            evidence=cited,
            text=say(
                "VBQ{value} is {kind}. The threshold was studied in 60 patients after vertebroplasty "
                "(Kadri 2025, abstract); before it, and for a low value as reassurance, there is no such "
                "evidence. {limits}",
                value=value,
                kind=kind,
                limits=limits,
            ),
        )
    yield _perspective(findings)


def _perspective(findings: AdviceInput) -> Statement:
    """The limit of another cohort, what the fracture-free had there, what two scans differ by, what raises VBQ."""
    other, twice = evidence("vbq-after-cement-2025"), evidence("vbq-normative")
    cut, found = other["cut_off"], other["sensitivity_with_and_without_hyperlipidaemia"]
    assert isinstance(cut, float)
    assert isinstance(found, tuple)
    where = ""
    if findings.vbq is not None:
        where = " This VBQ lies above it." if findings.vbq >= cut - 1e-9 else " This VBQ lies below it."
    lipids = {
        True: say(
            " High blood lipids are recorded: they may raise VBQ, and {cut:g} then found {found:g}% "
            "of those who broke again, against {found_2:g}%.",
            cut=cut,
            found=100 * found[0],
            found_2=100 * found[1],
        ),
        False: "",
        None: " Whether blood lipids are high, which may raise VBQ, is not recorded.",
    }[findings.case.hyperlipidaemia]
    return Statement(
        id="vbq-perspective",
        topic=_TOPIC,
        urgency=Urgency.INFORMATION,
        evidence=(
            "INC-42",
            "vbq-after-cement-2025",
            "vbq-after-cement-yeh",
            "vbq-after-cement-cai",
            "vbq-normative",
            "vbq-field-strength-2023",
            "rule-close-call",
        ),
        text=say(
            "After cement, in three other cohorts (abstracts), those without a further fracture had "
            "mean VBQs of 3.5 to 4.1, all above 3; in one of 341 patients "
            "{cut:g} separated best (AUC {other:g}).{where} Two scans of one person differ by up to "
            "{twice:g} in 95 of 100: a smaller change may be error alone.{near}{lipids}",
            cut=cut,
            other=other["auc"],
            where=where,
            twice=twice["smallest_detectable_change"],
            near=_near_a_limit(findings.vbq, (KADRI, cut)),
            lipids=lipids,
        ),
    )


def _near_a_limit(vbq: float | None, limits: tuple[float, ...]) -> str:
    """Of which limits a second scan of the same person could lie on the other side."""
    sem = evidence("vbq-normative")["standard_error_of_one_scan"]
    assert isinstance(sem, float)
    near = [f"{at:g}" for at in limits if vbq is not None and abs(vbq - at) <= SURE * sem + 1e-9]
    if not near:
        return ""
    return say(
        " The error of one scan, {sure:.1f} in 95 of 100, reaches across {near}: another scan could lie on its other "
        "side.",
        sure=SURE * sem,
        near=listed(near),
    )
