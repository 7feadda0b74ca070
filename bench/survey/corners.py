"""Corners that the program finds on outlines of bodies against those that the survey's readers set.

NHANES 2013-2014 lateral DXA: outline and six points of a vertebra by the survey's readers, made a label map of square
pixels in millimetres (scaled so that people are as large as people are), turned and shifted at random. How far along a
wall a line is fitted was set on every other person, and on digital patients; these are of the rest. A DXA is not an
MRI: this says whether corners are where readers put them on such an outline, not whether a mask is right.
"""

import numpy as np

from ovcf.geometry import unit_vector
from ovcf.landmarks import POINTS
from ovcf.phantom.shape.contour import landmarks_of, smooth
from ovcf.segmentation.outline import outlines
from ovcf.segmentation.points.corners import six_points
from scripts import derive_shape_model, nhanes
from tests.segmentation.shapes import SAGITTAL, turned, voxels

BODIES = 400
PIXELS_MM = (0.5, 0.8, 1.0, 1.5)


def errors(contours: np.ndarray, pixel_mm: float, rng: np.random.Generator) -> np.ndarray:
    """Found less set ``(n, 6, 2)``, mm to posterior and caudal of a body; Ha and Hp, found and set ``(n, 2, 2)``."""
    off, heights = [], []
    for contour in contours:
        angle = rng.uniform(-10, 10)
        true = turned(landmarks_of(contour), angle)
        body = voxels([turned(smooth(contour), angle)], spacing=pixel_mm, shift=rng.uniform(0, pixel_mm, 2))
        (ring,) = outlines(body, SAGITTAL, np.array([0.0]))
        sa, sp, ia, ip = true[:4]
        posterior = unit_vector(sp + ip - sa - ia)
        found = six_points(ring, pixel_mm, ia + ip - sa - sp).points
        off.append((found - true) @ np.array([posterior, (-posterior[1], posterior[0])]).T)
        heights.append([[np.linalg.norm(p[2] - p[0]), np.linalg.norm(p[3] - p[1])] for p in (found, true)])
    return np.array(off), np.array(heights)


def main() -> None:
    print("## Corners against the survey's readers\n")
    if not nhanes.FOLDER.exists():
        print(f"Not run: the survey is not in {nhanes.FOLDER}.")
        return
    print(__doc__.split("\n\n", 1)[1])
    placed = derive_shape_model.read().placed[1::2]
    contours = placed[np.isfinite(placed).all(axis=(2, 3))]
    rng = np.random.default_rng(2026)
    contours = contours[rng.choice(len(contours), BODIES, replace=False)]
    print(f"{BODIES} bodies of T4 to L4. Mean offset ± SD, mm, to posterior and to caudal.\n")
    print("| Pixel, mm | " + " | ".join(name.replace("_", " ") for name in POINTS) + " | Ha/Hp, found less set |")
    print("|---:|" + "---:|" * (len(POINTS) + 1))
    for pixel_mm in PIXELS_MM:
        off, heights = errors(contours, pixel_mm, rng)
        ratio = 100 * np.subtract(*(heights[:, k, 0] / heights[:, k, 1] for k in (0, 1)))
        cells = [
            ", ".join(f"{m:+.2f} ± {s:.2f}" for m, s in zip(*of_point, strict=True))
            for of_point in zip(off.mean(axis=0), off.std(axis=0), strict=True)
        ]
        print(f"| {pixel_mm:g} | {' | '.join(cells)} | {ratio.mean():+.1f} ± {ratio.std():.1f} % |")


if __name__ == "__main__":
    main()
