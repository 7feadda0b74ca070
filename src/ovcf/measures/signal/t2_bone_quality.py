"""Bone quality on T2: T2 signal of the lumbar bodies over that of CSF, a variant of VBQ for studies without T1.

Its cut-off (0.607 for low bone density) comes from women with degenerative disease, not from patients with a fracture:
the value is given, nothing is called high.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.errors import MeasurementInputError
from ovcf.language.worded import say
from ovcf.measures.declare import Contrast, FromMarrow, Of
from ovcf.measures.measurement import Measurement, Method
from ovcf.measures.signal.bone_quality import body_signals, csf_signals, placed_in, vbq
from ovcf.units import Unit

if TYPE_CHECKING:
    from ovcf.anatomy import Level
    from ovcf.measures.declare import SignalSeries

T2_VBQ = Method(
    "vbq-t2",
    "Bone quality on T2 (VBQ-CSF)",
    "median T2 signal of the bodies L1-L4, without fractured levels / T2 signal of CSF at L3",
    ("vbq-t2",),
)


def t2_bone_quality(series: SignalSeries, _: Level | None, affected: frozenset[Level]) -> Measurement:
    """The ratio on the mid-sagittal T2 slice; its error between two scans is not known.

    Raises:
        MeasurementInputError: no CSF at L2 to L4, or fewer than two of L1 to L4 may be used.
    """
    at = series.middle
    ((csf_level, csf),) = csf_signals(series).items()
    bodies = {level: mask[at] for level, mask in series.bodies.items() if mask[at].any()}
    signals, small = body_signals(series.flat(at), bodies, series.spacing[1:], placed=placed_in(series))
    used = tuple(level for level in signals if level not in affected)
    value = vbq(signals, csf, affected)
    if value is None:
        raise MeasurementInputError(
            T2_VBQ.name,
            say("{used} of L1-L4 usable, at least 2 are needed", used=len(used)),
            "Use images that show L1 to L4.",
        )
    return Measurement(
        method=T2_VBQ,
        value=value,
        unit=Unit.RATIO,
        levels=used,
        source=series.source,
        warnings=small,
        details=(
            *((say("{level} signal", level=level), signals[level]) for level in used),
            (say("CSF signal at {csf_level}", csf_level=csf_level), csf),
        ),
    )


MEASUREMENTS = (
    FromMarrow(method=T2_VBQ, unit=Unit.RATIO, of=Of.SPINE, contrast=Contrast.T2, csf=True, function=t2_bone_quality),
)
