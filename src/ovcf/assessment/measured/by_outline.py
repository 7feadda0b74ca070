"""What the outline of a suspicious body suggests: endplates, posterior wall, OF class. The reader chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import EdemaBesideEndplates, Endplates, OfSuggestion, PosteriorWall, RecencySign
from ovcf.assessment.measured.by_signal import edema_map
from ovcf.assessment.measured.outline_probability import Chances, at_least, of_signs
from ovcf.errors import OvcfError
from ovcf.geometry import distance
from ovcf.kept import kept
from ovcf.language.worded import joined, say
from ovcf.measures.from_landmarks import usable
from ovcf.measures.outline.endplates_and_wall import (
    BULGE_LIMIT_MM,
    EVIDENCE,
    SINK_LIMIT_PERCENT,
    OutlinedBody,
    edema_by_third,
    outline_signs,
)
from ovcf.measures.shape.height import anterior_height, posterior_height
from ovcf.measures.shape.reference import EVIDENCE as NORMAL_SHAPE
from ovcf.measures.shape.reference import has_reference, reference
from ovcf.measures.uncertainty import standard_uncertainty
from ovcf.scores.classification.of import POSTERIOR_WALL_LIMIT
from ovcf.vocabulary import OfClass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.assessment.measured.marrow_series import MarrowSeries
    from ovcf.clinical.case import ClinicalCase
    from ovcf.landmarks import Source, SpineLandmarks
    from ovcf.measures.outline.endplates_and_wall import OutlineSigns

    Array = NDArray[np.float64]

OF_CLASS = "OF class, suggested"
"""What is withheld where no neighbour's outline is intact."""
_EDEMA_LIMIT_PERCENT = 25.0
"""Share of a third of the body, as a rounded choice."""
_SHORT_PERCENT, _COLLAPSE_PERCENT = 15.0, 50.0
"""Height lost against neighbours from which a body is not of full height, and from which its frame is lost."""
_INTACT_RATIO_SD = 0.05
"""SD of posterior heights of neighbours where the survey's table does not reach (its own at T4-L4: 0.04 to 0.07)."""
NOT_SEEN = "OF5 (distraction, rotation, translation, tension band) cannot be seen in the bodies: exclude it"
CHOICE = "a suggestion: the reader chooses, and it enters no score"


class Loss(NamedTuple):
    """Posterior and mean height lost against intact neighbours, percent, how it was found, and the SD of each.

    ``normal``: normal ratios between levels were allowed for.
    """

    posterior: float
    mean: float
    reason: str
    normal: bool
    posterior_sd: float
    mean_sd: float


def may_be_recent(finding: Finding) -> bool:
    """Whether a finding is a sign of recency that does not speak against a recent fracture."""
    return isinstance(finding.data, RecencySign) and finding.data.recent is not False


def edema_beside_endplates(fluid: MarrowSeries, findings: Iterable[Finding]) -> list[Finding]:
    """On which side of each body with signs of a recent fracture the edema is."""
    out = []
    for level in [f.level for f in findings if f.level and may_be_recent(f)]:
        if level not in fluid.bodies:
            continue
        try:
            shares = _edema_by_third(fluid, level)
        except OvcfError:
            continue
        cranial, middle, caudal = shares
        reason = say(
            "edema takes {cranial:.0f}% of the cranial third, {middle:.0f}% of the middle, {caudal:.0f}% of the caudal",
            cranial=cranial,
            middle=middle,
            caudal=caudal,
        )
        superior, inferior = (share >= _EDEMA_LIMIT_PERCENT for share in (shares[0], shares[2]))
        out.append(
            Finding(
                level=level,
                reasons=(reason,),
                evidence=("unc-case",),
                sources=(fluid.source,),
                data=EdemaBesideEndplates(superior=superior, inferior=inferior),
            )
        )
    return out


@kept
def _edema_by_third(fluid: MarrowSeries, level: Level) -> tuple[float, float, float]:
    return edema_by_third(edema_map(fluid, level).voxels, fluid.bodies[level])


def suggest_classes(
    outlines: Sequence[tuple[SpineLandmarks, Mapping[Level, Array]]],
    suspicious: Collection[Level],
    named: Collection[Level],
    case: ClinicalCase,
    ledger: Ledger,
) -> None:
    """Add what the outlines say of suspicious vertebrae and of the index vertebra, on the first image that shows each.

    ``outlines`` are the landmarks of each image with the closed outlines ``(n, 2)`` of its bodies. ``named`` levels
    are no reference: the case calls them fractured, cemented or instrumented.
    """
    wanted = {*suspicious, *((case.index_level,) if case.index_level else ())}
    for spine, rings in outlines:
        here = [v.level for v in spine if v.level in wanted and v.level.region != "sacral"]
        for level in here:
            wanted.discard(level)
            intact = [
                n
                for n in (spine.column.above(level), spine.column.below(level))
                if n and n not in suspicious and n not in named and n.region != "sacral" and usable(spine, n)
            ]
            try:
                beside = [n for n in intact if n in rings]
                signs = _signs(level, spine, [rings[level], *(rings[n] for n in beside)], beside) if beside else None
            except (OvcfError, KeyError):
                signs = None
            if signs is None:
                ledger.withhold(
                    OF_CLASS, level, "no intact neighbour's outline to compare with", "Judge endplates and wall by eye."
                )
                continue
            loss = _loss(spine, level, intact, case.sex)
            ledger.measurements += (signs.superior, signs.inferior, signs.bulge)
            ledger.findings += _findings(level, signs, loss, ledger.findings, spine[level].source)


@kept
def _signs(level: Level, spine: SpineLandmarks, rings: Sequence[Array], beside: Sequence[Level]) -> OutlineSigns:
    own, *others = (OutlinedBody(r, spine[n].array[:4]) for r, n in zip(rings, (level, *beside), strict=True))
    return outline_signs(level, own, others, spine[level].source)


@kept
def _loss(spine: SpineLandmarks, level: Level, intact: Sequence[Level], sex: str | None) -> Loss:
    """Heights against what the neighbours and the normal ratios between levels let expect."""
    normal = reference(level, sex) if has_reference(level) else {}
    expected = []
    for n in intact:
        ratio = normal.get("Hp/Hp-1" if n == spine.column.above(level) else "Hp/Hp+1")
        expected.append(_height(spine, n, 1, 3) * (ratio.mean if ratio else 1.0))
    mean = np.mean([_height(spine, n, 0, 2) + _height(spine, n, 1, 3) for n in intact])
    # What normal bodies differ by, averaged over the neighbours, and the error of the landmarks.
    ratios = [normal[name].sd for name in ("Hp/Hp-1", "Hp/Hp+1") if name in normal]
    spread = 100 * np.mean(ratios or [_INTACT_RATIO_SD]) / len(intact) ** 0.5
    bodies = [spine[level], *(spine[n] for n in intact)]
    placed = [
        standard_uncertainty(lambda own, *n, h=h: 100 * h(own) / np.mean([h(b) for b in n], axis=0), bodies) or 0.0
        for h in (posterior_height, lambda p: anterior_height(p) + posterior_height(p))
    ]
    lost = float(100 * (1 - _height(spine, level, 1, 3) / np.mean(expected)))
    against = say("{join} and normal ratios", join=joined(" and ", intact)) if normal else joined(" and ", intact)
    return Loss(
        lost,
        float(100 * (1 - (_height(spine, level, 0, 2) + _height(spine, level, 1, 3)) / mean)),
        say(
            "posterior height {lost:.0f}% {value} than expected from {against}",
            lost=abs(lost),
            value="less" if lost >= 0 else "more",
            against=against,
        ),
        bool(normal),
        *(float(np.hypot(spread, sd)) for sd in placed),
    )


def _height(spine: SpineLandmarks, level: Level, top: int, bottom: int) -> float:
    points = spine[level].array
    return float(distance(points[top], points[bottom]))


def _findings(
    level: Level, signs: OutlineSigns, loss: Loss, known: Sequence[Finding], source: Source
) -> tuple[Finding, ...]:
    """Endplates, wall and the OF class that follows, each with its reasons."""
    mine = [f for f in known if f.level == level]
    edema = next((f for f in mine if isinstance(f.data, EdemaBesideEndplates)), None)
    signal = next((f.data for f in mine if isinstance(f.data, RecencySign)), None)
    superior, inferior, why, by_outline = _endplates(signs, loss, edema)
    wall = signs.bulges or loss.posterior >= 100 * POSTERIOR_WALL_LIMIT
    chances = _chances(signs, loss, signal, told=by_outline)
    bulge = say(
        "{bulge:.1f} mm farther behind its corners than the neighbours' ({bulge_limit_mm:g} mm asked)",
        bulge=signs.bulge.value,
        bulge_limit_mm=BULGE_LIMIT_MM,
    )
    evidence = (*EVIDENCE, *((NORMAL_SHAPE,) if loss.normal else ()))
    out = [
        Finding(
            data=Endplates(superior=superior, inferior=inferior, probability=chances.endplates),
            level=level,
            reasons=why,
            evidence=EVIDENCE,
            sources=(source,),
        ),
        Finding(
            data=PosteriorWall(involved=wall, probability=chances.wall),
            level=level,
            reasons=(bulge, loss.reason),
            evidence=evidence,
            sources=(source,),
        ),
    ]
    if signal is not None and signal.recent is False:
        why = ("the signal says old or none, and OF classifies recent fractures",)
        none = OfSuggestion(of=OfClass.NONE)
        out.append(Finding(data=none, level=level, reasons=why, evidence=EVIDENCE, sources=(source,)))
    else:
        # Endplates told by edema alone have no measured limit to be near to.
        shares = () if superior is not None and not by_outline else chances.of
        out.append(_of(level, superior, inferior, wall=wall, loss=loss, signal=signal, source=source, shares=shares))
    return tuple(out)


def _chances(signs: OutlineSigns, loss: Loss, signal: RecencySign | None, *, told: bool) -> Chances:
    """How probable each sign is; ``told`` says that the endplates were told by how far they have sunk."""
    sunk = [
        at_least(m.value, SINK_LIMIT_PERCENT, m.standard_uncertainty or 0.0) for m in (signs.superior, signs.inferior)
    ]
    bulges = at_least(signs.bulge.value, BULGE_LIMIT_MM, signs.bulge.standard_uncertainty or 0.0)
    short = at_least(loss.posterior, 100 * POSTERIOR_WALL_LIMIT, loss.posterior_sd)
    recent = dict(signal.probability).get(True) if signal else None
    if recent is None and signal and signal.recent is not None:
        recent = float(signal.recent)
    return Chances(
        superior=sunk[0] if told else None,
        inferior=sunk[1] if told else None,
        wall=1 - (1 - bulges) * (1 - short),
        collapse=at_least(loss.mean, _COLLAPSE_PERCENT, loss.mean_sd),
        edema=recent,
    )


def _endplates(
    signs: OutlineSigns, loss: Loss, edema: Finding | None
) -> tuple[bool | None, bool | None, tuple[str, ...], bool]:
    """Whether each endplate has given way, why, and whether its outline tells.

    A body that is short without a sunk endplate is told by its edema alone.
    """
    reasons = tuple(
        say(
            "{side} sunk by {m:.0f}% of the neighbours' height (limit {sink_limit_percent:g}%)",
            side=side,
            m=m.value,
            sink_limit_percent=SINK_LIMIT_PERCENT,
        )
        for side, m in (("superior", signs.superior), ("inferior", signs.inferior))
    ) + (edema.reasons if edema else ())
    superior, inferior = signs.superior_sunk, signs.inferior_sunk
    if superior or inferior or loss.mean < _SHORT_PERCENT:
        return superior, inferior, reasons, True
    reasons += (say("{mean:.0f}% of the height is lost evenly, which no endplate shows", mean=loss.mean),)
    beside = edema.data if edema else None
    if not isinstance(beside, EdemaBesideEndplates) or not (beside.superior or beside.inferior):
        return None, None, reasons, False
    return beside.superior, beside.inferior, reasons, False


def _of(
    level: Level,
    superior: bool | None,
    inferior: bool | None,
    *,
    wall: bool,
    loss: Loss,
    signal: RecencySign | None,
    source: Source,
    shares: tuple[tuple[tuple[OfClass, ...], float], ...],
) -> Finding:
    collapse = loss.mean >= _COLLAPSE_PERCENT
    found = of_signs(superior, inferior, wall, collapse, signal.recent if signal else None)
    reasons = [found.meaning] if found.meaning else []
    reasons += [say("not known: {join}", join=joined(", ", found.missing))] if found.missing and not found.label else []
    reasons += (
        [say("less than half of the neighbours' height is left ({mean:.0f}% lost)", mean=loss.mean)] if collapse else []
    )
    reasons += [NOT_SEEN, CHOICE]
    suggested = OfSuggestion(
        of=None if found.label is None else OfClass(found.label),
        possible=tuple(map(OfClass, found.possible)),
        probability=shares,
    )
    return Finding(data=suggested, level=level, reasons=tuple(reasons), evidence=found.evidence, sources=(source,))
