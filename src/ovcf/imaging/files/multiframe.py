"""The tags of each frame: of an ordinary DICOM image, or from the functional groups of an enhanced one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom import Dataset

_CONTRAST = (
    ("echo time", ("EffectiveEchoTime", "EchoTime")),
    ("image type", ("FrameType", "ImageType")),
    ("inversion time", ("InversionTimes", "InversionTime")),
    ("b-value", ("DiffusionBValue",)),
    ("time point", ("TemporalPositionIndex", "TemporalPositionIdentifier")),
    ("trigger time", ("NominalCardiacTriggerDelayTime", "TriggerTime")),
    ("contrast agent", ("ContrastBolusAgent",)),
    ("acquisition", ("FrameAcquisitionNumber", "AcquisitionNumber")),
    ("stack", ("StackID",)),
)
"""What can tell apart images of the same place, most telling first: enhanced keyword, then the classic one."""


class FrameTags:
    """Tags of one frame, looked up in its own functional groups, then the shared ones, then the object."""

    def __init__(self, *layers: Dataset) -> None:
        self._layers = layers

    def get(self, *keywords: str) -> Any:
        """The value of the first keyword that is present and not empty, or None."""
        for keyword in keywords:
            for layer in self._layers:
                value = layer.get(keyword)
                if value is not None and value != "":
                    return value
        return None

    def number(self, *keywords: str) -> float | None:
        """The same as a finite number (the first of several), or None."""
        return number_in(next(iter(_several(self.get(*keywords))), None))

    def words(self, *keywords: str) -> tuple[str, ...]:
        """The values of every keyword as upper-case words."""
        found = (word for keyword in keywords for word in _several(self.get(keyword)))
        return tuple(str(word).strip().upper() for word in found)

    def scale(self) -> tuple[float, float]:
        """Slope and intercept of the stored values; NaN where they are given as no number."""
        slope, intercept = self.get("RescaleSlope"), self.get("RescaleIntercept")
        found = (default if value is None else number_in(value) for value, default in ((slope, 1.0), (intercept, 0.0)))
        one, other = (math.nan if value is None else value for value in found)
        return one, other

    def contrast(self) -> tuple[tuple[str, str], ...]:
        """What may differ between images of the same place."""
        return tuple(
            (name, " ".join(self.words(next((k for k in keys if self.get(k)), keys[0])))) for name, keys in _CONTRAST
        )


def frames_of(tags: Dataset) -> list[FrameTags]:
    """The tags of every frame of an image, in stored order."""
    per_frame = items_of(tags, "PerFrameFunctionalGroupsSequence")
    if not per_frame:
        return [FrameTags(tags)]
    shared = [item for group in items_of(tags, "SharedFunctionalGroupsSequence") for item in _items(group)]
    return [FrameTags(*_items(group), *shared, tags) for group in per_frame]


def items_of(tags: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where it is absent, or stored as something that is no sequence."""
    return list(tags[keyword].value) if keyword in tags and tags[keyword].VR == "SQ" else []


def number_in(value: object) -> float | None:
    """A tag's value as a finite number written in plain digits, or None."""
    if not isinstance(value, str | int | float) or "_" in str(getattr(value, "original_string", value)):
        return None
    try:
        found = float(value)
    except (OverflowError, ValueError):
        return None
    return found if math.isfinite(found) else None


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str | bytes) else [value]


def _items(group: Dataset) -> list[Dataset]:
    """The first item of every functional group macro."""
    return [element.value[0] for element in group if element.VR == "SQ" and element.value]
