"""Whole lumbar radiographs of digital patients in a pelvis, with their true landmarks, for what is measured on them.

Training draws patients in a pelvis too; these are of other seeds, columns as often as people have them, sacra that
slope as people's do, the junction well in view as a lumbar film has it.
"""

from __future__ import annotations

import numpy as np

from ovcf.anatomy import Level
from ovcf.phantom.pelvis import pelvis_of
from training.films.beam import Beam
from training.films.chest_radiographs import ChestRadiograph, seen_on
from training.films.overlay import Overlay
from training.films.printed import printed
from training.films.projections import attenuation, exposed, spine, truth
from training.mri.patients import draw_patient

FIRST = 66_000
_SLOPE_DEG = (40.0, 10.0)
_SENT_ON = 0.5


def lumbar_radiograph(seed: int, *, usual: bool = False) -> ChestRadiograph:
    """The radiograph of a seed, about T12 to the sacrum, as a detector or film gives it or as it is sent on.

    ``usual`` keeps to columns of twelve thoracic and five lumbar vertebrae.
    """
    rng = np.random.default_rng([seed, 94])
    slope = float(np.clip(rng.normal(*_SLOPE_DEG), 10, 68))
    column = None if usual else _COLUMNS[int(rng.choice(len(_COLUMNS), p=_SHARES))]
    _, patient = draw_patient(rng, seed, slope, column=column or (12, 5))
    levels = list(patient.frames)
    middle = patient.frames[levels[levels.index(Level.S1) - 2]].centre
    beam = Beam.drawn(rng, middle)
    aim = rng.normal(0, (18, 30))
    beam = Beam(
        aim=middle + aim,
        aim_pixel=beam.aim_pixel * 0 + 159.5 + (aim + rng.normal(0, (12, 12))) / beam.pitch_mm,
        pitch_mm=beam.pitch_mm,
        distance_mm=beam.distance_mm,
        lean=beam.lean,
    )
    where = truth(patient, beam)
    overlay = Overlay.drawn(rng, patient, beam, pelvis_of(patient, uneven=1.6))
    bone = spine(patient, beam, attenuation(rng)[None])[0]
    picture = exposed(rng, bone, overlay, where.classes > 0)
    if rng.random() < _SENT_ON:
        picture = printed(rng, picture, overlay.inside)
    # The detector stands some 25 cm behind the spine.
    spacing = beam.pitch_mm * (beam.distance_mm + rng.uniform(200, 290)) / beam.distance_mm
    return seen_on(picture, levels, where, overlay, beam.pitch_mm)._replace(spacing_mm=spacing)


#: Thoracic and lumbar vertebrae, and how often people have so many (``ovcf.segmentation.levels.level_labels``).
_COLUMNS = ((12, 5), (12, 6), (12, 4), (13, 5), (11, 5))
_SHARES = (0.91, 0.04, 0.03, 0.01, 0.01)
