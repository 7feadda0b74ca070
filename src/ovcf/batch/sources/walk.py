"""Folders and zips as studies: what lies directly in a folder is one study each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovcf.batch.sources.study_source import StudySource
from ovcf.errors import MissingFileError
from ovcf.imaging.files.dicom_files import looks_like_dicom
from ovcf.imaging.read import is_image

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def studies_in(sources: Iterable[Path]) -> Iterator[StudySource]:
    """The studies of folders and zips, by name.

    In a folder each folder, zip, NIfTI file or picture is one study; DICOM files that lie loose in it are put together
    by their study. A zip or an image that is given itself is one study. Hidden files, and files that are no images, are
    passed over.

    Raises:
        MissingFileError: a path is not there, or a folder holds no study.
    """
    seen: dict[str, int] = {}
    for path in sources:
        if not path.exists():
            raise MissingFileError(path, "does not exist", "Check the path.")
        found = 0
        for one in _in_folder(path) if path.is_dir() else iter([_one(path)]):
            found += 1
            number = seen[one.study] = seen.get(one.study, 0) + 1
            yield one if number == 1 else _renamed(one, f"{one.study} ({number})")
        if not found:
            raise MissingFileError(path, "holds no study", "Give the folder in which each study is a folder or a zip.")


def _in_folder(folder: Path) -> Iterator[StudySource]:
    loose: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() or path.suffix.lower() == ".zip":
            yield _one(path)
        elif path.is_file() and is_image(path):
            if looks_like_dicom(path):
                loose.setdefault(_study_of(path), []).append(path)
            else:
                yield _one(path)
    for name, files in sorted(loose.items()):
        yield StudySource(study=name, paths=tuple(str(file.absolute()) for file in files))


def _one(path: Path) -> StudySource:
    return StudySource(study=path.name, paths=(str(path.absolute()),))


def _renamed(source: StudySource, name: str) -> StudySource:
    return StudySource(study=name, paths=source.paths)


def _study_of(path: Path) -> str:
    """The StudyInstanceUID of a DICOM file; its name where it cannot be read, so that it is named later."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=["StudyInstanceUID"])
        return str(header.get("StudyInstanceUID") or path.name)
    except (InvalidDicomError, OSError, ValueError, AttributeError):
        return path.name
