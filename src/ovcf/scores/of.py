"""The OF classification (Schnake 2018) and the OF score of the DGOU and AO Spine.

The score exists in more than one version, so the version is never implied. Both were read on secondary pages or are
from memory (see each advisory); the card itself says "not validated".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.clinical.number import parse_decimal
from ovcf.errors import ScoreInputError
from ovcf.scores.classify import possible_classes, spoken
from ovcf.scores.result import Classification, ScoreItem, ScoreResult, Status
from ovcf.scores.tally import TOLERANCE, above, at_least, attainable_totals
from ovcf.vocabulary import NeurologicalGrade

if TYPE_CHECKING:
    from collections.abc import Mapping

POSTERIOR_WALL_LIMIT = 0.2
MEANING = {
    "OF1": "oedema only, no deformity",
    "OF2": "one endplate, posterior wall not or hardly involved (below 1/5)",
    "OF3": "one endplate, posterior wall involved (1/5 or more)",
    "OF4": "both endplates, loss of the vertebral frame, collapse or pincer fracture",
    "OF5": "distraction, rotation, translation or failure of the tension band",
    "none": "no fracture by these findings",
}
UNKNOWN = "not known"
GROUPS = ("conservative", "either", "surgery")


def of_class(
    *,
    tension_band_injury: bool | None,
    translation_or_rotation: bool | None,
    distraction: bool | None,
    superior_endplate: bool | None,
    inferior_endplate: bool | None,
    pincer_or_collapse: bool | None,
    posterior_wall_fraction: float | None,
    edema: bool | None,
) -> Classification:
    """The OF class from its findings; ``posterior_wall_fraction`` is 0 to 1, ``edema`` that of STIR.

    A posterior wall of exactly 1/5, which Schnake leaves undefined, counts as OF3 and is flagged.

    Raises:
        ClinicalDataError: the posterior wall fraction is not within 0 to 1.
    """
    findings = {
        "tension_band_injury": tension_band_injury,
        "translation_or_rotation": translation_or_rotation,
        "distraction": distraction,
        "superior_endplate": superior_endplate,
        "inferior_endplate": inferior_endplate,
        "pincer_or_collapse": pincer_or_collapse,
        "posterior_wall_fraction": wall_fraction(posterior_wall_fraction),
        "edema": edema,
    }
    fill = dict.fromkeys(findings, (False, True)) | {"posterior_wall_fraction": (0.0, 1.0)}
    possible, missing = possible_classes(_decide_of, findings, fill)
    label = possible[0] if len(possible) == 1 else None
    flags = []
    wall = findings["posterior_wall_fraction"]
    if wall is not None and abs(wall - POSTERIOR_WALL_LIMIT) <= TOLERANCE and {"OF2", "OF3"} & set(possible):
        flags.append("posterior wall involvement of exactly 1/5 is not defined: taken as OF3")
    if wall is not None and wall > 0 and label in ("OF1", "none"):
        flags.append("posterior wall involved without an endplate: no OF class describes this, look again")
    return Classification(
        system="OF classification", version="Schnake 2018", label=label, meaning=MEANING[label] if label else "",
        possible=possible, missing=spoken(missing), flags=tuple(flags), evidence=("schnake-2018",),
    )  # fmt: skip


def wall_fraction(value: float | None) -> float | None:
    """Involved fraction of the posterior wall, checked."""
    return None if value is None else parse_decimal(value, field="posterior wall fraction", low=0, high=1)


def _decide_of(
    *,
    tension_band_injury: bool,
    translation_or_rotation: bool,
    distraction: bool,
    superior_endplate: bool,
    inferior_endplate: bool,
    pincer_or_collapse: bool,
    posterior_wall_fraction: float,
    edema: bool,
) -> str:
    if tension_band_injury or translation_or_rotation or distraction:
        return "OF5"
    if pincer_or_collapse or (superior_endplate and inferior_endplate):
        return "OF4"
    if superior_endplate or inferior_endplate:
        return "OF3" if at_least(posterior_wall_fraction, POSTERIOR_WALL_LIMIT) else "OF2"
    return "OF1" if edema else "none"


@dataclass(frozen=True, slots=True)
class OfVersion:
    """What differs between versions of the OF score: the pain limit, the health items and the source."""

    pain_limit: float
    health_items: tuple[str, ...]
    evidence: tuple[str, ...]
    advisory: str


VERSIONS = {
    "ao-card-modified": OfVersion(
        5.0, ("ASA > 3", "mFI-5 > 2", "anticoagulation"), ("blattert-2018", "of-score-2025"),
        'AO pocket card, "modified" version, read on a secondary page; the card says "not validated".',
    ),
    "blattert-2018": OfVersion(
        4.0, ("ASA > 3", "dementia", "BMI < 20", "dependency", "anticoagulation"), ("blattert-2018",),
        "Pain limit (VAS 4) and health items of the 2018 version are from memory, unverified; the other weights are "
        "those of the AO pocket card.",
    ),
}  # fmt: skip


def of_group(total: float) -> str:
    """Conservative below 6, either at 6, surgery above 6."""
    return GROUPS[at_least(total, 6) + above(total, 6)]


def of_score(
    *,
    version: str,
    of: int | str | None,
    t_score: float | None = None,
    qct_hu: float | None = None,
    deformity_progression: bool | None = None,
    vas_under_analgesia: float | None = None,
    neurology: NeurologicalGrade | str | None = None,
    mobile_under_analgesia: bool | None = None,
    asa_class: int | None = None,
    mfi5: float | None = None,
    anticoagulation: bool | None = None,
    dementia: bool | None = None,
    bmi: float | None = None,
    dependent: bool | None = None,
) -> ScoreResult:
    """The OF score, -3 to 16 points; ``version`` is ``ao-card-modified`` or ``blattert-2018``.

    The published rule gives an unknown parameter 0 points. It is followed, but the result lists what is unknown and
    ``attainable`` spans what the total could become. Without the OF class the score is incomplete.

    Args:
        version: which published version; there is no default.
        of: the OF class, 1 to 5 or "OF1" to "OF5".
        t_score, qct_hu: either low bone density criterion scores (T < -3, or HU <= 90 by quantitative CT).
        vas_under_analgesia: pain 0-10 under analgesia of WHO step II.
        neurology: AO Spine status N0-N4, NX.
        asa_class, mfi5, anticoagulation, dementia, bmi, dependent: health; each version uses some of them.

    Raises:
        ScoreInputError: an unknown version, OF class or neurological status.
        ClinicalDataError: a value that no patient can have.
    """
    rules = version_rules(version)
    vas = _number(vas_under_analgesia, "pain under analgesia (VAS)", 0, 10)
    present: Mapping[str, bool | None] = {
        "ASA > 3": _exceeds(_number(asa_class, "ASA class", 1, 6), 3),
        "mFI-5 > 2": _exceeds(_number(mfi5, "mFI-5", 0, 5), 2),
        "anticoagulation": anticoagulation,
        "dementia": dementia,
        "BMI < 20": _below(_number(bmi, "BMI", 5, 100), 20),
        "dependency": dependent,
    }
    health, health_counted = _health({name: present[name] for name in rules.health_items})
    items = (
        _morphology(of),
        _item("Low bone density", _low_density(t_score, qct_hu), "T < -3 or HU <= 90", yes=1, no=0),
        _item("Deformity progression", deformity_progression, "progressing", yes=1, no=-1),
        _item("Pain under analgesia", _reaches(vas, rules.pain_limit), f"VAS >= {rules.pain_limit:g}", yes=1, no=-1),
        _item("Neurological deficit", _deficit(neurology), "N2 to N4", yes=2, no=0),
        _item("Mobilisation under analgesia", _not(mobile_under_analgesia), "not possible", yes=1, no=-1),
        health,
    )
    unknown = tuple(item for item in items if item.points is None)
    counted = tuple(
        replace(i, points=health_counted if i is health else 0.0, note="unknown: counted 0")
        if i in unknown else i
        for i in items[1:]
    )  # fmt: skip
    scored = items[0].points is not None
    total = sum((i.points or 0.0 for i in counted), items[0].points or 0.0) if scored else None
    advisories = [rules.advisory]
    if scored and unknown:
        advisories.append(f"Counted 0, as published, because unknown: {', '.join(i.name.lower() for i in unknown)}.")
    totals = attainable_totals(items)
    return ScoreResult(
        score="OF score", version=version, status=Status.COMPLETE if scored else Status.INCOMPLETE,
        items=(items[0], *counted), total=total, group=None if total is None else of_group(total),
        attainable=(totals[0], totals[-1]), attainable_groups=tuple(dict.fromkeys(map(of_group, totals))),
        missing=tuple(i.name for i in unknown), advisories=tuple(advisories), evidence=rules.evidence,
    )  # fmt: skip


def _morphology(of: int | str | None) -> ScoreItem:
    name, possible = "OF class", (2.0, 4.0, 6.0, 8.0, 10.0)
    if of is None:
        return ScoreItem(name, UNKNOWN, None, possible)
    text = str(of).strip().upper().replace(" ", "").removeprefix("OF")
    if text not in ("1", "2", "3", "4", "5"):
        raise ScoreInputError("OF score, OF class", f"{of!r} is not known", "Give OF1 to OF5.")
    return ScoreItem(name, f"OF{text}: {MEANING['OF' + text]}", 2.0 * int(text), possible)


def _item(name: str, present: bool | None, what: str, *, yes: int, no: int) -> ScoreItem:
    possible = (float(no), float(yes))
    if present is None:
        return ScoreItem(name, UNKNOWN, None, possible)
    return ScoreItem(name, f"{what}: {'yes' if present else 'no'}", possible[present], possible)


def _health(present: Mapping[str, bool | None]) -> tuple[ScoreItem, float]:
    """The health item (each finding -1, at most -2), and its points with unknown findings counted as absent."""
    least = sum(value is True for value in present.values())
    most = least + sum(value is None for value in present.values())
    possible = tuple(float(-n) for n in range(min(2, most), min(2, least) - 1, -1))
    said = {None: UNKNOWN, True: "yes", False: "no"}
    finding = ", ".join(f"{name}: {said[value]}" for name, value in present.items())
    points = possible[0] if len(possible) == 1 else None
    return ScoreItem("Health", finding, points, possible), possible[-1]


def version_rules(name: str) -> OfVersion:
    """The rules of a named version."""
    if name not in VERSIONS:
        raise ScoreInputError("OF score, version", f"{name!r} is not known", f"Give one of: {', '.join(VERSIONS)}.")
    return VERSIONS[name]


def _number(value: float | None, name: str, low: float, high: float) -> float | None:
    return None if value is None else parse_decimal(value, field=name, low=low, high=high)


def _low_density(t_score: float | None, qct_hu: float | None) -> bool | None:
    """True if either criterion is met, False if one is known and none is met."""
    t = _number(t_score, "T-score", -8, 6)
    hu = _number(qct_hu, "attenuation by quantitative CT (HU)", -200, 600)
    met = [above(-3.0, t)] if t is not None else []
    met += [at_least(90.0, hu)] if hu is not None else []
    return any(met) if met else None


def _deficit(neurology: NeurologicalGrade | str | None) -> bool | None:
    try:
        grade = NeurologicalGrade.NX if neurology is None else NeurologicalGrade(neurology)
    except ValueError:
        raise ScoreInputError(
            "OF score, neurology", f"{neurology!r} is not known", "Give N0, N1, N2, N3, N4 or NX."
        ) from None
    return None if grade is NeurologicalGrade.NX else grade in ("N2", "N3", "N4")


def _reaches(value: float | None, limit: float) -> bool | None:
    return None if value is None else at_least(value, limit)


def _exceeds(value: float | None, limit: float) -> bool | None:
    return None if value is None else above(value, limit)


def _below(value: float | None, limit: float) -> bool | None:
    return None if value is None else above(limit, value)


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value
