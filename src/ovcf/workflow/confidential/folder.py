"""A folder of images without what tells whose they are: numbered by patient, study and series."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from ovcf.errors import ClinicalDataError, MissingFileError, UnreadableFileError
from ovcf.files.result_manifest import write_private
from ovcf.imaging.files.archive import find_files
from ovcf.imaging.files.dicom_files import looks_like_dicom
from ovcf.workflow.confidential.images import deidentified, may_be_burned_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ovcf.workflow.confidential.key_file import KeyFile


@dataclass(frozen=True, slots=True)
class Done:
    """What was written and what was not.

    ``left_out`` holds (the name that a file had, why), ``to_look_at`` written files whose pixels may name the patient.
    """

    written: int
    patients: int
    left_out: tuple[tuple[str, str], ...]
    to_look_at: tuple[str, ...]


def deidentify_folder(paths: Iterable[Path], stage: Path, keys: KeyFile) -> Done:
    """Write every DICOM image behind ``paths`` into ``stage``, as PSEUDONYM/study-N/series-N/image-N.dcm.

    A patient is who has a PatientID, or a name where there is none.

    Raises:
        MissingFileError: no image could be written.
        MissingExtraError: see :mod:`ovcf.workflow.confidential.attribute_rules`.
    """
    numbers = Numbers()
    left_out: list[tuple[str, str]] = []
    to_look_at: list[str] = []
    people: set[str] = set()
    with ExitStack() as until:
        files = sorted({f.path.resolve(): f for path in paths for f in find_files(path, until)}.values())
        for file in files:
            try:
                if file.unreadable is not None or not looks_like_dicom(file.path):
                    left_out.append((file.name, file.unreadable or "is no DICOM file"))
                    continue
                data = file.path.read_bytes()
                patient, study, series = belongs_to(data, file.name)
                if not patient:
                    left_out.append((file.name, "does not say whose it is, so that no pseudonym can be given"))
                    continue
                pseudonym = keys.of(patient)
                clean = deidentified(data, pseudonym, file.name)
            except (ClinicalDataError, UnreadableFileError) as error:
                left_out.append((file.name, error.problem))
                continue
            place = f"{pseudonym.name}/{numbers.place(pseudonym.name, study, series)}"
            put(stage / place, clean)
            people.add(pseudonym.name)
            if may_be_burned_in(data):
                to_look_at.append(place)
    if not people:
        why = "; ".join(f"{name} {reason}" for name, reason in left_out[:3])
        raise MissingFileError("the images", f"none could be written ({why})", "Give a folder of DICOM images.")
    return Done(numbers.files, len(people), tuple(left_out), tuple(to_look_at))


def put(path: Path, data: bytes) -> None:
    """Write a new file, and the folders that it needs."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, data)


class Numbers:
    """Numbers in place of UIDs and file names, in the order of their coming."""

    def __init__(self) -> None:
        self.files = 0
        self._seen: dict[tuple[str, ...], int] = {}
        self._count: dict[tuple[str, ...], int] = {}

    def place(self, patient: str, study: str, series: str) -> str:
        """The place of one file more of a series."""
        self.files += 1
        s, k = self._number((patient,), study), self._number((patient, study), series)
        self._count[patient, study, series] = number = self._count.get((patient, study, series), 0) + 1
        return f"study-{s}/series-{k}/image-{number:04d}.dcm"

    def _number(self, within: tuple[str, ...], uid: str) -> int:
        if (*within, uid) not in self._seen:
            self._count[within] = self._count.get(within, 0) + 1
            self._seen[*within, uid] = self._count[within]
        return self._seen[*within, uid]


def belongs_to(data: bytes, name: str) -> tuple[str, str, str]:
    """Patient, study and series of a DICOM file; empty where it does not say.

    Raises:
        UnreadableFileError: it is damaged.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        ds = dcmread(BytesIO(data), stop_before_pixels=True)
        patient, of, study, series = (
            str(ds.get(tag) or "").strip()
            for tag in ("PatientID", "PatientName", "StudyInstanceUID", "SeriesInstanceUID")
        )
    except (InvalidDicomError, EOFError, ValueError, AttributeError, TypeError, NotImplementedError) as error:
        raise UnreadableFileError(name, f"is damaged ({type(error).__name__})", "Export it again.") from None
    return patient or of, study, series
