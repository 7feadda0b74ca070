"""What was seen on the images of one study, without the images: all that a reading is concluded from.

Observations are made once for a study and an engine, are never changed, and can be stored and sent
(:mod:`ovcf.reading.file`). Each vertebra of each image has an identity that stays, whatever level it is named; the
marrow signal around the bodies is kept voxel by voxel, so that it can be judged again against other vertebrae or at
other thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from ovcf.anatomy import STANDARD_COLUMN, Level, VertebralColumn
from ovcf.assessment.result import LevelQuestion
from ovcf.errors import Remedy
from ovcf.geometry import SagittalPlane
from ovcf.imaging.stored import StoredImages
from ovcf.imaging.study import Patient, Role
from ovcf.imaging.volume import Volume
from ovcf.kept import kept
from ovcf.landmarks import Point, Source
from ovcf.vocabulary import Modality, Posture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

FORMAT = "2"
"""Of these observations; a file of another format is refused with a clear message."""


Unseen = tuple[str, str, Remedy]
"""What was not measured, why, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedSeries:
    """One series as it was understood: its place in the study, its role and every reason for that decision.

    ``uid``, ``study_uid`` and ``instances`` are DICOM's, of the series, its study and each of its images; the last two
    are empty where the images are no DICOM; ``stored`` tells where a point lies on which of them. ``size`` counts
    voxels or pixels along the stored axes, ``spacing_mm`` is their distance (empty where unknown).
    ``acquired_on`` is an ISO date. A tag that the files lack is None.
    """

    uid: str
    study_uid: str = ""
    instances: tuple[str, ...] = ()
    stored: StoredImages | None = None
    description: str = ""
    role: Role
    modality: Modality
    posture: Posture = Posture.UNKNOWN
    acquired_on: str | None = None
    size: tuple[int, ...]
    spacing_mm: tuple[float, ...] = ()
    calibrated: bool = True
    reasons: tuple[str, ...] = ()
    overridden: bool = False
    field_strength_t: float | None = None
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    contrast_agent: bool | None = None

    def source(self, placed_by: str) -> Source:
        """Where points and pixels of this series come from; ``placed_by`` names who or what placed the points."""
        return Source(
            modality=self.modality,
            posture=self.posture,
            placed_by=placed_by,
            image=self.description or self.uid,
            acquired_on=self.acquired_on,
            calibrated=self.calibrated,
            study_uid=self.study_uid,
            series_uid=self.uid,
            instance_uid=self.instances[0] if len(self.instances) == 1 else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedVertebra:
    """One vertebra on one image.

    ``id`` stays; ``level`` is the name it was given when it was seen. ``points`` are the four corners, or the corners
    and the middles of both endplates, in the order of :data:`ovcf.landmarks.POINTS` and the frame of the set, ``sd``
    their standard deviations. ``withheld`` says why it is not measured until a reader has looked at it; of one that is
    ``vague`` only the corners are unsure. ``outline`` is the closed outline of the body in the same frame, empty where
    none was drawn.
    """

    id: str
    level: Level
    points: tuple[Point, ...] = ()
    sd: tuple[float, ...] | None = None
    outline: tuple[Point, ...] = ()
    withheld: str = ""
    vague: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkSet:
    """The vertebrae of one image, cranial to caudal, and the frame that their points lie in.

    With a ``plane`` the points are millimetres in that sagittal plane of the patient. Without one they lie on a
    radiograph or come from a landmark file: millimetres or, where ``source`` is not calibrated, pixels, the centre of
    the first pixel at 0. ``series`` is the uid of the image; empty where that was not given. ``unusable`` names
    vertebrae that must not serve as a reference, with the reason; ``by_program`` says that an engine drew the outlines.
    ``question`` asks which vertebra is which: until a reader has named one, the levels are guesses and nothing that
    needs a name is measured.
    """

    id: str
    name: str
    series: str = ""
    source: Source
    plane: SagittalPlane | None = None
    column: VertebralColumn = STANDARD_COLUMN
    vertebrae: tuple[ObservedVertebra, ...] = ()
    unusable: tuple[tuple[str, str], ...] = ()
    by_program: bool = False
    question: LevelQuestion | None = None
    withheld: tuple[Unseen, ...] = ()
    """What else was not measured on this image: (what, why, what to do)."""
    notes: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[ObservedVertebra]:
        return iter(self.vertebrae)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MarrowSamples:
    """The signal of one MR series, or the Hounsfield units of a CT, around its vertebral bodies, and which voxels are
    which body.

    ``voxels`` ``(slices, rows, columns)`` run right to left, cranial to caudal, anterior to posterior; ``affine`` maps
    the index of a voxel's centre to patient LPS millimetres. ``labels`` is 0 outside the bodies and ``k`` in the body
    of ``bodies[k - 1]``, a vertebra's identity; ``canal`` marks cord and canal where they were labelled. ``middle`` is
    the slice through the middle of the spine. ``apart`` names bodies that a second contrast shows elsewhere.
    """

    series: str
    landmark_set: str
    voxels: NDArray[np.generic]
    affine: NDArray[np.float64]
    labels: NDArray[np.uint8]
    bodies: tuple[str, ...]
    canal: Mask | None = None
    middle: int = 0
    by_program: bool = False
    apart: Mapping[str, str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MarrowSamples):
            return NotImplemented
        return _plain(self) == _plain(other) and all(
            (a is None and b is None) or (a is not None and b is not None and np.array_equal(a, b, equal_nan=True))
            for a, b in zip(_arrays(self), _arrays(other), strict=True)
        )

    __hash__ = object.__hash__

    @property
    def volume(self) -> Volume:
        """The voxels with their place in the patient."""
        return _volume(self)

    @property
    def masks(self) -> dict[str, Mask]:
        """The voxels of each body, by the identity of its vertebra."""
        return _masks(self.labels, self.bodies)

    @property
    def any_body(self) -> Mask:
        """The voxels of all bodies together."""
        return _any_body(self.labels)


KEPT_MM = 5.0
"""Signal is kept so far around bodies and canal, so that a voxel at a border has its neighbours."""
BEHIND_MM = 25.0
"""Where no canal was labelled, signal is kept so far behind the bodies: a reader may place CSF there."""


@kept
def kept_area(bodies: Mask, canal: Mask | None, spacing_mm: tuple[float, float, float]) -> Mask:
    """Where the signal of a series is kept, for masks ``(slices, rows, columns)``; anterior is at column 0."""
    from scipy.ndimage import maximum_filter, maximum_filter1d

    inside = bodies if canal is None else bodies | canal
    reach = [2 * ceil(KEPT_MM / mm) + 1 for mm in spacing_mm[1:]]
    near = np.asarray(maximum_filter(inside, (3, *reach)))
    if canal is None:
        steps = ceil(BEHIND_MM / spacing_mm[2])
        behind = maximum_filter1d(near.astype(np.uint8), steps + 1, axis=2, origin=steps // 2, mode="constant")
        near |= behind > 0
    return near


@kept
def _any_body(labels: NDArray[np.uint8]) -> Mask:
    return labels > 0


@kept
def _volume(samples: MarrowSamples) -> Volume:
    return Volume(samples.voxels, samples.affine)


@kept
def _masks(labels: NDArray[np.uint8], bodies: tuple[str, ...]) -> dict[str, Mask]:
    from scipy.ndimage import find_objects

    masks: dict[str, Mask] = {}
    boxes = find_objects(labels.astype(np.int32, copy=False), max_label=len(bodies))
    for k, (body, box) in enumerate(zip(bodies, boxes, strict=True), 1):
        masks[body] = np.zeros(labels.shape, bool)  # takes memory only where something is written
        if box is not None:
            masks[body][box] = labels[box] == k
    return masks


def _plain(samples: MarrowSamples) -> tuple[object, ...]:
    """All that is no array."""
    s = samples
    return s.series, s.landmark_set, s.bodies, s.middle, s.by_program, dict(s.apart)


def _arrays(samples: MarrowSamples) -> tuple[NDArray[np.generic] | None, ...]:
    return samples.voxels, samples.affine, samples.labels, samples.canal


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """All that was seen of one study.

    ``skipped`` names files and series that were left out, with the reason. ``withheld`` is what could not be seen at
    all: (what, why, what to do). ``warnings`` is what may be wrong with the images as a whole. ``models`` holds name
    and version of every model that looked at them, and the SHA-256 of its file where it is ours.
    """

    format: str = FORMAT
    software: str = ""
    made_at: str = ""
    models: tuple[tuple[str, str], ...] = ()
    patient: Patient = field(default_factory=Patient)
    series: tuple[ObservedSeries, ...] = ()
    landmarks: tuple[LandmarkSet, ...] = ()
    marrow: tuple[MarrowSamples, ...] = ()
    withheld: tuple[Unseen, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def set_of(self, vertebra: str) -> LandmarkSet | None:
        """The landmark set that holds a vertebra."""
        return next((s for s in self.landmarks if any(v.id == vertebra for v in s)), None)

    def is_ct(self, series: str) -> bool:
        """Whether a series is CT, whatever a reader says it is read for."""
        facts = self.get_series(series)
        return facts is not None and facts.modality is Modality.CT

    def get_series(self, uid: str) -> ObservedSeries | None:
        """A series by its uid."""
        return next((s for s in self.series if s.uid == uid), None)
