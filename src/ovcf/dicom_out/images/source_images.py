"""The stored images that a reading was made on, found again by their UIDs, and checked to be of the same person."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ovcf.dicom_out.images.film import film_of
from ovcf.dicom_out.images.point_on_image import Frame, OnSlices
from ovcf.errors import MissingFileError, SeriesChoiceError
from ovcf.imaging.files.archive import find_files
from ovcf.imaging.files.dicom_files import looks_like_dicom, opened, slices_of
from ovcf.imaging.one_patient import text
from ovcf.imaging.read import is_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydicom import Dataset

    from ovcf.dicom_out.images.point_on_image import Place
    from ovcf.imaging.files.archive import FoundFile
    from ovcf.imaging.study import Patient
    from ovcf.reading.file import ReadingFile
    from ovcf.reading.observations import LandmarkSet, Observations, ObservedSeries

_NO_DICOM = (
    "DICOM objects can only stand beside DICOM images: convert the images to DICOM with the patient's and the study's "
    "identity, for example in your archive, and assess those."
)
_SHOWN = 3
EMPTY_IF_MISSING = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Of patient and study, type 2: they must be there, and may be empty."""


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The images of one study that a reading speaks of.

    ``images`` are their tags, without pixels, by instance UID; ``series`` the images of each series of the reading in
    its own order, ``places`` where the points of each landmark set lie. ``elsewhere`` names what the reading speaks of
    and this study does not hold, with the reason.
    """

    study_uid: str
    images: Mapping[str, Dataset]
    series: Mapping[str, tuple[Dataset, ...]]
    places: Mapping[str, Place]
    elsewhere: tuple[tuple[str, str], ...] = ()

    @property
    def first(self) -> Dataset:
        """An image to take the identity of patient and study from."""
        return next(iter(self.images.values()))


def read_sources(paths: Sequence[Path], file: ReadingFile) -> Sources:
    """The images of a reading among files, folders and zip archives.

    A reading of images from several studies is written beside those of the study that most of its landmarks lie in.

    Raises:
        SeriesChoiceError: the reading was made on no DICOM images, on others than these, or of another patient; or
            images are missing.
        MissingFileError, UnreadableFileError: see :func:`ovcf.imaging.read.read_study`.
    """
    seen = file.current
    wanted = {instance for one in seen.series for instance in one.instances if instance}
    if not wanted:
        raise SeriesChoiceError("reading", "was made on no DICOM image (NIfTI, pictures, landmarks alone)", _NO_DICOM)
    with ExitStack() as open_until:
        found = {f.path.resolve(): f for path in paths for f in find_files(Path(path), open_until)}
        files = [f for f in sorted(found.values()) if f.unreadable is None and looks_like_dicom(f.path)]
        if not files:
            _refuse_what_is_no_dicom(paths, list(found.values()))
        read = [(f, _completed(opened(f, stop_before_pixels=True))) for f in files]
        by_uid = {str(ds.get("SOPInstanceUID")): (f, ds) for f, ds in read if str(ds.get("SOPInstanceUID")) in wanted}
        _refuse_others(by_uid, [ds for _, ds in read], seen.patient)
        study = _study(seen, by_uid)
        own = {uid: one for uid, one in by_uid.items() if str(one[1].StudyInstanceUID) == study}
        series, elsewhere = _series(seen, own)
        places: dict[str, Place] = {}
        for landmarks in seen.landmarks:
            facts = seen.get_series(landmarks.series)
            if facts is None or landmarks.series not in series:
                elsewhere.append((landmarks.name, _why_not(facts, study)))
            else:
                places[landmarks.id] = _place(landmarks, facts, own, file)
    return Sources(study, {uid: ds for uid, (_, ds) in own.items()}, series, places, tuple(dict.fromkeys(elsewhere)))


def _completed(ds: Dataset) -> Dataset:
    """The tags of an image with those empty that must stand in every object of its study and that it lacks."""
    for keyword in EMPTY_IF_MISSING:
        if keyword not in ds:
            setattr(ds, keyword, "")
    return ds


def _refuse_what_is_no_dicom(paths: Sequence[Path], found: Sequence[FoundFile]) -> None:
    shown = ", ".join(map(str, paths))
    if any(f.unreadable is None and is_image(f.path) for f in found):
        raise SeriesChoiceError(shown, "holds images, but none is DICOM", _NO_DICOM)
    raise MissingFileError(shown, "holds no DICOM image", "Give the study that the reading was made on.")


def _refuse_others(by_uid: Mapping[str, tuple[FoundFile, Dataset]], given: Sequence[Dataset], person: Patient) -> None:
    """Refuse images that are not those of the reading, and images of another person.

    The ids themselves are not printed: they may be a patient's.
    """
    if not by_uid:
        raise SeriesChoiceError(
            "images",
            f"none of these {len(given)} is one that the reading was made on",
            "Give the study itself. A reading of de-identified images has other UIDs and is written beside those only.",
        )
    for keyword, told in (("PatientID", person.id), ("PatientSex", person.sex)):
        for file, ds in by_uid.values():
            if told is not None and text(ds, keyword) != told:
                raise SeriesChoiceError(
                    file.name,
                    f"{keyword} is not that of the reading",
                    "Give the images that the reading was made on. A pseudonymous reading is never written beside "
                    "identified images: assess those again.",
                )
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex"):
        if len({text(ds, keyword) for _, ds in by_uid.values()}) > 1:
            raise SeriesChoiceError("images", f"{keyword} differs between them", "Give images of one patient.")


def _study(seen: Observations, by_uid: Mapping[str, tuple[FoundFile, Dataset]]) -> str:
    """The study that most landmark sets lie in; of several the first."""
    votes: dict[str, int] = {}
    for landmarks in seen.landmarks:
        facts = seen.get_series(landmarks.series)
        instance = next((i for i in (facts.instances if facts else ()) if i in by_uid), None)
        if instance is not None:
            uid = str(by_uid[instance][1].StudyInstanceUID)
            votes[uid] = votes.get(uid, 0) + 1
    return max(votes, key=lambda uid: votes[uid]) if votes else str(next(iter(by_uid.values()))[1].StudyInstanceUID)


def _series(
    seen: Observations, own: Mapping[str, tuple[FoundFile, Dataset]]
) -> tuple[dict[str, tuple[Dataset, ...]], list[tuple[str, str]]]:
    series: dict[str, tuple[Dataset, ...]] = {}
    elsewhere: list[tuple[str, str]] = []
    for one in seen.series:
        there = [i for i in one.instances if i in own]
        name = one.description or one.uid
        if not there:
            elsewhere.append((name, "its images were not given, or belong to another study"))
        elif len(there) < len(one.instances):
            missing = [i for i in one.instances if i not in own]
            raise SeriesChoiceError(
                name,
                f"{len(missing)} of its {len(one.instances)} images are missing ({', '.join(missing[:_SHOWN])})",
                "Give the whole series.",
            )
        else:
            series[one.uid] = tuple(own[i][1] for i in one.instances)
    return series, elsewhere


def _why_not(facts: ObservedSeries | None, study: str) -> str:
    if facts is None or not facts.instances:
        return "its landmarks lie on no DICOM image"
    if facts.study_uid != study:
        return "it belongs to another study: write that one by itself"
    return "its images were not given"


def _place(
    landmarks: LandmarkSet, facts: ObservedSeries, own: Mapping[str, tuple[FoundFile, Dataset]], file: ReadingFile
) -> Place:
    if landmarks.plane is None:
        (instance,) = facts.instances
        found, ds = own[instance]
        picture = next((p for p in file.pictures if p.series == facts.uid), None)
        return film_of(found, ds, facts, picture, calibrated=landmarks.source.calibrated)
    frames = []
    for instance in facts.instances:
        found, ds = own[instance]
        several = "NumberOfFrames" in ds
        for s in slices_of(found, ds):
            axes = [s.along_row * s.spacing_mm[1], s.along_column * s.spacing_mm[0]]
            frames.append(Frame(instance, s.frame + 1 if several else None, s.corner, np.column_stack(axes)))
    return OnSlices(landmarks.plane, tuple(frames))
