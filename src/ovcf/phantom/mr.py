"""MR physics: what a scanner makes of tissues.

Spin echo and turbo spin echo by S = PD (1 - exp(-TR / T1)) exp(-TE / T2), inversion recovery by
S = |PD (1 - 2 exp(-TI / T1) + exp(-TR / T1)) exp(-TE / T2)|, water and fat apart (Bernstein, Handbook of MRI Pulse
Sequences, 2004). Fat is shifted along the read-out, which departments set in any of four ways, by 3.4 ppm over the
bandwidth of a pixel. The image is then weighted by the surface coil, taken to k-space, cut to the acquired matrix,
given noise in both channels and, where the patient moves, phase errors line by line; its magnitude therefore has Rician
noise, Gibbs ringing and ghosts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ovcf.errors import PhantomError
from ovcf.imaging.files.chemical_shift import FAT_SHIFT_PPM, PROTON_MHZ_PER_TESLA
from ovcf.phantom.body import tissue
from ovcf.phantom.body.tissue import Tissue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.float32]

CONTRASTS = ("T1", "T2", "STIR", "FS T2")
PROTON_HZ_PER_TESLA = PROTON_MHZ_PER_TESLA * 1e6
READ_OUTS = {"P": 0.35, "A": 0.35, "F": 0.15, "H": 0.15}
"""Where fat is shifted: posterior or anterior where rows are phase-encoded, which is usual, else to feet or head; and
how often (chosen)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One sequence. Times in ms; ``bandwidth_hz`` per pixel; ``acquired`` share of the matrix that is measured.

    ``fat_left`` is the fat signal that saturation leaves; ``noise`` the SD of each channel as a share of bright tissue;
    ``fat_towards`` one of :data:`READ_OUTS`.
    """

    contrast: str
    tesla: float
    tr_ms: float
    te_ms: float
    ti_ms: float | None = None
    echo_train: int = 1
    bandwidth_hz: float = 200.0
    fat_left: float = 1.0
    acquired: float = 0.8
    noise: float = 0.015
    fat_towards: str = "P"

    @property
    def is_fat_saturated(self) -> bool:
        """Whether fat is suppressed by its frequency."""
        return self.fat_left < 1

    @property
    def fat_shift_pixels(self) -> float:
        """How far fat is displaced along the read-out."""
        return FAT_SHIFT_PPM * 1e-6 * PROTON_HZ_PER_TESLA * self.tesla / self.bandwidth_hz

    @property
    def reads_along_rows(self) -> bool:
        """Whether the read-out runs from front to back, and phases are encoded from head to feet."""
        return self.fat_towards in "AP"

    def signals(self) -> tuple[Image, Image]:
        """Signed signal of pure water and of pure fat of every tissue, indexed by :class:`Tissue`."""
        water = tissue.column("density") * self._weight(
            tissue.column("t1", self.tesla), tissue.column("t2", self.tesla)
        )
        t1, t2, density = tissue.fat_times(self.tesla)
        fat = self.fat_left * density * self._weight(np.array(t1), np.array(t2)) * np.ones(len(Tissue))
        # Cortex, cement and gas hold no fat, and flowing blood has left the slice.
        fat *= tissue.column("fat") > 0
        return water.astype(np.float32), fat.astype(np.float32)

    def _weight(self, t1: NDArray[np.float64], t2: NDArray[np.float64]) -> NDArray[np.float64]:
        recovered = 1 - np.exp(-self.tr_ms / t1)
        if self.ti_ms is not None:
            recovered = 1 - 2 * np.exp(-self.ti_ms / t1) + np.exp(-self.tr_ms / t1)
        return np.asarray(recovered * np.exp(-self.te_ms / t2))


def draw_protocol(contrast: str, tesla: float, rng: np.random.Generator) -> Protocol:
    """A usual protocol for a spine, with the variation between departments.

    The inversion time of STIR nulls fat: TI = T1 ln(2 / (1 + exp(-TR / T1))), within a few milliseconds.

    Raises:
        PhantomError: the contrast is unknown.
    """
    if contrast not in CONTRASTS:
        raise PhantomError("contrast", f"{contrast!r} is unknown", f"Give one of {', '.join(CONTRASTS)}.")
    high = tesla > 2
    noise = float(rng.uniform(0.008, 0.022)) * (0.8 if high else 1.0)
    protocol = Protocol(
        contrast=contrast,
        tesla=tesla,
        tr_ms=round(rng.uniform(2800, 4500)),
        te_ms=round(rng.uniform(88, 115)),
        echo_train=15,
        bandwidth_hz=round(rng.uniform(150, 260) * (1.6 if high else 1)),
        fat_left=float(rng.uniform(0.03, 0.10)) if contrast == "FS T2" else 1.0,
        acquired=float(rng.uniform(0.66, 0.95)),
        noise=noise,
    )
    if contrast == "T1":
        tr, te = round(rng.uniform(450, 700) + 80 * high), round(rng.uniform(8.5, 13), 1)
        return replace(protocol, tr_ms=tr, te_ms=te, echo_train=3)
    if contrast == "STIR":
        t1 = tissue.fat_times(tesla)[0]
        ti = t1 * np.log(2 / (1 + np.exp(-protocol.tr_ms / t1))) + rng.normal(0, 4)
        return replace(protocol, te_ms=round(rng.uniform(45, 75)), ti_ms=round(ti), noise=0.4 * noise)
    return protocol


def draw_read_out(rng: np.random.Generator) -> str:
    """Where fat is shifted: one of :data:`READ_OUTS`, as often as it says."""
    return str(rng.choice(list(READ_OUTS), p=[*READ_OUTS.values()]))


def coil_map(
    rng: np.random.Generator, x: NDArray[np.float64], y: NDArray[np.float64], skin_x: float, front: NDArray[np.float64]
) -> Image:
    """Sensitivity ``(rows, columns)`` of a spine coil on the table behind ``skin_x`` (plane mm).

    It fades with the distance; most scanners divide by a measured sensitivity, which leaves little of that. ``front``
    is the x of the anterior border of the spine in every row: a saturation band often lies before it, against the
    ghosts of breathing.
    """
    depth = np.clip(skin_x - x, 0, None)[None, :]
    middle, half = rng.uniform(-25, 25) + y.mean(), rng.uniform(0.55, 0.8) * (y[-1] - y[0])
    along = np.exp(-0.5 * np.abs((y[:, None] - middle) / half) ** 4)
    ripple = 1 + 0.05 * np.sin(2 * np.pi * (y[:, None] / rng.uniform(70, 110) + rng.random())) * np.exp(-depth / 45)
    bare = (0.25 + np.exp(-((depth / rng.uniform(90, 170)) ** 1.3))) * along * ripple
    corrected = bare ** (rng.uniform(0.03, 0.15) if rng.random() < 0.85 else rng.uniform(0.3, 0.6))
    gap, share = rng.uniform(15, 35), rng.choice([0.0, 0.75])
    band = 1 - share / (1 + np.exp((x[None, :] - front[:, None] + gap) / 6))
    return np.asarray(corrected * band, np.float32)


def acquire(
    water: Image, fat: Image, protocol: Protocol, sensitivity: Image, rng: np.random.Generator, *, motion: float = 0.0
) -> Image:
    """Magnitude image ``(rows, columns)`` of one slice from signed water and fat signal.

    Rows run from head to feet, columns from front to back.
    """
    from scipy import fft

    if not protocol.reads_along_rows:
        along = replace(protocol, fat_towards={"F": "P", "H": "A"}[protocol.fat_towards])
        return acquire(water.T, fat.T, along, sensitivity.T, rng, motion=motion).T
    rows, columns = water.shape
    shift = protocol.fat_shift_pixels * (1 if protocol.fat_towards == "P" else -1)
    read = fft.fftfreq(columns)[None, :].astype(np.float32)
    phase = fft.fftfreq(rows)[:, None].astype(np.float32)
    k = fft.fft2((water * sensitivity).astype(np.complex64))
    k += fft.fft2((fat * sensitivity).astype(np.complex64)) * np.exp(-2j * np.pi * read * shift).astype(np.complex64)
    if motion > 0:
        # Breathing moves the whole line: a shift of each phase-encoded line makes ghosts along the rows.
        beat = rng.uniform(0.05, 0.2)
        line = np.sin(2 * np.pi * beat * np.arange(rows) + rng.uniform(0, 6.3)) + 0.4 * rng.standard_normal(rows)
        k *= np.exp(2j * np.pi * phase * (0.8 * motion * line)[:, None]).astype(np.complex64)
    sd = protocol.noise * np.sqrt(rows * columns)
    k += (sd * (rng.standard_normal(k.shape, np.float32) + 1j * rng.standard_normal(k.shape, np.float32))).astype(
        np.complex64
    )
    limit = 0.5 * protocol.acquired
    k *= _window(np.abs(phase), limit) * _window(np.abs(read), min(0.5, limit * 1.15))
    return np.asarray(np.abs(fft.ifft2(k)), np.float32)


def _window(frequency: Image, limit: float) -> Image:
    """One up to the acquired frequency, with the gentle filter scanners apply against ringing."""
    inside = frequency <= limit
    return np.asarray(inside * (0.75 + 0.25 * np.cos(np.pi * np.minimum(frequency / limit, 1))), np.float32)
