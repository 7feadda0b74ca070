"""``ovcf score``: density, outcome measures and changes between visits."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from ovcf.cli.score_output import Number, Required, answers, needed, number, show

Many = Annotated[tuple[str, ...], Parameter(consume_multiple=True)]
Domain = Literal["pain", "lumbar", "walking", "social", "mental"]
PostureName = Literal["standing", "sitting", "supine", "lateral decubitus", "prone", "unknown"]


def t_score(t: Required, /, *, fragility_fracture: bool | None = None, json: bool = False) -> None:
    """WHO class of a T-score.

    Try

        ovcf score t-score -2.7 --fragility-fracture

    Args:
        t: T-score.
        fragility_fracture: Whether there is a fragility fracture.
        json: Print JSON.
    """
    from ovcf.scores.t_score import who_class

    show(who_class(needed(t, "T-score"), fragility_fracture=fragility_fracture), json)


def odi(*sections: str, json: bool = False) -> None:
    """Oswestry disability index from its ten sections, 0-5 each.

    Order: pain, personal care, lifting, walking, sitting, standing, sleeping, sex life, social life, travelling.

    Try

        ovcf score odi 2 1 3 2 1 2 1 x 2 2

    Args:
        sections: Ten answers, x for one not answered.
        json: Print JSON.
    """
    from ovcf.scores.odi import odi as compute

    show(compute(answers(sections, "ODI answer")), json)


def joabpeq(domain: Domain, /, *, answer: Many, weight: Many, best: Many, json: bool = False) -> None:
    """JOABPEQ domain score. The coefficients are yours to give: none are shipped.

    Try

        ovcf score joabpeq pain --answer 2 1 2 1 --weight 20 20 20 10 --best 2 2 2 2

    Args:
        domain: Domain.
        answer: Options chosen, counted from 1, the worst; x for no answer.
        weight: Weight of each item.
        best: Number of the best option of each item.
        json: Print JSON.
    """
    from ovcf.scores.joabpeq import joabpeq_domain

    weights = [needed(w, "--weight") for w in weight]
    options = [int(needed(b, "--best")) for b in best]
    show(joabpeq_domain(domain, answers(answer, "--answer"), weights=weights, best=options), json)


def joabpeq_effect(before: Required, after: Required, /, *, domain: Domain, json: bool = False) -> None:
    """JOABPEQ: whether treatment was effective in one domain.

    Try

        ovcf score joabpeq-effect 29 71 --domain walking

    Args:
        before: Domain score before, 0 to 100.
        after: Domain score after.
        domain: Domain.
        json: Print JSON.
    """
    from ovcf.scores.joabpeq import joabpeq_effect as compute

    show(compute(needed(before, "before"), needed(after, "after"), domain=domain), json)


def pain(value: Required, /, *, scale: Literal["vas", "vas-mm", "nrs"] = "vas", json: bool = False) -> None:
    """Pain from 0 to 10.

    Try

        ovcf score pain 73 --scale vas-mm

    Args:
        value: Pain on its scale.
        scale: vas (0-10), vas-mm (0-100 mm) or nrs (whole numbers 0-10).
        json: Print JSON.
    """
    from ovcf.scores.pain import pain as compute

    show(compute(needed(value, "pain"), scale=scale), json)


def analgesics(strongest: str, /, *, json: bool = False) -> None:
    """Analgesic class, 0-3.

    Try

        ovcf score analgesics "weak opioid"

    Args:
        strongest: Strongest analgesic: none, non-opioid, weak opioid, strong opioid, or 0-3.
        json: Print JSON.
    """
    from ovcf.scores.analgesics import analgesic_class

    show(analgesic_class(strongest), json)


def change(
    of: str,
    before: Required,
    after: Required,
    /,
    *,
    mcid: Number = None,
    sd_error: Number = None,
    sdc: Number = None,
    higher_is_better: bool = False,
    json: bool = False,
) -> None:
    """Whether a change reaches the MCID and exceeds measurement error.

    Try

        ovcf score change vas 10 5

        ovcf score change kyphosis 12 19 --sd-error 2

    Args:
        of: vas, nrs, odi or odi-mannion bring their MCID; any other name needs --mcid for one.
        before: Value before.
        after: Value after.
        mcid: Smallest difference that matters, in units of the value.
        sd_error: Standard deviation of the measurement error of one value.
        sdc: Smallest detectable change, instead of --sd-error.
        higher_is_better: Whether a rise is an improvement.
        json: Print JSON.
    """
    from ovcf.scores.change import MCIDS, Mcid, judge_change

    limit = MCIDS.get(of) if mcid is None else Mcid(needed(mcid, "--mcid"))
    result = judge_change(
        needed(before, "before"), needed(after, "after"), name=of, higher_is_better=higher_is_better, mcid=limit,
        sd_error=number(sd_error, "--sd-error"), sdc=number(sdc, "--sdc"),
    )  # fmt: skip
    show(result, json)


def progressive_kyphosis(
    before: Required,
    after: Required,
    /,
    *,
    posture_before: PostureName = "unknown",
    posture_after: PostureName = "unknown",
    json: bool = False,
) -> None:
    """Whether the local kyphosis angle rose by more than 10°, in the same posture.

    Try

        ovcf score progressive-kyphosis 19.6 26.0 --posture-before standing --posture-after standing

    Args:
        before: Local kyphosis angle before, degrees.
        after: The same at follow-up.
        posture_before: Posture of the first radiograph.
        posture_after: Posture of the second radiograph.
        json: Print JSON.
    """
    from ovcf.scores.follow_up import progressive_kyphosis as compute

    verdict = compute(
        needed(before, "before"), needed(after, "after"), posture_before=posture_before, posture_after=posture_after
    )
    show(verdict, json)


def non_union(
    *, cleft: bool | None = None, height_change: str | None = None, limit: Required = "1.0", json: bool = False
) -> None:
    """Non-union at 6 months: a cleft, or an anterior height that differs between standing and supine.

    Try

        ovcf score non-union --no-cleft --height-change 0.4

    Args:
        cleft: Intravertebral cleft on MRI or CT.
        height_change: Anterior height standing minus supine, mm.
        limit: Mobility from which on a fracture counts as not united, mm (exceeded, not reached).
        json: Print JSON.
    """
    from ovcf.scores.follow_up import non_union as compute

    change_mm = number(height_change, "--height-change")
    show(compute(cleft=cleft, anterior_height_change_mm=change_mm, limit_mm=needed(limit, "--limit")), json)


COMMANDS = {
    "t-score": t_score,
    "odi": odi,
    "joabpeq": joabpeq,
    "joabpeq-effect": joabpeq_effect,
    "pain": pain,
    "analgesics": analgesics,
    "change": change,
    "progressive-kyphosis": progressive_kyphosis,
    "non-union": non_union,
}
