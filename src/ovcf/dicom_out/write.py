"""All DICOM objects of a reading, in one folder or as bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ovcf.dicom_out.extra import need_highdicom
from ovcf.errors import ReadingError
from ovcf.files.result_folder import ResultFolder
from ovcf.reading.record import recorded
from ovcf.reading.session import Session
from ovcf.vocabulary import ReadingStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from pydicom import Dataset

    from ovcf.reading.file import ReadingFile

KIND = "dicom"


@dataclass(frozen=True, slots=True, eq=False)
class DicomObjects:
    """The objects by file name, and what could not be made of the reading: (what, why)."""

    objects: Mapping[str, Dataset]
    left_out: tuple[tuple[str, str], ...]

    def files(self) -> dict[str, bytes]:
        """Each object as a DICOM file; equal readings give equal bytes."""
        return {name: _bytes(ds) for name, ds in self.objects.items()}


def dicom_objects(
    file: ReadingFile, images: Sequence[Path], *, draft: bool = False, organization: str = ""
) -> DicomObjects:
    """The newest version of a reading as DICOM objects of the study that it was made on.

    A draft is written only where ``draft`` asks for it, and says that nobody has verified it.

    Raises:
        ReadingError: the reading is not signed and no draft is asked for.
        SeriesChoiceError: see :func:`ovcf.dicom_out.images.source_images.read_sources`.
        MissingExtraError: highdicom is not installed.
    """
    need_highdicom()
    from ovcf.dicom_out.document import encapsulated_pdf, key_images
    from ovcf.dicom_out.images.source_images import read_sources
    from ovcf.dicom_out.pdf import report_pdf
    from ovcf.dicom_out.segmentation import bodies_of, segmentation
    from ovcf.dicom_out.sr.groups import Written
    from ovcf.dicom_out.sr.report import structured_report

    if file.reading.current.status is ReadingStatus.DRAFT and not draft:
        raise ReadingError(
            f"reading {file.reading.id}",
            "is a draft that nobody has signed",
            "Sign it first, or ask for a draft: it is then marked as not verified.",
        )
    session = Session(file)
    sources = read_sources(images, file)
    now, assessment = session.now(), recorded(session.assessment(), file)
    made_by = assessment.provenance.software or file.reading.current.software
    assessment = replace(assessment, provenance=replace(assessment.provenance, software=made_by))
    what = Written(file.reading, now, assessment, sources)
    left_out = list(sources.elsewhere)
    objects: dict[str, Dataset] = {"report.sr.dcm": structured_report(what, organization=organization)}
    bodies = bodies_of(what)
    if bodies is None:
        left_out.append(("segmentation", "the reading keeps no voxels of vertebral bodies on MRI"))
    else:
        objects["vertebrae.seg.dcm"] = segmentation(what, bodies)
    objects["report.pdf.dcm"] = encapsulated_pdf(what, report_pdf(file, now, assessment))
    key = key_images(what)
    if key is None:
        left_out.append(("key images", "no vertebra is named or to be looked at"))
    else:
        objects["key-images.ko.dcm"] = key
    return DicomObjects(objects, tuple(left_out))


def write_dicom(found: DicomObjects, out: Path, inputs: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Write the objects into a folder of their own; an earlier result there is replaced as a whole.

    Raises:
        OutputError: the folder holds anything else, or cannot be written.
    """
    folder = ResultFolder.at(out, KIND, inputs)
    files = found.files()
    folder.write(files)
    return tuple(folder.path / name for name in files)


def _bytes(ds: Dataset) -> bytes:
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()
