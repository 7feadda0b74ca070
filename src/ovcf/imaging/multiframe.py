"""The tags of each frame: of an ordinary DICOM image, or from the functional groups of an enhanced one."""

from __future__ import annotations

import math
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
        value = self.get(*keywords)
        try:
            values = [value] if isinstance(value, str | int | float) else list(value or ())
            found = float(values[0])
        except (IndexError, TypeError, ValueError):
            return None
        return found if math.isfinite(found) else None

    def words(self, *keywords: str) -> tuple[str, ...]:
        """The values of every keyword as upper-case words."""
        found = [self.get(keyword) for keyword in keywords]
        several = [[v] if isinstance(v, str | int | float) else list(v) for v in found if v is not None]
        return tuple(str(word).strip().upper() for values in several for word in values)

    def scale(self) -> tuple[float, float]:
        """Slope and intercept of the stored values."""
        slope, intercept = self.number("RescaleSlope"), self.number("RescaleIntercept")
        return slope or 1.0, intercept or 0.0

    def contrast(self) -> tuple[tuple[str, str], ...]:
        """What may differ between images of the same place."""
        return tuple(
            (name, " ".join(self.words(next((k for k in keys if self.get(k)), keys[0])))) for name, keys in _CONTRAST
        )


def frames_of(tags: Dataset) -> list[FrameTags]:
    """The tags of every frame of an image, in stored order."""
    per_frame = tags.get("PerFrameFunctionalGroupsSequence")
    if not per_frame:
        return [FrameTags(tags)]
    shared = [item for group in tags.get("SharedFunctionalGroupsSequence") or () for item in _items(group)]
    return [FrameTags(*_items(group), *shared, tags) for group in per_frame]


def _items(group: Dataset) -> list[Dataset]:
    """The first item of every functional group macro."""
    return [element.value[0] for element in group if element.VR == "SQ" and element.value]
