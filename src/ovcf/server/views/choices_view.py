"""What a reader may decide for the whole study: what each series is read for, and from where signal counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args, get_type_hints

from ovcf.imaging.study import Role
from ovcf.language.worded import Words
from ovcf.measures.signal.marrow import THRESHOLD_SD
from ovcf.reading.editing.edits import SetThreshold

if TYPE_CHECKING:
    from ovcf.reading.editing.edited import Edited

_NAMES = {"edema": "Edema on STIR, and T1", "t2": "T2 high and low"}
THRESHOLDS: tuple[str, ...] = get_args(get_type_hints(SetThreshold)["name"])


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChoice:
    """One series of the study, whether it can be looked at or not, and why it is read so."""

    uid: str
    description: str
    role: str
    changed: bool
    reasons: tuple[Words, ...]
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdView:
    """Robust SD of reference marrow from which signal counts, what it usually is, and who set it otherwise."""

    name: str
    label: Words
    sd: float
    usual: float
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """All of them. ``roles`` are what a series may be read for."""

    roles: tuple[str, ...] = tuple(role.value for role in Role)
    studied: tuple[SeriesChoice, ...]
    thresholds: tuple[ThresholdView, ...]


def choices_of(now: Edited, pictured: frozenset[str]) -> Choices:
    """What is chosen; ``pictured`` are the series that pictures were kept of."""
    return Choices(
        studied=tuple(
            SeriesChoice(
                uid=s.uid,
                description=s.description or s.uid,
                role=now.roles.get(s.uid, s.role).value,
                changed=s.uid in now.roles,
                reasons=s.reasons,
                seen=s.uid in pictured,
            )
            for s in now.observations.series
        ),
        thresholds=tuple(
            ThresholdView(
                name=name,
                label=_NAMES[name],
                sd=now.thresholds.get(name, THRESHOLD_SD),
                usual=THRESHOLD_SD,
                by=now.threshold_by.get(name, ""),
            )
            for name in THRESHOLDS
            if any(not now.observations.is_ct(m.series) for m in now.observations.marrow)
        ),
    )
