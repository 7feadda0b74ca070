"""Everything the marrow signal gives: edema, T2 pattern, bone quality, signs of recency, cleft.

Each series is read on its own grid, with the vertebral bodies brought onto it through patient coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ovcf.assessment.findings.finding import Finding
from ovcf.assessment.findings.kinds import BoneQuality, CleftSign, EdemaLevel, RecencySign, T2Signal
from ovcf.assessment.measured.body_signal import edema_of, t2_of
from ovcf.assessment.measured.marrow_series import fluid_of, series_of
from ovcf.errors import OvcfError, Remedy, RemedyCode
from ovcf.imaging.resample import resample_image, same_voxels
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.kept import kept
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast, FromMarrow, Of
from ovcf.measures.registry import from_marrow, measurements
from ovcf.measures.signal.bone_quality import VBQ, quality_of
from ovcf.measures.signal.cleft import OnGrid, cleft_suggestion
from ovcf.measures.signal.edema import edema_mask
from ovcf.measures.signal.edema_level import level_of_measured
from ovcf.measures.signal.marrow import reference_marrow
from ovcf.measures.signal.recent_fracture import recent_fracture_signs, usual_share
from ovcf.measures.signal.t2_pattern import beyond_reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.assessment.measured.marrow_series import MarrowSeries
    from ovcf.measures.measurement import Measurement
    from ovcf.measures.signal.t2_pattern import T2PatternResult
    from ovcf.vocabulary import Cleft


@dataclass(slots=True, kw_only=True)
class LevelSignal:
    """What the signal of one vertebra tells; None where it could not be read."""

    t2: T2PatternResult | None = None
    bme_percent: float | None = None
    recent: bool | None = None
    cleft: Cleft | None = None


@dataclass(slots=True, kw_only=True)
class SignalReading:
    """What later steps need of the marrow signal of a patient."""

    levels: dict[Level, LevelSignal] = field(default_factory=dict)
    vbq: float | None = None
    vbq_high: bool | None = None

    def of(self, level: Level | None) -> LevelSignal:
        """That of one vertebra; nothing is known of one that was not read."""
        return LevelSignal() if level is None else self.levels.setdefault(level, LevelSignal())


def read_signs(
    prepared: Mapping[Role, MarrowSeries],
    excluded: Sequence[Level],
    ledger: Ledger,
    cemented: Sequence[Level] = (),
    lesions: Sequence[Level] = (),
) -> SignalReading:
    """What the whole spine tells: the signs of a recent fracture in every vertebra, and bone quality.

    ``excluded`` levels take no part in VBQ (fractured, cemented, with a focal lesion). The signal of ``cemented``
    levels and of those with ``lesions`` says nothing of a recent fracture.
    """
    reading = SignalReading()
    t1 = prepared.get(Role.T1)
    unfit = dict.fromkeys(lesions, _LESION) | dict.fromkeys(cemented, _CEMENT)
    _recency(t1, fluid_of(prepared), unfit, ledger, reading)
    _declared(prepared, Of.SPINE, None, frozenset(excluded), ledger)
    if t1 is not None:
        _bone_quality(t1, frozenset(excluded), ledger, reading)
    for level in sorted({level for series in prepared.values() for level in series.bodies}, key=lambda at: at.rank):
        _declared(prepared, Of.EVERY, level, frozenset(), ledger)
    return reading


def read_fractures(
    prepared: Mapping[Role, MarrowSeries],
    levels: Iterable[Level],
    excluded: Sequence[Level],
    cemented: Sequence[Level],
    ledger: Ledger,
    reading: SignalReading,
) -> None:
    """Edema, T2 pattern and cleft of each vertebra of ``levels``; what the series do not allow is withheld."""
    fluid, t1, t2 = fluid_of(prepared), prepared.get(Role.T1), prepared.get(Role.T2)
    for level in levels:
        found = reading.of(level)
        if fluid is not None and not _doubted(fluid, level, "bone marrow edema", ledger) and level in fluid.bodies:
            for m in ledger.take("bone marrow edema", level, partial(edema_of, fluid, level)):
                found.bme_percent = m.value
                grade, shares = level_of_measured(m)
                ledger.findings.append(
                    Finding(
                        data=EdemaLevel(level=grade, probability=shares),
                        level=level,
                        evidence=("nagao-2025", "rule-edema-blank"),
                        sources=(m.source,),
                    )
                )
        if t2 is not None and not _doubted(t2, level, "T2 signal pattern and cleft", ledger) and level in t2.bodies:
            _t2_and_cleft(t2, t1, prepared.get(Role.STIR), level, excluded, level in cemented, ledger, found)
        _declared(prepared, Of.FRACTURES, level, frozenset(), ledger)


def _doubted(series: MarrowSeries, index: Level, name: str, ledger: Ledger) -> bool:
    """Whether two contrasts place the body apart: its outline says nothing of the marrow then, which is withheld."""
    if index in series.apart:
        ledger.withhold(name, index, series.apart[index], _DRAW)
    return index in series.apart


@kept
def edema_map(fluid: MarrowSeries, level: Level) -> Volume:
    """The voxels counted as edema in one body, on the grid of the series."""
    mask = edema_mask(
        fluid.volume.voxels,
        fluid.bodies[level],
        fluid.reference,
        level=level,
        voxel_mm=fluid.spacing,
        threshold_sd=fluid.threshold_sd,
        outline=fluid.outline,
    )
    return Volume(mask, fluid.volume.affine)


_HAN_TESLA, _SAME_TESLA = 1.5, 0.2
_DRAW = Remedy("Draw the outline of the body where you see it.", RemedyCode.GIVE_A_LABEL_MAP)
_CEMENT = "it holds cement: edema stays for months after augmentation and cement is dark on T1"
_LESION = "a focal lesion, tumour or infection is recorded there, whose signal is that of a recent fracture, too"


def _recency(
    t1: MarrowSeries | None,
    fluid: MarrowSeries | None,
    unfit: Mapping[Level, str],
    ledger: Ledger,
    reading: SignalReading,
) -> None:
    if t1 is None and fluid is None:
        return
    levels = {level for series in (t1, fluid) if series for level in series.bodies}
    t1_bodies, fluid_bodies = ({at: s.body(at) for at in s.bodies} if s else {} for s in (t1, fluid))
    t1_usual, fluid_usual = usual_share(Contrast.T1, t1_bodies), usual_share(Contrast.FLUID, fluid_bodies)
    for level in sorted(levels, key=lambda level: level.rank):
        try:
            signs = recent_fracture_signs(
                level,
                t1=t1_bodies.get(level),
                fluid_sensitive=fluid_bodies.get(level),
                t1_usual=t1_usual,
                fluid_usual=fluid_usual,
            )
        except OvcfError as error:
            ledger.withhold("recent-fracture signs", level, _why(error), error.remedy)
            continue
        ledger.measurements += signs.measurements
        if level in unfit:
            ledger.withhold("recent-fracture signs", level, unfit[level], "Compare with an earlier MRI.")
            continue
        doubted = [series.apart[level] for series in (t1, fluid) if series and level in series.apart]
        if doubted and signs.recent is False:
            # An outline in the wrong place may miss the edema: what it finds speaks for a fracture, never against one.
            ledger.withhold("recent-fracture signs", level, doubted[0], _DRAW)
            continue
        ledger.findings.append(
            Finding(
                data=RecencySign(recent=signs.recent, probability=signs.probability),
                level=level,
                reasons=signs.reasons,
                evidence=("han-2025", "unc-case"),
                sources=tuple(m.source for m in signs.measurements),
            )
        )
        reading.of(level).recent = signs.recent


def _why(error: OvcfError) -> str:
    return say("{where}: {problem}", where=error.where, problem=error.problem)


def _declared(
    prepared: Mapping[Role, MarrowSeries], of: Of, level: Level | None, affected: frozenset[Level], ledger: Ledger
) -> None:
    """Every declared measurement with a function of its own, of one vertebra or of the spine as a whole."""
    for one in from_marrow(of):
        series = series_of(prepared, one.contrast)
        if series is None or (level is not None and (level not in series.bodies or level in series.apart)):
            continue
        try:
            made = _by_function(one.id, series, level, affected)
        except OvcfError as error:
            ledger.withhold(one.method.name, level, _why(error), error.remedy)
            continue
        if made is not None:
            ledger.measurements.append(made)


@kept
def _by_function(id_: str, series: MarrowSeries, level: Level | None, affected: frozenset[Level]) -> Measurement | None:
    one = measurements()[id_]
    assert isinstance(one, FromMarrow)
    assert one.function is not None
    return one.function(series, level, affected)


def _bone_quality(t1: MarrowSeries, excluded: frozenset[Level], ledger: Ledger, reading: SignalReading) -> None:
    """Whether VBQ is high, where it was measured."""
    if not any(m.method == VBQ for m in ledger.measurements):
        return
    result = quality_of(t1, excluded)
    assert result.excluding is not None
    reading.vbq, reading.vbq_high = result.excluding.value, result.high
    ledger.findings.append(
        Finding(
            data=BoneQuality(high=bool(result.high), probability=result.high_probability),
            level=None,
            reasons=(result.variant, *result.warnings),
            evidence=VBQ.evidence,
            sources=(t1.source,),
        )
    )


def _t2_and_cleft(
    t2: MarrowSeries,
    t1: MarrowSeries | None,
    stir: MarrowSeries | None,
    index: Level,
    excluded: Sequence[Level],
    cement: bool,
    ledger: Ledger,
    found: LevelSignal,
) -> None:
    if side := beyond_reference(index, t2.reference):
        ledger.withhold(
            "T2 signal pattern",
            index,
            say(
                "no unaffected vertebra lies {side} it in the series, so how the coil's signal falls off is not known",
                side=side,
            ),
            "Judge the pattern by eye.",
        )
    else:
        _t2_pattern(t2, index, ledger, found)
    try:
        cleft = cleft_suggestion(
            OnGrid(t2.volume.voxels, t2.reference),
            t2.bodies[index],
            t1=_on_grid_of(t2, t1, excluded),
            stir=_on_grid_of(t2, stir, excluded),
            csf_signal=_csf_on_t2(t2, index),
            cement=cement,
            voxel_mm=t2.spacing,
            level=index,
            source=t2.source,
        )
    except OvcfError as error:
        ledger.withhold("cleft", index, _why(error), error.remedy)
        return
    found.cleft = cleft.cleft
    ledger.measurements.append(cleft.volume)
    ledger.findings.append(
        Finding(
            data=CleftSign(cleft=cleft.cleft),
            level=index,
            reasons=(*cleft.reasons, cleft.note),
            evidence=("yu-2007",),
            sources=(t2.source,),
        )
    )


def _t2_pattern(t2: MarrowSeries, index: Level, ledger: Ledger, found: LevelSignal) -> None:
    """The pattern of one body; near a limit both that it may be are told, and the reader decides."""
    try:
        pattern = t2_of(t2, index)
    except OvcfError as error:
        ledger.withhold("T2 signal pattern", index, _why(error), error.remedy)
        return
    found.t2 = pattern
    doubt = () if pattern.sure else ("near a limit: the reader decides",)
    ledger.measurements += (pattern.low, pattern.high)
    ledger.findings.append(
        Finding(
            data=T2Signal(pattern=pattern.pattern, probability=tuple(pattern.probability), sure=pattern.sure),
            level=index,
            reasons=(*doubt, *_other_field_strength(t2)),
            evidence=("han-2025", "tsujio-2011"),
            sources=(t2.source,),
        )
    )


def _other_field_strength(t2: MarrowSeries) -> tuple[str, ...]:
    """HAN read the patterns at 1.5 T; nothing is known of them at another field strength."""
    tesla = t2.acquisition.field_strength_t
    if tesla is None or abs(tesla - _HAN_TESLA) <= _SAME_TESLA:
        return ()
    return (
        say(
            "the series is of {tesla:g} T; HAN read the patterns at {han_tesla:g} T", tesla=tesla, han_tesla=_HAN_TESLA
        ),
    )


def _on_grid_of(t2: MarrowSeries, other: MarrowSeries | None, affected: Sequence[Level]) -> OnGrid | None:
    """Another series and its reference marrow on the T2 grid; None if they do not meet."""
    if other is None:
        return None
    try:
        voxels = onto(other.volume, t2.volume)
        reference = reference_marrow(voxels, t2.bodies, frozenset(affected), voxel_mm=t2.spacing)
    except OvcfError:
        return None
    return OnGrid(voxels, reference)


@kept
def onto(image: Volume, grid: Volume) -> NDArray[np.generic]:
    """The voxels of one series on the grid of another; whole numbers on the same grid need not be read between."""
    if np.issubdtype(image.voxels.dtype, np.integer) and same_voxels(image, grid):
        return image.voxels
    return resample_image(image, grid).voxels


def _csf_on_t2(t2: MarrowSeries, level: Level) -> float | None:
    """CSF signal behind a body on T2, where the canal is labelled and lies there."""
    try:
        return t2.csf(level)
    except OvcfError:
        return None
