"""How far off landmarks on radiographs are for what is stated: ``python -m training.evidence.radiograph_errors``.

Reads radiographs of digital patients under a chest with the SD as maps and outlines say it, and prints how much wider
it has to be for 95 % of errors to lie within 1.96 of it (``_WIDER`` and ``_LESS_MM`` of
:mod:`ovcf.segmentation.film.radiograph`, to be set by hand). Run it when the radiograph model changes.
"""

from __future__ import annotations

import argparse

import numpy as np

from ovcf.errors import OvcfError
from ovcf.imaging.study import Role, Series
from ovcf.imaging.volume import Calibration, ImagePlane
from ovcf.segmentation.film import radiograph
from ovcf.vocabulary import Modality
from training.films.chest_radiographs import chest_radiograph

FIRST = 63_000
NEAR_MM = 13.0
BINS = 6


def errors(seed: int) -> list[tuple[float, float]]:
    """Stated SD and error of every coordinate that the model gives of one radiograph, millimetres at the patient."""
    made = chest_radiograph(seed)
    image = ImagePlane(made.pixels, (made.mm, made.mm), Calibration.DETECTOR)
    seen = radiograph.look_at(Series("1", "radiograph", image, Modality.RADIOGRAPH, Role.RADIOGRAPH))
    true = {v.level: v.array[:4].mean(axis=0) for v in made.landmarks if v.level.region != "sacral"}
    anchors = {
        number: level
        for number, centre in enumerate(seen.centres_px, 1)
        for level, middle in true.items()
        if np.linalg.norm(centre - middle) * made.mm < NEAR_MM / 2
    }
    if not anchors:
        return []
    reading = radiograph.landmarks_on(seen, anchors=dict([next(iter(anchors.items()))]))
    found = []
    for v in reading.spine:
        if v.level in made.landmarks:
            off = (v.array - made.landmarks[v.level].array) * made.mm
            if np.linalg.norm(off.mean(axis=0)) < NEAR_MM:
                sd = np.repeat(np.array(v.sd)[:, None] * made.mm, 2, axis=1)
                found += list(zip(sd.ravel().tolist(), np.abs(off).ravel().tolist(), strict=True))
    return found


def main() -> None:
    """Print the table and the line through it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=80)
    args = parser.parse_args()
    radiograph._WIDER, radiograph._LESS_MM = 1.0, 0.0
    rows, unread = [], 0
    for seed in range(FIRST, FIRST + args.patients):
        try:
            rows += errors(seed)
        except OvcfError:
            unread += 1
    sd, off = np.array(rows).T
    order = np.argsort(sd)
    needed = [
        (float(np.median(sd[part])), float(np.quantile(off[part], 0.95)) / 1.96) for part in np.array_split(order, BINS)
    ]
    print(f"{len(sd)} coordinates; {unread} of {args.patients} radiographs not read")
    print(
        f"as stated, {np.mean(off <= 1.96 * sd):.0%} of errors lie within 1.96 SD; median error {np.median(off):.2f} mm"
    )
    for stated, wanted in needed:
        print(f"stated {stated:.2f} mm, needed {wanted:.2f} mm")
    x, y = np.array(needed).T
    wider, less = np.polyfit(x, y, 1)
    held = np.mean(off <= 1.96 * np.maximum(sd, wider * sd + less))
    print(f"line: {wider:.2f} times, {less:+.2f} mm, never less than stated: {held:.0%} lie within")


if __name__ == "__main__":
    main()
