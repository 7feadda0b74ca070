"""T2 patterns of bodies without an acute fracture: how sure a pattern must be to be told.

``python -m training.evidence.t2_of_intact`` reads the T2 SPACE patients inside their masks, each body against the
others of its patient. Nobody has a fresh fracture, so that nearly every pattern is a false one (a Modic change or a
haemangioma may be a true one). Patients are parted as for training; those held back check what was chosen on the
others.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

from ovcf.anatomy import Level
from ovcf.errors import OvcfError
from ovcf.landmarks import Source
from ovcf.measures.signal.marrow import PROGRAM_OUTLINE_SD_MM, reference_marrow
from ovcf.measures.signal.t2_pattern import beyond_reference, t2_pattern
from ovcf.vocabulary import Modality, T2Pattern
from training.mri.partial_labels import VERTEBRA, canal_front, middle_slices
from training.mri.real_mri import MIN_BODY_MM2, t2_patients, t2_volume

NAMES = [Level(f"L{n}") for n in (5, 4, 3, 2, 1)] + [Level(f"T{n}") for n in (12, 11, 10, 9)]
THICK = 4
SOURCE = Source(modality=Modality.MR)


def bodies_of(patient):
    """Slices of 4 mm of one patient, the whole bodies in them, counted upwards, and (slice, row, column) in mm."""
    images, masks, pixel = t2_volume(patient)
    middle = middle_slices(masks, 1.0)
    front = canal_front(masks, middle)
    away = (np.arange(masks.shape[2])[None, :] - front[:, None]) * pixel
    n = len(images) // THICK
    thick = images[: n * THICK].reshape(n, THICK, *images.shape[1:]).mean(axis=1)
    drawn = masks[THICK // 2 : n * THICK : THICK] == VERTEBRA
    at = min(int(np.flatnonzero(middle).mean()) // THICK, n - 1)
    before = drawn & (away < -1.0)
    pieces, count = label(before[at])
    whole = []
    for k in range(1, count + 1):
        rows = np.flatnonzero((pieces == k).any(axis=1))
        inside = rows[0] > 3 / pixel and rows[-1] < pieces.shape[0] - 3 / pixel
        if inside and (pieces == k).sum() * pixel**2 >= MIN_BODY_MM2:
            whole.append((rows.mean(), pieces == k))
    whole.sort(key=lambda found: -found[0])
    bodies = {}
    for name, (_, mask) in zip(NAMES, whole, strict=False):
        body = np.zeros(before.shape, bool)
        for s in range(max(0, at - 2), min(n, at + 3)):
            body[s] = before[s] & mask
        bodies[name] = body
    return 255 * thick, bodies, (float(THICK), pixel, pixel), at


def patterns(patients):
    """Whether no vertebra lies on one side of it, and the pattern, of every body."""
    for patient in patients:
        voxels, bodies, mm, at = bodies_of(patient)
        for level, body in bodies.items():
            try:
                reference = reference_marrow(voxels, bodies, {level}, voxel_mm=mm)
                at_end = bool(beyond_reference(level, reference))
                yield (
                    at_end,
                    t2_pattern(
                        voxels[at],
                        body[at],
                        reference,
                        level=level,
                        source=SOURCE,
                        pixel_mm=mm[1:],
                        outline_sd_mm=PROGRAM_OUTLINE_SD_MM,
                    ),
                )
            except OvcfError:
                continue


def main():
    for name, judge in (("chosen on", False), ("held back", True)):
        patients = t2_patients(judge=judge)
        found = list(patterns(patients))
        for where, end in (("at the end of the view", True), ("between others", False)):
            here = [r for at_end, r in found if at_end is end]
            shares = [dict(r.probability)[r.pattern] for r in here if r.pattern is not T2Pattern.NONE]
            sure = {least: sum(share >= least for share in shares) for least in (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)}
            told = ", ".join(f"{n} at {least:.0%}" for least, n in sure.items())
            print(
                f"{name}, {len(patients)} patients, {where}: {len(here)} bodies, {len(shares)} with a pattern; {told}"
            )


if __name__ == "__main__":
    main()
