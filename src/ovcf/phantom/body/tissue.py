"""What tissues are to MR and to X-rays.

Relaxation times in milliseconds at 1.5 and 3 T. Sources are marked (S read, M from
memory and to be verified, P chosen here so that the images look right):

* cord, blood, T1 of muscle: Stanisz 2005, Magn Reson Med 54:507 (M); fat, marrow, T2 of muscle: de Bazelaire 2004,
  Radiology 230:652 (M).
* CSF: T1 about 4 s, T2 about 2 s at both fields: Rooney 2007, Magn Reson Med 57:308; Spijkerman 2018 (M).
* discs: T2 of nucleus 50-130 ms by grade, annulus 35-50 ms: Marinelli 2009; Perry 2006 (M).
* fat: on multi-echo sequences its apparent T2 is about double that of a single echo, as J-coupling is refocused (M).
* linear attenuation at about 60 keV effective, per mm: water 0.0206, bone by density, air 0; NIST XCOM (M).

A tissue is two pools: water, with the times below, and fat, with those of :data:`FAT`; ``fat`` is its fat fraction.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ovcf.errors import PhantomError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Tissue(IntEnum):
    """What a voxel of a digital patient is made of."""

    AIR = 0
    SKIN = 1
    FAT = 2
    MUSCLE = 3
    VISCERA = 4
    BOWEL_WALL = 5
    LUNG = 6
    BLOOD = 7
    LIGAMENT = 8
    CORTEX = 9
    MARROW = 10
    POSTERIOR_MARROW = 11
    EDEMA = 12
    EDEMA_T2_LOW = 13
    EDEMA_T2_HIGH = 14
    MARROW_T2_LOW = 15
    MARROW_T2_HIGH = 16
    VEIN = 17
    HAEMANGIOMA = 18
    SCHMORL = 19
    CEMENT = 20
    CLEFT_FLUID = 21
    CLEFT_AIR = 22
    ANNULUS = 23
    NUCLEUS = 24
    CSF = 25
    CORD = 26
    ROOT = 27
    EPIDURAL_FAT = 28
    MUSCLE_FAT = 29
    VISCERA_FAT = 30
    INNER_ANNULUS = 31


class Water(NamedTuple):
    """The water of a tissue: T1 and T2 (ms) at 1.5 and 3 T, proton density, fat fraction, attenuation per mm."""

    t1: tuple[float, float]
    t2: tuple[float, float]
    density: float
    fat: float
    attenuation: float


T = Tissue
_MARROW = ((920.0, 1050.0), (48.0, 44.0))
TABLE: dict[Tissue, Water] = {
    T.AIR: Water((1000, 1000), (10, 10), 0.0, 0.0, 0.0),
    T.SKIN: Water((890, 1100), (35, 32), 0.75, 0.15, 0.0210),
    T.FAT: Water((900, 1100), (40, 38), 0.85, 0.93, 0.0186),
    T.MUSCLE: Water((1008, 1412), (33, 31), 0.80, 0.05, 0.0213),
    T.VISCERA: Water((800, 1000), (55, 48), 0.80, 0.05, 0.0208),
    T.BOWEL_WALL: Water((1000, 1300), (60, 55), 0.70, 0.05, 0.0208),
    T.LUNG: Water((1200, 1300), (15, 10), 0.12, 0.0, 0.0055),
    T.BLOOD: Water((1441, 1932), (150, 120), 0.05, 0.0, 0.0214),  # flow void: most spins have left the slice
    T.LIGAMENT: Water((1000, 1200), (18, 16), 0.45, 0.10, 0.0215),
    T.CORTEX: Water((300, 350), (3, 3), 0.12, 0.0, 0.0480),
    T.MARROW: Water(*_MARROW, 0.55, 0.50, 0.0262),
    T.POSTERIOR_MARROW: Water(*_MARROW, 0.70, 0.62, 0.0300),
    T.EDEMA: Water((1250, 1420), (72, 66), 0.92, 0.12, 0.0268),
    T.EDEMA_T2_LOW: Water((1300, 1450), (46, 42), 0.95, 0.04, 0.0290),
    T.EDEMA_T2_HIGH: Water((1700, 1900), (150, 135), 0.98, 0.05, 0.0260),
    T.MARROW_T2_LOW: Water(*_MARROW, 0.25, 0.50, 0.0330),  # replaced by compacted marrow of the patient
    T.MARROW_T2_HIGH: Water((1000, 1150), (70, 64), 0.85, 0.88, 0.0250),
    T.VEIN: Water((1300, 1600), (110, 90), 0.85, 0.15, 0.0230),
    T.HAEMANGIOMA: Water((1200, 1400), (140, 125), 0.95, 0.72, 0.0225),
    T.SCHMORL: Water((1050, 1250), (45, 42), 0.75, 0.03, 0.0225),
    T.CEMENT: Water((1000, 1000), (1, 1), 0.02, 0.0, 0.0800),
    T.CLEFT_FLUID: Water((3200, 3300), (900, 800), 0.98, 0.0, 0.0206),
    T.CLEFT_AIR: Water((1000, 1000), (1, 1), 0.0, 0.0, 0.0),
    T.ANNULUS: Water((950, 1150), (32, 29), 0.60, 0.0, 0.0222),
    T.INNER_ANNULUS: Water((1050, 1250), (58, 53), 0.75, 0.0, 0.0218),
    T.NUCLEUS: Water((1150, 1350), (105, 95), 0.90, 0.0, 0.0215),
    T.CSF: Water((4000, 4150), (1800, 1600), 1.0, 0.0, 0.0207),
    T.CORD: Water((745, 993), (76, 74), 0.78, 0.0, 0.0212),
    T.ROOT: Water((900, 1150), (75, 72), 0.78, 0.05, 0.0212),
    T.EPIDURAL_FAT: Water((900, 1100), (40, 38), 0.85, 0.90, 0.0188),
    T.MUSCLE_FAT: Water((1008, 1412), (33, 31), 0.80, 0.45, 0.0200),
    T.VISCERA_FAT: Water((900, 1100), (45, 42), 0.85, 0.85, 0.0188),
}
#: The fat pool: T1, apparent multi-echo T2, proton density.
FAT = ((265.0, 350.0), (140.0, 130.0), 0.90)
#: Tissues of a vertebral body whose fat fraction varies from place to place, and its SD.
FAT_TEXTURE = {
    T.MARROW: 0.06,
    T.POSTERIOR_MARROW: 0.06,
    T.EDEMA: 0.02,
    T.MUSCLE: 0.03,
    T.MUSCLE_FAT: 0.12,
    T.FAT: 0.03,
    T.VISCERA: 0.12,
    T.VISCERA_FAT: 0.15,
}
#: Brightness of a lesion on T2 as a multiple of the patient's own marrow (chosen): the T2 of the table is replaced to
#: match.
T2_BRIGHTNESS = {T.EDEMA: 1.0, T.EDEMA_T2_LOW: 0.55, T.EDEMA_T2_HIGH: 1.9}
#: Signal of old, compacted bone as a share of that of marrow (chosen).
COMPACTED = 0.45
_FIELDS = (1.5, 3.0)


def column(name: str, tesla: float = 1.5) -> Array:
    """One property of every tissue, indexed by :class:`Tissue`."""
    values = [getattr(TABLE[tissue], name) for tissue in Tissue]
    return np.array([v[_FIELDS.index(tesla)] if isinstance(v, tuple) else v for v in values], float)


def fat_times(tesla: float) -> tuple[float, float, float]:
    """T1, T2 and proton density of fat."""
    (t1, t2, density), k = FAT, _FIELDS.index(tesla)
    return t1[k], t2[k], density


def fat_fraction_for_vbq(vbq: float, tesla: float, signal: tuple[float, float, float]) -> float:
    """The fat fraction of marrow whose T1 signal over that of CSF is ``vbq``.

    ``signal`` is that of pure marrow water, pure marrow fat and CSF with the sequence used.

    Raises:
        PhantomError: no mixture of red and yellow marrow gives it.
    """
    water, fat, csf = signal
    fraction = (vbq * csf - water) / (fat - water)
    if not 0.03 <= fraction <= 0.97:
        low, high = ((0.03 * fat + 0.97 * water) / csf, (0.97 * fat + 0.03 * water) / csf)
        raise PhantomError("vbq", f"no marrow has {vbq:g} at {tesla:g} T", f"Give {low:.1f} to {high:.1f}.")
    return fraction
