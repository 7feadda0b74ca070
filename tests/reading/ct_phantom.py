"""A CT with a label map of three bodies of known Hounsfield units, and the reading of it."""

import numpy as np

from ovcf.anatomy import Level
from ovcf.clinical.case import ClinicalCase
from ovcf.imaging.study import Role, Series, Study
from ovcf.imaging.volume import Volume
from ovcf.reading.file import ReadingFile, digest
from ovcf.reading.observing.observe import Found, observe
from ovcf.reading.observing.pictures import pictures_of
from ovcf.reading.version import Reading, Version
from ovcf.segmentation.label_map import VertebralBodies
from ovcf.vocabulary import Modality

BONE, SHELL, AROUND = 120, 700, 40
LEVELS = (Level.T12, Level.L1, Level.L2)
CASE = ClinicalCase(index_level=Level.T12, age_years=70.0, recent_fracture=True)


def ct_of(spacing=(1.0, 1.0, 1.0), gradient=0.0):
    """Three bodies of 40 x 30 x 24 mm with a shell of 2 mm, axes left, posterior, caudal; a label map on them.

    With a ``gradient`` the bone grows denser to the back, by so many HU a millimetre from the front of the body.
    """
    size = [round(n / s) for n, s in zip((70, 60, 110), spacing, strict=True)]
    x, y, z = (s * np.arange(n) for s, n in zip(spacing, size, strict=True))
    values = np.full(size, AROUND, np.int16)
    labels = np.zeros(size, np.uint8)
    for k in range(3):
        low = 5 + 35 * k
        inside = np.ix_((x >= 15) & (x <= 55), (y >= 15) & (y <= 45), (z >= low) & (z <= low + 24))
        bone = np.ix_((x >= 17) & (x <= 53), (y >= 17) & (y <= 43), (z >= low + 2) & (z <= low + 22))
        values[inside] = SHELL
        values[bone] = BONE + np.round(gradient * (y[(y >= 17) & (y <= 43)] - 15)).astype(np.int16)[None, :, None]
        labels[inside] = k + 1
    affine = np.diag([*spacing, 1.0])
    affine[2, 2] *= -1  # slices from head to foot
    return Volume(values, affine), Volume(labels, affine)


def seen_on(volume, labels):
    series = Series(uid="1.2.9", description="CT", role=Role.CT, modality=Modality.CT, image=volume)
    bodies = VertebralBodies(labels=labels, levels=dict(enumerate(LEVELS, 1)), name="ct-labels.nii.gz", truncated={})
    study = Study(series=(series,))
    return study, observe(study, Found(bodies=(bodies,)))


def ct_reading(gradient=2.0):
    """The file of a reading on it."""
    study, seen = seen_on(*ct_of(gradient=gradient))
    version = Version(id="v1", observations=digest(seen), case=CASE)
    return ReadingFile(
        reading=Reading(id="r1", versions=(version,)),
        observations={version.observations: seen},
        pictures=pictures_of(study, seen),
    )
