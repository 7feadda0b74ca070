"""What a reader did to the marrow that was read: told beside every value and finding that it entered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovcf.assessment.findings.kinds import BoneQuality, EdemaLevel, T2Signal
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast, FromMarrow
from ovcf.measures.registry import measurements
from ovcf.measures.signal.bone_quality import VBQ_LEVELS
from ovcf.measures.signal.edema import BONE_MARROW_EDEMA
from ovcf.measures.signal.marrow import THRESHOLD_SD
from ovcf.measures.signal.t2_pattern import HIGH_T2_AREA, LOW_T2_AREA

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ovcf.anatomy import Level
    from ovcf.assessment.findings.kinds import FindingData
    from ovcf.assessment.measured.ledger import Ledger
    from ovcf.assessment.measured.marrow_series import MarrowSeries
    from ovcf.imaging.study import Role

_BY_THRESHOLD = {BONE_MARROW_EDEMA.id, LOW_T2_AREA.id, HIGH_T2_AREA.id}
_READ_ON: dict[type[FindingData], tuple[Contrast, bool]] = {
    EdemaLevel: (Contrast.FLUID, True),
    T2Signal: (Contrast.T2, True),
    BoneQuality: (Contrast.T1, False),
}
"""What a finding is read on, and whether the threshold decides on it."""
_INSIDE = 0.02
"""Share of a region that may lie outside of its body: a pixel or two at the border."""


def tell_what_the_reader_set(prepared: Mapping[Role, MarrowSeries], ledger: Ledger) -> None:
    """Add to measurements their warnings, and to findings their reasons: a threshold that a person set, areas left
    out, regions placed beyond a body."""
    series = list(prepared.values())
    by_uid = {one.uid: one for one in series}
    by_contrast = {one.contrast: one for one in reversed(series)}
    declared = measurements()
    for i, m in enumerate(ledger.measurements):
        on = by_uid.get(m.source.series_uid)
        if on is None or not isinstance(declared.get(m.method.id), FromMarrow):
            continue
        spine = len(m.levels) != 1
        words = _words(on, m.levels, threshold=m.method.id in _BY_THRESHOLD, regions=spine)
        if words:
            ledger.measurements[i] = replace(m, warnings=(*m.warnings, *words))
    for i, f in enumerate(ledger.findings):
        contrast, threshold = _READ_ON.get(type(f.data), (None, False))
        on = None if contrast is None else by_contrast.get(contrast)
        if on is None or f.by_reader:
            continue
        levels = VBQ_LEVELS if f.level is None else (f.level,)
        if words := _words(on, levels, threshold=threshold, regions=f.level is None):
            ledger.findings[i] = replace(f, reasons=(*f.reasons, *words))


def _words(on: MarrowSeries, levels: Sequence[Level], *, threshold: bool, regions: bool) -> tuple[str, ...]:
    found = []
    if threshold and on.threshold_by:
        found.append(
            say(
                "threshold set by {threshold_by}: {threshold_sd:g} SD of sound marrow, automatic {automatic_sd:g}",
                threshold_by=on.threshold_by,
                threshold_sd=on.threshold_sd,
                automatic_sd=THRESHOLD_SD,
            )
        )
    found += [
        say(
            "left out of {level} by {reader}: {reason}, {percent:.0f}% of the body",
            level=level,
            reader=area.reader,
            reason=area.reason,
            percent=100 * area.share,
        )
        for level in levels
        for area in on.areas.get(level, ())
    ]
    if regions:
        found += [
            say(
                "{percent:.0f}% of the region of CSF behind {level} lies outside of the canal"
                if region == "csf"
                else "{percent:.0f}% of the region of {level} lies outside of its body",
                percent=100 * share,
                level=level,
            )
            for (level, region), share in on.outside.items()
            if share > _INSIDE
        ]
    return tuple(found)
