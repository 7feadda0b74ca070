"""A small patient with known truth: five bodies, T12 to L4, L1 wedged with edema in the anterior half; T1, T2, STIR."""

from dataclasses import dataclass
from pathlib import Path

import nibabel as nib
import numpy as np

from ovcf.geometry import ras_from_lps
from ovcf.imaging.volume import Volume
from tests.segmentation.shapes import NORMAL, column_of, reordered, voxels

WEDGE = np.array([(-17, -3), (17, -12), (-17, 11), (17, 12)], float)
LEVELS = ("T12", "L1", "L2", "L3", "L4")
INDEX = 2
MARROW = {"t1": 400.0, "t2": 250.0, "stir": 60.0}
LESION = {"t1": 120.0, "t2": 40.0, "stir": 300.0}


@dataclass
class Patient:
    """Files of one patient on disk, and the truth."""

    folder: Path
    labels: Path
    case: Path
    edema_percent: float
    vhl_percent: float

    @property
    def images(self):
        return [self.folder / f"{name}.nii.gz" for name in MARROW]


def height_loss(true):
    """HAN's formula on the true corners (SA SP IA IP) of the first three bodies."""
    (c, d), (a, b), (e, f) = ([np.linalg.norm(p[2] - p[0]), np.linalg.norm(p[3] - p[1])] for p in true[:3])
    return 100 * ((c + d + e + f) / 4 - (a + b) / 2) / ((c + d + e + f) / 4)


def save(volume, path):
    nib.save(nib.Nifti1Image(volume.voxels, ras_from_lps(volume.affine)), path)
    return path


def write_patient(folder, axes=(0, 1, 2), flips=(1, 1, 1), noise=0.03):
    """Write images, label map and clinical file; the arrays are stored with any order and sense of axes."""
    folder = Path(folder)
    images = folder / "study"
    images.mkdir(parents=True, exist_ok=True)
    outlines, true = column_of([NORMAL, WEDGE, NORMAL, NORMAL, NORMAL])
    labels = voxels(outlines, pad=20.0, shift=(0.4, 0.6))  # no edge may fall on the centres of voxels
    body = labels.voxels == INDEX
    rows = np.argwhere(body)[:, 1]
    lesion = body & (np.arange(body.shape[1]) < np.median(rows))[None, :, None]
    rng = np.random.default_rng(0)
    for name, marrow in MARROW.items():
        signal = np.full(body.shape, 20.0)
        signal[labels.voxels > 0] = marrow
        signal[lesion] = LESION[name]
        signal += rng.normal(0, noise * marrow, body.shape)
        save(reordered(Volume(signal.astype(np.float32), labels.affine), axes, flips), images / f"{name}.nii.gz")
    save(reordered(labels, axes, flips), folder / "bodies.nii.gz")
    case = folder / "case.toml"
    case.write_text(
        'index_level = "L1"\nage_years = 72\nsex = "female"\nfracture_type = "compression"\nt_score = -2.9\n'
        "low_energy_trauma = true\n",
        encoding="utf-8",
    )
    return Patient(images, folder / "bodies.nii.gz", case, 100 * lesion.sum() / body.sum(), height_loss(true))
