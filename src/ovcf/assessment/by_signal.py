"""Everything the marrow signal gives: edema, T2 pattern, bone quality, signs of recency, cleft.

Each series is read on its own grid, with the vertebral bodies brought onto it through patient coordinates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ovcf.assessment.finding import BoneQuality, CleftSign, EdemaLevel, Finding, RecencySign, T2Signal
from ovcf.errors import OvcfError
from ovcf.imaging.resample import resample_image
from ovcf.imaging.study import Role
from ovcf.imaging.volume import Volume
from ovcf.kept import kept
from ovcf.measures.signal.bone_quality import CSF_ORDER, VBQ, csf_roi, vertebral_bone_quality
from ovcf.measures.signal.cleft import cleft_suggestion
from ovcf.measures.signal.edema import bme_level, edema_mask, marrow_edema
from ovcf.measures.signal.marrow import (
    OUTLINE_SD_MM,
    PROGRAM_INSIDE_MM,
    PROGRAM_OUTLINE_SD_MM,
    THRESHOLD_SD,
    reference_marrow,
)
from ovcf.measures.signal.recent_fracture import recent_fracture_signs
from ovcf.measures.signal.t2_pattern import t2_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ovcf.anatomy import Level
    from ovcf.assessment.ledger import Ledger
    from ovcf.landmarks import Source
    from ovcf.measures.measurement import Measurement
    from ovcf.measures.signal.marrow import MarrowReference
    from ovcf.measures.signal.t2_pattern import T2PatternResult
    from ovcf.vocabulary import Cleft


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What the scanner wrote about how a series was taken; None where it did not."""

    field_strength_t: float | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    contrast_agent: bool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MarrowSeries:
    """One MR series, sagittal slices first, with its bodies, canal and reference marrow on the same grid."""

    uid: str
    protocol: Protocol
    volume: Volume
    bodies: dict[Level, NDArray[np.bool_]]
    canal: NDArray[np.bool_] | None
    reference: MarrowReference
    middle: int
    source: Source
    by_program: bool = False
    apart: Mapping[Level, str] = field(default_factory=dict)
    threshold_sd: float = THRESHOLD_SD

    @property
    def outline_sd_mm(self) -> float:
        """How well each side of a body's outline is known: a reader's better than a program's."""
        return PROGRAM_OUTLINE_SD_MM if self.by_program else OUTLINE_SD_MM

    @property
    def outline_inside_mm(self) -> float:
        """How far within a body's surface its outline ends."""
        return PROGRAM_INSIDE_MM if self.by_program else 0.0

    @property
    def spacing(self) -> tuple[float, float, float]:
        """(slice, row, column) spacing, millimetres."""
        return self.volume.spacing_mm

    @property
    def triple(self) -> dict[Level, tuple[NDArray[np.generic], NDArray[np.bool_], MarrowReference]]:
        """What the signs of recency take, for each level."""
        return {level: (self.volume.voxels, body, self.reference) for level, body in self.bodies.items()}

    def flat(self, at: int) -> NDArray[np.float64]:
        """One slice as if the coil were equally near everywhere."""
        image = self.volume.voxels[at].astype(float)
        return self.reference.flattened(image, tuple(slice(0, n) for n in image.shape))

    def slice_of(self, level: Level) -> int:
        """The slice through the middle of this body; scoliosis moves it off that of the spine."""
        area = self.bodies[level].sum(axis=(1, 2))
        return round(float(np.average(np.arange(len(area)), weights=area)))


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
    prepared: Mapping[Role, MarrowSeries], excluded: Sequence[Level], ledger: Ledger,
    cemented: Sequence[Level] = (), lesions: Sequence[Level] = (),
) -> SignalReading:  # fmt: skip
    """What the whole spine tells: the signs of a recent fracture in every vertebra, and bone quality.

    ``excluded`` levels take no part in VBQ (fractured, cemented, with a focal lesion). The signal of ``cemented``
    levels and of those with ``lesions`` says nothing of a recent fracture.
    """
    reading = SignalReading()
    t1 = prepared.get(Role.T1)
    unfit = dict.fromkeys(lesions, _LESION) | dict.fromkeys(cemented, _CEMENT)
    _recency(t1, fluid_of(prepared), unfit, ledger, reading)
    if t1 is not None:
        _bone_quality(t1, excluded, ledger, reading)
    return reading


def read_fractures(
    prepared: Mapping[Role, MarrowSeries], levels: Iterable[Level], excluded: Sequence[Level],
    cemented: Sequence[Level], ledger: Ledger, reading: SignalReading,
) -> None:  # fmt: skip
    """Edema, T2 pattern and cleft of each vertebra of ``levels``; what the series do not allow is withheld."""
    fluid, t1, t2 = fluid_of(prepared), prepared.get(Role.T1), prepared.get(Role.T2)
    for level in levels:
        found = reading.of(level)
        if fluid is not None and not _doubted(fluid, level, "bone marrow edema", ledger) and level in fluid.bodies:
            for m in ledger.take("bone marrow edema", level, partial(_edema, fluid, level)):
                found.bme_percent = m.value
                ledger.findings.append(
                    Finding(
                        data=EdemaLevel(level=bme_level(m.value)), level=level, evidence=("nagao-2025",),
                        image=m.source.image,
                    )
                )  # fmt: skip
        if t2 is not None and not _doubted(t2, level, "T2 signal pattern and cleft", ledger) and level in t2.bodies:
            _t2_and_cleft(t2, t1, prepared.get(Role.STIR), level, excluded, level in cemented, ledger, found)


def fluid_of(prepared: Mapping[Role, MarrowSeries]) -> MarrowSeries | None:
    """The fluid-sensitive series: STIR, else fat-suppressed T2."""
    return prepared.get(Role.STIR) or prepared.get(Role.FS_T2)


def _doubted(series: MarrowSeries, index: Level, name: str, ledger: Ledger) -> bool:
    """Whether two contrasts place the body apart: its outline says nothing of the marrow then, which is withheld."""
    if index in series.apart:
        ledger.withhold(name, index, series.apart[index], "Draw the body where you see it (--labels).")
    return index in series.apart


def _edema(fluid: MarrowSeries, index: Level) -> Measurement:
    # A program cannot tell whether the outermost slices cut the body or only its side wall: they count half.
    return marrow_edema(
        fluid.volume.voxels, fluid.bodies[index], fluid.reference, level=index, voxel_mm=fluid.spacing,
        threshold_sd=fluid.threshold_sd, outline_sd_mm=fluid.outline_sd_mm, outline_inside_mm=fluid.outline_inside_mm,
        end_weight=0.5 if fluid.by_program else 1.0, source=fluid.source,
    )  # fmt: skip


@kept
def edema_map(fluid: MarrowSeries, level: Level) -> Volume:
    """The voxels counted as edema in one body, on the grid of the series."""
    mask = edema_mask(
        fluid.volume.voxels, fluid.bodies[level], fluid.reference, level=level, voxel_mm=fluid.spacing,
        threshold_sd=fluid.threshold_sd, outline_inside_mm=fluid.outline_inside_mm,
    )  # fmt: skip
    return Volume(mask, fluid.volume.affine)


_CEMENT = "it holds cement: edema stays for months after augmentation and cement is dark on T1"
_LESION = "a focal lesion, tumour or infection is recorded there, whose signal is that of a recent fracture, too"


def _recency(
    t1: MarrowSeries | None, fluid: MarrowSeries | None, unfit: Mapping[Level, str],
    ledger: Ledger, reading: SignalReading,
) -> None:  # fmt: skip
    if t1 is None and fluid is None:
        return
    levels = {level for series in (t1, fluid) if series for level in series.bodies}
    for level in sorted(levels, key=lambda level: level.rank):
        try:
            signs = recent_fracture_signs(
                level,
                t1=t1.triple.get(level) if t1 else None,
                fluid_sensitive=fluid.triple.get(level) if fluid else None,
                voxel_mm=t1.spacing if t1 else (1.0, 1.0, 1.0),
                fluid_voxel_mm=fluid.spacing if fluid else None,
                t1_source=t1.source if t1 else None,
                fluid_source=fluid.source if fluid else None,
            )
        except OvcfError as error:
            ledger.withhold("recent-fracture signs", level, f"{error.where}: {error.problem}", error.remedy)
            continue
        ledger.measurements += signs.measurements
        if level in unfit:
            ledger.withhold("recent-fracture signs", level, unfit[level], "Compare with an earlier MRI.")
            continue
        ledger.findings.append(
            Finding(
                data=RecencySign(recent=signs.recent), level=level, reasons=signs.reasons,
                evidence=("han-2025", "unc-case"), image=", ".join(m.source.image for m in signs.measurements),
            )
        )  # fmt: skip
        reading.of(level).recent = signs.recent


def _bone_quality(t1: MarrowSeries, excluded: Sequence[Level], ledger: Ledger, reading: SignalReading) -> None:
    """VBQ on the mid-sagittal T1 slice; CSF is found in the canal, which must be labelled, on the slice through it."""
    if t1.canal is None:
        ledger.withhold(
            "vertebral bone quality (VBQ)", None, "the label map has no spinal canal, so CSF cannot be found",
            "Give a label map with the canal, e.g. the subregion map beside the vertebra map.",
        )  # fmt: skip
        return
    bodies = {level: mask[t1.middle] for level, mask in t1.bodies.items() if mask[t1.middle].any()}
    csf: dict[Level, float] = {}
    for level in CSF_ORDER:
        if level in bodies:
            try:
                csf[level] = _csf_signal(t1, level, "T1")
            except OvcfError as error:
                ledger.withhold(f"CSF region at {level}", level, error.problem, error.remedy)
    s = t1.protocol
    try:
        result = vertebral_bone_quality(
            t1.flat(t1.middle), bodies, csf, exclude=excluded, field_strength_t=s.field_strength_t,
            repetition_time_ms=s.repetition_time_ms, echo_time_ms=s.echo_time_ms, contrast=s.contrast_agent,
            pixel_mm=t1.spacing[1:], source=t1.source,
        )  # fmt: skip
    except OvcfError as error:
        ledger.withhold("vertebral bone quality (VBQ)", None, f"{error.where}: {error.problem}", error.remedy)
        return
    if result.excluding is None:
        ledger.withhold("vertebral bone quality (VBQ)", None, result.reason, "Use images that show L1 to L4.")
    else:
        ledger.measurements.append(result.excluding)
        reading.vbq, reading.vbq_high = result.excluding.value, result.high
        ledger.findings.append(
            Finding(
                data=BoneQuality(high=bool(result.high), probability=result.high_probability), level=None,
                reasons=(result.variant, *result.warnings), evidence=VBQ.evidence, image=t1.source.image,
            )
        )  # fmt: skip
    if result.including is not None and set(excluded) & {level for level, _ in result.level_values}:
        ledger.measurements.append(result.including)


def _t2_and_cleft(
    t2: MarrowSeries, t1: MarrowSeries | None, stir: MarrowSeries | None, index: Level, excluded: Sequence[Level],
    cement: bool, ledger: Ledger, found: LevelSignal,
) -> None:  # fmt: skip
    at = t2.slice_of(index)
    try:
        pattern = t2_pattern(
            t2.volume.voxels[at], t2.bodies[index][at], t2.reference, level=index,
            source=t2.source, pixel_mm=t2.spacing[1:], low_sd=t2.threshold_sd, high_sd=t2.threshold_sd,
            outline_sd_mm=t2.outline_sd_mm,
        )  # fmt: skip
    except OvcfError as error:
        ledger.withhold("T2 signal pattern", index, f"{error.where}: {error.problem}", error.remedy)
    else:
        found.t2 = pattern
        ledger.measurements += (pattern.low, pattern.high)
        ledger.findings.append(
            Finding(
                data=T2Signal(pattern=pattern.pattern, probability=tuple(pattern.probability)), level=index,
                evidence=("han-2025", "tsujio-2011"), image=t2.source.image,
            )
        )  # fmt: skip
    try:
        cleft = cleft_suggestion(
            t2.volume.voxels, t2.bodies[index], t2.reference, cement=cement, voxel_mm=t2.spacing, level=index,
            source=t2.source, csf_signal=_csf_on_t2(t2, index), **_on_grid_of(t2, "t1", t1, excluded),
            **_on_grid_of(t2, "stir", stir, excluded),
        )  # fmt: skip
    except OvcfError as error:
        ledger.withhold("cleft", index, f"{error.where}: {error.problem}", error.remedy)
        return
    found.cleft = cleft.cleft
    ledger.measurements.append(cleft.volume)
    ledger.findings.append(
        Finding(
            data=CleftSign(cleft=cleft.cleft), level=index, reasons=(*cleft.reasons, cleft.note),
            evidence=("yu-2007",), image=t2.source.image,
        )
    )  # fmt: skip


def _on_grid_of(t2: MarrowSeries, name: str, other: MarrowSeries | None, affected: Sequence[Level]) -> dict[str, Any]:
    """Voxels and reference marrow of another series, on the T2 grid, as keyword arguments; none if they do not meet."""
    if other is None:
        return {}
    try:
        voxels = _onto(other.volume, t2.volume)
        reference = reference_marrow(voxels, t2.bodies, affected, voxel_mm=t2.spacing)
    except OvcfError:
        return {}
    return {f"{name}_voxels": voxels, f"{name}_reference": reference}


@kept
def _onto(image: Volume, grid: Volume) -> NDArray[np.generic]:
    return resample_image(image, grid).voxels


@kept
def _csf_signal(series: MarrowSeries, level: Level, sequence: str) -> float:
    """Median CSF signal behind a body, on the slice through the middle of the canal there.

    In scoliosis that is not the slice through the middle of the spine, which may graze the canal's fat.

    Raises:
        MeasurementInputError: the canal does not lie behind the body.
    """
    assert series.canal is not None
    rows = np.flatnonzero(series.bodies[level].any(axis=(0, 2)))
    wide = series.canal[:, rows[0] : rows[-1] + 1].sum(axis=(1, 2))
    at = round(float(np.average(np.arange(len(wide)), weights=wide))) if wide.any() else series.middle
    image, body = series.flat(at), series.bodies[level][at]
    roi = csf_roi(image, series.canal[at], body, sequence=sequence, pixel_mm=series.spacing[1:])
    return float(np.median(image[roi]))


def _csf_on_t2(t2: MarrowSeries, level: Level) -> float | None:
    """CSF signal behind a body on T2, where the canal is labelled and lies there."""
    try:
        return None if t2.canal is None else _csf_signal(t2, level, "T2")
    except OvcfError:
        return None
