"""How far from its place fat is seen in an MR image, and along which line.

Spin echoes place fat off along the read-out by its shift in frequency over the bandwidth of a pixel (Bernstein,
Handbook of MRI Pulse Sequences, 2004). DICOM tells the line and the distance; which way along the line it does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ovcf.imaging.files.multiframe import FrameTags
    from ovcf.imaging.stack import Slice

    Array = NDArray[np.float64]

FAT_SHIFT_PPM = 3.4
"""Of the resonance frequency, fat below water."""
PROTON_MHZ_PER_TESLA = 42.577


def fat_shift_mm(frame: FrameTags, place: Slice) -> Array | None:
    """The displacement of fat ``(3,)`` in LPS millimetres, its sign unknown; None where a tag it needs is missing.

    A pixel that is read out is as large as the field of view over the steps that are said to have been acquired, else
    as a stored one.
    """
    phase = frame.words("InPlanePhaseEncodingDirection")[:1]
    tesla = frame.number("MagneticFieldStrength")
    mhz = frame.number("TransmitterFrequency", "ImagingFrequency") or (tesla and tesla * PROTON_MHZ_PER_TESLA)
    hz_per_pixel = frame.number("PixelBandwidth")
    if phase not in (("ROW",), ("COL",), ("COLUMN",)) or not (mhz and hz_per_pixel and min(mhz, hz_per_pixel) > 0):
        return None
    # Phases encoded along the rows leave the columns to the read-out.
    axis = 0 if phase == ("ROW",) else 1
    stored, spacing = place.shape[axis], place.spacing_mm[axis]
    steps = frame.number("MRAcquisitionFrequencyEncodingSteps") or _classic_steps(frame) or stored
    pixels = FAT_SHIFT_PPM * mhz / hz_per_pixel
    return np.asarray(pixels * spacing * stored / steps * (place.along_column, place.along_row)[axis])


def _classic_steps(frame: FrameTags) -> float:
    """Acquisition Matrix holds the steps of the read-out first, along rows or along columns; the other one is 0."""
    try:
        return max(float(n) for n in frame.words("AcquisitionMatrix")[:2])
    except ValueError:
        return 0.0
